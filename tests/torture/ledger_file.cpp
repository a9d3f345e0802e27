#include "tests/torture/ledger_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

namespace comem::torture {

LedgerFile::LedgerFile(const std::string& path) {
  if (path.empty()) return;
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), path);
}

LedgerFile::~LedgerFile() {
  if (file_ >= 0) ::close(file_);
}

void LedgerFile::append(const std::string& line) {
  if (file_ < 0) return;
  if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::system_error(errno, std::generic_category(), "the ledger");
}

void LedgerFile::attempt(char kind, const std::string& id, const std::string& token) {
  append(fmt::format("t {} {} {}\n", kind, id, token));
}

void LedgerFile::acknowledge(char kind, const std::string& id, const std::string& token,
                             const Version& version, const std::string& outcome) {
  append(fmt::format("a {} {} {} {} {} {} {}\n", kind, id, token, version.ms, version.counter,
                     version.store.empty() ? "-" : version.store, outcome));
}

void LedgerFile::failed(char kind, const std::string& id, const std::string& token,
                        const std::string& error) {
  append(fmt::format("e {} {} {} {}\n", kind, id, token, error));
}

}  // namespace comem::torture

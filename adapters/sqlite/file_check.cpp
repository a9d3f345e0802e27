#include "adapters/sqlite/file_check.hpp"

#include <comem/error.hpp>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "adapters/sqlite/schema.hpp"

namespace comem::sqlite {
namespace {

namespace fs = std::filesystem;

using Header = std::array<unsigned char, 100>;

[[noreturn]] void unavailable(const std::string& path, const std::string& what) {
  throw Error(errc::unavailable, fmt::format("database '{}' {}", path, what));
}

/// Reads through SQLite's own file layer: closing a plain descriptor of a database would drop every lock that
/// this process holds on it, other stores' included (POSIX advisory locks belong to the process, not to the
/// descriptor).
Header read_header(const std::string& path) {
  auto* vfs = sqlite3_vfs_find(nullptr);
  std::vector<std::max_align_t> memory(static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) +
                                       1);
  auto* file = reinterpret_cast<sqlite3_file*>(memory.data());
  const std::unique_ptr<const char, void (*)(const char*)> name(
      sqlite3_create_filename(path.c_str(), "", "", 0, nullptr),
      [](const char* owned) { sqlite3_free_filename(const_cast<char*>(owned)); });
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
  if (name == nullptr || vfs->xOpen(vfs, name.get(), file, flags, &flags) != SQLITE_OK)
    unavailable(path, "cannot be read; check its permissions");
  Header header{};
  const int code = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
  file->pMethods->xClose(file);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
    unavailable(path, "cannot be read; check the disk");
  return header;
}

std::int64_t big_endian(const Header& header, std::size_t at) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | header[at + i];
  return value;
}

void check_header(const std::string& path) {
  // The fields stand where https://www.sqlite.org/fileformat2.html, part 1.3, says.
  const auto header = read_header(path);
  // Whoever was killed while creating a database leaves a journal, from which SQLite makes the file empty
  // again.
  const bool blank = std::all_of(header.begin(), header.end(), [](unsigned char byte) { return byte == 0; });
  if (blank && file_size_or_zero(path + "-journal") > 0) return;
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0)
    throw Error(errc::corrupt, fmt::format("'{}' is not a database; name another file", path));
  if (big_endian(header, 68) != application_id)
    throw Error(errc::unsupported,
                fmt::format("'{}' is a database of another program, not of comem; name another file", path));
  if (const auto version = big_endian(header, 60); version > schema_version)
    throw Error(errc::unsupported,
                fmt::format("database '{}' has schema {}, this comem knows {}; use a newer comem", path,
                            version, schema_version));
}

bool allowed(const std::string& path, int mode) {
  return faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

void check_directory(const std::string& path) {
  const auto directory = fs::path(path).parent_path().string();
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored))
    unavailable(path, fmt::format("lies in '{}', which is no directory; create it first", directory));
  if (!allowed(directory, W_OK | X_OK))
    unavailable(path,
                fmt::format("lies in '{}', where this user may not write ({}); its log must stand beside it",
                            directory, std::strerror(errno)));
}

}  // namespace

FileKind check_file(const std::string& path) {
  check_directory(path);
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return FileKind::absent;
  if (status.type() == fs::file_type::directory) unavailable(path, "is a directory; name a file in it");
  if (status.type() == fs::file_type::none)
    unavailable(path, fmt::format("cannot be reached ({}); check its directories", error.message()));
  if (status.type() != fs::file_type::regular) unavailable(path, "is not an ordinary file; name another one");
  if (!allowed(path, R_OK | W_OK))
    unavailable(path, fmt::format("may not be written by this user ({}); check its permissions",
                                  std::strerror(errno)));
  if (file_size_or_zero(path) == 0) return FileKind::empty;
  check_header(path);
  return FileKind::ours;
}

void create_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0)
    ::close(file);
  else if (errno != EEXIST)
    unavailable(path, fmt::format("cannot be created ({}); name another place", std::strerror(errno)));
}

std::uintmax_t file_size_or_zero(const std::string& path) noexcept {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace comem::sqlite

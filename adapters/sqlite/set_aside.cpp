#include "adapters/sqlite/set_aside.hpp"

#include <comem/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>

namespace comem::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::array companions{"-wal", "-journal"};

[[noreturn]] void failed(const std::string& path, const char* why) {
  throw Error(errc::unavailable,
              fmt::format("damaged database '{}' cannot be set aside ({}); move it away by hand", path, why));
}

std::string utc(TimePoint now) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string free_name(const std::string& path, TimePoint now) {
  const auto name = fmt::format("{}.corrupt-{}", path, utc(now));
  std::error_code ignored;
  if (!fs::exists(name, ignored)) return name;
  for (int n = 2;; ++n)
    if (auto next = fmt::format("{}-{}", name, n); !fs::exists(next, ignored)) return next;
}

}  // namespace

DirectoryLock::DirectoryLock(const std::string& path_in_directory) {
  const auto directory = fs::path(path_in_directory).parent_path().string();
  directory_ = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory_ < 0) failed(path_in_directory, std::strerror(errno));
  while (::flock(directory_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int why = errno;
    ::close(directory_);
    failed(path_in_directory, std::strerror(why));
  }
}

DirectoryLock::~DirectoryLock() {
  ::close(directory_);
}

std::string set_aside(const std::string& path, TimePoint now) {
  auto aside = free_name(path, now);
  // First the log gets its second name: whoever opens the path once the file is gone begins an empty
  // database, and SQLite deletes a log that it finds beside one.
  for (const char* companion : companions)
    if (::link((path + companion).c_str(), (aside + companion).c_str()) != 0 && errno != ENOENT &&
        errno != EPERM && errno != EOPNOTSUPP)
      failed(path + companion, std::strerror(errno));
  // A process that still has the damaged file open keeps its index of the log; the new database needs
  // another.
  if (::rename((path + "-shm").c_str(), (aside + "-shm").c_str()) != 0 && errno != ENOENT)
    failed(path + "-shm", std::strerror(errno));
  if (::rename(path.c_str(), aside.c_str()) != 0) failed(path, std::strerror(errno));
  for (const char* companion : companions) {
    std::error_code ignored;  // a file system without second names: then it is renamed after all
    if (fs::exists(aside + companion, ignored))
      ::unlink((path + companion).c_str());
    else
      ::rename((path + companion).c_str(), (aside + companion).c_str());
  }
  return aside;
}

}  // namespace comem::sqlite

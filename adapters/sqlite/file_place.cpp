#include "adapters/sqlite/file_place.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

namespace comem::sqlite {

void FilePlace::remember() {
  if (path_ == ":memory:") return;
  const std::lock_guard lock(mutex_);
  for (auto& file : files_) {
    struct stat status{};
    const bool found = ::stat((path_ + std::string(file.suffix)).c_str(), &status) == 0;
    file.device = found ? status.st_dev : 0;
    file.number = found ? status.st_ino : 0;
  }
}

std::string FilePlace::missing() const {
  const std::lock_guard lock(mutex_);
  for (const auto& file : files_) {
    if (file.number == 0) continue;
    struct stat status{};
    const auto path = path_ + std::string(file.suffix);
    if (::stat(path.c_str(), &status) != 0) return fmt::format("'{}' was moved or removed", path);
    if (status.st_dev != file.device || status.st_ino != file.number)
      return fmt::format("'{}' was replaced by another file", path);
  }
  return {};
}

}  // namespace comem::sqlite

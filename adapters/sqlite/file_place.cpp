#include "adapters/sqlite/file_place.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

namespace comem::sqlite {

FilePlace::FilePlace(const std::string& path)
    : files_{File{path, 0, 0}, File{path + "-wal", 0, 0}, File{path + "-shm", 0, 0}} {}

void FilePlace::remember() {
  if (files_[0].path == ":memory:") return;
  const std::lock_guard lock(mutex_);
  for (auto& file : files_) {
    struct stat status = {};
    const bool found = ::stat(file.path.c_str(), &status) == 0;
    file.device = found ? status.st_dev : 0;
    file.number = found ? status.st_ino : 0;
  }
}

std::string FilePlace::missing(std::size_t files) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < files; ++i) {
    const auto& file = files_[i];
    if (file.number == 0) continue;
    struct stat status = {};
    if (::stat(file.path.c_str(), &status) != 0) return fmt::format("'{}' was moved or removed", file.path);
    if (status.st_dev != file.device || status.st_ino != file.number)
      return fmt::format("'{}' was replaced by another file", file.path);
  }
  return {};
}

}  // namespace comem::sqlite

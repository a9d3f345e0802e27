#include "tests/support/power_loss.hpp"

#include <algorithm>
#include <fstream>

namespace comem::testing {
namespace {

constexpr std::size_t sector = 512;  // what a disk writes whole

}  // namespace

void PowerLoss::strike_after(int calls) {
  const std::lock_guard lock(mutex_);
  calls_left_ = calls;
}

bool PowerLoss::struck() const {
  const std::lock_guard lock(mutex_);
  return struck_;
}

bool PowerLoss::powered() {
  if (struck_) return false;
  if (calls_left_ > 0 && --calls_left_ == 0) struck_ = true;  // this call still had its effect
  return true;
}

void PowerLoss::apply(std::string& content, const Change& change) {
  if (change.truncates) {
    content.resize(change.at);
    return;
  }
  content.resize(std::max(content.size(), change.at + change.bytes.size()));
  content.replace(change.at, change.bytes.size(), change.bytes);
}

void PowerLoss::written(const std::string& path, std::string_view bytes, std::int64_t at) {
  const std::lock_guard lock(mutex_);
  if (powered()) files_[path].pending.push_back({false, static_cast<std::size_t>(at), std::string(bytes)});
}

void PowerLoss::truncated(const std::string& path, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  if (powered()) files_[path].pending.push_back({true, static_cast<std::size_t>(size), {}});
}

void PowerLoss::synced(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!powered()) return;
  auto& file = files_[path];
  for (const auto& change : file.pending) apply(file.durable, change);
  file.pending.clear();
  file.ever_synced = true;
}

void PowerLoss::sync_failed(const std::string& path) {
  // As Linux does: the pages count as written, and no later sync will try them again.
  const std::lock_guard lock(mutex_);
  if (powered()) files_[path].pending.clear();
}

void PowerLoss::removed(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!struck_) files_.erase(path);
}

void PowerLoss::restore(const std::filesystem::path& directory, Survives survives,
                        std::mt19937_64& random) const {
  const std::lock_guard lock(mutex_);
  std::bernoulli_distribution kept(std::uniform_real_distribution<>(0.05, 0.95)(random));
  for (const auto& [path, file] : files_) {
    auto content = file.durable;
    bool exists = file.ever_synced;
    for (const auto& change : file.pending) {
      if (survives == Survives::nothing) break;
      exists = true;
      if (survives == Survives::everything || change.truncates) {
        if (survives == Survives::everything || kept(random)) apply(content, change);
        continue;
      }
      for (std::size_t from = 0; from < change.bytes.size(); from += sector)
        if (kept(random)) apply(content, {false, change.at + from, change.bytes.substr(from, sector)});
    }
    if (exists)
      std::ofstream(directory / std::filesystem::path(path).filename(), std::ios::binary)
          .write(content.data(), static_cast<std::streamsize>(content.size()));
  }
}

}  // namespace comem::testing

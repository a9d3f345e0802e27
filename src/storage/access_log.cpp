#include "storage/access_log.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace comem::storage {

std::size_t AccessLog::Hash::operator()(const KeyView& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.id) * 31 + hash(key.ns) + static_cast<std::size_t>(key.type);
}

void AccessLog::Entry::add(const Entry& more) noexcept {
  count += more.count;
  last = std::max(last, more.last);
}

void AccessLog::add(std::string_view ns, MemoryType type, std::string_view id, TimePoint now) {
  const std::lock_guard lock(mutex_);
  count(KeyView(ns, type, id), Entry(1, now));
}

void AccessLog::add(const std::string& ns, const HotMemoryPtr& memory, TimePoint now) {
  const std::lock_guard lock(mutex_);
  count(ns, memory, now);
}

void AccessLog::add_all(const std::string& ns, const std::vector<HotMemoryPtr>& memories, TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (const auto& memory : memories)
    if (memory) count(ns, memory, now);
}

void AccessLog::count(const std::string& ns, const HotMemoryPtr& memory, TimePoint now) {
  if (memory->reads_.count == 0) {
    if (listed_.size() >= max_entries) return;
    listed_.emplace_back(ns, memory);
  }
  memory->reads_.add(Entry(1, now));
}

void AccessLog::count(const KeyView& key, const Entry& more) {
  auto place = entries_.find(key);
  if (place == entries_.end()) {
    if (entries_.size() >= max_entries) return;
    place = entries_.emplace(RecordKey(std::string(key.ns), key.type, std::string(key.id)), Entry()).first;
  }
  place->second.add(more);
}

std::map<RecordKey, AccessLog::Entry> AccessLog::take() {
  const std::lock_guard lock(mutex_);
  for (const auto& [ns, hot] : listed_) {
    const Memory& memory = common(hot->memory());
    count(KeyView(ns, memory.type, memory.id), std::exchange(hot->reads_, Entry()));
  }
  listed_.clear();
  std::map<RecordKey, Entry> taken(entries_.begin(), entries_.end());
  entries_.clear();
  return taken;
}

}  // namespace comem::storage

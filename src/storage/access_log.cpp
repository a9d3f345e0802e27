#include "storage/access_log.hpp"

#include <algorithm>
#include <functional>

namespace comem::storage {

std::size_t AccessLog::Hash::operator()(const KeyView& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.id) * 31 + hash(key.ns) + static_cast<std::size_t>(key.type);
}

void AccessLog::add(std::string_view ns, MemoryType type, std::string_view id, TimePoint now) {
  const std::lock_guard lock(mutex_);
  count(KeyView(ns, type, id), now);
}

void AccessLog::add_all(std::string_view ns, const std::vector<const Memory*>& memories, TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (const auto* memory : memories)
    if (memory != nullptr) count(KeyView(ns, memory->type, memory->id), now);
}

void AccessLog::count(const KeyView& key, TimePoint now) {
  auto place = entries_.find(key);
  if (place == entries_.end()) {
    if (entries_.size() >= max_entries) return;
    place = entries_.emplace(RecordKey(std::string(key.ns), key.type, std::string(key.id)), Entry()).first;
  }
  ++place->second.count;
  place->second.last = std::max(place->second.last, now);
}

std::map<RecordKey, AccessLog::Entry> AccessLog::take() {
  const std::lock_guard lock(mutex_);
  std::map<RecordKey, Entry> taken(entries_.begin(), entries_.end());
  entries_.clear();
  return taken;
}

}  // namespace comem::storage

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
  auto place = entries_.find(KeyView(ns, type, id));
  if (place == entries_.end()) {
    if (entries_.size() >= max_entries) return;
    place = entries_.emplace(RecordKey(std::string(ns), type, std::string(id)), Entry()).first;
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

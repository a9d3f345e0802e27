#include "storage/access_log.hpp"

#include <algorithm>
#include <utility>

namespace comem::storage {

void AccessLog::add(const RecordKey& key, TimePoint now) {
  const std::lock_guard lock(mutex_);
  auto place = entries_.find(key);
  if (place == entries_.end()) {
    if (entries_.size() >= max_entries) return;
    place = entries_.emplace(key, Entry()).first;
  }
  ++place->second.count;
  place->second.last = std::max(place->second.last, now);
}

std::map<RecordKey, AccessLog::Entry> AccessLog::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(entries_, {});
}

}  // namespace comem::storage

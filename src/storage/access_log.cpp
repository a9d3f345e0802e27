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

void AccessLog::add(const TallyPtr& tally, TimePoint now) {
  const std::lock_guard lock(mutex_);
  count(tally, now);
}

void AccessLog::add_all(const std::vector<TallyPtr>& tallies, TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (const auto& tally : tallies)
    if (tally) count(tally, now);
}

void AccessLog::count(const TallyPtr& tally, TimePoint now) {
  if (tally->reads_.count == 0) {
    if (tallies_.size() >= max_tallies) enter_tallies();
    tallies_.push_back(tally);
  }
  tally->reads_.add(Entry(1, now));
}

void AccessLog::count(const KeyView& key, const Entry& more) {
  auto place = entries_.find(key);
  if (place == entries_.end()) {
    if (entries_.size() >= max_entries) return;
    place = entries_.emplace(RecordKey(std::string(key.ns), key.type, std::string(key.id)), Entry()).first;
  }
  place->second.add(more);
}

// One record may have several: each time that it is read anew it gets another.
void AccessLog::enter_tallies() {
  for (const auto& tally : tallies_) count(KeyView(tally->key_), std::exchange(tally->reads_, Entry()));
  tallies_.clear();
}

std::map<RecordKey, AccessLog::Entry> AccessLog::take() {
  const std::lock_guard lock(mutex_);
  std::map<RecordKey, Entry> taken(entries_.begin(), entries_.end());
  entries_.clear();
  for (const auto& tally : tallies_) taken[tally->key_].add(std::exchange(tally->reads_, Entry()));
  tallies_.clear();
  return taken;
}

}  // namespace comem::storage

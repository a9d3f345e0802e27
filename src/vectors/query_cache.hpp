#pragma once
// The vectors of the last queries, the longest unused of which make room.

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace comem::vectors {

using SharedVector = std::shared_ptr<const std::vector<float>>;

/// Not thread-safe (the owner locks).
class QueryCache {
 public:
  explicit QueryCache(std::size_t capacity) : capacity_(capacity) {}

  /// Nothing where it is not there.
  SharedVector find(const std::string& text) {
    const auto found = places_.find(text);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }
  void put(const std::string& text, SharedVector vector) {
    if (const auto found = places_.find(text); found != places_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      found->second->second = std::move(vector);
      return;
    }
    entries_.emplace_front(text, std::move(vector));
    places_.emplace(text, entries_.begin());
    if (entries_.size() <= capacity_) return;
    places_.erase(entries_.back().first);
    entries_.pop_back();
  }
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  using Entries = std::list<std::pair<std::string, SharedVector>>;  // the last used first
  const std::size_t capacity_;
  Entries entries_;
  std::unordered_map<std::string, Entries::iterator> places_;
};

}  // namespace comem::vectors

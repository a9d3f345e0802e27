#include "memory/near_duplicates.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unordered_map>

namespace comem::memory {
namespace {

using Ids = std::vector<std::uint32_t>;  // of words: ordered, each once, the rarest first

/// Numbers words so that rarer ones have smaller numbers, and writes every set in these.
std::vector<Ids> numbered(const std::vector<WordSet>& sets) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> frequency;
  std::vector<Ids> result(sets.size());
  for (std::size_t i = 0; i < sets.size(); ++i) {
    auto& ids = result[i];
    for (const auto& word : sets[i].words) {
      const auto [it, added] = numbers.emplace(word, static_cast<std::uint32_t>(frequency.size()));
      if (added) frequency.push_back(0);
      ids.push_back(it->second);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    for (const auto id : ids) ++frequency[id];
  }
  Ids order(frequency.size()), rank(frequency.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return frequency[a] != frequency[b] ? frequency[a] < frequency[b] : a < b;
  });
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  for (auto& ids : result) {
    for (auto& id : ids) id = rank[id];
    std::sort(ids.begin(), ids.end());
  }
  return result;
}

double jaccard(const Ids& a, const Ids& b) noexcept {
  std::size_t common = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) {
      ++common;
      ++x;
      ++y;
    } else if (*x < *y) {
      ++x;
    } else {
      ++y;
    }
  }
  return static_cast<double>(common) / static_cast<double>(a.size() + b.size() - common);
}

/// How many of the rarest words of a set must be looked up: sets this similar share more than all the others.
std::size_t prefix_length(std::size_t size, double similarity) {
  const auto shared = static_cast<std::size_t>(std::ceil(similarity * static_cast<double>(size) - 1e-9));
  return size - std::clamp<std::size_t>(shared, 1, size) + 1;
}

/// The sets that others may duplicate, by group and rare word.
class Kept {
 public:
  Kept(const std::vector<Ids>& sets, double similarity)
      : sets_(sets), similarity_(similarity), seen_(sets.size()) {}

  void add(std::uint32_t group, std::size_t set) {
    for (std::size_t i = 0; i < prefix_length(sets_[set].size(), similarity_); ++i)
      postings_[key(group, sets_[set][i])].push_back(set);
  }

  /// The most similar kept set, or `set` itself.
  std::size_t find(std::uint32_t group, std::size_t set) {
    const auto& words = sets_[set];
    std::size_t best = set;
    double best_similarity = similarity_ - 1e-9;
    for (std::size_t i = 0; i < prefix_length(words.size(), similarity_); ++i) {
      const auto it = postings_.find(key(group, words[i]));
      if (it == postings_.end()) continue;
      for (const auto other : it->second) {
        if (seen_[other] == set + 1 || !close_in_size(words.size(), sets_[other].size())) continue;
        seen_[other] = set + 1;
        const double similarity = jaccard(words, sets_[other]);
        if (similarity > best_similarity || (similarity == best_similarity && other < best)) {
          best = other;
          best_similarity = similarity;
        }
      }
    }
    return best;
  }

 private:
  static std::uint64_t key(std::uint32_t group, std::uint32_t word) noexcept {
    return (std::uint64_t{group} << 32) | word;
  }

  bool close_in_size(std::size_t a, std::size_t b) const noexcept {
    return static_cast<double>(std::min(a, b)) >= similarity_ * static_cast<double>(std::max(a, b)) - 1e-9;
  }

  const std::vector<Ids>& sets_;
  double similarity_;
  std::vector<std::size_t> seen_;  // place + 1 of the set that last looked at this one
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> postings_;
};

}  // namespace

std::vector<std::size_t> near_duplicates(const std::vector<WordSet>& sets, double similarity) {
  const auto ids = numbered(sets);
  std::unordered_map<std::string, std::uint32_t> groups;
  std::vector<std::size_t> originals(sets.size());
  Kept kept(ids, similarity);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    originals[i] = i;
    if (ids[i].empty()) continue;
    const auto group = groups.emplace(sets[i].group, static_cast<std::uint32_t>(groups.size())).first->second;
    originals[i] = kept.find(group, i);
    if (originals[i] == i) kept.add(group, i);
  }
  return originals;
}

}  // namespace comem::memory

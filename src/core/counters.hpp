#pragma once
// Counters that several stores count at once without losing an increment: a grow-only counter for each store
// and name (Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types",
// 2011, G-Counter).

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace comem {

/// Names are single letters; each says below how the stores' shares make the total.
enum class Counter : char {
  executions = 'x',      // sum
  successes = 's',       // sum
  duration_ms = 'd',     // sum
  accesses = 'a',        // sum
  last_access_ms = 'l',  // maximum
  validations = 'v',     // sum
  invalidations = 'i',   // sum
};

class CounterSet {
 public:
  /// Adds to this store's share. `by` is bounded so that shares stay below 2^53, which every reader holds
  /// exactly.
  void add(std::string_view store, Counter counter, std::uint64_t by);
  /// Raises this store's share to at least `value`.
  void raise(std::string_view store, Counter counter, std::uint64_t value);
  std::uint64_t total(Counter counter) const noexcept;
  bool empty() const noexcept { return shares_.empty(); }

  /// Takes the larger of each share; answers whether anything grew. Commutative, associative, idempotent.
  bool merge(const CounterSet& other);

  /// Shares by "<letter><store>", ordered; what both stores keep.
  const std::map<std::string, std::uint64_t, std::less<>>& shares() const noexcept { return shares_; }
  /// Raises one share by its key; answers false and changes nothing for a malformed key or an absurd value.
  bool raise_share(std::string_view key, std::uint64_t value);

  /// "<key>=<value>" joined by ';' in key order, and back. decode() throws Error(corrupt).
  std::string encode() const;
  static CounterSet decode(std::string_view text);

  friend bool operator==(const CounterSet&, const CounterSet&) = default;

 private:
  std::map<std::string, std::uint64_t, std::less<>> shares_;
};

}  // namespace comem

#pragma once
// Stems that begin alike: what the stemmer left apart of one family, as photograph and photography.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "search/string_pool.hpp"

namespace comem::search {

class Relatives {
 public:
  /// Terms in the order of their numbers.
  void add(std::string_view term);

  /// Numbers of the terms (other than itself) whose common beginning with `term` is six letters at least, and
  /// 0.6 of the longer one. Of letters a to z alone; at most eight, those that share most.
  std::vector<std::uint32_t> of(std::string_view term, const StringPool& terms) const;

 private:
  // Of those that share their first six letters the last one.
  struct Slot {
    std::uint32_t letters = 0;  // 0: free
    std::uint32_t last = 0;
  };
  std::size_t place_of(std::uint32_t letters) const noexcept;
  void grow();

  std::vector<Slot> slots_;  // open addressing, a power of two
  std::size_t taken_ = 0;
  std::vector<std::uint32_t> before_;  // by number: the one before it that shares them
};

}  // namespace comem::search

#pragma once
// Stems that begin alike: what the stemmer left apart of one family, as photograph and photography.

#include <cstdint>
#include <string_view>
#include <unordered_map>
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
  std::unordered_map<std::uint64_t, std::uint32_t> last_;  // of those that share their first six letters
  std::vector<std::uint32_t> before_;                      // by number: the one before it that does
};

}  // namespace comem::search

#pragma once
// Strings kept once and named by small numbers. Nothing is ever taken out: who wants less builds a new pool.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/bytes.hpp"

namespace comem::search {

/// Numbers count from 0 in the order of interning. About 14 bytes a string beside its characters.
class StringPool {
 public:
  std::uint32_t intern(std::string_view text);
  std::optional<std::uint32_t> find(std::string_view text) const noexcept;
  /// Valid until the next intern().
  std::string_view at(std::uint32_t number) const noexcept;
  std::size_t size() const noexcept { return ends_.size(); }

  void save(ByteWriter& writer) const;
  bool load(ByteReader& reader);

 private:
  struct Place {
    std::size_t slot;
    std::uint32_t mark;  // of the text: the bits of its hash that slots_ has room for
  };
  Place place_of(std::string_view text) const noexcept;
  void fill_slots(std::size_t size);

  std::string characters_;         // all strings, one behind the other
  std::vector<std::size_t> ends_;  // of each in characters_
  // Open addressing: number + 1, or 0. The bits that no number needs hold bits of the text's hash, so that
  // most other texts are passed over unread.
  std::vector<std::uint32_t> slots_;
};

}  // namespace comem::search

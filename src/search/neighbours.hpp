#pragma once
// Who stands next to whom: the memories of a session in their order, kept as memories come and go, late and
// out of order too.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "search/documents.hpp"

namespace comem::search {

/// The order of a session: memories with a turn by turn, the others by time; then by time, id, type. The two
/// kinds are no neighbours of each other. A memory without a session has no neighbours.
class Neighbours {
 public:
  /// How many steps away a memory is still heard.
  static constexpr int reach = 5;
  static constexpr DocumentNumber none = 0xFFFFFFFF;
  /// How many ways there are to stand in line, and what stands for those who do not.
  static constexpr std::size_t lines = (reach + 1) * (reach + 1);
  static constexpr std::uint8_t scattered_line = 0xFF;

  /// `documents` must outlive this.
  explicit Neighbours(const DocumentTable& documents) : documents_(documents) {}

  /// The next number, which `documents` holds by now.
  void add(DocumentNumber number);
  /// All that `documents` holds from this number on. O(n log n) of those, and as many steps as their sessions
  /// are long.
  void add_from(DocumentNumber first);
  /// While `documents` still holds it.
  void remove(DocumentNumber number);
  /// After the documents were numbered anew.
  void rebuild();

  DocumentNumber before(DocumentNumber number) const noexcept { return before_[number]; }
  DocumentNumber after(DocumentNumber number) const noexcept { return after_[number]; }

  /// Whether, within reach, some neighbour's number does not follow from the next one's.
  bool scattered(DocumentNumber number) const noexcept { return lines_[number] == scattered_line; }
  /// How it stands where its neighbours follow it in number too, as they do when a session came in one go:
  /// (reach + 1) * how many stand before it, plus how many behind it, within reach. Else scattered_line.
  std::uint8_t line(DocumentNumber number) const noexcept { return lines_[number]; }

  /// How many sessions there are. Of one alone the order says little: it may as well be a catalogue.
  std::size_t sessions() const noexcept { return sessions_.size(); }

 private:
  bool stands_before(DocumentNumber a, DocumentNumber b) const noexcept;
  void link(DocumentNumber left, DocumentNumber right) noexcept;
  void look_around(DocumentNumber number) noexcept;
  std::uint8_t line_of(DocumentNumber number) const noexcept;

  const DocumentTable& documents_;
  std::unordered_map<std::uint32_t, std::vector<DocumentNumber>> sessions_;  // each in order
  std::vector<DocumentNumber> before_, after_;
  std::vector<std::uint8_t> lines_;
};

}  // namespace comem::search

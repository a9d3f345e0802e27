#pragma once
// Where one term occurs: document numbers, ascending, each with how often. About two bytes an entry.

#include <cstddef>
#include <cstdint>
#include <string>

namespace comem::search {

/// The place of a document in the index; given in ascending order, and anew at every compaction.
using DocumentNumber = std::uint32_t;

/// Packed: gaps between numbers as variable-length integers whose lowest bit says that a count above 1
/// follows. Entries are only ever added at the end; whoever removes a document ignores its entries until
/// compaction.
class PostingList {
 public:
  /// `document` must be above all before; `count` at least 1.
  void append(DocumentNumber document, std::uint32_t count) {
    const std::uint64_t gap = document - last_;
    put((gap << 1) | (count > 1 ? 1u : 0u));
    if (count > 1) put(count);
    last_ = document;
    ++size_;
  }

  std::uint32_t size() const noexcept { return size_; }

  /// Calls visit(document, count) for each entry.
  template <class Visit>
  void for_each(Visit visit) const {
    const char* at = bytes_.data();
    const char* const end = at + bytes_.size();
    std::uint64_t document = 0;
    while (at != end) {
      const std::uint64_t head = get(at);
      document += head >> 1;
      const std::uint64_t count = (head & 1) != 0 ? get(at) : 1;
      visit(static_cast<DocumentNumber>(document), static_cast<std::uint32_t>(count));
    }
  }

  void shrink_to_fit() { bytes_.shrink_to_fit(); }

 private:
  void put(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(static_cast<unsigned char>(value | 0x80));
    bytes_ += static_cast<char>(value);
  }

  static std::uint64_t get(const char*& at) noexcept {
    std::uint64_t byte = static_cast<unsigned char>(*at++);
    std::uint64_t value = byte & 0x7F;
    for (unsigned shift = 7; byte >= 0x80; shift += 7) {
      byte = static_cast<unsigned char>(*at++);
      value |= (byte & 0x7F) << shift;
    }
    return value;
  }

  std::string bytes_;  // a string, since it keeps the many short lists without allocating
  DocumentNumber last_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace comem::search

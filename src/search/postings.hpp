#pragma once
// Where one term occurs: document numbers, ascending, each with how often. About two bytes an entry.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "search/bytes.hpp"

namespace comem::search {

/// The place of a document in the index; given in ascending order, and anew at every compaction.
using DocumentNumber = std::uint32_t;

/// Both ends included.
struct DocumentRange {
  DocumentNumber first = 0, last = 0;
};

/// Occurrences are counted in sixteenths, since those at the beginning of a text count for more than one, and
/// those in a caption for half of one.
inline constexpr std::uint32_t one_occurrence = 16;

/// How often a document has a term.
struct Occurrences {
  std::uint32_t sixteenths = one_occurrence;
  std::uint32_t asked = 0;  ///< how many of them stand in questions, as a plain number
};

/// Packed: gaps between numbers as variable-length integers whose lowest bits say whether a count other than
/// one_occurrence follows, and one of those asked. Entries are only ever added at the end; whoever removes a
/// document ignores its entries until compaction.
class PostingList {
 public:
  /// `document` must be above all before; one sixteenth at least. `loudness` is what the ranking makes of the
  /// count.
  void append(DocumentNumber document, Occurrences occurrences, float loudness) {
    if (size_ % stride == 0 && size_ > 0) {
      if (!skips_) skips_ = std::make_unique<std::vector<Skip>>();
      skips_->push_back({last_, static_cast<std::uint32_t>(bytes_.size())});
    }
    const std::uint64_t gap = document - last_;
    const bool plain = occurrences.sixteenths == one_occurrence;
    put((gap << 2) | (occurrences.asked > 0 ? 2u : 0u) | (plain ? 0u : 1u));
    if (!plain) put(occurrences.sixteenths);
    if (occurrences.asked > 0) put(occurrences.asked);
    last_ = document;
    ++size_;
    loudest_ = std::max(loudest_, loudness);
  }

  /// Asks for the memory that append() will touch.
  void prefetch_end() const noexcept { __builtin_prefetch(bytes_.data() + bytes_.size()); }
  /// Whether the last entry is of this document.
  bool ends_with(DocumentNumber document) const noexcept { return size_ > 0 && last_ == document; }
  std::uint32_t size() const noexcept { return size_; }
  /// No entry is louder.
  float loudest() const noexcept { return loudest_; }

  /// Calls visit(document, occurrences) for each entry.
  template <class Visit>
  void for_each(Visit visit) const {
    Reader reader(*this);
    while (reader.next()) visit(reader.document, reader.occurrences);
  }

  /// Calls visit(document, occurrences) for each entry of one of `documents`, which ascend.
  template <class Visit>
  void for_each_of(const std::vector<DocumentNumber>& documents, Visit visit) const {
    Reader reader(*this);
    if (!reader.next()) return;
    for (const DocumentNumber wanted : documents) {
      if (reader.document < wanted) reader.skip_towards(wanted);
      while (reader.document < wanted) {
        if (!reader.next()) return;
      }
      if (reader.document == wanted) visit(reader.document, reader.occurrences);
    }
  }

  /// Calls visit(document, occurrences) for each entry in one of `ranges`, which ascend and do not meet.
  template <class Visit>
  void for_each_in(const std::vector<DocumentRange>& ranges, Visit visit) const {
    Reader reader(*this);
    if (!reader.next()) return;
    for (const DocumentRange& range : ranges) {
      if (reader.document < range.first) reader.skip_towards(range.first);
      while (reader.document < range.first) {
        if (!reader.next()) return;
      }
      while (reader.document <= range.last) {
        visit(reader.document, reader.occurrences);
        if (!reader.next()) return;
      }
    }
  }

  void save(ByteWriter& writer) const {
    writer.put(std::string_view(bytes_));
    writer.put_all(skips_ ? *skips_ : std::vector<Skip>());
    writer.put(last_);
    writer.put(size_);
    writer.put(loudest_);
  }
  void load(ByteReader& reader) {
    bytes_ = reader.text();
    auto skips = reader.all<Skip>();
    skips_ = skips.empty() ? nullptr : std::make_unique<std::vector<Skip>>(std::move(skips));
    last_ = reader.get<DocumentNumber>();
    size_ = reader.get<std::uint32_t>();
    loudest_ = reader.get<float>();
  }

  void shrink_to_fit() {
    bytes_.shrink_to_fit();
    if (skips_) skips_->shrink_to_fit();
  }

 private:
  static constexpr std::uint32_t stride = 64;  // entries from one skip to the next
  struct Skip {
    DocumentNumber before;  // the entry before the place
    std::uint32_t place;    // in bytes_
  };

  struct Reader {
    explicit Reader(const PostingList& of) noexcept
        : list(of), at(of.bytes_.data()), end(at + of.bytes_.size()) {}

    bool next() noexcept {
      if (at == end) return false;
      const std::uint64_t head = get(at);
      document += static_cast<DocumentNumber>(head >> 2);
      occurrences.sixteenths = (head & 1) != 0 ? static_cast<std::uint32_t>(get(at)) : one_occurrence;
      occurrences.asked = (head & 2) != 0 ? static_cast<std::uint32_t>(get(at)) : 0;
      return true;
    }

    /// To the last place from which `wanted` can still be reached, if that is ahead.
    void skip_towards(DocumentNumber wanted) noexcept {
      if (!list.skips_) return;
      const auto& skips = *list.skips_;
      const auto next =
          std::lower_bound(skips.begin() + static_cast<std::ptrdiff_t>(passed), skips.end(), wanted,
                           [](const Skip& skip, DocumentNumber w) { return skip.before < w; });
      passed = static_cast<std::size_t>(next - skips.begin());
      if (passed == 0 || list.bytes_.data() + skips[passed - 1].place <= at) return;
      document = skips[passed - 1].before;
      at = list.bytes_.data() + skips[passed - 1].place;
    }

    const PostingList& list;
    const char* at;
    const char* end;
    DocumentNumber document = 0;
    Occurrences occurrences;
    std::size_t passed = 0;
  };

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
  std::unique_ptr<std::vector<Skip>> skips_;  // of the many short lists none
  DocumentNumber last_ = 0;
  std::uint32_t size_ = 0;
  float loudest_ = 0;
};

}  // namespace comem::search

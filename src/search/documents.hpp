#pragma once
// What is known of each document beside its words: the facts that filters and ties look at.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "search/document.hpp"
#include "search/postings.hpp"
#include "search/string_pool.hpp"

namespace comem::search {

/// Names (sessions, agents, authors, tags) are numbers of DocumentTable::names().
struct Facts {
  Facts() = default;

  std::string id;
  std::span<const std::uint32_t> tags;  ///< kept by the table
  double composite = 0.0;
  double confidence = 1.0;
  TimePoint time{};
  TimePoint expires_at = no_expiry;
  std::int64_t place = 0;  ///< in the session: the turn where it is numbered, else the time
  std::uint32_t session = 0, agent = 0, author = 0;
  MemoryType type = MemoryType::episodic;
  bool success = true;
  bool numbered = false;

  bool live(TimePoint now) const noexcept { return expires_at == no_expiry || now < expires_at; }
};

/// What a text is like, beside its words.
struct TextTraits {
  bool tells_time : 1 = false;  ///< it has a word that tells a time
  bool addresses : 1 = false;   ///< it speaks to somebody, and not of whoever speaks
  bool names : 1 = false;       ///< it has a word that looks like a name
  bool asks : 1 = false;        ///< it is nothing but questions
};

/// Removed documents keep their number, and nothing else, until compact().
class DocumentTable {
 public:
  DocumentTable() { forget_names(); }
  DocumentTable(const DocumentTable&) = delete;  // the set of ids refers to the table
  DocumentTable& operator=(const DocumentTable&) = delete;

  /// A document that the table does not hold yet. What its text is like comes with describe().
  DocumentNumber add(const Document& document);
  void remove(DocumentNumber number);
  std::optional<DocumentNumber> find(MemoryType type, std::string_view id) const;

  /// Gives numbers anew without gaps, order kept. Answers the new number for each old one, or `gone`.
  std::vector<DocumentNumber> compact();
  static constexpr DocumentNumber gone = 0xFFFFFFFF;

  /// Takes in all that `other` holds, none of which this one holds. Answers as compact() does.
  std::vector<DocumentNumber> absorb(const DocumentTable& other);

  void save(ByteWriter& writer) const;
  /// Into a new one; false where the bytes are no documents.
  bool load(ByteReader& reader);

  std::size_t size() const noexcept { return facts_.size() - gone_.size(); }
  std::size_t removed() const noexcept { return gone_.size(); }
  /// How many documents of the list are held.
  std::size_t held_of(const PostingList& list) const;
  /// Numbers given so far, removed ones included.
  DocumentNumber end() const noexcept { return static_cast<DocumentNumber>(facts_.size()); }
  /// False for removed documents.
  bool holds(DocumentNumber number) const noexcept { return loudness_[number] > 0; }
  /// How loud a word is that occurs once (search/loudness.hpp); zero for removed documents.
  float loudness(DocumentNumber number) const noexcept { return loudness_[number]; }
  const TextTraits& traits(DocumentNumber number) const noexcept { return traits_[number]; }
  /// The day of its time, UTC.
  std::chrono::sys_days day(DocumentNumber number) const noexcept {
    return std::chrono::sys_days(std::chrono::days(days_[number]));
  }
  /// No document is of a day before the first or after the last.
  std::chrono::sys_days first_day() const noexcept {
    return std::chrono::sys_days(std::chrono::days(first_day_));
  }
  std::chrono::sys_days last_day() const noexcept {
    return std::chrono::sys_days(std::chrono::days(last_day_));
  }
  /// No day of several documents that follow one another in number is outside of these.
  struct Days {
    std::chrono::sys_days first, last;
  };
  /// Calls visit(days, first, end) for the documents [first, end), piece by piece.
  template <class Visit>
  void for_each_days(Visit visit) const {
    for (DocumentNumber i = 0; i < day_pieces_.size(); ++i)
      visit(day_pieces_[i], i * day_piece, std::min((i + 1) * day_piece, end()));
  }
  std::uint32_t author(DocumentNumber number) const noexcept { return authors_[number]; }
  void describe(DocumentNumber number, float loudness, TextTraits traits) noexcept {
    loudness_[number] = loudness;
    traits_[number] = traits;
  }
  const Facts& facts(DocumentNumber number) const noexcept { return facts_[number]; }
  /// Those that have a name as session, agent, author or tag, removed ones included.
  const PostingList& named(std::uint32_t name) const noexcept { return named_[name]; }
  const StringPool& names() const noexcept { return names_; }
  /// The number of the empty name.
  static constexpr std::uint32_t no_name() noexcept { return 0; }

 private:
  std::uint32_t name(std::string_view text, DocumentNumber number);
  void forget_names();
  void name_anew(DocumentNumber number, const StringPool& others);
  void note_day(TimePoint time);
  void note_piece(DocumentNumber number);
  void note_bounds();
  void note_pieces();
  std::span<const std::uint32_t> keep(const std::vector<std::uint32_t>& tags);
  struct Key {
    MemoryType type;
    std::string_view id;
  };
  Key key_of(DocumentNumber number) const noexcept { return {facts_[number].type, facts_[number].id}; }

  struct Hash {
    using is_transparent = void;
    const DocumentTable* table;
    std::size_t operator()(const Key& key) const noexcept;
    std::size_t operator()(DocumentNumber number) const noexcept { return (*this)(table->key_of(number)); }
  };
  struct Same {
    using is_transparent = void;
    const DocumentTable* table;
    bool operator()(DocumentNumber a, DocumentNumber b) const noexcept { return a == b; }
    bool operator()(const Key& a, DocumentNumber b) const noexcept;
    bool operator()(DocumentNumber a, const Key& b) const noexcept { return (*this)(b, a); }
  };

  std::deque<Facts>
      facts_;  // by number; a deque, since a vector's spare room would be a quarter of the index
  std::vector<float> loudness_;
  std::vector<TextTraits> traits_;
  std::vector<std::uint32_t> authors_;
  std::vector<std::int32_t> days_;  // since 1970
  static constexpr DocumentNumber day_piece = 64;
  std::vector<Days> day_pieces_;
  std::int32_t first_day_ = std::numeric_limits<std::int32_t>::max();
  std::int32_t last_day_ = std::numeric_limits<std::int32_t>::min();
  StringPool names_;
  std::deque<PostingList> named_;  // by name
  std::unordered_set<DocumentNumber, Hash, Same> ids_{0, Hash{this}, Same{this}};
  std::deque<std::vector<std::uint32_t>> tags_;  // of all, in pieces that stay where they are
  std::vector<DocumentNumber> gone_;             // removed, ascending
};

}  // namespace comem::search

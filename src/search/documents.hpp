#pragma once
// What is known of each document beside its words: the facts that filters and ties look at.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
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
  std::vector<std::uint32_t> tags;
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

/// Removed documents keep their number, and nothing else, until compact().
class DocumentTable {
 public:
  DocumentTable() { names_.intern({}); }
  DocumentTable(const DocumentTable&) = delete;  // the set of ids refers to the table
  DocumentTable& operator=(const DocumentTable&) = delete;

  /// A document that the table does not hold yet. What its text is like comes with describe().
  DocumentNumber add(const Document& document);
  void remove(DocumentNumber number);
  std::optional<DocumentNumber> find(MemoryType type, std::string_view id) const;

  /// Gives numbers anew without gaps, order kept. Answers the new number for each old one, or `gone`.
  std::vector<DocumentNumber> compact();
  static constexpr DocumentNumber gone = 0xFFFFFFFF;

  std::size_t size() const noexcept { return facts_.size() - removed_; }
  std::size_t removed() const noexcept { return removed_; }
  /// Numbers given so far, removed ones included.
  DocumentNumber end() const noexcept { return static_cast<DocumentNumber>(facts_.size()); }
  /// False for removed documents.
  bool holds(DocumentNumber number) const noexcept { return loudness_[number] > 0; }
  /// How loud a word is that occurs once (search/loudness.hpp); zero for removed documents.
  float loudness(DocumentNumber number) const noexcept { return loudness_[number]; }
  bool asks(DocumentNumber number) const noexcept { return (traits_[number] & asking) != 0; }
  bool speaks_of_time(DocumentNumber number) const noexcept { return (traits_[number] & of_time) != 0; }
  void describe(DocumentNumber number, float loudness, bool asks, bool speaks_of_time) noexcept {
    loudness_[number] = loudness;
    traits_[number] = static_cast<std::uint8_t>((asks ? asking : 0) | (speaks_of_time ? of_time : 0));
  }
  const Facts& facts(DocumentNumber number) const noexcept { return facts_[number]; }
  const StringPool& names() const noexcept { return names_; }
  /// The number of the empty name.
  static constexpr std::uint32_t no_name() noexcept { return 0; }

 private:
  static constexpr std::uint8_t asking = 1, of_time = 2;

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
  std::vector<std::uint8_t> traits_;
  StringPool names_;
  std::unordered_set<DocumentNumber, Hash, Same> ids_{0, Hash{this}, Same{this}};
  std::size_t removed_ = 0;
};

}  // namespace comem::search

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
  std::uint32_t session = 0, agent = 0, author = 0;
  MemoryType type = MemoryType::episodic;
  bool success = true;

  bool live(TimePoint now) const noexcept { return expires_at == no_expiry || now < expires_at; }
};

/// Removed documents keep their number, and nothing else, until compact().
class DocumentTable {
 public:
  DocumentTable() = default;
  DocumentTable(const DocumentTable&) = delete;  // the set of ids refers to the table
  DocumentTable& operator=(const DocumentTable&) = delete;

  /// A document that the table does not hold yet. Its length norm comes with set_norm().
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
  bool holds(DocumentNumber number) const noexcept { return norms_[number] > 0; }
  /// The length norm of the ranking; above zero for documents that are held.
  float norm(DocumentNumber number) const noexcept { return norms_[number]; }
  void set_norm(DocumentNumber number, float norm) noexcept { norms_[number] = norm; }
  const Facts& facts(DocumentNumber number) const noexcept { return facts_[number]; }
  const StringPool& names() const noexcept { return names_; }

 private:
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
  std::vector<float> norms_;
  StringPool names_;
  std::unordered_set<DocumentNumber, Hash, Same> ids_{0, Hash{this}, Same{this}};
  std::size_t removed_ = 0;
};

}  // namespace comem::search

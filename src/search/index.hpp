#pragma once
// The inverted index of one namespace, in memory. It keeps words and facts of memories, not the memories.

#include <comem/query.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "search/document.hpp"
#include "search/parameters.hpp"

namespace comem::search {

/// One match, best first in a result: higher score, then higher composite, then newer, then smaller id.
struct Match {
  Match() = default;
  MemoryType type = MemoryType::episodic;
  std::string id;
  double score = 0.0;
  std::vector<std::string> words;          ///< the query's words that matched, as they were written
  std::vector<std::string> heard;          ///< those that only its neighbours have
  std::optional<Explanation> explanation;  ///< where the query asks for it, and has words
};

/// Not thread-safe: one writer or several readers at a time (the owner locks).
class Index {
 public:
  Index() : Index(Parameters()) {}
  explicit Index(const Parameters& parameters);
  ~Index();
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;

  /// Adds the document, or replaces the one of the same type and id.
  void upsert(const Document& document);
  void remove(MemoryType type, std::string_view id);
  void clear();
  /// Takes in all documents of another index of the same parameters, none of which this one holds. No text is
  /// read for it.
  void absorb(const Index& other);

  /// The best query.limit matches of the types and filters of `query` that are live at `now`. `sessions`
  /// (empty: any) are the sessions that count; the index knows nothing of links. A query without any
  /// searchable word or date answers the newest matches with score 0. Pure CPU; at worst O(documents +
  /// postings of the query's words).
  std::vector<Match> search(const Query& query, const std::set<std::string>& sessions, TimePoint now) const;

  /// The ids of the documents of a type, live at `now`, that have nearly the words of `text`: see
  /// search/sharing.hpp.
  std::vector<std::string> sharing(std::string_view text, double share, MemoryType type, TimePoint now) const;

  /// Drops documents that expired before `now`; answers how many.
  std::size_t drop_expired(TimePoint now);

  /// Everything as bytes, for load() on a machine of the same kind. About as many as the index has in memory.
  std::string save() const;
  /// Replaces everything by what save() gave. False where it was made by other parameters, or is none; then
  /// the index is empty. Trusts bytes that look right: whoever keeps them guards them by a checksum.
  bool load(std::string_view bytes);

  std::size_t size() const noexcept;
  std::size_t terms() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace comem::search

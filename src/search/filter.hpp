#pragma once
// The filters of a query, made ready to be asked often.

#include <comem/query.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "search/documents.hpp"

namespace comem::search {

/// Exact, all of them must hold. Valid while `names` is neither changed nor gone, and `query` is there.
class Filter {
 public:
  Filter(const Query& query, const std::set<std::string>& sessions, TimePoint now, const StringPool& names);

  /// False when no document can pass: the query names a session, agent, author or tag that nothing has.
  bool possible() const noexcept { return possible_; }
  /// Whether it is likely to leave out most of the documents.
  bool narrow() const noexcept { return narrow_; }
  bool passes(const Facts& facts) const noexcept;
  /// Documents, ascending, of which others do not pass, where the names or days that the filter wants leave
  /// no more than `most`; else nothing.
  std::optional<std::vector<DocumentNumber>> few(const DocumentTable& documents, std::size_t most) const;

 private:
  bool has_tags(const Facts& facts) const noexcept;
  std::optional<std::vector<DocumentNumber>> with_names(const DocumentTable& documents,
                                                        std::size_t most) const;
  std::optional<std::vector<DocumentNumber>> of_days(const DocumentTable& documents, std::size_t most) const;

  const Query& query_;
  TimePoint now_;
  unsigned types_ = 0;                                                            // a bit each
  std::vector<std::uint32_t> sessions_, agents_, authors_, any_tags_, all_tags_;  // sorted; empty: open
  bool possible_ = true, narrow_ = false;
};

}  // namespace comem::search

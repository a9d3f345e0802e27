#pragma once
// What was read of one term of a query: the documents that have it, and how loud.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/blocks.hpp"
#include "search/documents.hpp"
#include "search/sought.hpp"

namespace comem::search {

/// Storage to be used again for the next query.
class Entries {
 public:
  using Heard = Sought::Heard;

  void read(const Sought& term, const DocumentTable& documents);
  /// Only what stands in `ranges` of documents, which ascend and do not meet.
  void read_in(const std::vector<DocumentRange>& ranges, const Sought& term, const DocumentTable& documents);

  std::size_t size() const noexcept { return all_.size(); }
  const Heard* begin() const noexcept { return all_.data(); }
  const Heard* end() const noexcept { return all_.data() + all_.size(); }
  /// The first entry of a document not below `number`.
  const Heard* from(DocumentNumber number) const noexcept;
  /// Null where the document does not have the term.
  const Heard* find(DocumentNumber number) const noexcept {
    const Heard* const found = from(number);
    return found != end() && found->document == number ? found : nullptr;
  }

 private:
  void make_signposts(DocumentNumber end);

  std::vector<Heard> all_;  // ascending
  std::vector<std::uint32_t>
      signposts_;       // where entries of so many documents begin; empty where they are few
  unsigned shift_ = 0;  // how many: 2^shift
};

}  // namespace comem::search

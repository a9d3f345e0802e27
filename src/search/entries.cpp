#include "search/entries.hpp"

#include <algorithm>
#include <bit>

namespace comem::search {

void Entries::read(const Sought& term, const DocumentTable& documents) {
  all_.clear();
  all_.reserve(term.entries());
  term.for_each(documents, [this](const Heard& heard) { all_.push_back(heard); });
  make_signposts(documents.end());
}

void Entries::read_in(const std::vector<DocumentRange>& ranges, const Sought& term,
                      const DocumentTable& documents) {
  all_.clear();
  term.for_each_in(ranges, documents, [this](const Heard& heard) { all_.push_back(heard); });
  make_signposts(documents.end());
}

// Few are found by halving; of many there is one signpost for about eight.
void Entries::make_signposts(DocumentNumber end) {
  constexpr std::size_t few = 64;
  constexpr std::size_t apart = 8;
  signposts_.clear();
  if (all_.size() < few) return;
  shift_ = static_cast<unsigned>(std::bit_width(std::size_t{end} * apart / all_.size()));
  signposts_.resize((end >> shift_) + 2);
  std::uint32_t* post = signposts_.data();
  DocumentNumber next = 0;
  for (std::uint32_t i = 0; i < all_.size(); ++i) {
    for (const DocumentNumber here = all_[i].document >> shift_; next <= here; ++next) *post++ = i;
  }
  std::fill(post, signposts_.data() + signposts_.size(), static_cast<std::uint32_t>(all_.size()));
}

const Entries::Heard* Entries::from(DocumentNumber number) const noexcept {
  if (signposts_.empty()) {
    return std::lower_bound(begin(), end(), number,
                            [](const Heard& heard, DocumentNumber n) { return heard.document < n; });
  }
  const Heard* entry = begin() + signposts_[number >> shift_];
  while (entry != end() && entry->document < number) ++entry;
  return entry;
}

}  // namespace comem::search

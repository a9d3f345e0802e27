#pragma once
// The stemmer of M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, as published.

#include <string>

namespace comem::search {

/// The stem of `word`, in place. Words that are not of the letters a to z alone, and words of one or two
/// letters, are left as they are.
void porter_stem(std::string& word);

}  // namespace comem::search

#pragma once
// What somebody may have meant to type.

#include <string>
#include <string_view>
#include <vector>

namespace comem::search {

/// Every word from which one slip of the fingers makes `word`: a letter dropped, doubled or added, two
/// swapped, in words of seven letters or more one replaced. The first letter is taken to be right. Words of
/// five letters a to z at least; of others none.
std::vector<std::string> meant_by(std::string_view word);

}  // namespace comem::search

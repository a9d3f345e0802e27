#pragma once
// Why a memory stands where it stands, for people and for programs.

#include <comem/query.hpp>

#include <string>
#include <vector>

namespace comem::cli {

std::vector<std::string> explanation_as_lines(const Explanation& explanation);
std::string explanation_as_json(const Explanation& explanation);

}  // namespace comem::cli

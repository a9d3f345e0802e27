#pragma once
// Vectors that are the same on every machine: each word stands for a direction, a few words of one meaning
// for the same one. Texts without a common meaning are at right angles (unless two words share a direction by
// chance).

#include <cstddef>
#include <string>
#include <vector>

namespace comem::testing {

std::vector<float> fixed_vector(const std::string& text, std::size_t dimensions = 256);

}  // namespace comem::testing

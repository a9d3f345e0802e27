#pragma once
// Markdown documents cut into memories.

#include <comem/knowledge.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace comem::cli {

/// The sections of a document, each a memory of kind document: pattern = "name: heading", content = what
/// stands under the heading. A line of one to six '#' and a space is a heading, but not within a fenced
/// block. Sections without text are left out. Ids are "name#1", "name#2", ...
std::vector<Knowledge> sections_of(const std::string& name, std::string_view markdown);

}  // namespace comem::cli

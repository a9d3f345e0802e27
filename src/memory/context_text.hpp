#pragma once
// The enriched context: what the agent is doing, then what it knows that may help, within a budget.

#include <comem/context.hpp>
#include <comem/query.hpp>

#include <string>

#include "memory/wording.hpp"

namespace comem::memory {

/// The text of a memory that stands in a context, on one line.
std::string context_line(const AnyMemory& memory);

/// Markdown: working context, then experiences, knowledge, skills, each memory on a line with its id.
///
/// Chosen: at most `limit` of each type (zero: all hits whose score is at least a quarter of the best one).
/// Of memories that say the same only the newest is left, in the place of the best; of those that disagree
/// the newest stands first, the others behind it, marked "(older)". Skills neither repeat nor disagree.
///
/// Taken: the best of each type, then the others by score, last those that are older than what they disagree
/// with, while the budget lasts; it is kept strictly, headings included. What does not fit whole is cut
/// to whole sentences, from the first on that has a word of the query, to half of what is left while others
/// wait, or left out; only where nothing would be left at all, the best is cut behind a word. The working
/// context may fill half of the budget, and what the memories leave of the rest; it loses its first lines.
Context enriched_context(const std::string& working, const AllHits& hits, std::size_t token_budget,
                         std::size_t limit, Tokenise tokenise);

}  // namespace comem::memory

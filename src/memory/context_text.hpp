#pragma once
// The enriched context: what the agent is doing, then what it knows that may help, within a budget.

#include <comem/context.hpp>
#include <comem/query.hpp>

#include <string>

namespace comem::memory {

/// Markdown: working context, then experiences, knowledge, skills, each memory once and traceable by its id.
/// A budget is kept strictly: headings only where an entry follows, entries whole or cut with "...", the best
/// of each type before the second best of any.
Context enriched_context(const std::string& working, const AllHits& hits, std::size_t token_budget);

}  // namespace comem::memory

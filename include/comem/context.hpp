#pragma once
// The context for a model: what the agent is doing, and what it knows that may help.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace comem {

/// What get_enriched_context() takes.
class ContextRequest {
 public:
  explicit ContextRequest(std::string words) : query(std::move(words)) {}

  ContextRequest& with_detailed_steps(std::size_t n) {
    detailed_steps = n;
    return *this;
  }
  ContextRequest& with_limit_per_type(std::size_t n) {
    limit_per_type = n;
    return *this;
  }
  ContextRequest& with_token_budget(std::size_t tokens) {
    token_budget = tokens;
    return *this;
  }

  std::string query;
  std::size_t detailed_steps = 5;
  std::size_t limit_per_type = 3;
  std::size_t token_budget = 0;  ///< zero: no limit. A token is counted as four bytes of UTF-8, rounded up.
};

/// Markdown text for a prompt, with what it was made from.
struct Context {
  Context() = default;
  std::string text;
  std::size_t tokens = 0;               ///< estimated as in ContextRequest::token_budget
  std::vector<std::string> memory_ids;  ///< in the order in which the text names them
};

}  // namespace comem

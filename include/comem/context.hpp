#pragma once
// The context for a model: what the agent is doing, and what it knows that may help.

#include <comem/memory_type.hpp>

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
  /// Zero: three without a budget, and with one as many as fit and are not much less relevant than the best.
  std::size_t limit_per_type = 0;
  /// Zero: no limit. A token is counted as four bytes of UTF-8, rounded up: OpenAI's rule of thumb for
  /// English (help.openai.com, "What are tokens and how to count them"), in bytes instead of characters,
  /// since tokenizers merge bytes: a Chinese character costs three quarters of a token, a Cyrillic letter
  /// half a one.
  std::size_t token_budget = 0;
};

/// A memory that a context names.
struct ContextMemory {
  ContextMemory() = default;
  std::string id;
  MemoryType type = MemoryType::episodic;
  std::size_t tokens = 0;  ///< of its line, estimated as in ContextRequest::token_budget
  bool cut = false;        ///< only its first sentences stand there
  bool older = false;      ///< a newer memory that stands before it says something else of the same thing
};

/// Markdown text for a prompt, with what it was made from. Memories that say nearly the same appear once, the
/// newest of them. docs/decisions.md says what is taken first and how texts are cut.
struct Context {
  Context() = default;
  std::string text;
  std::size_t tokens = 0;               ///< estimated as in ContextRequest::token_budget; never above it
  std::vector<std::string> memory_ids;  ///< in the order in which the text names them
  std::vector<ContextMemory> memories;  ///< the same, with what each costs
};

}  // namespace comem

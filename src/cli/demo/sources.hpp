#pragma once
// What the demo remembers to begin with: the history and the documents of a repository.

#include <comem/adapter.hpp>

#include <string>
#include <vector>

#include "cli/demo/report.hpp"

namespace comem::cli {

/// A question with the memory that should answer it.
struct Question {
  Question() = default;
  std::string text;
  std::size_t words = 0;
  std::string answer_id;  ///< empty: anything found will do
};

struct Sources {
  Sources() = default;
  std::string root;  ///< of the repository; empty: the texts that are built in
  std::size_t commits = 0, documents = 0;
  std::vector<Question> questions;
};

/// Imports the repository that `directory` is in, or built-in texts where there is none, and finds questions
/// to ask.
awaitable<Sources> import_sources(RedisMemoryAdapter* memory, std::string directory, Report* report);

/// A few short texts for a demo without a repository.
std::vector<AnyMemory> built_in_memories();

}  // namespace comem::cli

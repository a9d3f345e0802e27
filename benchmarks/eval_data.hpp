#pragma once
// A data set as comem-eval reads it: memories, and queries with the memories that answer them.

#include <comem/any_memory.hpp>

#include <string>
#include <vector>

namespace comem::bench {

struct EvalMemory {
  std::string ns;
  AnyMemory memory;
};

struct EvalQuery {
  std::string id;
  std::string ns;
  std::string text;
  std::vector<std::string> relevant;  ///< ids of memories
};

struct EvalData {
  std::vector<EvalMemory> memories;
  std::vector<EvalQuery> queries;
};

/// Reads memories.jsonl and queries.jsonl of a directory; scripts/eval says what they hold. A line that is no
/// memory is left out, with a word on stderr. Throws Error(invalid_argument) where a file cannot be read.
EvalData read_eval_data(const std::string& directory);

}  // namespace comem::bench

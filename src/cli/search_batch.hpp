#pragma once
// comem search --batch: many queries from a file.

#include <comem/query.hpp>

#include <string>

#include "cli/shell.hpp"

namespace comem::cli {

struct Batch {
  Batch() = default;
  std::string path;   ///< "-": standard input
  bool trec = false;  ///< lines "qid memory_id rank score"; else one JSON object a query
};

/// Answers each query, in order, with the limit and the filters of `filters`. Bad lines are counted, shown by
/// number and left out; exit code 1 says that there were some.
awaitable<int> search_batch(Shell* shell, Batch batch, Query filters);

}  // namespace comem::cli

#pragma once
// The lines that a context may have, before it is known how many fit.

#include <comem/query.hpp>

#include <string>
#include <vector>

#include "memory/wording.hpp"

namespace comem::memory {

struct ContextLine {
  ContextLine() = default;
  MemoryType type = MemoryType::episodic;
  std::string id;
  std::string lead;    ///< what makes it traceable; never cut
  std::string author;  ///< "Anna: ", where the text begins so; never cut either
  std::string text;
  double score = 0.0;
  std::size_t rank = 0;   ///< among those of its type, older ones left out
  std::size_t group = 0;  ///< the same number for those that disagree
  std::size_t about = 0;  ///< where the first sentence begins that has a word of the query
  bool older = false;     ///< than another one of its group
  bool better = false;    ///< although older, it matches far better than the newest of its group
  bool cut = false;
  bool taken = false;
};

/// In the order in which they stand in the text; context_text.hpp says which there are.
std::vector<ContextLine> context_lines(const AllHits& hits, std::size_t limit, Tokenise tokenise);

/// The places of the lines, the most useful first.
std::vector<std::size_t> by_usefulness(const std::vector<ContextLine>& lines);

}  // namespace comem::memory

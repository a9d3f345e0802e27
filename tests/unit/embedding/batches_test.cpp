#include "adapters/embedding/batches.hpp"

#include <doctest/doctest.h>

namespace comem::embedding {
namespace {

using Sizes = std::vector<std::size_t>;

TEST_CASE("requests are bounded by count and by bytes, and lose no text") {
  CHECK(batch_sizes({}).empty());
  CHECK(batch_sizes(std::vector<std::string>(130, "a")) == Sizes{64, 64, 2});
  const std::vector<std::string> long_ones(5, std::string(100'000, 'a'));
  CHECK(batch_sizes(long_ones) == Sizes{2, 2, 1});
  const std::vector<std::string> giant{"a", std::string(most_bytes + 1, 'a'), "b"};
  CHECK(batch_sizes(giant) == Sizes{1, 1, 1});
}

}  // namespace
}  // namespace comem::embedding

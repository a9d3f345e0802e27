#include "vectors/query_cache.hpp"

#include <doctest/doctest.h>

namespace comem::vectors {
namespace {

SharedVector vector_of(float value) {
  return std::make_shared<std::vector<float>>(1, value);
}

TEST_CASE("the longest unused query makes room") {
  QueryCache cache(2);
  cache.put("a", vector_of(1));
  cache.put("b", vector_of(2));
  CHECK(cache.find("a"));
  cache.put("c", vector_of(3));
  CHECK_FALSE(cache.find("b"));
  REQUIRE(cache.find("a"));
  CHECK(cache.find("c")->front() == 3);
  cache.put("a", vector_of(4));
  CHECK(cache.find("a")->front() == 4);
  CHECK(cache.size() == 2);
}

}  // namespace
}  // namespace comem::vectors

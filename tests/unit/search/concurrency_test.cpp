// For the thread sanitizer: searches at the same time, as index.hpp allows.
#include <doctest/doctest.h>

#include <thread>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

TEST_CASE("searches may run at the same time") {
  Index index;
  for (int i = 0; i < 300; ++i) {
    index.upsert(document("id" + std::to_string(i), "word number " + std::to_string(i % 7), i));
    if (i % 5 == 0) index.remove(MemoryType::episodic, "id" + std::to_string(i));
  }
  const Query query = Query("which words went 3").with_limit(20);
  const Ids expected = found(index, query);
  REQUIRE(expected.size() == 20);
  std::vector<Ids> last(4);
  {
    std::vector<std::jthread> threads;
    for (Ids& ids : last) {
      threads.emplace_back([&ids, &index, &query] {
        for (int i = 0; i < 50; ++i) ids = found(index, query);
      });
    }
  }
  for (const Ids& ids : last) CHECK(ids == expected);
}

#include "storage/batcher.hpp"

#include <doctest/doctest.h>

using comem::Milliseconds;
using comem::SteadyTime;
using comem::storage::Batcher;

namespace {
const SteadyTime start{std::chrono::hours(1)};
}

TEST_CASE("an idle link sends at once") {
  Batcher batcher(100, Milliseconds(100), 4);
  CHECK_FALSE(batcher.ready(start));
  batcher.added(1, start);
  CHECK(batcher.ready(start));
}

TEST_CASE("behind a batch under way, records wait until the batch is full") {
  Batcher batcher(100, Milliseconds(100), 4);
  batcher.added(1, start);
  batcher.sent(1, start);
  batcher.added(99, start);
  CHECK_FALSE(batcher.ready(start));
  batcher.added(1, start);
  CHECK(batcher.ready(start));
}

TEST_CASE("behind a batch under way, records wait no longer than the delay") {
  Batcher batcher(100, Milliseconds(100), 4);
  batcher.added(1, start);
  batcher.sent(1, start);
  batcher.added(1, start + Milliseconds(5));
  REQUIRE(batcher.due());
  CHECK(*batcher.due() == start + Milliseconds(105));
  CHECK_FALSE(batcher.ready(start + Milliseconds(104)));
  CHECK(batcher.ready(start + Milliseconds(105)));
}

TEST_CASE("an answer frees the link for what waits") {
  Batcher batcher(100, Milliseconds(100), 4);
  batcher.added(1, start);
  batcher.sent(1, start);
  batcher.added(1, start);
  batcher.answered();
  CHECK(batcher.ready(start));
}

TEST_CASE("never more batches under way than allowed") {
  Batcher batcher(1, Milliseconds(1), 2);
  batcher.added(10, start);
  batcher.sent(1, start);
  batcher.sent(1, start);
  CHECK_FALSE(batcher.ready(start + Milliseconds(1000)));
  CHECK_FALSE(batcher.due());
  batcher.answered();
  CHECK(batcher.ready(start + Milliseconds(1000)));
}

TEST_CASE("records that were written over leave no phantom behind") {
  Batcher batcher(100, Milliseconds(100), 4);
  batcher.added(3, start);  // three writes of one record make one row
  batcher.sent(1, start);
  batcher.answered();
  CHECK(batcher.ready(start));
  batcher.found_none_of(2);
  CHECK_FALSE(batcher.ready(start + Milliseconds(1000)));
}

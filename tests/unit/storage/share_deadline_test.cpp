#include "storage/share_deadline.hpp"

#include <doctest/doctest.h>

using comem::Milliseconds;
using comem::SteadyTime;
using comem::storage::share_deadline;

namespace {
const SteadyTime begun{std::chrono::hours(1)};
constexpr Milliseconds patience{250};
}  // namespace

TEST_CASE("the time of the commit is part of what a shared write waits") {
  CHECK(share_deadline(begun, begun, patience) == begun + patience);
  CHECK(share_deadline(begun, begun + Milliseconds(200), patience) == begun + patience);
}

TEST_CASE("after a slow commit the relay still has a fifth of the time") {
  CHECK(share_deadline(begun, begun + Milliseconds(201), patience) == begun + Milliseconds(251));
  CHECK(share_deadline(begun, begun + Milliseconds(900), patience) == begun + Milliseconds(950));
}

TEST_CASE("who does not want to wait does not wait") {
  CHECK(share_deadline(begun, begun + Milliseconds(30), Milliseconds(0)) == begun + Milliseconds(30));
}

#include "storage/takeover.hpp"

#include <doctest/doctest.h>

using comem::Milliseconds;
using comem::SteadyTime;
using comem::storage::Takeover;

namespace {
const SteadyTime start{std::chrono::hours(1)};
const SteadyTime patient = start + Takeover::patience;
}  // namespace

TEST_CASE("rows of another process are left to it while its first one moves") {
  Takeover takeover;
  CHECK(takeover.look(3, 9, start) == 0);
  CHECK(takeover.watching());
  CHECK(takeover.look(3, 9, patient - Milliseconds(1)) == 0);
  CHECK(takeover.look(5, 12, patient) == 0);
  CHECK(takeover.look(7, 12, patient + Takeover::patience) == 0);
  CHECK(takeover.watching());
}

TEST_CASE("rows of another process whose first one stands still are taken over, but not what came later") {
  Takeover takeover;
  takeover.look(3, 9, start);
  CHECK(takeover.look(3, 12, patient) == 9);
  CHECK_FALSE(takeover.watching());
}

TEST_CASE("where the relay refuses the first row of a dead process, those behind it have their turn too") {
  Takeover takeover;
  takeover.look(3, 9, start);
  takeover.look(3, 12, patient);
  CHECK(takeover.look(3, 15, patient + Milliseconds(1)) == 0);
  CHECK(takeover.look(3, 15, patient + Takeover::patience) == 12);
  CHECK(takeover.look(3, 15, patient + 2 * Takeover::patience) == 15);
}

TEST_CASE("what was left before a process began is shared at once") {
  Takeover takeover;
  takeover.opened_at(6);
  CHECK(takeover.look(3, 9, start) == 6);
  CHECK_FALSE(takeover.watching());
  CHECK(takeover.look(8, 9, start) == 6);
  CHECK(takeover.watching());
}

TEST_CASE("nothing is watched where no other process has anything") {
  Takeover takeover;
  CHECK(takeover.look(0, 9, start) == 0);
  CHECK(takeover.look(0, 9, patient) == 0);
  CHECK_FALSE(takeover.watching());
}

// Processes that are killed in the middle of a call to the file system, at each call in turn: whatever they
// had acknowledged is there, the file is sound, and the next one goes on.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_child.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/faulty_files.hpp"

namespace comem::testing {
namespace {

/// Everything but reads, which leave nothing behind.
constexpr unsigned kinds = calls::changes | calls::open | calls::map | calls::lock | calls::index;

std::vector<std::string> task(const std::string& database, const std::string& prefix, int count, int bytes,
                              int kill_at) {
  return {database,
          prefix,
          std::to_string(count),
          "2",
          std::to_string(bytes),
          std::to_string(kill_at),
          std::to_string(kinds)};
}

bool was_killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// Sound, without a gap in the numbers of changes, and with all that was acknowledged.
void check_survivors(storage::Store& store, const std::set<std::string>& acknowledged) {
  for (const auto& finding : diagnose(store))
    CHECK_MESSAGE(finding.severity != Finding::Severity::error, finding.text);
  std::set<std::string> found;
  std::uint64_t last = 0;
  read(store, [&](storage::ReadTransaction& r) {
    for (const auto& record : r.changes("n", 0, 1'000'000)) {
      CHECK(record.change == ++last);
      found.insert(record.key.id);
    }
    CHECK(r.last_change() == last);
    CHECK(r.unshared("n") == found.size());
  });
  for (const auto& id : acknowledged) CHECK_MESSAGE(found.count(id) == 1, id);
}

}  // namespace

TEST_CASE("a process killed in any call to the file system loses nothing that it acknowledged") {
  std::size_t acknowledged = 0;
  bool killed = true;
  int n = 0;
  for (; killed; ++n) {
    CAPTURE(n);
    REQUIRE(n < 3000);
    const Directory directory;
    Child child(directory, "child", task(directory.file(), "r", 3, 300, n));
    const int status = child.wait();
    killed = was_killed(status);
    CHECK((killed || status == 0));
    std::set<std::string> ids;
    for (const auto& one : child.acknowledged()) ids.insert(one.id);
    acknowledged += ids.size();
    const auto store = open_file(directory.file());
    check_survivors(*store, ids);
    CHECK_NOTHROW(put(*store, make_record("afterwards")));
  }
  MESSAGE((n - 1), " processes were killed, which had acknowledged ", acknowledged, " writes");
  CHECK(n > 50);
}

TEST_CASE("processes killed one after the other while the log is copied and begun anew lose nothing") {
  const Directory directory;
  std::mt19937_64 random(7);
  std::set<std::string> acknowledged;
  int killed = 0;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const int at = std::uniform_int_distribution<>(0, 6000)(random);
    const auto prefix = "round" + std::to_string(round) + "-";
    Child child(directory, prefix, task(directory.file(), prefix, 12, 200'000, at));
    if (was_killed(child.wait())) ++killed;
    for (const auto& one : child.acknowledged()) acknowledged.insert(one.id);
  }
  CHECK(killed > 20);
  CHECK_FALSE(acknowledged.empty());
  const auto store = open_file(directory.file());
  check_survivors(*store, acknowledged);
}

}  // namespace comem::testing

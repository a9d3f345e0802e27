// The machine loses its power at a random call to the disk. Whatever the page cache held and no sync had
// brought to the disk is lost, or kept, or kept in part, sector by sector. What was acknowledged as durable
// must be there; what was acknowledged at level `local` may be missing, but only from the end.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/faulty_files.hpp"
#include "tests/support/power_loss.hpp"

namespace comem::testing {
namespace {

using storage::Durability;
using storage::ReadTransaction;
using storage::WriteTransaction;
using Survives = PowerLoss::Survives;

/// More of them by hand: COMEM_POWER_SEEDS.
std::uint64_t seeds() {
  const char* wanted = std::getenv("COMEM_POWER_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 200;
}

/// What was acknowledged while there was power.
struct Acknowledged {
  std::uint64_t durable = 0;  ///< highest change number that was promised to survive
  std::uint64_t any = 0;
};

/// One store that writes until the power fails.
class Machine {
 public:
  explicit Machine(std::uint64_t seed) : random_(seed), files_(&power_) {}

  /// `big` records fill the log so fast that it is copied and begun anew several times.
  void live(int calls, bool big, bool disk_fails) {
    const auto store = open_file(directory_.file(), 1);
    power_.strike_after(calls);
    if (disk_fails) fail_a_sync();
    for (int i = 0; i < 1000 && !power_.struck(); ++i) step(*store, i, big);
    CHECK(power_.struck());
    files_.stop();
  }

  /// Only creates the database. Answers whether the power failed meanwhile.
  bool create(int calls) {
    power_.strike_after(calls);
    open_file(directory_.file(), 1);
    return power_.struck();
  }

  /// Every way in which the power may have left the files.
  template <class Check>
  void after(Check check) {
    for (const auto survives : {Survives::nothing, Survives::everything, Survives::some, Survives::some}) {
      CAPTURE(static_cast<int>(survives));
      const Directory found;
      power_.restore(found.path(), survives, random_);
      const auto store = open_file(found.file(), 1);
      for (const auto& finding : diagnose(*store))
        CHECK_MESSAGE(finding.severity != Finding::Severity::error, finding.text);
      check(*store);
    }
  }

  const Acknowledged& acknowledged() const { return acknowledged_; }

 private:
  int below(int n) { return std::uniform_int_distribution<>(0, n - 1)(random_); }

  void fail_a_sync() {
    Fault fault;
    fault.kinds = calls::sync;
    fault.after = below(10);
    files_.fail(fault);
  }

  void step(storage::Store& store, int i, bool big) {
    const auto durability = below(4) == 0 ? Durability::power : Durability::process;
    const auto size = static_cast<std::size_t>(big ? 100'000 + below(300'000) : below(3000));
    std::uint64_t change = 0;
    try {
      write(
          store,
          [&](WriteTransaction& w) {
            auto record = make_record("r" + std::to_string(i));
            record.value.assign(size, static_cast<char>('a' + i % 26));
            w.put(record, true);
            auto last = make_record("last");
            last.value = "r" + std::to_string(i);
            change = w.put(last, false);
          },
          durability);
      if (below(8) == 0) {
        const auto wanted = acknowledged_.any;
        run(store.sync(wanted));
        if (!power_.struck()) acknowledged_.durable = std::max(acknowledged_.durable, wanted);
      }
    } catch (const Error&) {
      return;  // the disk failed; nothing was promised
    }
    if (power_.struck()) return;
    acknowledged_.any = change;
    if (durability == Durability::power) acknowledged_.durable = change;
  }

  std::mt19937_64 random_;
  const Directory directory_;
  PowerLoss power_;
  FaultyFiles files_;
  Acknowledged acknowledged_;
};

/// All commits up to one of them are there, whole, and no later one.
std::uint64_t check_prefix(storage::Store& store) {
  std::uint64_t survived = 0;
  read(store, [&](ReadTransaction& r) {
    survived = r.last_change();
    const auto changes = r.changes("n", 0, 10'000);
    if (survived == 0) {
      CHECK(changes.empty());
      return;
    }
    REQUIRE_FALSE(changes.empty());
    CHECK(changes.back().key.id == "last");
    CHECK(changes.back().change == survived);
    REQUIRE(changes.size() >= 2);
    CHECK(changes.back().value == changes[changes.size() - 2].key.id);
    for (std::size_t i = 0; i + 1 < changes.size(); ++i) CHECK(changes[i].change == 2 * i + 1);
    CHECK(changes.size() == survived / 2 + 1);
    CHECK(r.unshared("n") == survived / 2);
  });
  return survived;
}

struct Totals {
  std::uint64_t durable = 0;
  std::uint64_t local_lost = 0;
};

void lose_power(std::uint64_t from, std::uint64_t to, bool disk_fails, Totals& totals) {
  for (std::uint64_t seed = from; seed < to; ++seed) {
    CAPTURE(seed);
    const bool big = seed % 5 == 0;
    Machine machine(seed);
    machine.live(static_cast<int>(1 + seed * 7919 % (big ? 4000 : 600)), big, disk_fails);
    const auto& acknowledged = machine.acknowledged();
    totals.durable += acknowledged.durable;
    machine.after([&](storage::Store& store) {
      const auto survived = check_prefix(store);
      CHECK(survived >= acknowledged.durable);
      totals.local_lost += acknowledged.any > survived ? acknowledged.any - survived : 0;
      CHECK(put(store, make_record("afterwards")) == survived + 1);
    });
  }
}

}  // namespace

TEST_CASE("durable writes survive a loss of power, and local ones are lost only from the end") {
  Totals totals;
  lose_power(0, seeds(), false, totals);
  CHECK(totals.durable > 0);
  CHECK(totals.local_lost > 0);  // or the test would prove nothing
}

TEST_CASE("durable writes survive a loss of power although a sync had failed before them") {
  Totals totals;
  lose_power(seeds(), seeds() + seeds() / 2, true, totals);
  CHECK(totals.durable > 0);
}

TEST_CASE("a loss of power while a database is created leaves none or a sound one") {
  bool struck = true;
  for (int calls = 1; struck; ++calls) {
    CAPTURE(calls);
    Machine machine(static_cast<std::uint64_t>(calls));
    struck = machine.create(calls);
    machine.after([](storage::Store& store) { CHECK(put(store, make_record("a")) == 1); });
  }
}

}  // namespace comem::testing

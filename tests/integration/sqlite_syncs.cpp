// When the store syncs, and when it copies its log: counted at the file system.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/support/faulty_files.hpp"

namespace comem::testing {
namespace {

using storage::Durability;
using storage::WriteTransaction;

void put_as(storage::Store& store, const std::string& id, Durability durability) {
  const auto put_it = [&](WriteTransaction& w) { w.put(make_record(id), true); };
  write(store, put_it, durability);
}

void write_nothing(storage::Store& store) {
  const auto nothing = [](WriteTransaction&) {};
  write(store, nothing, Durability::power);
}

/// Syncs of the log that `work` causes.
template <class Work>
int syncs(const FaultyFiles& files, Work work) {
  const int before = files.log_syncs();
  work();
  return files.log_syncs() - before;
}

}  // namespace

TEST_CASE("commits are synced when a caller needs it, and only then") {
  const Directory directory;
  const FaultyFiles files;
  const auto store = open_file(directory.file());
  put_as(*store, "first", Durability::power);
  CHECK(syncs(files, [&] { put_as(*store, "a", Durability::process); }) == 0);
  CHECK(syncs(files, [&] { put_as(*store, "b", Durability::power); }) == 1);
  SUBCASE("bringing to disk what is there already costs nothing") {
    const auto commits = store->statistics().commits;
    CHECK(syncs(files, [&] {
            for (std::uint64_t change = 0; change <= 3; ++change) run(store->sync(change));
          }) == 0);
    CHECK(store->statistics().commits == commits);
  }
  SUBCASE("bringing to disk what is not there yet costs one sync") {
    put_as(*store, "c", Durability::process);
    put_as(*store, "d", Durability::process);
    CHECK(syncs(files, [&] { run(store->sync(3)); }) == 0);
    CHECK(syncs(files, [&] { run(store->sync(4)); }) == 1);
    CHECK(syncs(files, [&] { run(store->sync(5)); }) == 0);
  }
  SUBCASE("a durable write that changes nothing still brings to disk what it saw") {
    put_as(*store, "c", Durability::process);
    const auto look = [](WriteTransaction& w) { w.get(make_record("c").key); };
    CHECK(syncs(files, [&] { write(*store, look, Durability::process); }) == 0);
    CHECK(syncs(files, [&] { write(*store, look, Durability::power); }) == 1);
    CHECK(syncs(files, [&] { write(*store, look, Durability::power); }) == 0);
  }
  SUBCASE("quiet commits without a change number are brought to disk too") {
    write(*store, [](WriteTransaction& w) { w.set_position("n", storage::Position("e", 1)); });
    CHECK(syncs(files, [&] { write_nothing(*store); }) == 1);
  }
}

TEST_CASE("what other stores on the file committed is brought to disk as well") {
  const Directory directory;
  const FaultyFiles files;
  const auto one = open_file(directory.file());
  const auto other = open_file(directory.file());
  put_as(*one, "a", Durability::power);
  put_as(*other, "b", Durability::process);
  CHECK(syncs(files, [&] { run(one->sync(2)); }) == 1);
  CHECK(syncs(files, [&] { run(one->sync(2)); }) == 0);
  put_as(*other, "c", Durability::process);
  put_as(*one, "d", Durability::power);
  CHECK(syncs(files, [&] { run(one->sync(4)); }) == 0);
  put_as(*one, "e", Durability::process);
  CHECK(syncs(files, [&] { write_nothing(*other); }) == 1);
}

TEST_CASE("a store that is opened again does not trust that its last commits are on disk") {
  const Directory directory;
  const FaultyFiles files;
  const auto other = open_file(directory.file());
  put_as(*open_file(directory.file()), "a", Durability::process);
  const auto store = open_file(directory.file());
  CHECK(syncs(files, [&] { run(store->sync(1)); }) == 1);
}

TEST_CASE("the log is copied into the database only under the write lock") {
  const Directory directory;
  const FaultyFiles files;
  {
    const auto store = open_file(directory.file());
    const auto other = open_file(directory.file());
    for (int i = 0; i < 60; ++i)
      write(i % 3 == 0 ? *other : *store, [&](WriteTransaction& w) {
        auto record = make_record("r" + std::to_string(i % 10));
        record.value.assign(300'000, static_cast<char>(i));
        w.put(record, false);
      });
    CHECK(store->statistics().checkpoints > 0);
    CHECK(other->statistics().checkpoints > 0);
  }
  CHECK(files.checkpoints() >= 2);
  CHECK(files.unguarded_checkpoints() == 0);
}

TEST_CASE("after a sync that failed, the log is written again before anything else is called durable") {
  const Directory directory;
  FaultyFiles files;
  const auto store = open_file(directory.file());
  for (int i = 0; i < 20; ++i) put_as(*store, "r" + std::to_string(i), Durability::process);
  Fault failing;
  failing.kinds = calls::sync;
  files.fail(failing);
  CHECK_THROWS_AS(put_as(*store, "fails", Durability::power), Error);
  CHECK(files.stop());
  // A caller who does not ask for it does not wait for it.
  CHECK(syncs(files, [&] { put_as(*store, "local", Durability::process); }) == 0);
  CHECK(syncs(files, [&] { put_as(*store, "durable", Durability::power); }) == 2);
  CHECK(syncs(files, [&] { put_as(*store, "next", Durability::power); }) == 1);
}

}  // namespace comem::testing

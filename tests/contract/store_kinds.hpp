#pragma once
// The stores that the contract is run against: the fake in memory, SQLite in memory, SQLite in a file.

#include <filesystem>
#include <limits>
#include <memory>
#include <string>

#include "adapters/sqlite/sqlite_store.hpp"
#include "core/ids.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/support/memory_store.hpp"

namespace comem::testing {

struct Fixture {
  explicit Fixture(const std::string& kind) {
    if (kind == "fake") {
      store = std::make_unique<MemoryStore>(clock);
      return;
    }
    sqlite::SqliteOptions options;
    options.clock = &clock;
    options.path = ":memory:";
    if (kind == "sqlite file") {
      directory = std::filesystem::temp_directory_path() / ("comem-contract-" + make_random_id());
      std::filesystem::create_directory(directory);
      options.path = (directory / "store.db").string();
    }
    store = sqlite::open_sqlite_store(options);
  }
  ~Fixture() {
    store.reset();
    if (!directory.empty()) std::filesystem::remove_all(directory);
  }

  SettableClock clock;
  std::filesystem::path directory;
  std::unique_ptr<storage::Store> store;
};

/// Runs `test` once for each kind of store.
template <class Test>
void each(Test test) {
  for (const char* kind : {"fake", "sqlite in memory", "sqlite file"}) {
    CAPTURE(kind);
    Fixture fixture(kind);
    test(fixture, *fixture.store);
  }
}

inline const std::string odd_bytes("a\0b'\"{}:\xff\xfe\n%_", 14);
inline constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

inline Record tombstone(Record record) {
  record.deleted = true;
  record.value.clear();
  return record;
}

}  // namespace comem::testing

// Rows that cannot be read, in an otherwise sound file: each is an error for its own record alone.

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "storage/merge.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"

namespace comem::testing {
namespace {

using storage::ReadTransaction;
using storage::WriteTransaction;

/// A store with the records r0 to r9, of which those named by the SQL condition are spoilt.
class SpoiltStore {
 public:
  explicit SpoiltStore(const std::string& condition,
                       const std::string& damage = "counters = CAST('xs1=many' AS BLOB)") {
    write(*store_, [](WriteTransaction& w) {
      for (int i = 0; i < 10; ++i) {
        auto record = make_record("r" + std::to_string(i));
        record.lookup = "s";
        record.created_at += Milliseconds(i);
        record.counters.add("s1", Counter::executions, 1);
        w.put(record, true);
      }
    });
    put(*store_, make_record("elsewhere", MemoryType::episodic, "m"), true);
    execute("UPDATE records SET " + damage + " WHERE " + condition);
  }
  storage::Store& operator*() { return *store_; }
  void execute(const std::string& sql) { testing::execute(directory_.file(), sql); }

 private:
  const Directory directory_;
  std::unique_ptr<sqlite::SqliteStore> store_ = open_file(directory_.file());
};

/// What the diagnosis calls an error.
std::string problems(storage::Store& store) {
  std::string found;
  for (const auto& finding : diagnose(store))
    if (finding.severity == Finding::Severity::error) {
      found += finding.subject + ": " + finding.text + "; ";
      CHECK_FALSE(finding.remedy.empty());
    }
  return found;
}

/// What a reader finds that pages until a page is short, as the index does.
std::string paged_changes(ReadTransaction& r, std::size_t page) {
  std::vector<Record> all;
  std::uint64_t after = 0;
  for (int round = 0; round < 20; ++round) {
    const auto records = r.changes("n", after, page);
    all.insert(all.end(), records.begin(), records.end());
    if (records.size() < page) return ids_of(all);
    after = records.back().change;
  }
  return "no end";
}

std::string paged_list(ReadTransaction& r, std::size_t page) {
  std::vector<Record> all;
  std::string after;
  for (int round = 0; round < 20; ++round) {
    const auto records = r.list("n", MemoryType::episodic, after, test_start, page);
    all.insert(all.end(), records.begin(), records.end());
    if (records.size() < page) return ids_of(all);
    after = records.back().key.id;
  }
  return "no end";
}

std::string paged_outbox(ReadTransaction& r, std::size_t page) {
  std::vector<storage::OutboxRow> all;
  std::uint64_t after = 0;
  for (int round = 0; round < 20; ++round) {
    const auto rows = r.outbox("n", after, "", 0, page);
    all.insert(all.end(), rows.begin(), rows.end());
    if (!storage::is_cut(rows, page)) return ids_of(all);
    after = rows.back().change;
  }
  return "no end";
}

}  // namespace

TEST_CASE("scans skip rows whose counters cannot be read, wherever the pages end") {
  for (const char* condition : {"id = x'7230'", "id = x'7239'", "change IN (3, 4, 5)", "change > 4", "1"}) {
    CAPTURE(condition);
    SpoiltStore store(condition);
    std::string expected;
    std::string reversed;
    read(*store, [&](ReadTransaction& r) {
      for (int i = 0; i < 10; ++i) {
        const std::string id = "r" + std::to_string(i);
        try {
          r.get(make_record(id).key);
        } catch (const Error&) {
          continue;
        }
        expected += (expected.empty() ? "" : " ") + id;
        reversed = id + (reversed.empty() ? "" : " ") + reversed;
      }
      CHECK(expected.size() < 29);
      for (const std::size_t page : {1u, 2u, 3u, 7u, 100u}) {
        CAPTURE(page);
        CHECK(paged_changes(r, page) == expected);
        CHECK(paged_list(r, page) == expected);
        CHECK(paged_outbox(r, page) == expected);
      }
      CHECK(ids_of(r.newest("n", {MemoryType::episodic}, test_start, 100)) == reversed);
      CHECK(ids_of(r.find("n", MemoryType::episodic, "s", test_start, 100)) == reversed);
      CHECK(r.newest("n", {MemoryType::episodic}, test_start, 1).size() == (expected.empty() ? 0 : 1));
    });
  }
}

TEST_CASE("rows of a type that this program does not know are skipped") {
  SpoiltStore store("change IN (1, 2, 10)", "type = 9");
  read(*store, [](ReadTransaction& r) {
    CHECK(paged_changes(r, 2) == "r2 r3 r4 r5 r6 r7 r8");
    CHECK(paged_outbox(r, 2) == "r2 r3 r4 r5 r6 r7 r8");
    CHECK(r.counts("n", test_start).live.at(MemoryType::episodic) == 7);
    CHECK(r.counts("n", test_start).live.size() == 1);
  });
}

TEST_CASE("asking for an unreadable record says which it is") {
  SpoiltStore store("id = x'7233'");
  bool thrown = false;
  try {
    read(*store, [](ReadTransaction& r) { r.get(make_record("r3").key); });
  } catch (const Error& error) {
    thrown = true;
    CHECK(error.code() == errc::corrupt);
    const std::string text = error.what();
    CHECK_MESSAGE(text.find("episodic record 'r3' of namespace 'n'") != std::string::npos, text);
    CHECK_MESSAGE(text.find("its checksum is wrong") != std::string::npos, text);
    CHECK_MESSAGE(text.find("; ") != std::string::npos, text);  // the way out
  }
  CHECK(thrown);
  CHECK(ask(*store, [](ReadTransaction& r) { return r.get(make_record("r4").key).has_value(); }));
}

TEST_CASE("a record from elsewhere takes an unreadable one's place, so that sharing goes on") {
  for (const char* damage : {"counters = CAST('xs1=many' AS BLOB)", "value = x'00'", "version_ms = 1"}) {
    SpoiltStore store("id = x'7233'", damage);
    auto incoming = make_record("r3");
    incoming.version = Version{1, 0, "other"};
    incoming.value = "mended";
    write(*store, [&](WriteTransaction& w) {
      CHECK(storage::merge_remote(w, incoming, test_start).changed);
      CHECK(storage::merge_remote(w, make_record("new"), test_start).changed);
    });
    read(*store, [&](ReadTransaction& r) {
      CHECK(r.get(incoming.key)->value == "mended");
      CHECK(r.changes("n", 0, 100).size() == 11);
    });
    CHECK(problems(*store).empty());
  }
}

TEST_CASE("a change of any column behind the store's back is noticed") {
  const std::vector<std::string> damages{"type = 2",
                                         "id = x'723358'",
                                         "ns = (SELECT key FROM namespaces WHERE name = x'6d')",
                                         "version_ms = version_ms + 1",
                                         "version_counter = version_counter + 1",
                                         "version_counter = version_counter + 4294967296",
                                         "version_store = x'78'",
                                         "deleted = 1",
                                         "expires_at = 1900000000000",
                                         "created_at = created_at - 1",
                                         "writer = x'77'",
                                         "lookup = x'74'",
                                         "score = 0.5",
                                         "score = NULL",
                                         "counters = CAST('xs1=9' AS BLOB)",
                                         "counters = x''",
                                         "value = CAST('value of R3' AS BLOB)",
                                         "value = x''",
                                         "sum = sum + 1",
                                         "sum = sum + 4294967296",
                                         "sum = 0"};
  for (const auto& damage : damages) {
    CAPTURE(damage);
    SpoiltStore store("id = x'7233'", damage);
    const bool moved = damage.find("type") == 0 || damage.find("id") == 0 || damage.find("ns") == 0;
    read(*store, [&](ReadTransaction& r) {
      CHECK(paged_list(r, 4).find("r3") == std::string::npos);
      CHECK(paged_outbox(r, 4).find("r3") == std::string::npos);
      CHECK(r.changes("m", 0, 10).size() == 1);
      if (moved)
        CHECK_FALSE(r.get(make_record("r3").key));
      else
        CHECK_THROWS_AS(r.get(make_record("r3").key), Error);
    });
    CHECK(problems(*store) ==
          "records: 1 of 11 cannot be read; outbox: 1 of 11 waiting records cannot be read and shared; ");
  }
}

TEST_CASE("counting leaves the rest of the checksum as it was, and writing makes it anew") {
  SpoiltStore store("id = x'7233'", "value = x'00'");
  auto counted = make_record("r3");
  counted.counters.add("s1", Counter::accesses, 3);
  write(*store, [&](WriteTransaction& w) { w.count(counted, false); });
  CHECK_THROWS_AS(ask(*store, [&](ReadTransaction& r) { return r.get(counted.key).has_value(); }), Error);
  auto sound = make_record("r4");
  sound.counters = counted.counters;
  write(*store, [&](WriteTransaction& w) { w.count(sound, false); });
  CHECK(ask(*store, [&](ReadTransaction& r) { return r.get(sound.key)->counters == sound.counters; }));
  put(*store, counted);
  CHECK(ask(*store, [&](ReadTransaction& r) { return r.get(counted.key)->value == counted.value; }));
  CHECK(problems(*store).empty());
}

TEST_CASE("an outbox row without a record is found") {
  SpoiltStore store("0", "sum = 0");
  CHECK(problems(*store).empty());
  store.execute("DELETE FROM records WHERE id = x'7233'");
  CHECK(problems(*store) == "outbox: 1 of 11 waiting records cannot be read and shared; ");
}

TEST_CASE("whichever bit of the file flips, no record is answered other than it was written") {
  const Directory directory;
  std::map<std::string, Record> written;
  write(*open_file(directory.file()), [&](WriteTransaction& w) {
    for (int i = 0; i < 60; ++i) {
      auto record = make_record("r" + std::to_string(i));
      record.version = w.stamp({});
      record.lookup = "s" + std::to_string(i % 3);
      record.writer = "agent";
      record.value.append(static_cast<std::size_t>(i * 37 % 900), static_cast<char>('a' + i % 26));
      record.counters.add("s1", Counter::accesses, static_cast<std::uint64_t>(i));
      w.put(record, i % 2 == 0);
      written[record.key.id] = record;
    }
  });
  const auto sound = Directory::read_bytes(directory.file());
  std::mt19937_64 random(20);
  int refused = 0, noticed = 0, harmless = 0;
  for (int flip = 0; flip < 300; ++flip) {
    const auto at = std::uniform_int_distribution<std::size_t>(0, sound.size() * 8 - 1)(random);
    CAPTURE(at);
    auto bytes = sound;
    bytes[at / 8] = static_cast<char>(bytes[at / 8] ^ (1 << at % 8));
    for (const std::string suffix : {"-wal", "-shm"}) std::filesystem::remove(directory.file() + suffix);
    Directory::write_bytes(directory.file(), bytes);
    try {
      const auto store = open_file(directory.file(), 1);
      std::size_t right = 0;
      for (const auto& [id, record] : written) {
        try {
          const auto found = ask(*store, [&](ReadTransaction& r) { return r.get(record.key); });
          if (!found) continue;
          ++right;
          CHECK((found->value == record.value && found->version == record.version &&
                 found->counters == record.counters && found->lookup == record.lookup &&
                 found->writer == record.writer && found->created_at == record.created_at &&
                 found->expires_at == record.expires_at && !found->deleted));
        } catch (const Error& error) {
          CHECK_MESSAGE(error.code() == errc::corrupt, error.what());
        }
      }
      const bool named = !problems(*store).empty();
      CHECK((right == written.size() || named));
      ++(named ? noticed : harmless);
    } catch (const Error& error) {
      CHECK_MESSAGE((error.code() == errc::corrupt || error.code() == errc::unsupported ||
                     error.code() == errc::unavailable),
                    error.what());
      ++refused;
    }
  }
  MESSAGE("of 300 flips ", refused, " were refused at once, ", noticed, " found by the diagnosis, ", harmless,
          " touched nothing that is told");
  CHECK(noticed > 0);
}

}  // namespace comem::testing

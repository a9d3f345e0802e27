// The vectors of the SQLite store, asked for through the port, and the view of a namespace over them.

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "memory/codec.hpp"
#include "memory/embedded_text.hpp"
#include "storage/searched.hpp"
#include "storage/vector_view.hpp"
#include "tests/contract/store_contract.hpp"
#include "tests/contract/store_kinds.hpp"
#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"

namespace comem::testing {
namespace {

using storage::ReadTransaction;
using storage::Vector;
using storage::VectorModel;
using storage::VectorReads;
using storage::VectorWrites;
using storage::WriteTransaction;

constexpr TimePoint now = test_start;

/// A store with a model of three numbers.
struct Held {
  Held() : store(open_file(directory.file())) {
    write([this](VectorWrites& vectors) { model = vectors.open_model("m", 3, now).key; });
  }
  void write(const std::function<void(VectorWrites&)>& work) {
    testing::write(*store, [&](WriteTransaction& tx) { work(*tx.vector_writes()); });
  }
  template <class Question>
  auto ask(Question question) {
    return testing::ask(*store, [&](ReadTransaction& tx) { return question(*tx.vectors()); });
  }
  /// Writes a record, and answers its change.
  std::uint64_t put(const Record& record) {
    std::uint64_t change = 0;
    testing::write(*store, [&](WriteTransaction& tx) { change = tx.put(record, false); });
    return change;
  }
  void embed(const Record& record, const std::string& text, const Vector& values) {
    const auto change = put(record);
    write([&](VectorWrites& vectors) {
      vectors.keep(model, text, values);
      vectors.mark(model, record.key, change, text);
    });
  }
  std::string rows(const std::string& table) const {
    return ask_text(directory.file(), "SELECT count(*) FROM " + table);
  }

  Directory directory;
  std::unique_ptr<sqlite::SqliteStore> store;
  std::int64_t model = 0;
};

TEST_CASE("a model is opened once, and begins anew with vectors of another length") {
  Held held;
  held.embed(make_record("a"), "text", {1, 2, 3});
  const auto first = *held.ask([](VectorReads& vectors) { return vectors.model("m"); });
  CHECK(first.dimensions == 3);
  CHECK(first.sequence == 1);
  held.write(
      [&](VectorWrites& vectors) { CHECK(vectors.open_model("m", 0, now).generation == first.generation); });
  held.write([&](VectorWrites& vectors) {
    const auto other = vectors.open_model("m", 4, now);
    CHECK(other.key == first.key);
    CHECK(other.dimensions == 4);
    CHECK(other.generation > first.generation);
    CHECK(other.sequence >= first.sequence);
  });
  CHECK(held.rows("vectors") == "0");
  CHECK(held.rows("vector_marks") == "0");
  CHECK_FALSE(held.ask([](VectorReads& vectors) { return vectors.model("none"); }));
}

TEST_CASE("marks come in the order of their sequence, with their vectors") {
  Held held;
  held.embed(make_record("a"), "one", {1, 0, 0});
  held.embed(make_record("b"), "two", {0, 1, 0});
  held.embed(make_record("other", MemoryType::episodic, "elsewhere"), "three", {0, 0, 1});
  const auto rows = held.ask([&](VectorReads& vectors) { return vectors.marked("n", held.model, 0, 10); });
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == "a");
  CHECK(rows[0].values == Vector{1, 0, 0});
  CHECK(rows[1].sequence > rows[0].sequence);
  CHECK(held.ask([&](VectorReads& vectors) { return vectors.marked("n", held.model, 0, 1); }).size() == 1);
  const auto later =
      held.ask([&](VectorReads& vectors) { return vectors.marked("n", held.model, rows[0].sequence, 10); });
  REQUIRE(later.size() == 1);
  CHECK(later[0].id == "b");
  CHECK(held.ask([&](VectorReads& vectors) { return vectors.marked("none", held.model, 0, 9); }).empty());
}

TEST_CASE("a record that was written again is unmarked until it is marked anew") {
  Held held;
  auto record = make_record("a");
  const auto unmarked = [&] {
    return held.ask([&](VectorReads& vectors) { return vectors.unmarked("n", held.model, 0, now, 10); })
        .size();
  };
  const auto first = held.put(record);
  CHECK(unmarked() == 1);
  held.write([&](VectorWrites& vectors) {
    vectors.keep(held.model, "one", {1, 0, 0});
    vectors.mark(held.model, record.key, first, "one");
  });
  CHECK(unmarked() == 0);
  record.value = "other";
  const auto second = held.put(record);
  CHECK(unmarked() == 1);
  held.write([&](VectorWrites& vectors) {  // somebody was late
    vectors.keep(held.model, "late", {0, 1, 0});
    vectors.mark(held.model, record.key, first, "late");
  });
  CHECK(unmarked() == 1);
  CHECK_FALSE(held.ask([&](VectorReads& vectors) { return vectors.vector_of(held.model, "late"); }));
  held.write([&](VectorWrites& vectors) {
    vectors.keep(held.model, "two", {0, 0, 1});
    vectors.mark(held.model, record.key, second, "two");
  });
  CHECK(unmarked() == 0);
  CHECK_FALSE(held.ask([&](VectorReads& vectors) { return vectors.vector_of(held.model, "one"); }));
  const auto counts =
      held.ask([&](VectorReads& vectors) { return vectors.vector_counts("n", held.model, now); });
  CHECK(counts.held == 1);
  CHECK(counts.missing == 0);
}

TEST_CASE("a vector goes with the last record that has its text") {
  Held held;
  auto a = make_record("a"), b = make_record("b");
  held.embed(a, "same", {1, 1, 1});
  held.embed(b, "same", {1, 1, 1});
  CHECK(held.rows("vectors") == "1");
  held.put(tombstone(a));
  CHECK(held.rows("vectors") == "1");
  held.put(tombstone(b));
  CHECK(held.rows("vectors") == "0");
  CHECK(held.rows("vector_marks") == "0");
}

TEST_CASE("damaged numbers, a damaged sum and another text's numbers are no vector") {
  for (const auto* damage :
       {"UPDATE vectors SET numbers = zeroblob(12)", "UPDATE vectors SET numbers = x'0000'",
        "UPDATE vectors SET sum = sum + 1",
        "UPDATE vectors SET numbers = (SELECT numbers FROM vectors WHERE text = CAST('two' AS BLOB)), sum = "
        "(SELECT "
        "sum FROM vectors WHERE text = CAST('two' AS BLOB)) WHERE text = CAST('one' AS BLOB)"}) {
    CAPTURE(damage);
    Held held;
    held.embed(make_record("a"), "one", {1, 2, 3});
    held.embed(make_record("b"), "two", {4, 5, 6});
    execute(held.directory.file(), damage);
    CHECK_FALSE(held.ask([&](VectorReads& vectors) { return vectors.vector_of(held.model, "one"); }));
    const auto rows = held.ask([&](VectorReads& vectors) { return vectors.marked("n", held.model, 0, 10); });
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].values.empty());
    held.write([&](VectorWrites& vectors) { vectors.unmark(held.model, "one"); });
    CHECK(
        held.ask([&](VectorReads& vectors) { return vectors.unmarked("n", held.model, 0, now, 9); }).size() ==
        1);
  }
}

TEST_CASE("models that nobody used for long are purged, a page at a time, and no others") {
  Held held;
  held.embed(make_record("a"), "one", {1, 0, 0});
  held.embed(make_record("b"), "two", {0, 1, 0});
  const auto purge = [&](TimePoint before) {
    std::size_t rows = 0;
    held.write([&](VectorWrites& vectors) { rows = vectors.purge_vectors(before, 1); });
    return rows;
  };
  CHECK(purge(now) == 0);
  CHECK(held.rows("vectors") == "2");
  for (int i = 0; i < 10; ++i) purge(now + Milliseconds(1));
  CHECK(held.rows("vectors") == "0");
  CHECK(held.rows("vector_models") == "0");
}

TEST_CASE("a namespace's texts are one claimant's, until the claim ends or is given up") {
  Held held;
  held.put(make_record("a"));
  held.put(make_record("a", MemoryType::episodic, "other"));
  const auto claim = [&](const std::string& claimant, Milliseconds from, Milliseconds until,
                         const std::string& ns = "n") {
    bool mine = false;
    held.write([&](VectorWrites& vectors) {
      mine = vectors.claim(held.model, ns, claimant, now + from, now + until);
    });
    return mine;
  };
  constexpr Milliseconds none{0}, some{10}, more{20};
  CHECK(claim("ada", none, some));
  CHECK_FALSE(claim("bob", none, some));
  CHECK(claim("bob", none, some, "other"));
  CHECK(claim("ada", none, more));
  CHECK_FALSE(claim("bob", some, more));
  CHECK(claim("bob", more, more + some));
  held.write([&](VectorWrites& vectors) { vectors.release(held.model, "n", "ada"); });
  CHECK_FALSE(claim("ada", more, more + some));
  held.write([&](VectorWrites& vectors) { vectors.release(held.model, "n", "bob"); });
  CHECK(claim("ada", more, more + some));
  CHECK_FALSE(claim("ada", none, some, "of no record"));
}

TEST_CASE("a claim that a clock of the far future made does not hold") {
  Held held;
  held.put(make_record("a"));
  bool first = false, second = false;
  held.write([&](VectorWrites& vectors) {
    const auto later = now + std::chrono::hours(48);
    first = vectors.claim(held.model, "n", "ada", later, later + Milliseconds(10));
    second = vectors.claim(held.model, "n", "bob", now, now + Milliseconds(10));
  });
  CHECK(first);
  CHECK(second);
}

TEST_CASE("what fails in a transaction with vectors leaves nothing behind") {
  Held held;
  const auto record = make_record("a");
  const auto change = held.put(record);
  CHECK_THROWS(held.write([&](VectorWrites& vectors) {
    vectors.keep(held.model, "one", {1, 0, 0});
    vectors.mark(held.model, record.key, change, "one");
    throw std::runtime_error("enough");
  }));
  CHECK(held.rows("vectors") == "0");
  CHECK(held.rows("vector_marks") == "0");
}

/// A view with so many memories, each in a direction of its own, told of them as an index would.
struct Viewed : Held {
  static constexpr std::size_t dimensions = 24;

  explicit Viewed(int memories) : view("n", "wide", events(), 100 * dimensions) {
    testing::write(*store, [&](WriteTransaction& tx) {
      auto& vectors = *tx.vector_writes();
      const auto wide = vectors.open_model("wide", dimensions, now).key;
      for (int i = 0; i < memories; ++i) add(tx, vectors, wide, "m" + std::to_string(i));
    });
  }
  void add(WriteTransaction& tx, VectorWrites& vectors, std::int64_t wide, const std::string& id) {
    Knowledge knowledge;
    knowledge.id = id;
    knowledge.content = "memory " + id;
    const AnyMemory memory(knowledge);
    Record record = make_record(id, MemoryType::semantic);
    const auto change = tx.put(record, false);
    const auto text = memory::hash_of_text(memory::embedded_text(memory));
    vectors.keep(wide, text, direction(id));
    vectors.mark(wide, record.key, change, text);
    view.taken(memory, storage::searched_document(memory, record.key, no_expiry, now));
  }
  static Vector direction(const std::string& id) {
    std::mt19937 random(static_cast<unsigned>(std::stoul(id.substr(1))));
    Vector vector(dimensions);
    for (auto& value : vector) value = std::uniform_real_distribution<float>(-1, 1)(random);
    return vector;
  }
  storage::VectorView::Events events() {
    storage::VectorView::Events heard;
    heard.improvable = [this] { ++improvable; };
    heard.damaged = [this](std::vector<std::string> texts) { damaged += texts.size(); };
    return heard;
  }
  void refresh() {
    read(*store, [&](ReadTransaction& tx) { view.refresh(tx); });
  }
  std::string nearest(const std::string& id) {
    const auto found = view.search(direction(id), Query(""), {}, now, 1);
    return found.empty() ? "" : found.front().id;
  }

  int improvable = 0;
  std::size_t damaged = 0;
  storage::VectorView view;
};

TEST_CASE("a view asks for a graph when it is large, and finds the same with it") {
  Viewed viewed(400);
  viewed.refresh();
  CHECK(viewed.improvable == 1);
  CHECK(viewed.nearest("m7") == "m7");
  CHECK_FALSE(viewed.view.has_graph());
  while (viewed.view.improve(Milliseconds(1))) {
  }
  CHECK(viewed.view.has_graph());
  for (int i = 0; i < 400; i += 13) CHECK(viewed.nearest("m" + std::to_string(i)) == "m" + std::to_string(i));
  write(*viewed.store, [&](WriteTransaction& tx) {
    auto& vectors = *tx.vector_writes();
    viewed.add(tx, vectors, vectors.model("wide")->key, "m1000");
  });
  viewed.refresh();
  CHECK(viewed.improvable == 2);
  CHECK(viewed.nearest("m1000") == "m1000");
  viewed.view.removed(MemoryType::semantic, "m7");
  CHECK(viewed.nearest("m7") != "m7");
}

TEST_CASE("a graph under way is dropped when the model turns out to be another one") {
  Viewed viewed(400);
  viewed.refresh();
  viewed.view.improve(Milliseconds(0));  // begins a draft
  write(*viewed.store, [&](WriteTransaction& tx) {
    auto& vectors = *tx.vector_writes();
    const auto wide = vectors.open_model("wide", Viewed::dimensions + 1, now).key;
    CHECK(vectors.open_model("wide", Viewed::dimensions, now).key == wide);
    viewed.add(tx, vectors, wide, "m5");
  });
  viewed.refresh();
  CHECK(viewed.view.size() == 1);
  while (viewed.view.improve(Milliseconds(1))) {
  }
  CHECK_FALSE(viewed.view.has_graph());
  CHECK(viewed.nearest("m5") == "m5");
}

TEST_CASE("a vector of the wrong length in the store is damage, too") {
  Viewed viewed(3);
  execute(viewed.directory.file(),
          "UPDATE vector_models SET dimensions = 23 WHERE name = CAST('wide' AS BLOB)");
  viewed.refresh();
  CHECK(viewed.damaged == 3);
  CHECK(viewed.view.size() == 0);
}

}  // namespace
}  // namespace comem::testing

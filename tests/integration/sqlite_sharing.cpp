// Several stores, and several processes, on one file.

#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"

extern char** environ;

namespace comem::testing {
namespace {

struct Acknowledged {
  std::uint64_t change = 0;
  Version version;
  std::string id;
};

/// A sqlite_writer_process whose output goes to a file.
class Child {
 public:
  Child(const Directory& directory, const std::string& database, const std::string& prefix, int count,
        int writers)
      : output_(directory.file(prefix + ".out")) {
    const std::string many = std::to_string(count);
    const std::string at_once = std::to_string(writers);
    std::array<std::string, 5> words{COMEM_SQLITE_WRITER_PROCESS, database, prefix, many, at_once};
    std::array<char*, 6> arguments{};
    std::transform(words.begin(), words.end(), arguments.begin(),
                   [](std::string& word) { return word.data(); });
    posix_spawn_file_actions_t actions;
    REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    REQUIRE(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_.c_str(),
                                             O_CREAT | O_WRONLY | O_APPEND, 0600) == 0);
    REQUIRE(posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }

  /// Its exit status, once it has ended.
  int wait() {
    int status = 0;
    REQUIRE(::waitpid(std::exchange(pid_, 0), &status, 0) > 0);
    return status;
  }

  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

  std::vector<Acknowledged> acknowledged() const {
    std::vector<Acknowledged> all;
    std::istringstream lines(Directory::read_bytes(output_));
    Acknowledged one;
    while (lines >> one.change >> one.version.ms >> one.version.counter >> one.id) all.push_back(one);
    return all;
  }

  /// Waits until it has acknowledged as many; bounded.
  void wait_for(std::size_t acknowledgements) const {
    for (int i = 0; i < 6000 && acknowledged().size() < acknowledgements; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    REQUIRE(acknowledged().size() >= acknowledgements);
  }

 private:
  std::string output_;
  pid_t pid_ = 0;
};

/// Changes are numbered 1 to n without gap and versions rise with them.
void check_history(storage::Store& store, std::size_t records) {
  const auto changes =
      ask(store, [&](storage::ReadTransaction& r) { return r.changes("n", 0, 10 * records + 10); });
  REQUIRE(changes.size() == records);
  for (std::size_t i = 0; i < changes.size(); ++i) REQUIRE(changes[i].change == i + 1);
  for (std::size_t i = 1; i < changes.size(); ++i) REQUIRE(changes[i - 1].version < changes[i].version);
  CHECK(ask(store, [](storage::ReadTransaction& r) { return r.last_change(); }) == records);
}

}  // namespace

TEST_CASE("two stores on one file see each other's writes at once and share one clock") {
  const Directory directory;
  const auto a = open_file(directory.file());
  const auto b = open_file(directory.file());
  CHECK(a->store_id() == b->store_id());
  CHECK(a->process_id() != b->process_id());
  const auto version = [](storage::Store& store) {
    return ask(store, [&](storage::ReadTransaction& r) { return store.data_version(r); });
  };
  for (int i = 0; i < 20; ++i) {
    auto& writer = i % 2 == 0 ? *a : *b;
    auto& other = i % 2 == 0 ? *b : *a;
    const auto before = version(other);
    auto record = make_record("r" + std::to_string(i));
    write(writer, [&](storage::WriteTransaction& w) {
      record.version = w.stamp({});
      w.put(record, true);
    });
    CHECK(version(other) != before);
    CHECK(version(other) == version(writer));
    CHECK(ask(other, [&](storage::ReadTransaction& r) { return r.get(record.key).has_value(); }));
  }
  check_history(*a, 20);
  read(*a, [&](storage::ReadTransaction& r) {
    CHECK(r.outbox("n", 0, a->process_id(), TimePoint(), 100).size() == 10);
    CHECK(r.outbox("n", 0, b->process_id(), TimePoint(), 100).size() == 10);
  });
}

TEST_CASE("processes that write at once number their changes without gap and stamp in order") {
  const Directory directory;
  constexpr int each = 60;
  constexpr int writers = 4;
  const auto store = open_file(directory.file());
  {
    Child one(directory, directory.file(), "one", each, writers);
    Child two(directory, directory.file(), "two", each, writers);
    Child three(directory, directory.file(), "three", each, writers);
    for (int i = 0; i < each; ++i)
      write(*store, [&](storage::WriteTransaction& w) {
        auto record = make_record("mine" + std::to_string(i));
        record.version = w.stamp({});
        w.put(record, true);
      });
    for (auto* child : {&one, &two, &three}) {
      CHECK(child->wait() == 0);
      CHECK(child->acknowledged().size() == each * writers);
    }
  }
  check_history(*store, each * (3 * writers + 1));
}

TEST_CASE("processes may create one database at once") {
  for (int round = 0; round < 10; ++round) {
    const Directory directory;
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 4; ++i)
      children.push_back(std::make_unique<Child>(directory, directory.file(), "p" + std::to_string(i), 5, 2));
    for (auto& child : children) CHECK(child->wait() == 0);
    const auto store = open_file(directory.file());
    check_history(*store, 40);
  }
}

TEST_CASE("every acknowledged write of a killed process is there") {
  const Directory directory;
  std::set<std::string> acknowledged;
  for (int round = 0; round < 5; ++round) {
    Child child(directory, directory.file(), "round" + std::to_string(round), 1'000'000, 8);
    child.wait_for(100 + 37 * static_cast<std::size_t>(round));
    child.kill();
    for (const auto& one : child.acknowledged()) acknowledged.insert(one.id);
  }
  const auto store = open_file(directory.file());
  std::set<std::string> found;
  std::uint64_t last = 0;
  for (const auto& record :
       ask(*store, [](storage::ReadTransaction& r) { return r.changes("n", 0, 10'000'000); })) {
    CHECK(record.change == ++last);
    found.insert(record.key.id);
  }
  CHECK(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()));
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.unshared("n"); }) == found.size());
}

TEST_CASE("a database that another program keeps locked rejects writes, and works again afterwards") {
  const Directory directory;
  const auto store = open_file(directory.file());
  put(*store, make_record("before"));
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(directory.file().c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  try {
    put(*store, make_record("locked out"));
    FAIL("written in spite of the lock");
  } catch (const Error& error) {
    CHECK(error.code() == errc::rejected);
  }
  CHECK(ask(*store, [](storage::ReadTransaction& r) { return r.last_change(); }) ==
        1);  // reads go on meanwhile
  REQUIRE(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(other);
  CHECK(put(*store, make_record("after")) == 2);
}

}  // namespace comem::testing

#pragma once
// A process that writes to a store, and what it said was done before it ended or was killed.

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/contract/store_contract.hpp"
#include "tests/integration/sqlite_files.hpp"

extern char** environ;

namespace comem::testing {

/// A write that a process said was done.
struct Acknowledged {
  std::uint64_t change = 0;
  Version version;
  std::string id;
};

/// A sqlite_writer_process whose output goes to a file.
class Child {
 public:
  /// What it does, as the first lines of sqlite_writer_process.cpp say; `name` is of its output.
  Child(const Directory& directory, const std::string& name, std::vector<std::string> words)
      : output_(directory.file(name + ".out")) {
    words.insert(words.begin(), COMEM_SQLITE_WRITER_PROCESS);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
    REQUIRE(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_.c_str(),
                                             O_CREAT | O_WRONLY | O_APPEND, 0600) == 0);
    REQUIRE(posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  Child(const Directory& directory, const std::string& database, const std::string& prefix, int count,
        int writers)
      : Child(directory, prefix, {database, prefix, std::to_string(count), std::to_string(writers)}) {}
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

}  // namespace comem::testing

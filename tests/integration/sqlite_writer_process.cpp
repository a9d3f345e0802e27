// A process that writes to a store and says so:
//   sqlite_writer_process FILE PREFIX COUNT WRITERS [BYTES [KILL_AT KINDS]]
// Each acknowledged write is one line "change ms counter id", written at once and whole, so that a test may
// kill this process at any time. With KILL_AT it kills itself, with SIGKILL, in that call to the file system
// of the kinds of faulty_files.hpp. Every second writer asks for durable writes.

#include <unistd.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "adapters/sqlite/sqlite_store.hpp"
#include "tests/support/faulty_files.hpp"

namespace {

using comem::storage::Durability;
using comem::storage::WriteTransaction;

struct Task {
  std::string prefix;
  int count = 0;
  std::size_t bytes = 300;
  Durability durability = Durability::process;
};

void say(std::uint64_t change, const comem::Version& version, const std::string& id) {
  const auto line = std::to_string(change) + " " + std::to_string(version.ms) + " " +
                    std::to_string(version.counter) + " " + id + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
}

boost::asio::awaitable<void> write_some(comem::storage::Store& store, const Task* task) {
  for (int i = 0; i < task->count; ++i) {
    comem::Record record;
    record.key = comem::RecordKey("n", comem::MemoryType::episodic, task->prefix + std::to_string(i));
    record.value.assign(task->bytes, static_cast<char>('a' + i % 26));
    std::uint64_t change = 0;
    comem::storage::WriteFunction function = [&](WriteTransaction& w) {
      record.version = w.stamp({});
      change = w.put(record, true);
    };
    co_await store.write(std::move(function), task->durability);
    say(change, record.version, record.key.id);
  }
}

std::unique_ptr<comem::testing::FaultyFiles> kill_at(int call, unsigned kinds) {
  auto files = std::make_unique<comem::testing::FaultyFiles>();
  comem::testing::Fault fault;
  fault.kinds = kinds;
  fault.after = call;
  fault.kills = true;
  files->fail(fault);
  return files;
}

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6 && argc != 8) return 2;
  try {
    std::unique_ptr<comem::testing::FaultyFiles> files;
    if (argc == 8) files = kill_at(std::atoi(argv[6]), static_cast<unsigned>(std::atoi(argv[7])));
    comem::sqlite::SqliteOptions options;
    options.path = argv[1];
    const auto store = comem::sqlite::open_sqlite_store(options);
    std::vector<Task> tasks(static_cast<std::size_t>(std::atoi(argv[4])));
    boost::asio::io_context context;
    for (std::size_t w = 0; w < tasks.size(); ++w) {
      tasks[w].prefix = argv[2] + std::to_string(w) + "-";
      tasks[w].count = std::atoi(argv[3]);
      if (argc > 5) tasks[w].bytes = static_cast<std::size_t>(std::atoi(argv[5]));
      if (w % 2 == 1) tasks[w].durability = Durability::power;
      boost::asio::co_spawn(context, write_some(*store, &tasks[w]), rethrow);
    }
    context.run();
    store->close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

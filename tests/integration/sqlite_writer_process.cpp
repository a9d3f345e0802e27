// A process that writes to a store and says so: `sqlite_writer_process FILE PREFIX COUNT WRITERS`. Each
// acknowledged write is one line "change ms counter id", written at once and whole, so that a test may kill
// this process at any time.

#include <unistd.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "adapters/sqlite/sqlite_store.hpp"

namespace {

using comem::storage::WriteTransaction;

void say(std::uint64_t change, const comem::Version& version, const std::string& id) {
  const auto line = std::to_string(change) + " " + std::to_string(version.ms) + " " +
                    std::to_string(version.counter) + " " + id + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
}

boost::asio::awaitable<void> write_some(comem::storage::Store& store, std::string prefix, int count) {
  for (int i = 0; i < count; ++i) {
    comem::Record record;
    record.key = comem::RecordKey("n", comem::MemoryType::episodic, prefix + std::to_string(i));
    record.value.assign(300, 'v');
    std::uint64_t change = 0;
    comem::storage::WriteFunction function = [&](WriteTransaction& w) {
      record.version = w.stamp({});
      change = w.put(record, true);
    };
    co_await store.write(std::move(function), comem::storage::Durability::process);
    say(change, record.version, record.key.id);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  try {
    comem::sqlite::SqliteOptions options;
    options.path = argv[1];
    const auto store = comem::sqlite::open_sqlite_store(options);
    boost::asio::io_context context;
    for (int w = 0; w < std::atoi(argv[4]); ++w) {
      auto prefix = argv[2] + std::to_string(w) + "-";
      boost::asio::co_spawn(context, write_some(*store, std::move(prefix), std::atoi(argv[3])),
                            [](std::exception_ptr error) {
                              if (error) std::rethrow_exception(error);
                            });
    }
    context.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

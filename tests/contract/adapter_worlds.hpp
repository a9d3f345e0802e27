#pragma once
// The worlds in which the adapter must behave the same: SQLite in a file and in memory, with Redis, and with
// a Redis that cannot be reached.

#include <comem/comem.hpp>

#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/fake_clock.hpp"

namespace comem::testing {

/// A directory of a test's own, gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct World {
  explicit World(Options options_) : options(std::move(options_)) { options.clock = &clock; }

  /// Options for an agent of this world.
  Options agent(const std::string& id) const {
    Options mine = options;
    mine.agent_id = id;
    return mine;
  }

  TemporaryDirectory directory;
  FakeWallClock clock;
  Options options;
  bool linked = false;  ///< there is a Redis that can be reached
};

struct SqliteFile {
  static std::unique_ptr<World> make();
};
struct SqliteMemory {
  static std::unique_ptr<World> make();
};
struct WithRedis {
  static std::unique_ptr<World> make();
};
struct RedisAway {
  static std::unique_ptr<World> make();
};
/// SQLite in a file, with vectors from within the process.
struct WithVectors {
  static std::unique_ptr<World> make();
};

/// The URL of a Redis of this program's own, started when first asked for; empty where none is installed.
std::string shared_redis();

}  // namespace comem::testing

#pragma once
// How an adapter is set up.

#include <comem/clock.hpp>
#include <comem/log.hpp>
#include <comem/write.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace comem {

enum class Backend {
  sqlite,  ///< this store alone
  redis,   ///< this store, shared through Redis or Valkey
};

/// Plain data; create_memory_adapter() checks it. Adapters of one process that name the same database file
/// and the same Redis share one store and one link; all store-wide options are then those of the first.
struct Options {
  Options() = default;

  /// From the environment (see README, "Configuration"). Throws Error(invalid_argument) naming the variable.
  static Options from_environment();

  Backend backend = Backend::sqlite;
  std::string database =
      "comem.db";  ///< path, or ":memory:" for a store of its own that ends with the adapter
  std::string redis_url =
      "redis://localhost:6379/0";  ///< redis://, rediss:// or unix://; used by Backend::redis
  std::string redis_username;      ///< overrides that of the URL
  std::string redis_password;      ///< overrides that of the URL; never logged
  std::string redis_ca_file;       ///< rediss://: certificates to trust; empty: those of the system

  std::string ns = "default";      ///< namespace, 1 to 256 bytes
  std::string agent_id = "agent";  ///< 1 to 256 bytes; unique per agent, stable over its restarts
  std::string session_id;          ///< empty: a new session

  Level level = Level::durable;      ///< of writes that do not say otherwise
  Milliseconds share_deadline{250};  ///< how long Level::shared and replicated wait for Redis
  unsigned replicas = 1;             ///< of Redis that must hold a write of Level::replicated; at least 1
  Milliseconds startup_wait{250};    ///< how long creation waits for Redis to be caught up with
  Milliseconds redis_timeout{5000};  ///< after which an unanswered request closes its connection

  Milliseconds working_ttl = std::chrono::hours(1);
  Milliseconds episodic_ttl = std::chrono::hours(24 * 30);
  Milliseconds semantic_ttl = std::chrono::hours(24 * 90);
  Milliseconds skill_ttl = std::chrono::hours(24 * 180);
  Milliseconds tombstone_ttl = std::chrono::hours(24 * 30);
  Milliseconds operation_ttl = std::chrono::hours(24);  ///< how long operation ids are known

  std::size_t working_capacity = 50;         ///< steps kept per agent
  std::size_t compression_threshold = 1024;  ///< bytes above which a value is compressed
  std::size_t batch_size = 100;              ///< records that are shared in one go
  Milliseconds batch_delay{100};             ///< longest wait of a record for its batch to fill
  std::size_t reader_threads = 2;            ///< SQLite connections that read
  std::size_t subscription_capacity = 1024;  ///< changes that wait for a slow subscriber
  /// A database that is damaged is renamed to "<path>.corrupt-<UTC time>", its log with it, never deleted,
  /// and a new one begun, which Redis then fills. Not a file that is no comem database, nor one of a newer
  /// comem.
  bool set_aside_corrupt = false;
  bool track_access = true;              ///< count reads and hits (feeds the utility score)
  Milliseconds consolidate_interval{0};  ///< zero: only when asked

  LogSink log;                   ///< empty: warnings and errors to standard error
  const Clock* clock = nullptr;  ///< nullptr: the system's; must outlive every adapter
};

}  // namespace comem

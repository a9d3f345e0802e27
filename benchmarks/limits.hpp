#pragma once
// What the parts can do that comem is made of, without comem: the limits that it is compared with.

#include <cstddef>
#include <string>
#include <vector>

#include "benchmarks/measurement.hpp"

namespace comem::bench {

struct LimitSettings {
  std::string limit;
  std::size_t n = 1000;
  std::size_t bytes = 1024;  ///< of a value
  bool full = false;         ///< SQLite syncs each commit
  std::string directory;     ///< for files
  std::string host = "127.0.0.1";
  int port = 0;  ///< of Redis; 0: there is none
};

/// A transaction of SQLite for each `rows` records, in the tables that comem writes: a record with its four
/// indexes, an outbox row with its index, the clock.
Measurement measure_sqlite(const LimitSettings& settings, std::size_t rows);
/// Appending `bytes` to a file and fdatasync().
Measurement measure_fdatasync(const LimitSettings& settings);
/// Looking up one of 10,000 strings in a hash map and copying what it names.
Measurement measure_map(const LimitSettings& settings);

#ifdef COMEM_BENCH_HIREDIS
/// From sending PUBLISH until the message has come over another connection.
Measurement measure_pubsub(const LimitSettings& settings);
/// SETs, 100 in a pipeline; one operation is one SET.
Measurement measure_pipeline(const LimitSettings& settings);
#endif

/// Names for the command line.
const std::vector<std::string>& limit_names();
Measurement measure_limit(const LimitSettings& settings);

}  // namespace comem::bench

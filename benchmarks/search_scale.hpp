#pragma once
// How search behaves at one size: latencies beside SQLite's FTS5 over the same texts and queries, memory,
// adding, opening.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/measurement.hpp"

namespace comem::bench {

struct ScaleSettings {
  ScaleSettings() = default;
  std::size_t memories = 10'000;
  std::size_t queries = 200;
  std::size_t rounds = 3;  ///< how often each query is asked; FTS5 is asked once
  std::uint64_t seed = 1;
  bool rival = true;               ///< FTS5 too
  bool adapter = true;             ///< and through the adapter, from a store
  std::vector<std::string> kinds;  ///< of queries; empty: all
  std::string directory;           ///< for the store
};

/// Queries of one kind, asked of the index itself.
struct Kind {
  std::string name;
  Measurement index;
};

struct Scale {
  Scale() = default;
  std::size_t memories = 0, queries = 0, terms = 0;
  double bytes_a_memory = 0;  ///< of the index; 0 where the allocator does not tell
  Measurement add;            ///< of one memory to the index
  std::vector<Kind> kinds;    ///< words without filters; the same as questions; with filters
  Measurement adapter, fts;   ///< of words, as the first kind; empty where they were left out
  Measurement fts_questions;  ///< as the second kind
  Measurement open;           ///< from the start of opening the store until the first search was answered
};

/// The names of the kinds of queries.
std::vector<std::string> kind_names();

/// Times are those of the processor for the index and FTS5, and of the clock where threads or files are
/// waited for. One thread asks. All that is compared is asked in turns, a few queries of each at a time.
Scale measure_scale(const ScaleSettings& settings);

}  // namespace comem::bench

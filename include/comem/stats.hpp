#pragma once
// What an adapter and its store know of themselves.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace comem {

enum class RelayState {
  off,          ///< no Redis configured
  connecting,   ///< not yet
  catching_up,  ///< linked, and taking in what others wrote meanwhile
  up,
  suspect,  ///< linked, but the server has been silent for longer than it should; it may be dead
  down,     ///< tried and failed; `reason` says why
};
/// Whether there is a connection that works, as far as is known.
constexpr bool is_linked(RelayState state) noexcept {
  return state == RelayState::catching_up || state == RelayState::up || state == RelayState::suspect;
}
std::string_view name_of(RelayState state) noexcept;

struct RelayStats {
  RelayStats() = default;
  RelayState state = RelayState::off;
  std::string reason;         ///< why it is not up, or what Redis refuses, in words; else empty
  std::string endpoint;       ///< without user and password
  std::string server;         ///< "redis 7.0.15", "valkey 8.0.1"; empty before the first answer
  std::uint64_t pushed = 0;   ///< records Redis has accepted from this process
  std::uint64_t pulled = 0;   ///< records taken from Redis by this process
  std::uint64_t skipped = 0;  ///< foreign or broken values met in Redis and left alone
  std::uint64_t reconnects = 0;
};

/// How embedding is doing. Counts of this process, but held and missing, which are of the namespace.
struct EmbeddingStats {
  EmbeddingStats() = default;
  bool on = false;
  bool working = true;         ///< false after a failure, until the provider answers again
  std::string model;           ///< names the vectors
  std::string endpoint;        ///< without secrets
  std::string last_error;      ///< the last failure in words, kept after recovery; empty when there was none
  std::size_t dimensions = 0;  ///< length of the vectors; 0 before the first
  std::uint64_t held = 0;      ///< live memories with a vector of the model
  std::uint64_t missing = 0;   ///< live memories that still wait for one; they are found by words
  std::uint64_t embedded = 0;  ///< texts that the provider has embedded
  std::uint64_t refused = 0;   ///< texts that it does not take
  std::uint64_t queries = 0;   ///< searches that had a vector, and
  std::uint64_t queries_without = 0;  ///< searches that went on without, since there was none in time
};

struct Stats {
  Stats() = default;
  std::string ns;
  std::string agent;
  std::string session;
  std::string database;  ///< path of the SQLite file
  std::string store_id;
  int schema_version = 0;
  std::map<MemoryType, std::uint64_t> live;  ///< memories of this namespace, damaged rows included
  std::uint64_t tombstones = 0;
  /// Writes of this namespace that wait for Redis. What it has accepted counts for up to 50 ms more.
  std::uint64_t unshared = 0;
  std::uint64_t index_documents =
      0;  ///< memories in this process' search index, which the first search fills
  std::uint64_t index_terms = 0;
  RelayStats relay;
  EmbeddingStats embedding;
};

}  // namespace comem

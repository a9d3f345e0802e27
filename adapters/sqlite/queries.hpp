#pragma once
// The questions of the storage port as SQL over one connection. Transactions are the caller's business.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "storage/store.hpp"

namespace comem::sqlite {

/// The number that stands for a type in the file; independent of the enumeration's order.
std::int64_t number_of(MemoryType type) noexcept;

class Queries {
 public:
  explicit Queries(Connection& connection) noexcept : connection_(connection) {}

  std::optional<Record> get(const RecordKey& key);
  std::vector<Record> find(const std::string& ns, MemoryType type, const std::string& lookup, TimePoint now,
                           std::size_t limit);
  std::vector<Record> list(const std::string& ns, MemoryType type, const std::string& after_id, TimePoint now,
                           std::size_t limit);
  std::vector<Record> newest(const std::string& ns, const std::vector<MemoryType>& types, TimePoint now,
                             std::size_t limit);
  std::uint64_t last_change();
  std::vector<Record> changes(const std::string& ns, std::uint64_t after, std::size_t limit);
  std::vector<storage::OutboxRow> outbox(const std::string& ns, std::uint64_t after,
                                         const std::string& origin, std::uint64_t others_through,
                                         std::size_t limit);
  std::uint64_t first_of_others(const std::string& ns, const std::string& origin);
  std::uint64_t unshared(const std::string& ns);
  storage::Position position(const std::string& ns);
  TimePoint in_step_at(const std::string& ns);
  std::optional<std::string> operation(const std::string& ns, const std::string& id, TimePoint now);
  std::vector<Record> unmarked(const std::string& ns, std::int64_t model, std::uint64_t change, TimePoint now,
                               std::size_t limit);
  storage::Counts counts(const std::string& ns, TimePoint now);

  /// Reads every row, of all namespaces, and counts those that cannot be read.
  struct Examined {
    std::uint64_t records = 0;
    std::uint64_t unreadable = 0;
    std::uint64_t queued = 0;             ///< rows of the outbox
    std::uint64_t queued_unreadable = 0;  ///< of these, rows whose record is missing or unreadable
  };
  Examined examine();

  /// The namespace's number in the file, if anything was ever written to it.
  std::optional<std::int64_t> namespace_key(const std::string& ns);
  /// After a transaction was undone: numbers that it gave may belong to others by now.
  void forget_namespaces() noexcept { namespaces_.clear(); }
  Connection& connection() noexcept { return connection_; }

 private:
  Connection& connection_;
  std::unordered_map<std::string, std::int64_t> namespaces_;  // they are never renumbered or removed
};

}  // namespace comem::sqlite

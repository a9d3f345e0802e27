#pragma once
// What every relay must do, in executable form (src/storage/relay.hpp).

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

#include "storage/relay.hpp"

namespace comem::testing {

/// A sort of relay under test.
class RelayHouse {
 public:
  virtual ~RelayHouse() = default;
  /// A further relay on the same server, not started yet.
  virtual std::unique_ptr<storage::Relay> make(boost::asio::any_io_executor executor) = 0;
  virtual void lose_everything() = 0;
  /// Loses the value of a record, as an eviction does.
  virtual void evict(const RecordKey& key) = 0;
};

/// Each runs its checks as subcases of the test case that calls it.
void check_relay_contract(RelayHouse& house);
void check_relay_digests(RelayHouse& house);

/// Makes a relay, hands it to `check` once it is up, and stops it.
boost::asio::awaitable<void> with_started_relay(
    boost::asio::any_io_executor executor, RelayHouse* house,
    std::function<boost::asio::awaitable<void>(storage::Relay&)> check);

/// A record with every field set, in a namespace.
Record sample_record(const std::string& ns, const std::string& id, std::int64_t ms,
                     MemoryType type = MemoryType::episodic);

}  // namespace comem::testing

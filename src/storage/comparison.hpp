#pragma once
// Compares a namespace of the store with the relay's by digests, and mends a difference bucket by bucket.

#include <comem/clock.hpp>
#include <comem/digest.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>

#include "storage/relay.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// All functions belong to the relay's executor. References must outlive every call.
class Comparison {
 public:
  Comparison(std::string ns, Store& store, Relay* relay, const Clock& clock)
      : ns_(std::move(ns)), store_(store), relay_(relay), clock_(clock) {}

  /// Throws what reading the store throws; that the relay cannot be asked is said in the report.
  boost::asio::awaitable<DigestReport> compare();

  /// Queues what the relay lacks, takes in what the store lacks, and stamps anew what has one version and two
  /// contents. The queue must be flushed before the digests are equal; `after` is left empty.
  boost::asio::awaitable<RepairReport> repair();

 private:
  struct Side {
    Side() = default;
    bool known = false;
    std::string reason;
    RecordDigest digest;
  };
  struct Difference;

  boost::asio::awaitable<Side> of_store(TimePoint now, std::uint64_t& unshared);
  boost::asio::awaitable<Side> of_relay(TimePoint now);
  boost::asio::awaitable<Side> of_relay_once(TimePoint now, bool& moved);
  boost::asio::awaitable<bool> read_heads(TimePoint now, DigestBuckets buckets, Difference& difference);
  boost::asio::awaitable<void> find_difference(TimePoint now, DigestBuckets buckets, Difference& difference);
  boost::asio::awaitable<void> queue(Difference& difference);
  boost::asio::awaitable<std::uint64_t> take_in(std::vector<RecordKey> keys, Difference& difference);

  const std::string ns_;
  Store& store_;
  Relay* relay_;
  const Clock& clock_;
};

}  // namespace comem::storage

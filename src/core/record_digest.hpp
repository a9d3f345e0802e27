#pragma once
// A comparison of two sets of records without sending them: count and sum of hashes, by type and bucket. Sums
// do not depend on order, and Redis' scripts compute the same (adapters/redis/scripts.cpp): their numbers are
// doubles, hence 48 bits.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "core/record.hpp"

namespace comem {

inline constexpr unsigned digest_buckets = 256;

/// Records of one type whose ids fall together.
using DigestBucket = std::pair<MemoryType, unsigned>;
using DigestBuckets = std::set<DigestBucket>;

/// First byte of the SHA-1 of "type:id".
DigestBucket digest_bucket(const RecordKey& key);

/// What a record adds to a digest, below 2^48. Stores that agree on a record agree on it: it covers version,
/// deletion, expiry, creation, writer, lookup, value and all counters but those of reads, which nobody waits
/// for.
///
///   h(x) = the first 6 bytes of SHA-1(x), big-endian
///   h("type:id\nms counter deleted expires_at created_at\nstore\nlookup\nwriter\n<SHA-1 of the value, in
///   hex>")
///     + sum of h("type:id\nc:<key>=<share>") over the shares of counters, all modulo 2^48
///
/// Times are milliseconds, 0 for none; deleted is 0 or 1.
std::uint64_t digest_hash(const Record& record);

/// Of the records that are live when it is taken. Tombstones are left out: a store may hold a record as
/// deleted that another holds as expired, or has never heard of, and all of them answer the same.
class RecordDigest {
 public:
  struct Sum {
    Sum() = default;
    std::uint64_t count = 0;
    std::uint64_t hash = 0;  ///< sum of digest_hash() modulo 2^48
    friend bool operator==(const Sum&, const Sum&) = default;
  };

  void add(const Record& record);
  void add(const DigestBucket& bucket, std::uint64_t count, std::uint64_t hash);
  void add(const RecordDigest& other);

  /// Buckets without records are absent.
  const std::map<DigestBucket, Sum>& buckets() const noexcept { return buckets_; }
  Sum total(MemoryType type) const;
  /// The buckets in which the two differ.
  DigestBuckets difference(const RecordDigest& other) const;

  friend bool operator==(const RecordDigest&, const RecordDigest&) = default;

 private:
  std::map<DigestBucket, Sum> buckets_;
};

}  // namespace comem

#pragma once
// Whether a store and Redis hold the same, without sending everything.

#include <comem/memory_type.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace comem {

struct TypeDigest {
  TypeDigest() = default;
  std::uint64_t records = 0;  ///< that are live
  std::string hash;           ///< 12 hexadecimal digits; equal sets of records have equal hashes
  friend bool operator==(const TypeDigest&, const TypeDigest&) = default;
};

/// Of the live records of one namespace. Covers ids, versions, contents, expiry and counters; not how often
/// memories were read. Two stores that have converged have equal digests, at the same time.
struct Digest {
  Digest() = default;
  std::map<MemoryType, TypeDigest> types;  ///< types without records are absent
  std::uint64_t records() const noexcept;
  /// Of all types together, 12 hexadecimal digits.
  std::string hash() const;
  friend bool operator==(const Digest&, const Digest&) = default;
};

struct DigestReport {
  DigestReport() = default;
  std::string ns;
  Digest store;
  std::optional<Digest> redis;  ///< nothing when it could not be asked
  std::string reason;           ///< why not, in words
  std::uint64_t unshared = 0;   ///< writes that Redis has not accepted yet: a reason for a difference
  bool equal() const noexcept { return redis && *redis == store; }
};

/// What repair() did.
struct RepairReport {
  RepairReport() = default;
  std::uint64_t buckets = 0;  ///< parts of the namespace that differed
  std::uint64_t pushed = 0;   ///< records that Redis lacked or had an older version of; queued for it
  std::uint64_t pulled = 0;   ///< records that this store lacked, could not read, or had an older version of
  std::uint64_t rewritten = 0;  ///< records of one version and two contents: this store's was made the newest
  DigestReport after;
};

}  // namespace comem

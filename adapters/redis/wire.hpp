#pragma once
// Records as the scripts take and give them. Decoding trusts nothing: what is under our keys may be
// anybody's.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/redis/keys.hpp"
#include "adapters/redis/link.hpp"
#include "core/record.hpp"
#include "core/record_digest.hpp"
#include "storage/store.hpp"

namespace comem::redis {

/// The largest value that is pulled; envelopes are bounded by their JSON (core/envelope.hpp).
inline constexpr std::size_t max_wire_value = (8u << 20) + 1024;
/// The largest number that every script and store holds exactly.
inline constexpr std::uint64_t max_exact = (std::uint64_t{1} << 53) - 1;

/// Bounds of what one command applies, and so of how long the server is busy with it: a few milliseconds.
inline constexpr std::size_t max_applied_records = 100;
inline constexpr std::size_t max_applied_bytes = 256u << 10;
/// What a record counts for in the second one.
std::size_t applied_bytes(const Record& record) noexcept;

/// Appends the command that applies these records; `epoch` begins the namespace's log where there is none.
/// The answer repeats `nonce`.
void add_apply(Request& request, const Keys& keys, std::span<const Record* const> records, TimePoint now,
               const std::string& epoch, const std::string& nonce);

/// Appends the command that asks for up to `limit` changes after `seq` of `epoch`.
/// The answer repeats `nonce`.
void add_pull(Request& request, const Keys& keys, const storage::Position& after, std::size_t limit,
              const std::string& epoch, const std::string& nonce);

/// Appends the command that asks for the sums of a page of what changed after `after` and has not expired at
/// `now`. The answer repeats `nonce`.
void add_digest(Request& request, const Keys& keys, const storage::Position& after, TimePoint now,
                const std::string& epoch, const std::string& nonce);
/// The same for heads, of the wanted buckets or, where that is empty, of all.
void add_heads(Request& request, const Keys& keys, const storage::Position& after, TimePoint now,
               const DigestBuckets& wanted, const std::string& epoch, const std::string& nonce);

/// Appends the command that asks for the records of these keys, as many as an answer may hold.
void add_fetch(Request& request, const Keys& keys, std::span<const RecordKey> records,
               const std::string& nonce);

/// Appends the command that marks a place in the replication stream of this epoch.
void add_fence(Request& request, const Keys& keys, const std::string& epoch, const std::string& nonce);

/// The key of a member of the log ("type:id"); nothing when it cannot be ours.
std::optional<RecordKey> key_from(const std::string& ns, std::string_view member);

/// One entry of a page; nothing when it is no record that this library can have written.
std::optional<Record> record_from(const std::string& ns, const Value& entry);

/// The key of an entry of a page whose record is gone; nothing when it is no such entry.
std::optional<RecordKey> gone_from(const std::string& ns, const Value& entry);

/// A decimal number of at most max_exact.
std::optional<std::uint64_t> exact_number(std::string_view text) noexcept;

/// The epoch that callers see names the server too (LinkMachine::identity()), since another process, or
/// another history in the same process, may serve an older state under the same epoch (a restart from a
/// snapshot, a stale failover).
std::string join_epoch(std::string_view epoch, std::string_view server);
/// The namespace's part of it; empty when it was another server.
std::string epoch_within(std::string_view joined, std::string_view server);

}  // namespace comem::redis

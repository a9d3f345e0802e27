#pragma once
// The scripts that run inside Redis: `apply` takes records, `pull` hands on a page of changes, `fetch`
// hands on records by key, `digest` and `heads` tell of a page without its values, `fence` marks what
// replicas must hold. Each is atomic.
//
// All touch only keys behind one namespace's hash tag, so in a cluster they run on one node. The keys of the
// records at hand are declared; metadata, indexes, keys of dead records (apply) and of the page (pull) are
// built inside, which a cluster permits for keys of the same slot. A user needs, on `~{ns}:*` and `&{ns}:*`
// (or
// `~*` and `&*`):
//   +evalsha +script|load +get +set +del +strlen +exists +type +hget +hmget +hset +hdel +hincrby
//   +zadd +zcard +zrem +zscore +zrangebyscore +zrevrange +pexpire +pttl +persist +time +publish +subscribe
//   +wait
// and to connect, to tell replies apart and to be diagnosed: +hello +ping +echo +info +select +client|setname
// +eval.

#include <string>
#include <string_view>

namespace comem::redis {

class Script {
 public:
  explicit Script(std::string text);

  const std::string& text() const noexcept { return text_; }
  /// SHA-1 of the text in hex, by which EVALSHA names it.
  const std::string& sha() const noexcept { return sha_; }

 private:
  std::string text_;
  std::string sha_;
};

/// Redis keeps a value, and what points to it, this long after its expiry, so that stores with slow clocks
/// still get it. Also how late dead members are swept.
inline constexpr long long grace_ms = 5LL * 60 * 1000;
/// The highest ms of a version that is believed (in the year 144,683): next_version() stays exact beyond it.
inline constexpr long long max_version_ms = 1LL << 52;
/// A longer name of a store is not one of ours.
inline constexpr std::size_t max_store_bytes = 64;

/// Applies records one after the other; what they have in common is read and written once.
/// KEYS: log, expiry, state; for each record: value, and the lookup of an episode or a skill that has one
/// ARGV: 1 prefix, 2 now, 3 epoch to take when there is none, 4 nonce; for each record: type, id, metadata
///       (meta.hpp), value (empty: a tombstone), and of what that says once more, so that the script need not
///       take it apart: ms its keys live, when it expires (both empty: never), score, lookup, created_at
/// Answers {nonce, epoch, seq, status, ...}: "applied", "merged" (and counters are there that were not
/// pushed), "superseded" (older, and no counter grew), or the words of an error that concerns this record; or
/// an error that concerns all. Each applied record takes a sequence number; one message a type tells of the
/// last, and one of these carries the records, if they have no more than 4 KB (read_hint(), replies.hpp).
const Script& apply_script();

/// KEYS: state, log
/// ARGV: 1 prefix, 2 epoch, 3 after, 4 limit, 5 bytes, 6 epoch to take when there is none, 7 largest value in
///       bytes, 8 nonce
/// Answers {nonce, epoch, last seq, seq reached, more (0|1), skipped, {{member, metadata, value}, ...}};
/// a record that was evicted has no metadata and no value, and whoever holds it should share it
/// again.
const Script& pull_script();

/// KEYS: state
/// ARGV: 1 prefix, 2 bytes, 3 nonce, 4.. members ("type:id")
/// Answers {nonce, members looked at, entries as pull's}.
const Script& fetch_script();

/// KEYS: state, log
/// ARGV: as pull's, but 7 now; 9.. pairs of a type and the mask of its wanted buckets (64 hex digits; bucket
/// b is bit
///       b % 4 of digit b / 4); none: all
/// Answers {nonce, epoch, last seq, seq reached, more (0|1), {{"type:bucket", count, sum of hashes}, ...}}.
const Script& digest_script();
/// The same, but {..., {{member, ms, counter, store, hash}, ...}}.
const Script& heads_script();

/// Writes something small, so that WAIT after it covers all that was accepted before it.
/// KEYS: state
/// ARGV: 1 prefix, 2 epoch, 3 nonce
/// Answers {nonce, 1}, or {nonce, 0} and writes nothing when the epoch is another one.
const Script& fence_script();

}  // namespace comem::redis

#include "core/record_digest.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "core/sha1.hpp"

namespace comem {
namespace {

constexpr std::uint64_t mask = (std::uint64_t{1} << 48) - 1;

std::uint64_t hash48(std::string_view text) {
  const auto digest = sha1(text);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 6; ++i) hash = hash << 8 | digest[i];
  return hash;
}

std::string member(const RecordKey& key) {
  return fmt::format("{}:{}", name_of(key.type), key.id);
}

std::int64_t millis(TimePoint time) {
  return std::max<std::int64_t>(time.time_since_epoch().count(), 0);
}

bool of_reads(std::string_view share) {
  return share[0] == static_cast<char>(Counter::accesses) ||
         share[0] == static_cast<char>(Counter::last_access_ms);
}

}  // namespace

DigestBucket digest_bucket(const RecordKey& key) {
  return {key.type, sha1(member(key))[0]};
}

std::uint64_t digest_hash(const Record& record) {
  const std::string name = member(record.key);
  std::uint64_t hash = hash48(
      fmt::format("{}\n{} {} {} {} {}\n{}\n{}\n{}\n{}", name, record.version.ms, record.version.counter,
                  record.deleted ? 1 : 0, millis(record.expires_at), millis(record.created_at),
                  record.version.store, record.lookup, record.writer, sha1_hex(record.value)));
  for (const auto& [key, share] : record.counters.shares())
    if (!of_reads(key)) hash += hash48(fmt::format("{}\nc:{}={}", name, key, share));
  return hash & mask;
}

void RecordDigest::add(const Record& record) {
  add(digest_bucket(record.key), 1, digest_hash(record));
}

void RecordDigest::add(const DigestBucket& bucket, std::uint64_t count, std::uint64_t hash) {
  if (count == 0) return;
  auto& sum = buckets_[bucket];
  sum.count += count;
  sum.hash = (sum.hash + hash) & mask;
}

void RecordDigest::add(const RecordDigest& other) {
  for (const auto& [bucket, sum] : other.buckets_) add(bucket, sum.count, sum.hash);
}

RecordDigest::Sum RecordDigest::total(MemoryType type) const {
  Sum total;
  for (auto at = buckets_.lower_bound({type, 0}); at != buckets_.end() && at->first.first == type; ++at) {
    total.count += at->second.count;
    total.hash = (total.hash + at->second.hash) & mask;
  }
  return total;
}

DigestBuckets RecordDigest::difference(const RecordDigest& other) const {
  DigestBuckets found;
  const auto note_missing = [&found](const RecordDigest& from, const RecordDigest& in) {
    for (const auto& [bucket, sum] : from.buckets_) {
      const auto place = in.buckets_.find(bucket);
      if (place == in.buckets_.end() || !(place->second == sum)) found.insert(bucket);
    }
  };
  note_missing(*this, other);
  note_missing(other, *this);
  return found;
}

}  // namespace comem

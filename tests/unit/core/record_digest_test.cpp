#include "core/record_digest.hpp"

#include <doctest/doctest.h>

#include "core/sha1.hpp"

using namespace comem;

namespace {

Record sample(const std::string& id) {
  Record record;
  record.key = RecordKey("n", MemoryType::skill, id);
  record.version = Version{1'700'000'000'123, 7, "store"};
  record.created_at = TimePoint(Milliseconds(5));
  record.writer = "writer";
  record.lookup = "name";
  record.value = std::string("\0{}", 3);
  return record;
}

}  // namespace

TEST_CASE("SHA-1 is that of the standard") {
  CHECK(sha1_hex("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(sha1_hex("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST_CASE("the hash of a record depends on all that stores must agree on, and on nothing else") {
  const Record first = sample("a");
  const auto hash = digest_hash(first);
  CHECK(hash < std::uint64_t{1} << 48);
  const auto differs = [&](auto change) {
    Record other = first;
    change(other);
    return digest_hash(other) != hash;
  };
  CHECK(differs([](Record& r) { r.key.id = "b"; }));
  CHECK(differs([](Record& r) { r.key.type = MemoryType::episodic; }));
  CHECK(differs([](Record& r) { ++r.version.ms; }));
  CHECK(differs([](Record& r) { ++r.version.counter; }));
  CHECK(differs([](Record& r) { r.version.store += "x"; }));
  CHECK(differs([](Record& r) { r.deleted = true; }));
  CHECK(differs([](Record& r) { r.expires_at += Milliseconds(1); }));
  CHECK(differs([](Record& r) { r.created_at += Milliseconds(1); }));
  CHECK(differs([](Record& r) { r.writer.clear(); }));
  CHECK(differs([](Record& r) { r.lookup.clear(); }));
  CHECK(differs([](Record& r) { r.value += ' '; }));
  CHECK(differs([](Record& r) { r.counters.add("s", Counter::executions, 1); }));
  CHECK_FALSE(differs([](Record& r) { r.counters.add("s", Counter::accesses, 1); }));
  CHECK_FALSE(differs([](Record& r) { r.counters.raise("s", Counter::last_access_ms, 9); }));
  CHECK_FALSE(differs([](Record& r) { r.change = 9; }));
}

TEST_CASE("digests do not depend on order, add up, and name the buckets in which they differ") {
  RecordDigest one, other, both;
  one.add(sample("a"));
  one.add(sample("b"));
  other.add(sample("b"));
  other.add(sample("a"));
  CHECK(one == other);
  CHECK(one.total(MemoryType::skill).count == 2);
  CHECK(one.total(MemoryType::episodic).count == 0);
  CHECK(one.difference(other).empty());
  other.add(sample("c"));
  CHECK(one.difference(other) == DigestBuckets{digest_bucket(sample("c").key)});
  CHECK(other.difference(one) == one.difference(other));
  both.add(one);
  RecordDigest third;
  third.add(sample("c"));
  both.add(third);
  CHECK(both == other);
  both.add(DigestBucket(MemoryType::working, 3), 0, 0);
  CHECK(both == other);
}

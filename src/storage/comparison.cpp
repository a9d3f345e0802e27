#include "storage/comparison.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "storage/merge.hpp"
#include "storage/readable.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page_size = 1000;
constexpr std::size_t fetch_size = 200;
constexpr int attempts = 3;  // while others write, what moves in the log is counted twice

Digest public_digest(const RecordDigest& digest) {
  Digest out;
  for (const auto type : {MemoryType::working, MemoryType::episodic, MemoryType::semantic, MemoryType::skill,
                          MemoryType::session}) {
    const auto total = digest.total(type);
    if (total.count == 0) continue;
    out.types[type].records = total.count;
    out.types[type].hash = fmt::format("{:012x}", total.hash);
  }
  return out;
}

/// Calls `each` for every record of the namespace that has not expired at `now`, tombstones included.
template <class Each>
void for_each_record(ReadTransaction& tx, const std::string& ns, TimePoint now, Each each) {
  std::uint64_t after = 0;
  for (bool more = true; more;) {
    const auto records = tx.changes(ns, after, page_size);
    more = records.size() == page_size;
    if (!records.empty()) after = records.back().change;
    for (const auto& record : records)
      if (!record.expired(now)) each(record);
  }
}

/// Whether two records of one version differ in nothing but counters, which merging mends.
bool same_but_counters(const Record& a, const Record& b) {
  return a.value == b.value && a.deleted == b.deleted && a.expires_at == b.expires_at &&
         a.created_at == b.created_at && a.lookup == b.lookup && a.writer == b.writer;
}

/// Writes a record anew, as the newest version.
void stamp_anew(WriteTransaction& tx, const RecordKey& key) {
  auto record = tx.get(key);
  if (!record) return;
  record->version = tx.stamp(record->version);
  tx.put(*record, true);
}

}  // namespace

struct Comparison::Difference {
  std::map<RecordKey, Head> of_relay;  // in the buckets that differ; those that are equal are taken out
  std::vector<RecordKey> to_push;
  std::vector<RecordKey> to_pull;
  std::set<RecordKey> to_rewrite;
};

asio::awaitable<Comparison::Side> Comparison::of_store(TimePoint now, std::uint64_t& unshared) {
  Side side;
  ReadFunction look = [&](ReadTransaction& tx) {
    for_each_record(tx, ns_, now, [&side](const Record& record) {
      if (!record.deleted) side.digest.add(record);
    });
    unshared = tx.unshared(ns_);
  };
  co_await store_.read(std::move(look));
  side.known = true;
  co_return side;
}

asio::awaitable<Comparison::Side> Comparison::of_relay_once(TimePoint now, bool& moved) {
  Side side;
  Position after;
  std::uint64_t last = 0;
  moved = false;
  for (bool more = true; more;) {
    DigestPage page = co_await relay_->digest(ns_, after, now);
    side.reason = page.reason;
    if (!page.answered) co_return side;
    const bool first = after.epoch.empty();
    moved = moved || (!first && (page.position.epoch != after.epoch || page.last != last));
    last = page.last;
    side.digest.add(page.digest);
    after = page.position;
    more = page.more;
  }
  side.known = true;
  co_return side;
}

asio::awaitable<Comparison::Side> Comparison::of_relay(TimePoint now) {
  Side side;
  side.reason = "no Redis is configured";
  if (relay_ == nullptr) co_return side;
  bool moved = true;
  for (int attempt = 0; attempt < attempts && moved; ++attempt) {
    side = co_await of_relay_once(now, moved);
    if (!side.known) co_return side;
  }
  co_return side;
}

asio::awaitable<DigestReport> Comparison::compare() {
  const TimePoint now = clock_.now();
  DigestReport report;
  report.ns = ns_;
  const Side relay = co_await of_relay(now);
  const Side store = co_await of_store(now, report.unshared);
  report.store = public_digest(store.digest);
  report.reason = relay.reason;
  if (relay.known) report.redis = public_digest(relay.digest);
  co_return report;
}

asio::awaitable<bool> Comparison::read_heads(TimePoint now, DigestBuckets buckets, Difference& difference) {
  Position after;
  for (bool more = true; more;) {
    HeadPage page = co_await relay_->heads(ns_, after, now, buckets);
    if (!page.answered) co_return false;
    for (auto& head : page.heads) {
      RecordKey key = head.key;
      difference.of_relay[std::move(key)] = std::move(head);
    }
    after = page.position;
    more = page.more;
  }
  co_return true;
}

asio::awaitable<void> Comparison::find_difference(TimePoint now, DigestBuckets buckets,
                                                  Difference& difference) {
  ReadFunction look = [&](ReadTransaction& tx) {
    for_each_record(tx, ns_, now, [&](const Record& record) {
      if (!buckets.contains(digest_bucket(record.key))) return;
      const auto place = difference.of_relay.find(record.key);
      if (place == difference.of_relay.end() || place->second.version < record.version)
        difference.to_push.push_back(record.key);
      else if (record.version < place->second.version)
        difference.to_pull.push_back(record.key);
      else if (place->second.hash != digest_hash(record))
        difference.to_rewrite.insert(record.key);
      if (place != difference.of_relay.end()) difference.of_relay.erase(place);
    });
  };
  co_await store_.read(std::move(look));
  for (auto& [key, head] : difference.of_relay) difference.to_pull.push_back(key);
}

asio::awaitable<void> Comparison::queue(Difference& difference) {
  WriteFunction write = [&](WriteTransaction& tx) {
    for (const auto& key : difference.to_push) tx.share(key);
    for (const auto& key : difference.to_rewrite) stamp_anew(tx, key);
  };
  co_await store_.write(std::move(write), Durability::process);
}

asio::awaitable<std::uint64_t> Comparison::take_in(std::vector<RecordKey> keys, Difference& difference) {
  std::uint64_t taken = 0;
  for (std::size_t first = 0; first < keys.size(); first += fetch_size) {
    const auto from = keys.begin() + static_cast<std::ptrdiff_t>(first);
    const auto to = keys.begin() + static_cast<std::ptrdiff_t>(std::min(first + fetch_size, keys.size()));
    std::vector<RecordKey> part(from, to);
    PullReply reply = co_await relay_->fetch(ns_, std::move(part));
    if (!reply.answered) co_return taken;
    drop_unreadable(reply.records);
    std::uint64_t merged = 0;
    std::vector<RecordKey> same;
    WriteFunction write = [&](WriteTransaction& tx) {
      merged = 0;
      same.clear();
      for (const auto& record : reply.records) {
        const auto held = readable(tx, record.key);
        if (held && held->version == record.version && same_but_counters(*held, record))
          same.push_back(record.key);
        if (merge_remote(tx, record, clock_.now()).changed) ++merged;
      }
    };
    co_await store_.write(std::move(write), Durability::power);
    for (const auto& key : same) difference.to_rewrite.erase(key);
    difference.to_push.insert(difference.to_push.end(), same.begin(), same.end());
    taken += merged;
  }
  co_return taken;
}

asio::awaitable<RepairReport> Comparison::repair() {
  const TimePoint now = clock_.now();
  RepairReport report;
  std::uint64_t unshared = 0;
  const Side relay = co_await of_relay(now);
  if (!relay.known) co_return report;
  const Side store = co_await of_store(now, unshared);
  const DigestBuckets buckets = store.digest.difference(relay.digest);
  report.buckets = buckets.size();
  if (buckets.empty()) co_return report;
  Difference difference;
  const bool known = co_await read_heads(now, buckets, difference);
  if (!known) co_return report;
  co_await find_difference(now, buckets, difference);
  // Records of one version whose contents differ only in counters are mended by merging; so everything of
  // theirs is fetched first.
  std::vector<RecordKey> wanted = difference.to_pull;
  wanted.insert(wanted.end(), difference.to_rewrite.begin(), difference.to_rewrite.end());
  report.pulled = co_await take_in(std::move(wanted), difference);
  report.pushed = difference.to_push.size();
  report.rewritten = difference.to_rewrite.size();
  co_await queue(difference);
  co_return report;
}

}  // namespace comem::storage

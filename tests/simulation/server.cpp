#include "tests/simulation/server.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace comem::simulation {

using storage::Position;
using storage::PullReply;
using storage::PushStatus;

namespace {
constexpr Milliseconds grace = std::chrono::minutes(5);
constexpr std::size_t swept_at_once = 16;
constexpr std::size_t page_size = 5;  // small, so that there are several
}  // namespace

Server::Server(const Clock& clock, Ledger& ledger, Ablation ablation)
    : clock_(clock), ledger_(ledger), ablation_(ablation), run_id_(make_random_id()) {}

Server::Space& Server::space(const std::string& ns) {
  auto& space = spaces_[ns];
  if (space.epoch.empty()) {
    space.epoch = make_random_id();
    // What is left of an older log keeps its numbers.
    space.seq = 0;
    for (const auto& [key, entry] : space.entries) space.seq = std::max(space.seq, entry.seq);
  }
  return space;
}

Position Server::position(const Space& space) const {
  if (ablation_ == Ablation::no_server_identity) return Position(space.epoch, space.seq);
  return Position(fmt::format("{}.{}", space.epoch, run_id_), space.seq);
}

bool Server::gone(const Entry& entry) const {
  return entry.evicted || entry.value_until <= clock_.now();
}

void Server::sweep(Space& space, TimePoint now) {
  const TimePoint before = std::min(now, clock_.now()) - grace;
  std::size_t left = swept_at_once;
  for (auto it = space.entries.begin(); it != space.entries.end() && left > 0;) {
    const auto& record = it->second.record;
    const bool dead = record.expires_at != no_expiry && record.expires_at <= before;
    if (!dead) {
      ++it;
      continue;
    }
    it = space.entries.erase(it);
    --left;
  }
}

Server::Applied Server::apply(const Record& record, TimePoint now) {
  auto& space = this->space(record.key.ns);
  Applied out;
  if (refusing) {
    out.status = PushStatus::refused;
    out.position = position(space);
    return out;
  }
  ledger_.shared(record);
  sweep(space, now);
  auto& entry = space.entries[{record.key.type, record.key.id}];
  const bool fresh = entry.seq == 0;
  bool newer = fresh || record.version > entry.record.version;
  if (!fresh && record.version == entry.record.version && !record.deleted && gone(entry)) newer = true;
  if (ablation_ == Ablation::no_check_in_redis && record.version != entry.record.version) newer = true;
  CounterSet counters = entry.record.counters;
  bool grew = counters.merge(record.counters);
  if (ablation_ == Ablation::counters_overwritten) {
    grew = counters != record.counters || grew;
    counters = record.counters;
  }
  out.status = newer || grew ? PushStatus::applied : PushStatus::superseded;
  if (newer) {
    entry.record = record;
    entry.record.change = 0;
    entry.evicted = entry.wanted = false;
    entry.value_until = record.expires_at == no_expiry
                            ? TimePoint::max()
                            : clock_.now() + std::max(record.expires_at - now, Milliseconds{0}) + grace;
  }
  CounterSet pushed = record.counters;
  out.merged = (newer || grew) && pushed.merge(counters);
  entry.record.counters = std::move(counters);
  if (newer || grew) {
    entry.seq = ++space.seq;
    ++applied_;
  }
  if (newer) out.written = entry.record;
  out.position = position(space);
  return out;
}

std::vector<const Server::Entry*> Server::page(const std::string& ns, const Position& after,
                                               std::size_t limit, Position& reached, bool& more) {
  auto& space = this->space(ns);
  const Position last = position(space);
  const std::uint64_t begin = after.epoch == last.epoch ? after.seq : 0;
  std::vector<const Entry*> found;
  for (const auto& [key, entry] : space.entries)
    if (entry.seq > begin) found.push_back(&entry);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->seq < b->seq; });
  more = found.size() > limit;
  if (more) found.resize(limit);
  reached = more ? Position(last.epoch, found.back()->seq) : last;
  return found;
}

storage::DigestPage Server::digest(const std::string& ns, const Position& after, TimePoint now) {
  storage::DigestPage out;
  out.answered = true;
  for (const auto* entry : page(ns, after, page_size, out.position, out.more))
    if (entry->record.live(now) && !gone(*entry)) out.digest.add(entry->record);
  out.last = space(ns).seq;
  return out;
}

storage::HeadPage Server::heads(const std::string& ns, const Position& after, TimePoint now,
                                const DigestBuckets& wanted) {
  storage::HeadPage out;
  out.answered = true;
  for (const auto* entry : page(ns, after, page_size, out.position, out.more)) {
    const auto& record = entry->record;
    if (record.expired(now) || (!record.deleted && gone(*entry))) continue;
    if (!wanted.empty() && wanted.count(digest_bucket(record.key)) == 0) continue;
    storage::Head head;
    head.key = record.key;
    head.version = record.version;
    head.hash = digest_hash(record);
    out.heads.push_back(std::move(head));
  }
  return out;
}

PullReply Server::fetch(const std::string& ns, const std::vector<RecordKey>& keys) {
  PullReply reply;
  reply.answered = true;
  const auto& entries = space(ns).entries;
  for (const auto& key : keys) {
    const auto entry = entries.find({key.type, key.id});
    if (entry != entries.end() && (entry->second.record.deleted || !gone(entry->second)))
      reply.records.push_back(entry->second.record);
  }
  return reply;
}

PullReply Server::pull(const std::string& ns, const Position& after, std::size_t limit) {
  PullReply reply;
  reply.answered = true;
  for (const auto* entry : page(ns, after, limit, reply.position, reply.more)) {
    if (entry->record.deleted || !gone(*entry)) {
      reply.records.push_back(entry->record);
    } else if (ablation_ == Ablation::expiry_is_deletion) {
      Record tombstone = entry->record;
      tombstone.deleted = true;
      tombstone.value.clear();
      ++tombstone.version.counter;
      reply.records.push_back(std::move(tombstone));
    } else if (entry->record.expires_at != no_expiry && entry->record.expires_at <= clock_.now()) {
      ++reply.skipped;
    } else {
      // Whoever holds it shall share it again; the first to miss it lets all others hear of it.
      reply.missing.push_back(entry->record.key);
      auto& asked = space(ns).entries.at({entry->record.key.type, entry->record.key.id});
      if (!std::exchange(asked.wanted, true)) asked.seq = ++space(ns).seq;
    }
  }
  if (!reply.missing.empty() && on_ask) on_ask(ns, position(space(ns)));
  return reply;
}

void Server::restart(Spaces kept) {
  spaces_ = std::move(kept);
  run_id_ = make_random_id();
}

void Server::lose_state(const std::string& ns) {
  const auto place = spaces_.find(ns);
  if (place != spaces_.end()) place->second.epoch.clear();
}

void Server::evict(const std::string& ns, std::size_t which) {
  const auto place = spaces_.find(ns);
  if (place == spaces_.end() || place->second.entries.empty()) return;
  auto entry = place->second.entries.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(which % place->second.entries.size()));
  entry->second.evicted = true;
}

}  // namespace comem::simulation

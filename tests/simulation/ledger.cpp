#include "tests/simulation/ledger.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace comem::simulation {

std::string describe(const RecordKey& key) {
  return fmt::format("{}/{}:{}", key.ns, name_of(key.type), key.id);
}

std::string describe(const Version& version) {
  return fmt::format("{}.{}@{}", version.ms, version.counter, version.store.substr(0, 4));
}

namespace {

std::string describe(const Record* record) {
  if (record == nullptr) return "nothing";
  return fmt::format("{}{} {}", simulation::describe(record->version), record->deleted ? " (forgotten)" : "",
                     record->counters.encode());
}

}  // namespace

bool same_content(const Record& a, const Record& b) {
  return a.version == b.version && a.deleted == b.deleted && a.value == b.value && a.counters == b.counters;
}

void Ledger::broken(std::string what) {
  if (std::find(broken_.begin(), broken_.end(), what) == broken_.end()) broken_.push_back(std::move(what));
}

AttemptId Ledger::add(Attempt attempt) {
  const AttemptId id = attempts_.size();
  keys_.insert(attempt.key);
  by_key_[attempt.key].push_back(id);
  attempts_.push_back(std::move(attempt));
  current_.push_back(id);
  return id;
}

void Ledger::acknowledged(AttemptId id, bool power_safe) {
  auto& attempt = attempts_[id];
  if (attempt.state != Attempt::State::open) return;
  attempt.state = Attempt::State::acked;
  attempt.power_safe = power_safe;
}

void Ledger::undone(const std::vector<AttemptId>& ids) {
  for (const auto id : ids) attempts_[id].state = Attempt::State::undone;
}

void Ledger::lost(const std::vector<AttemptId>& ids) {
  for (const auto id : ids) {
    auto& attempt = attempts_[id];
    if (attempt.power_safe)
      broken(fmt::format("the simulated disk lost a durable write of {}", describe(attempt.key)));
    attempt.state = Attempt::State::lost;
  }
}

std::optional<Ledger::Newest> Ledger::promised(const RecordKey& key, std::optional<std::size_t> host) const {
  std::optional<Newest> newest;
  const auto place = by_key_.find(key);
  if (place == by_key_.end()) return newest;
  for (const auto id : place->second) {
    const auto& attempt = attempts_[id];
    if (attempt.kind == Attempt::Kind::count || attempt.state != Attempt::State::acked) continue;
    if (host && attempt.host != *host) continue;
    if (newest && attempt.version < newest->version) continue;
    newest.emplace();
    newest->version = attempt.version;
    newest->deleted = attempt.kind == Attempt::Kind::forget;
  }
  return newest;
}

bool Ledger::may_be_gone(const RecordKey& key, const Version& version, TimePoint latest) const {
  const auto place = by_key_.find(key);
  if (place == by_key_.end()) return false;
  return std::any_of(place->second.begin(), place->second.end(), [&](AttemptId id) {
    const auto& attempt = attempts_[id];
    return attempt.kind != Attempt::Kind::count && attempt.state != Attempt::State::undone &&
           attempt.version >= version && attempt.expires_at != no_expiry && attempt.expires_at <= latest;
  });
}

void Ledger::seen(std::size_t host, const RecordKey& key, const std::optional<Record>& record,
                  TimePoint latest) {
  const auto own = promised(key, host);
  if (!own) return;
  if (record && record->version >= own->version) return;
  // Once it has expired and is purged, an older tombstone may take its place: dead it is either way.
  if ((!record || record->deleted) && may_be_gone(key, own->version, latest)) return;
  // The tombstone may have been dropped since, but what it forgot must not come back.
  broken(record ? fmt::format("read-your-writes: host {} has acknowledged {} of {} and reads {}", host,
                              describe(own->version), describe(key), describe(record->version))
                : fmt::format("read-your-writes: host {} has acknowledged {} of {} and reads nothing", host,
                              describe(own->version), describe(key)));
}

void Ledger::shared(const Record& record) {
  std::string content = fmt::format("{}|{}", record.deleted ? "deleted" : "live", record.value);
  auto [place, fresh] = shared_.try_emplace(std::pair(record.key, record.version), content);
  if (!fresh && place->second != content)
    broken(
        fmt::format("two contents under one version: {} {}", describe(record.key), describe(record.version)));
}

void Ledger::check_record(const RecordKey& key, const std::optional<Record>& record, TimePoint latest) {
  const auto newest = promised(key, std::nullopt);
  if (newest && (!record || record->version < newest->version)) {
    // A write that was never shared before its time was over leaves an older one standing elsewhere.
    const bool excused = may_be_gone(key, newest->version, latest);
    // That the tombstone has gone since excuses nobody: what it forgot must have gone before.
    const bool revived = newest->deleted && record && !record->deleted;
    if (revived && (!excused || record->expires_at == no_expiry))
      broken(fmt::format("resurrection: {} was forgotten as {} and lives as {}", describe(key),
                         describe(newest->version), describe(record->version)));
    else if (!excused)
      broken(fmt::format("lost write: {} was acknowledged as {}, the stores hold {}", describe(key),
                         describe(newest->version), record ? describe(record->version) : "nothing"));
  }
  if (!record) return;
  bool known = false;
  bool same = false;
  for (const auto id : by_key_[key]) {
    const auto& attempt = attempts_[id];
    if (attempt.kind == Attempt::Kind::count || attempt.version != record->version) continue;
    known = true;
    same = same ||
           (record->deleted == (attempt.kind == Attempt::Kind::forget) && record->value == attempt.value);
  }
  if (!known || !same)
    broken(fmt::format("invented: nobody wrote {} as {}", describe(key), describe(record->version)));
}

void Ledger::check_counters(const RecordKey& key, const Record& record, const std::vector<std::string>& ids) {
  struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
  };
  std::map<std::string, Range> wanted;
  for (const auto id : by_key_[key]) {
    const auto& attempt = attempts_[id];
    if (attempt.kind != Attempt::Kind::count) continue;
    auto& range = wanted[std::string(1, static_cast<char>(attempt.counter)) + ids[attempt.host]];
    if (attempt.state == Attempt::State::acked) range.least += attempt.by;
    if (attempt.state == Attempt::State::acked || attempt.state == Attempt::State::open)
      range.most += attempt.by;
  }
  for (const auto& [share, range] : wanted) {
    const auto place = record.counters.shares().find(share);
    const std::uint64_t held = place == record.counters.shares().end() ? 0 : place->second;
    if (held < range.least)
      broken(fmt::format("lost count: {} share {} is {}, {} was acknowledged", describe(key),
                         share.substr(0, 5), held, range.least));
    if (held > range.most)
      broken(fmt::format("counted twice: {} share {} is {}, at most {} was counted", describe(key),
                         share.substr(0, 5), held, range.most));
  }
}

void Ledger::settled(const std::vector<std::map<RecordKey, Record>>& stores,
                     const std::vector<std::string>& ids, TimePoint latest) {
  const auto mortal_gone = [latest](const Record& record) {
    return record.expires_at != no_expiry && record.expires_at <= latest;
  };
  for (const auto& key : keys_) {
    // What has expired counts as gone: each store drops it when its own clock says so.
    std::vector<const Record*> held;
    for (const auto& store : stores) {
      const auto place = store.find(key);
      held.push_back(place == store.end() || mortal_gone(place->second) ? nullptr : &place->second);
    }
    const Record* best = nullptr;
    for (const auto* record : held)
      if (record != nullptr && (best == nullptr || record->version > best->version)) best = record;
    for (std::size_t i = 0; best != nullptr && i < held.size(); ++i) {
      if (held[i] == nullptr ? may_be_gone(key, best->version, latest) : same_content(*held[i], *best))
        continue;
      broken(fmt::format("diverged: {} is {} somewhere, {} on host {}", describe(key), describe(best),
                         describe(held[i]), i));
    }
    const std::optional<Record> record = best != nullptr ? std::optional(*best) : std::nullopt;
    check_record(key, record, latest);
    if (record) check_counters(key, *record, ids);
  }
}

}  // namespace comem::simulation

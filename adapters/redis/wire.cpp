#include "adapters/redis/wire.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "adapters/redis/scripts.hpp"
#include "core/ids.hpp"

namespace comem::redis {
namespace {

constexpr std::uint64_t max_exact = (std::uint64_t{1} << 53) - 1;
constexpr std::size_t max_page_bytes = 2u << 20;
constexpr std::size_t hashed_records = 250;       ///< of a page whose hashes are asked for
constexpr std::size_t hashed_bytes = 512u << 10;  ///< of these

std::string number(std::int64_t value) {
  return fmt::format("{}", value);
}
std::string millis(TimePoint time) {
  return number(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
}

std::optional<TimePoint> time_from(std::string_view text) {
  const auto value = exact_number(text);
  if (!value) return std::nullopt;
  return TimePoint(Milliseconds(static_cast<Milliseconds::rep>(*value)));
}

bool read_score(std::string_view text, double& out) {
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, out);
  return error == std::errc{} && end == last && std::isfinite(out);
}

/// One field of the meta hash into the record; false when it cannot be ours.
bool read_field(Record& record, std::string_view name, const std::string& text) {
  const auto value = exact_number(text);
  if (name == "ms") {
    // To go on from a version beyond this would leave the exact numbers, and nobody could change the record.
    if (!value || *value > static_cast<std::uint64_t>(max_version_ms)) return false;
    record.version.ms = static_cast<std::int64_t>(*value);
    return true;
  }
  if (name == "counter") {
    if (!value || *value > UINT32_MAX) return false;
    record.version.counter = static_cast<std::uint32_t>(*value);
    return true;
  }
  if (name == "store") return (record.version.store = text).size() <= max_store_bytes && !text.empty();
  if (name == "deleted") return (record.deleted = text == "1") || text == "0";
  if (name == "expires_at" || name == "created_at") {
    const auto time = time_from(text);
    if (!time) return false;
    (name == "expires_at" ? record.expires_at : record.created_at) = *time;
    return true;
  }
  if (name == "writer") return (record.writer = text).size() <= max_id_bytes;
  if (name == "lookup") return (record.lookup = text).size() <= max_id_bytes;
  if (name == "score") return read_score(text, record.score);
  if (name.substr(0, 2) == "c:") return value && record.counters.raise_share(name.substr(2), *value);
  return true;  // of a newer version: not ours to judge
}

}  // namespace

std::optional<std::uint64_t> exact_number(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end != last || value > max_exact) return std::nullopt;
  return value;
}

std::string join_epoch(std::string_view epoch, std::string_view server) {
  return fmt::format("{}.{}", epoch, server);
}

std::string epoch_within(std::string_view joined, std::string_view server) {
  const auto tail = join_epoch({}, server);
  if (!joined.ends_with(tail)) return {};
  return std::string(joined.substr(0, joined.size() - tail.size()));
}

std::size_t applied_bytes(const Record& record) noexcept {
  constexpr std::size_t names = 512, share = 64;
  return record.value.size() + names + share * record.counters.shares().size();
}

void add_apply(Request& request, const Keys& keys, std::span<const Record* const> records, TimePoint now,
               const std::string& epoch, const std::string& nonce) {
  std::deque<std::string> made;  // its strings stay where they are
  const auto keep = [&made](std::string text) -> std::string_view {
    return made.emplace_back(std::move(text));
  };
  std::vector<std::string_view> names{keep(keys.log()), keep(keys.expiry()), keep(keys.state())};
  std::vector<std::string_view> arguments{keys.prefix(), keep(millis(now)), epoch, nonce};
  for (const Record* record : records) {
    const auto type = record->key.type;
    names.push_back(keep(keys.value(type, record->key.id, record->lookup)));
    names.push_back(keep(keys.meta(type, record->key.id)));
    if (auto lookup = keys.lookup(type, record->lookup); !lookup.empty())
      names.push_back(keep(std::move(lookup)));
    const auto& version = record->version;
    const auto& shares = record->counters.shares();
    const auto score = fmt::format("{}", std::isfinite(record->score) ? record->score : 0.0);
    arguments.insert(arguments.end(),
                     {name_of(type), record->key.id, keep(number(version.ms)), keep(number(version.counter)),
                      version.store, record->deleted ? "1" : "0", keep(millis(record->expires_at)),
                      keep(millis(record->created_at)), record->writer, record->lookup, keep(score),
                      record->value, keep(fmt::format("{}", shares.size()))});
    for (const auto& [name, share] : shares) {
      arguments.push_back(name);
      arguments.push_back(keep(fmt::format("{}", share)));
    }
  }
  std::vector<std::string_view> words{"EVALSHA", apply_script().sha(), keep(fmt::format("{}", names.size()))};
  words.insert(words.end(), names.begin(), names.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  request.add(words);
}

void add_pull(Request& request, const Keys& keys, const storage::Position& after, std::size_t limit,
              const std::string& epoch, const std::string& nonce) {
  const std::string state = keys.state(), log = keys.log();
  const std::string seq = fmt::format("{}", std::min(after.seq, max_exact)), count = fmt::format("{}", limit);
  const std::string bytes = fmt::format("{}", max_page_bytes), largest = fmt::format("{}", max_wire_value);
  request.add({"EVALSHA", pull_script().sha(), "2", state, log, keys.prefix(), after.epoch, seq, count, bytes,
               epoch, largest, nonce});
}

namespace {

/// What digest and heads have in common, and their masks.
void add_hashing(Request& request, const Script& script, const Keys& keys, const storage::Position& after,
                 TimePoint now, const std::map<MemoryType, std::string>& masks, const std::string& epoch,
                 const std::string& nonce) {
  const std::string state = keys.state(), log = keys.log(), at = millis(now);
  const std::string seq = fmt::format("{}", std::min(after.seq, max_exact));
  const std::string limit = fmt::format("{}", hashed_records), bytes = fmt::format("{}", hashed_bytes);
  std::vector<std::string_view> words{"EVALSHA", script.sha(), "2",   state, log, keys.prefix(), after.epoch,
                                      seq,       limit,        bytes, epoch, at,  nonce};
  for (const auto& [type, mask] : masks) {
    words.push_back(name_of(type));
    words.push_back(mask);
  }
  request.add(words);
}

}  // namespace

void add_digest(Request& request, const Keys& keys, const storage::Position& after, TimePoint now,
                const std::string& epoch, const std::string& nonce) {
  add_hashing(request, digest_script(), keys, after, now, {}, epoch, nonce);
}

void add_heads(Request& request, const Keys& keys, const storage::Position& after, TimePoint now,
               const DigestBuckets& wanted, const std::string& epoch, const std::string& nonce) {
  std::map<MemoryType, std::string> masks;
  for (const auto& [type, bucket] : wanted) {
    auto& mask = masks.try_emplace(type, digest_buckets / 4, '0').first->second;
    auto& digit = mask[bucket % digest_buckets / 4];
    const int bits = (digit <= '9' ? digit - '0' : digit - 'a' + 10) | 1 << (bucket % 4);
    digit = "0123456789abcdef"[bits];
  }
  add_hashing(request, heads_script(), keys, after, now, masks, epoch, nonce);
}

void add_fetch(Request& request, const Keys& keys, std::span<const RecordKey> records,
               const std::string& nonce) {
  const std::string state = keys.state(), bytes = fmt::format("{}", max_page_bytes);
  std::vector<std::string> members;
  for (const auto& key : records) members.push_back(Keys::member(key.type, key.id));
  std::vector<std::string_view> words{"EVALSHA", fetch_script().sha(), "1", state, keys.prefix(), bytes,
                                      nonce};
  words.insert(words.end(), members.begin(), members.end());
  request.add(words);
}

void add_fence(Request& request, const Keys& keys, const std::string& epoch, const std::string& nonce) {
  const std::string state = keys.state();
  request.add({"EVALSHA", fence_script().sha(), "1", state, keys.prefix(), epoch, nonce});
}

std::optional<RecordKey> key_from(const std::string& ns, std::string_view member) {
  const auto colon = member.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto type = memory_type_from(member.substr(0, colon));
  const auto id = member.substr(colon + 1);
  if (!type || id.empty() || id.size() > max_id_bytes) return std::nullopt;
  return RecordKey(ns, *type, std::string(id));
}

std::optional<RecordKey> gone_from(const std::string& ns, const Value& entry) {
  if (!entry.is(Value::Kind::array) || entry.items.size() != 3) return std::nullopt;
  const auto& meta = entry.items[1];
  if (!meta.is(Value::Kind::array) || !meta.items.empty() || !entry.items[2].text.empty())
    return std::nullopt;
  return key_from(ns, entry.items[0].text);
}

std::optional<Record> record_from(const std::string& ns, const Value& entry) {
  if (!entry.is(Value::Kind::array) || entry.items.size() != 3) return std::nullopt;
  const auto& meta = entry.items[1].items;
  auto key = key_from(ns, entry.items[0].text);
  if (!key || meta.size() % 2 != 0) return std::nullopt;
  Record record;
  record.key = std::move(*key);
  for (std::size_t i = 0; i < meta.size(); i += 2)
    if (!read_field(record, meta[i].text, meta[i + 1].text)) return std::nullopt;
  if (record.version.store.empty() || entry.items[2].text.size() > max_wire_value) return std::nullopt;
  if (record.deleted != entry.items[2].text.empty()) return std::nullopt;
  record.value = entry.items[2].text;
  return record;
}

}  // namespace comem::redis

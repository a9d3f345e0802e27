#include "adapters/redis/wire.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "adapters/redis/meta.hpp"
#include "adapters/redis/scripts.hpp"
#include "core/ids.hpp"

namespace comem::redis {
namespace {

constexpr std::size_t max_page_bytes = 2u << 20;
constexpr std::size_t hashed_records = 250;       ///< of a page whose hashes are asked for
constexpr std::size_t hashed_bytes = 512u << 10;  ///< of these

std::string number(std::int64_t value) {
  return fmt::format("{}", value);
}
std::string score_text(double score) {
  return fmt::format("{}", std::isfinite(score) ? score : 0.0);
}
std::string millis(TimePoint time) {
  return number(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
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
    if (auto lookup = keys.lookup(type, record->lookup); !lookup.empty())
      names.push_back(keep(std::move(lookup)));
    const bool mortal = record->expires_at != no_expiry;
    const auto left = std::max<Milliseconds::rep>((record->expires_at - now).count(), 0);
    arguments.insert(arguments.end(),
                     {name_of(type), record->key.id, keep(encode_meta(*record)), record->value,
                      mortal ? keep(number(left + grace_ms)) : std::string_view(),
                      mortal ? keep(millis(std::max(record->expires_at, now))) : std::string_view(),
                      keep(score_text(record->score)), record->lookup, keep(millis(record->created_at))});
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
  if (!entry.items[1].text.empty() || !entry.items[2].text.empty()) return std::nullopt;
  return key_from(ns, entry.items[0].text);
}

std::optional<Record> record_from(const std::string& ns, const Value& entry) {
  if (!entry.is(Value::Kind::array) || entry.items.size() != 3) return std::nullopt;
  auto key = key_from(ns, entry.items[0].text);
  Record record;
  if (!key || !decode_meta(entry.items[1].text, record)) return std::nullopt;
  record.key = std::move(*key);
  if (entry.items[2].text.size() > max_wire_value) return std::nullopt;
  if (record.deleted != entry.items[2].text.empty()) return std::nullopt;
  record.value = entry.items[2].text;
  return record;
}

}  // namespace comem::redis

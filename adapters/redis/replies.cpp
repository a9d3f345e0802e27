#include "adapters/redis/replies.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "adapters/redis/info.hpp"
#include "adapters/redis/scripts.hpp"
#include "adapters/redis/wire.hpp"

namespace comem::redis {
namespace {

using storage::Position;
using storage::PullReply;
using storage::PushStatus;

constexpr std::size_t max_epoch_bytes = 64;

/// Nothing when one of them cannot be ours.
std::optional<Position> position_from(std::string_view epoch, std::string_view seq, std::string_view server) {
  const auto number = exact_number(seq);
  if (epoch.empty() || epoch.size() > max_epoch_bytes || !number) return std::nullopt;
  return Position(join_epoch(epoch, server), *number);
}

/// What the answers to digest and heads begin with; nothing when one of them cannot be that.
struct PageHead {
  Position position;
  std::uint64_t last = 0;
  bool more = false;
};
std::optional<PageHead> page_head(const Value& value, std::string_view server) {
  const auto& items = value.items;
  if (!value.is(Value::Kind::array) || items.size() != 6) return std::nullopt;
  const auto last = exact_number(items[2].text);
  auto position = position_from(items[1].text, items[3].text, server);
  if (!last || !position || !items[4].is(Value::Kind::integer) || !items[5].is(Value::Kind::array))
    return std::nullopt;
  return PageHead{std::move(*position), *last, items[4].integer != 0};
}

/// Whether these are the words of an error: they begin with a code in capitals.
bool is_error_code(std::string_view words) noexcept {
  return !words.empty() && words[0] >= 'A' && words[0] <= 'Z';
}

constexpr std::int64_t hash_end = std::int64_t{1} << 48;

bool is_hash(const Value& value) {
  return value.is(Value::Kind::integer) && value.integer >= 0 && value.integer < hash_end;
}

/// One {"type:bucket", count, hash} into the digest; false when it cannot be that.
bool add_sum(RecordDigest& digest, const Value& sum) {
  if (!sum.is(Value::Kind::array) || sum.items.size() != 3) return false;
  const std::string_view name = sum.items[0].text;
  const auto colon = std::min(name.find(':'), name.size());
  const auto type = memory_type_from(name.substr(0, colon));
  const auto bucket = exact_number(name.substr(std::min(colon + 1, name.size())));
  const auto& count = sum.items[1];
  if (!type || !bucket || *bucket >= digest_buckets || !is_hash(sum.items[2])) return false;
  if (!count.is(Value::Kind::integer) || count.integer <= 0 || count.integer >= hash_end) return false;
  digest.add({*type, static_cast<unsigned>(*bucket)}, static_cast<std::uint64_t>(count.integer),
             static_cast<std::uint64_t>(sum.items[2].integer));
  return true;
}

std::optional<storage::Head> head_from(const std::string& ns, const Value& entry) {
  const auto& items = entry.items;
  if (!entry.is(Value::Kind::array) || items.size() != 5 || !is_hash(items[4])) return std::nullopt;
  storage::Head head;
  const auto ms = exact_number(items[1].text), counter = exact_number(items[2].text);
  auto key = key_from(ns, items[0].text);
  if (!key || !ms || *ms > static_cast<std::uint64_t>(max_version_ms) || !counter || *counter > UINT32_MAX)
    return std::nullopt;
  if (items[3].text.empty() || items[3].text.size() > max_store_bytes) return std::nullopt;
  head.key = std::move(*key);
  head.version.ms = static_cast<std::int64_t>(*ms);
  head.version.counter = static_cast<std::uint32_t>(*counter);
  head.version.store = items[3].text;
  head.hash = static_cast<std::uint64_t>(items[4].integer);
  return head;
}

}  // namespace

bool is_answer_to(const Value& value, std::string_view nonce) noexcept {
  return value.is(Value::Kind::array) && !value.items.empty() && value.items[0].is(Value::Kind::text) &&
         value.items[0].text == nonce;
}

PushAnswer read_push_answer(const Value& value, std::size_t records, std::string_view server) {
  PushAnswer out;
  out.statuses.assign(records, PushStatus::unknown);
  constexpr std::size_t head = 3;
  if (!value.is(Value::Kind::array) || value.items.size() != head + records) return out;
  auto position = position_from(value.items[1].text, value.items[2].text, server);
  if (!position) return out;
  for (std::size_t i = 0; i < records; ++i) {
    // Only what the script says: to take anything else for success would lose the write.
    const auto& word = value.items[head + i].text;
    if (word == "applied" || word == "merged") {
      out.statuses[i] = PushStatus::applied;
      out.merged = out.merged || word == "merged";
    } else if (word == "superseded") {
      out.statuses[i] = PushStatus::superseded;
    } else if (is_error_code(word)) {
      out.statuses[i] = PushStatus::refused;
      out.refusal = word;
    }
  }
  out.position = std::move(*position);
  return out;
}

PullReply read_page(const std::string& ns, const Value& value, std::string_view server) {
  PullReply out;
  out.reason = "the answer to a pull is malformed";
  const auto& items = value.items;
  if (!value.is(Value::Kind::array) || items.size() != 7) return out;
  auto position = position_from(items[1].text, items[3].text, server);
  if (!position || !items[4].is(Value::Kind::integer) || !items[5].is(Value::Kind::integer) ||
      !items[6].is(Value::Kind::array) || items[5].integer < 0)
    return out;
  out.reason.clear();
  out.answered = true;
  out.position = std::move(*position);
  out.more = items[4].integer != 0;
  out.skipped = static_cast<std::size_t>(items[5].integer);
  for (const auto& entry : items[6].items) {
    if (auto record = record_from(ns, entry))
      out.records.push_back(std::move(*record));
    else if (auto key = gone_from(ns, entry))
      out.missing.push_back(std::move(*key));
    else
      ++out.skipped;
  }
  return out;
}

storage::DigestPage read_digest(const Value& value, std::string_view server) {
  storage::DigestPage out;
  const auto head = page_head(value, server);
  bool sound = head.has_value();
  for (std::size_t i = 0; sound && i < value.items[5].items.size(); ++i)
    sound = add_sum(out.digest, value.items[5].items[i]);
  if (!sound) {
    out = {};
    out.reason = "the answer to a question for a digest is malformed";
    return out;
  }
  out.answered = true;
  out.position = head->position;
  out.last = head->last;
  out.more = head->more;
  return out;
}

storage::HeadPage read_heads(const std::string& ns, const Value& value, std::string_view server) {
  storage::HeadPage out;
  const auto head = page_head(value, server);
  bool sound = head.has_value();
  for (std::size_t i = 0; sound && i < value.items[5].items.size(); ++i) {
    auto one = head_from(ns, value.items[5].items[i]);
    sound = one.has_value();
    if (sound) out.heads.push_back(std::move(*one));
  }
  if (!sound) {
    out = {};
    out.reason = "the answer to a question for versions is malformed";
    return out;
  }
  out.answered = true;
  out.position = head->position;
  out.more = head->more;
  return out;
}

FetchAnswer read_fetch(const std::string& ns, const Value& value, std::size_t asked) {
  FetchAnswer out;
  const auto& items = value.items;
  if (!value.is(Value::Kind::array) || items.size() != 3 || !items[1].is(Value::Kind::integer) ||
      items[1].integer <= 0 || items[1].integer > static_cast<std::int64_t>(asked) ||
      !items[2].is(Value::Kind::array))
    return out;
  out.looked_at = static_cast<std::size_t>(items[1].integer);
  for (const auto& entry : items[2].items) {
    auto record = record_from(ns, entry);
    if (record) out.records.push_back(std::move(*record));
  }
  return out;
}

std::optional<std::uint64_t> stream_end(const Value& info) {
  return exact_number(info_field(info.text, "master_repl_offset"));
}

std::size_t replicas_at(const Value& info, std::uint64_t place) {
  std::size_t count = 0;
  // slave0:ip=127.0.0.1,port=6380,state=online,offset=1234,lag=0
  for (int i = 0; i < 100; ++i) {
    const auto replica = info_field(info.text, fmt::format("slave{}", i));
    if (replica.empty()) break;
    const auto at = replica.find("offset=");
    if (at == std::string_view::npos || replica.find("state=online") == std::string_view::npos) continue;
    const auto offset = replica.substr(at + 7, replica.find(',', at) - at - 7);
    const auto held = exact_number(offset);
    if (held && *held >= place) ++count;
  }
  return count;
}

namespace {

/// Takes a word, up to the next space or the end, off `text`, and the space.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// Takes a record off `text`; nothing when it does not begin with one of ours.
std::optional<Record> take_record(const std::string& ns, std::string_view& text) {
  Value entry(Value::Kind::array);
  std::array<std::uint64_t, 3> sizes{};
  for (auto& size : sizes) {
    const auto number = exact_number(take_word(text));
    if (!number) return std::nullopt;
    size = *number;
  }
  for (const auto size : sizes) {
    if (size > text.size()) return std::nullopt;
    entry.items.emplace_back(Value::Kind::text, std::string(text.substr(0, size)));
    text.remove_prefix(size);
  }
  const bool more = !text.empty();
  if (more && (!take_word(text).empty() || text.empty())) return std::nullopt;
  return record_from(ns, entry);
}

}  // namespace

std::optional<storage::Hint> read_hint(const std::string& ns, std::string_view text,
                                       std::string_view server) {
  const auto epoch = take_word(text), seq = take_word(text);
  auto position = position_from(epoch, seq, server);
  if (!position) return std::nullopt;
  storage::Hint hint(std::move(*position));
  while (!text.empty()) {
    auto record = take_record(ns, text);
    if (!record) {
      hint.records.clear();
      break;
    }
    hint.records.push_back(std::move(*record));
  }
  return hint;
}

}  // namespace comem::redis

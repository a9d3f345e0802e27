#include "adapters/redis/replies.hpp"

#include <algorithm>

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

}  // namespace

bool is_answer_to(const Value& value, std::string_view nonce) noexcept {
  return value.is(Value::Kind::array) && !value.items.empty() && value.items[0].is(Value::Kind::text) &&
         value.items[0].text == nonce;
}

PushAnswer read_push_answer(const Value& value, std::string_view server) {
  PushAnswer out;
  if (!value.is(Value::Kind::array) || value.items.size() != 4) return out;
  const auto& word = value.items[1].text;
  const bool superseded = word == "superseded";
  // Only what the script says: to take anything else for success would lose the write.
  if (!superseded && word != "applied" && word != "counters") return out;
  auto position = position_from(value.items[2].text, value.items[3].text, server);
  if (!position) return out;
  out.status = superseded ? PushStatus::superseded : PushStatus::applied;
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

std::optional<Position> read_hint(std::string_view text, std::string_view server) {
  const auto first = text.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = std::min(text.find(' ', first + 1), text.size());
  return position_from(text.substr(0, first), text.substr(first + 1, second - first - 1), server);
}

}  // namespace comem::redis

#include "adapters/redis/meta.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "adapters/redis/scripts.hpp"
#include "adapters/redis/wire.hpp"
#include "core/ids.hpp"

namespace comem::redis {
namespace {

/// As many digits as every script holds exactly.
constexpr std::size_t most_digits = 16;

std::int64_t millis(TimePoint time) {
  return std::max<std::int64_t>(time.time_since_epoch().count(), 0);
}

bool read_number(std::string_view digits, std::uint64_t most, std::uint64_t& out) {
  const auto number = exact_number(digits);
  if (!number || digits.size() > most_digits || *number > most) return false;
  out = *number;
  return true;
}

bool read_score(std::string_view text, double& out) {
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, out);
  return error == std::errc{} && end == last && std::isfinite(out);
}

bool read_shares(std::string_view text, CounterSet& out) {
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto part = text.substr(0, end);
    const auto equals = std::min(part.find('='), part.size());
    std::uint64_t share = 0;
    if (!read_number(part.substr(std::min(equals + 1, part.size())), max_exact, share)) return false;
    if (!out.raise_share(part.substr(0, equals), share)) return false;
    if (end + 1 == text.size()) return false;  // nothing follows the semicolon
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

/// Takes the word before the next space off `text`; false where there is none.
bool take_word(std::string_view& text, std::string_view& word) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return false;
  word = text.substr(0, space);
  text.remove_prefix(space + 1);
  return true;
}

}  // namespace

std::string encode_meta(const Record& record) {
  const auto& version = record.version;
  const std::string shares = record.counters.encode();
  std::string text;
  text.reserve(128 + version.store.size() + record.writer.size() + record.lookup.size() + shares.size());
  fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {} {} {} {} {} ", version.ms, version.counter,
                 record.deleted ? 1 : 0, millis(record.expires_at), millis(record.created_at),
                 std::isfinite(record.score) ? record.score : 0.0, version.store.size(), record.writer.size(),
                 record.lookup.size(), shares);
  return text.append(version.store).append(record.writer).append(record.lookup);
}

bool decode_meta(std::string_view text, Record& record) {
  if (text.size() > max_meta_bytes) return false;
  enum { ms, counter, deleted, expires_at, created_at, score, store, writer, lookup, shares, count };
  std::array<std::string_view, count> words;
  for (auto& word : words)
    if (!take_word(text, word)) return false;
  constexpr std::array<std::uint64_t, count> most{
      max_version_ms, UINT32_MAX, 1, max_exact, max_exact, 0, max_store_bytes, max_id_bytes, max_id_bytes};
  std::array<std::uint64_t, count> numbers{};
  for (const auto i : {ms, counter, deleted, expires_at, created_at, store, writer, lookup})
    if (!read_number(words[i], most[i], numbers[i])) return false;
  if (words[deleted].size() != 1 || numbers[store] == 0) return false;
  if (text.size() != numbers[store] + numbers[writer] + numbers[lookup]) return false;
  record.version.ms = static_cast<std::int64_t>(numbers[ms]);
  record.version.counter = static_cast<std::uint32_t>(numbers[counter]);
  record.version.store = text.substr(0, numbers[store]);
  record.deleted = numbers[deleted] == 1;
  record.expires_at = TimePoint(Milliseconds(static_cast<Milliseconds::rep>(numbers[expires_at])));
  record.created_at = TimePoint(Milliseconds(static_cast<Milliseconds::rep>(numbers[created_at])));
  record.writer = text.substr(numbers[store], numbers[writer]);
  record.lookup = text.substr(numbers[store] + numbers[writer]);
  return read_score(words[score], record.score) && read_shares(words[shares], record.counters);
}

}  // namespace comem::redis

#include "core/counters.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/utf8.hpp"

namespace comem {
namespace {

constexpr std::uint64_t max_share = (std::uint64_t{1} << 53) - 1;
constexpr std::string_view letters = "xsdalvi";

std::string share_key(Counter counter, std::string_view store) {
  std::string key(1, static_cast<char>(counter));
  key.append(store);
  return key;
}

bool valid_key(std::string_view key) {
  return key.size() >= 2 && key.size() <= 65 && letters.find(key[0]) != std::string_view::npos &&
         std::all_of(key.begin() + 1, key.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

// No function leaves a share of zero behind: it would make sets differ that count the same. So merge() meets
// none.

void CounterSet::add(std::string_view store, Counter counter, std::uint64_t by) {
  if (by == 0) return;
  auto& share = shares_[share_key(counter, store)];
  share += std::min(by, max_share - share);
}

void CounterSet::raise(std::string_view store, Counter counter, std::uint64_t value) {
  if (value == 0) return;
  auto& share = shares_[share_key(counter, store)];
  share = std::max(share, std::min(value, max_share));
}

std::uint64_t CounterSet::total(Counter counter) const noexcept {
  const char letter = static_cast<char>(counter);
  std::uint64_t total = 0;
  for (auto it = shares_.lower_bound(std::string_view(&letter, 1));
       it != shares_.end() && it->first[0] == letter; ++it)
    total = counter == Counter::last_access_ms ? std::max(total, it->second) : total + it->second;
  return total;
}

bool CounterSet::merge(const CounterSet& other) {
  bool grew = false;
  for (const auto& [key, value] : other.shares_) {
    auto& share = shares_[key];
    if (value > share) {
      share = value;
      grew = true;
    }
  }
  return grew;
}

bool CounterSet::raise_share(std::string_view key, std::uint64_t value) {
  if (!valid_key(key) || value > max_share) return false;
  if (value == 0) return true;
  auto& share = shares_[std::string(key)];
  share = std::max(share, value);
  return true;
}

std::string CounterSet::encode() const {
  std::string text;
  for (const auto& [key, value] : shares_) {
    if (!text.empty()) text += ';';
    text += fmt::format("{}={}", key, value);
  }
  return text;
}

CounterSet CounterSet::decode(std::string_view text) {
  CounterSet set;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto part = text.substr(0, end);
    const auto equals = part.find('=');
    std::uint64_t value = 0;
    const auto* last = part.data() + part.size();
    const auto* first = equals == std::string_view::npos ? last : part.data() + equals + 1;
    const auto number = std::from_chars(first, last, value);
    if (number.ec != std::errc{} || number.ptr != last || !set.raise_share(part.substr(0, equals), value))
      throw Error(errc::corrupt, fmt::format("counters are malformed at '{}'", printable(part)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return set;
}

}  // namespace comem

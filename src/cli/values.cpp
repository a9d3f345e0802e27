#include "cli/values.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/utf8.hpp"
#include "memory/check.hpp"
#include "memory/timestamps.hpp"

namespace comem::cli {
namespace {

[[noreturn]] void refuse(std::string_view option, std::string_view text, std::string_view way_out) {
  throw Error(errc::invalid_argument, fmt::format("{}: '{}' {}", option, printable(text), way_out));
}

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit units[] = {{"ms", 1},        {"s", 1000},       {"m", 60'000},
                          {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}};

std::optional<MemoryType> memory_type(std::string_view text) {
  if (text == "episodic" || text == "episode") return MemoryType::episodic;
  if (text == "semantic" || text == "document") return MemoryType::semantic;
  if (text == "skill") return MemoryType::skill;
  return std::nullopt;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

Milliseconds duration_value(std::string_view text, std::string_view option) {
  if (text == "0" || text == "never") return Milliseconds{0};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto unit =
      std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.name == rest; });
  if (error != std::errc{} || number < 0 || unit == std::end(units))
    refuse(option, text, "is no duration; write for example 30m, 12h, 7d, or 0 for never");
  if (number > memory::max_ttl.count() / unit->ms)
    refuse(option, text, "is too long; the most is 100 years (36500d)");
  return Milliseconds{number * unit->ms};
}

TimePoint time_value(std::string_view text, std::string_view option, bool end_of_day) {
  const auto time = memory::parse_time(text);
  if (!time) refuse(option, text, "is no time; write for example 2024-05-01 or 2024-05-01T09:30:00Z");
  const bool bare_date = text.size() <= 10;
  return end_of_day && bare_date ? *time + std::chrono::hours(24) - Milliseconds{1} : *time;
}

Level level_value(std::string_view text, std::string_view option) {
  for (const auto level : {Level::local, Level::durable, Level::shared, Level::replicated}) {
    if (text == name_of(level)) return level;
  }
  refuse(option, text, "is no level; choose local, durable, shared or replicated");
}

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::local:
      return "local";
    case Level::durable:
      return "durable";
    case Level::shared:
      return "shared";
    case Level::replicated:
      return "replicated";
  }
  return "unknown";
}

TypeAndKind type_value(std::string_view text, std::string_view option) {
  TypeAndKind value;
  const auto type = memory_type(text);
  if (!type) refuse(option, text, "is no type; choose episodic, semantic, skill or document");
  value.type = *type;
  if (text == "document") value.kind = text;
  return value;
}

std::vector<MemoryType> type_values(const std::vector<std::string>& texts, std::string_view option) {
  std::vector<MemoryType> types;
  for (const auto& text : texts) {
    if (text == "document") refuse(option, text, "is a kind of semantic memory; use semantic");
    const auto type = memory_type(text);
    if (!type) refuse(option, text, "is no type; choose episodic, semantic or skill");
    if (std::find(types.begin(), types.end(), *type) == types.end()) types.push_back(*type);
  }
  return types;
}

std::string id_on_a_line(std::string_view id, bool spaces) {
  const auto awkward = [spaces](char c) { return is_control(c) || (spaces && c == ' '); };
  if (std::none_of(id.begin(), id.end(), awkward)) return std::string(id);
  std::string out;
  for (const char c : id) {
    if (awkward(c) || c == '%') {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace comem::cli

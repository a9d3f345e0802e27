#include <comem/error.hpp>

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "core/utf8.hpp"
#include "memory/json_fields.hpp"
#include "memory/timestamps.hpp"

namespace comem::memory {
namespace {

constexpr std::uint64_t max_count = (std::uint64_t{1} << 53) - 1;

[[noreturn]] void wrong(const char* name, std::string_view wanted, const Json& value) {
  const std::string found = value.is_number() ? value.dump() : value.type_name();
  throw Error(errc::corrupt, fmt::format("field '{}' must be {}, not {}", name, wanted, found));
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool from_hex(std::string_view hex, std::string& bytes) {
  if (hex.size() % 2 != 0) return false;
  bytes.clear();
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high * 16 + low);
  }
  return true;
}

}  // namespace

FieldTaker::FieldTaker(Json& object) : object_(object) {
  if (!object.is_object())
    throw Error(errc::corrupt, fmt::format("an object is wanted, not {}", object.type_name()));
}

Json FieldTaker::take(const char* name) {
  const auto it = object_.find(name);
  if (it == object_.end()) return {};
  Json value = std::move(*it);
  object_.erase(it);
  return value;
}

void FieldTaker::text(const char* name, std::string& value) {
  Json json = take(name);
  if (json.is_null()) return;
  if (!json.is_string()) wrong(name, "a text", json);
  value = std::move(json.get_ref<std::string&>());
}

void FieldTaker::bytes(const char* name, std::string& value) {
  Json json = take(name);
  if (json.is_null()) return;
  if (json.is_object() && json.size() == 1 && json.contains("hex") && json["hex"].is_string()) {
    if (!from_hex(json["hex"].get_ref<const std::string&>(), value))
      wrong(name, "hexadecimal digits", json["hex"]);
    return;
  }
  if (!json.is_string()) wrong(name, "a text", json);
  value = std::move(json.get_ref<std::string&>());
}

void FieldTaker::flag(const char* name, bool& value) {
  const Json json = take(name);
  if (json.is_null()) return;
  if (!json.is_boolean()) wrong(name, "true or false", json);
  value = json.get<bool>();
}

void FieldTaker::fraction(const char* name, double& value) {
  const Json json = take(name);
  if (json.is_null()) return;
  if (!json.is_number()) wrong(name, "a number from 0 to 1", json);
  const auto number = json.get<double>();
  if (!(number >= 0.0 && number <= 1.0))
    throw Error(errc::corrupt, fmt::format("field '{}' must be a number from 0 to 1, not {}", name, number));
  value = number;
}

void FieldTaker::count(const char* name, std::uint64_t& value) {
  const Json json = take(name);
  if (json.is_null()) return;
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > max_count)
    wrong(name, "a whole number from 0 to 2^53 - 1", json);
  value = json.get<std::uint64_t>();
}

void FieldTaker::duration(const char* name, Milliseconds& value) {
  auto ms = static_cast<std::uint64_t>(std::max<Milliseconds::rep>(value.count(), 0));
  count(name, ms);
  value = Milliseconds(static_cast<Milliseconds::rep>(ms));
}

void FieldTaker::time(const char* name, TimePoint& value) {
  const Json json = take(name);
  if (json.is_null()) return;
  if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    const auto time = text.empty() ? TimePoint{} : parse_time(text);
    if (!time)
      throw Error(errc::corrupt,
                  fmt::format("field '{}' is not an ISO 8601 time like 2024-05-31T08:30:00Z: '{}'", name,
                              printable(text)));
    value = *time;
    return;
  }
  const bool whole =
      json.is_number_integer() && (!json.is_number_unsigned() || json.get<std::uint64_t>() <= max_count);
  const TimePoint time{Milliseconds(whole ? json.get<std::int64_t>() : 0)};
  if (!whole || time < earliest_time || time > latest_time)
    wrong(name, "an ISO 8601 time, or milliseconds since 1970", json);
  value = time;
}

void FieldTaker::texts(const char* name, std::vector<std::string>& values) {
  Json json = take(name);
  if (json.is_null()) return;
  if (!json.is_array()) wrong(name, "a list of texts", json);
  values.clear();
  values.reserve(json.size());
  for (auto& entry : json) {
    if (!entry.is_string()) wrong(name, "a list of texts", entry);
    values.push_back(std::move(entry.get_ref<std::string&>()));
  }
}

}  // namespace comem::memory

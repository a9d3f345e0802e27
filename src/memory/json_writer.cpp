#include "memory/json_writer.hpp"

#include <comem/error.hpp>

#include <charconv>
#include <cstdint>
#include <cstring>

#include "core/utf8.hpp"
#include "memory/json_fields.hpp"
#include "memory/timestamps.hpp"

namespace comem::memory {
namespace {

bool is_plain(char c) noexcept {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

/// Where the first byte from `at` on stands that must be escaped: eight bytes at a time as long as there is
/// none among them (Mycroft's test for a zero byte).
std::size_t plain_until(std::string_view text, std::size_t at) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101, high = 0x8080808080808080;
  const auto has_below = [](std::uint64_t bytes, std::uint64_t limit) {
    return (bytes - each * limit) & ~bytes & high;
  };
  for (std::uint64_t bytes = 0; at + sizeof bytes <= text.size(); at += sizeof bytes) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    if ((has_below(bytes, 0x20) | has_below(bytes ^ each * '"', 1) | has_below(bytes ^ each * '\\', 1)) != 0)
      break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_escaped(std::string& out, char c) {
  constexpr char digits[] = "0123456789abcdef";
  const auto short_form = [&]() -> char {
    switch (c) {
      case '\b':
        return 'b';
      case '\t':
        return 't';
      case '\n':
        return 'n';
      case '\f':
        return 'f';
      case '\r':
        return 'r';
      case '"':
      case '\\':
        return c;
      default:
        return 0;
    }
  }();
  out += '\\';
  if (short_form != 0) {
    out += short_form;
    return;
  }
  out += "u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[static_cast<unsigned char>(c) & 15];
}

}  // namespace

void JsonWriter::begin(const char* name) {
  out_ += first_ ? "\"" : ",\"";
  first_ = false;
  out_ += name;
  out_ += "\":";
}

void JsonWriter::quote(std::string_view text) {
  if (!is_utf8(text)) throw Error(errc::invalid_argument, "a text is not valid UTF-8");
  out_ += '"';
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = plain_until(text, begin);
    out_.append(text, begin, end - begin);
    if (end < text.size()) append_escaped(out_, text[end]);
    begin = end + 1;
  }
  out_ += '"';
}

void JsonWriter::quote_bytes(const std::string& bytes) {
  if (is_utf8(bytes))
    quote(bytes);
  else
    out_ += dump_json(bytes_value(bytes));
}

void JsonWriter::text_always(const char* name, const std::string& value) {
  begin(name);
  quote(value);
}

void JsonWriter::bytes(const char* name, const std::string& value) {
  if (value.empty()) return;
  begin(name);
  quote_bytes(value);
}

void JsonWriter::json(const char* name, const std::string& value) {
  if (value.empty()) return;
  begin(name);
  out_ += dump_json(parse_json(value));
}

void JsonWriter::flag(const char* name, bool value) {
  begin(name);
  out_ += value ? "true" : "false";
}

void JsonWriter::number(const char* name, std::int64_t value) {
  begin(name);
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  out_.append(digits, end);
}

void JsonWriter::number(const char* name, double value) {
  begin(name);
  out_ += dump_json(Json(value));
}

void JsonWriter::time(const char* name, TimePoint value) {
  if (value == TimePoint{}) return;
  begin(name);
  quote(format_time(value));
}

void JsonWriter::texts(const char* name, const std::vector<std::string>& values) {
  list(name, values, [this](const std::string& value) { quote(value); });
}

void JsonWriter::byte_texts(const char* name, const std::vector<std::string>& values) {
  list(name, values, [this](const std::string& value) { quote_bytes(value); });
}

}  // namespace comem::memory

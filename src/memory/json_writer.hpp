#pragma once
// Writes a JSON object as text, without a tree of values in between: a sink for tell_fields().

#include <comem/clock.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace comem::memory {

class JsonWriter {
 public:
  /// Appends to `out`. Texts that are not UTF-8 throw Error(invalid_argument), which leaves it unfinished.
  explicit JsonWriter(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }

  void text(const char* name, const std::string& value) {
    if (!value.empty()) text_always(name, value);
  }
  void text_always(const char* name, const std::string& value);
  void bytes(const char* name, const std::string& value);
  /// JSON text, brought to its canonical form; left out when empty.
  void json(const char* name, const std::string& value);
  void flag(const char* name, bool value);
  void number(const char* name, std::int64_t value);
  void number(const char* name, double value);
  void ms(const char* name, std::int64_t value) {
    if (value != 0) number(name, value);
  }
  void time(const char* name, TimePoint value);
  void texts(const char* name, const std::vector<std::string>& values);
  void byte_texts(const char* name, const std::vector<std::string>& values);
  template <class Value>
  void objects(const char* name, const std::vector<Value>& values) {
    list(name, values, [this](const Value& value) {
      JsonWriter inner(out_);
      tell_fields(inner, value);
      inner.end();
    });
  }

 private:
  void begin(const char* name);
  void quote(std::string_view text);
  void quote_bytes(const std::string& bytes);
  template <class Value, class Write>
  void list(const char* name, const std::vector<Value>& values, Write write) {
    if (values.empty()) return;
    begin(name);
    char separator = '[';
    for (const auto& value : values) {
      out_ += separator;
      write(value);
      separator = ',';
    }
    out_ += ']';
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace comem::memory

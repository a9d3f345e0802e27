#pragma once
// A JSON object on one line, written field by field; enough for the program's --json.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace comem::cli {

/// Quoted and escaped; broken UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);
std::string json_strings(const std::vector<std::string>& texts);
/// An id, a namespace or an agent, which may be any bytes: a string where they are UTF-8, else {"hex":
/// "..."}, as export writes them.
std::string json_id(const std::string& id);
std::string json_ids(const std::vector<std::string>& ids);

class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text) { return raw(name, json_string(text)); }
  JsonObject& add(std::string_view name, const std::string& text) { return raw(name, json_string(text)); }
  JsonObject& add(std::string_view name, const char* text) { return raw(name, json_string(text)); }
  JsonObject& add(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
  JsonObject& add(std::string_view name, double value);
  template <std::integral Number>
  JsonObject& add(std::string_view name, Number value) {
    return raw(name, std::to_string(value));
  }
  JsonObject& add_id(std::string_view name, const std::string& id) { return raw(name, json_id(id)); }
  /// `json` is JSON already.
  JsonObject& raw(std::string_view name, std::string_view json);

  std::string str() const { return body_.empty() ? "{}" : body_ + "}"; }

 private:
  std::string body_;
};

}  // namespace comem::cli

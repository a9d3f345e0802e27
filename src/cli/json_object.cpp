#include "cli/json_object.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "memory/json_fields.hpp"

namespace comem::cli {
namespace {

template <class Write>
std::string json_list(const std::vector<std::string>& items, Write write) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ", ";
    out += write(item);
  }
  return out + "]";
}

}  // namespace

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_strings(const std::vector<std::string>& texts) {
  return json_list(texts, [](const std::string& text) { return json_string(text); });
}

std::string json_id(const std::string& id) {
  return memory::bytes_value(id).dump();
}

std::string json_ids(const std::vector<std::string>& ids) {
  return json_list(ids, json_id);
}

JsonObject& JsonObject::add(std::string_view name, double value) {
  return raw(name, std::isfinite(value) ? fmt::format("{:.6g}", value) : "null");
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  body_ += body_.empty() ? "{" : ", ";
  body_ += json_string(name);
  body_ += ": ";
  body_ += json;
  return *this;
}

}  // namespace comem::cli

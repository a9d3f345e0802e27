#pragma once
// Answers of Redis for fuzz targets: decoded from RESP, or built from lines, which mutate better.

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/resp.hpp"
#include "property.hpp"

namespace comem::fuzz {

using redis::Value;

inline Value text(std::string_view words) {
  return Value(Value::Kind::text, std::string(words));
}

inline Value number(std::string_view digits) {
  Value out(Value::Kind::integer);
  out.integer = std::atoll(std::string(digits).c_str());
  return out;
}

inline Value list(std::vector<Value> items) {
  Value out(Value::Kind::array);
  out.items = std::move(items);
  return out;
}

/// The complete replies of a stream up to its first error.
inline std::vector<Value> values_of(std::string_view bytes) {
  redis::RespDecoder decoder;
  decoder.feed(bytes);
  std::vector<Value> values;
  for (Value value; decoder.next(value) == redis::RespDecoder::Status::value;)
    values.push_back(std::move(value));
  return values;
}

/// The fields of a line "a|b|c".
inline std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  Input input(reinterpret_cast<const std::uint8_t*>(line.data()), line.size());
  while (!input.empty()) fields.push_back(input.until('|'));
  return fields;
}

/// A record of a page, from "type:id|value|metadata".
inline Value record_of(std::string_view line) {
  auto fields = fields_of(line);
  if (fields.size() < 3) fields.resize(3);
  return list({text(fields[0]), text(fields[2]), text(fields[1])});
}

}  // namespace comem::fuzz

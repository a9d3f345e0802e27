// The RESP decoder (adapters/redis/resp.hpp), fed whole and in pieces. Byte 0: the limits; byte 1: where to
// cut.

#include "adapters/redis/resp.hpp"

#include <cmath>

#include "property.hpp"

namespace comem::fuzz {
namespace {

using redis::RespDecoder;
using redis::RespLimits;
using redis::Value;
using Kind = redis::Value::Kind;

struct Decoded {
  std::vector<Value> values;
  RespDecoder::Status end = RespDecoder::Status::need_more;
  std::string error;
};

RespLimits limits_for(unsigned byte) {
  RespLimits limits;
  if (byte % 2 == 0) return limits;
  limits.line_bytes = 24;
  limits.bulk_bytes = 48;
  limits.total_bytes = 96;
  limits.elements = 24;
  limits.depth = 3;
  return limits;
}

/// `cut` seeds the sizes of the pieces; zero: a single piece.
Decoded decode(std::string_view bytes, const RespLimits& limits, unsigned cut) {
  Decoded out;
  RespDecoder decoder(limits);
  std::uint32_t random = cut;
  do {
    random = random * 1'664'525u + 1'013'904'223u;
    const std::size_t size = cut == 0 ? bytes.size() : cut == 1 ? 1 : 1 + (random >> 16) % cut;
    decoder.feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
    Value value;
    while ((out.end = decoder.next(value)) == RespDecoder::Status::value)
      out.values.push_back(std::move(value));
  } while (!bytes.empty());
  out.error = decoder.error();
  require((out.end == RespDecoder::Status::broken) == !out.error.empty(), "a broken stream says why");
  return out;
}

bool same(const Value& a, const Value& b) {
  const bool numbers = a.real == b.real || (std::isnan(a.real) && std::isnan(b.real));
  return a.kind == b.kind && a.integer == b.integer && numbers && a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same);
}

struct Size {
  std::size_t bytes = 0, elements = 0, depth = 0;
};

Size size_of(const Value& value) {
  Size size{value.text.size(), value.items.size(), value.items.empty() ? 0u : 1u};
  for (const auto& item : value.items) {
    const auto inner = size_of(item);
    size.bytes += inner.bytes;
    size.elements += inner.elements;
    size.depth = std::max(size.depth, 1 + inner.depth);
  }
  return size;
}

void encode(std::string& out, const Value& value) {
  const auto bulk = [&](char type) {
    out += type + std::to_string(value.text.size()) + "\r\n" + value.text + "\r\n";
  };
  const auto items = [&](char type, std::size_t count) {
    out += type + std::to_string(count) + "\r\n";
    for (const auto& item : value.items) encode(out, item);
  };
  switch (value.kind) {
    case Kind::null:
      out += "_\r\n";
      break;
    case Kind::text:
      bulk('$');
      break;
    case Kind::error:
      bulk('!');
      break;
    case Kind::integer:
      out += ":" + std::to_string(value.integer) + "\r\n";
      break;
    case Kind::real:
      out += "," + std::to_string(value.real) + "\r\n";
      break;
    case Kind::boolean:
      out += value.integer != 0 ? "#t\r\n" : "#f\r\n";
      break;
    case Kind::big_number:
      out += "(" + value.text + "\r\n";
      break;
    case Kind::array:
      items('*', value.items.size());
      break;
    case Kind::map:
      items('%', value.items.size() / 2);
      break;
    case Kind::set:
      items('~', value.items.size());
      break;
    case Kind::push:
      items('>', value.items.size());
      break;
  }
}

void check_values(const Decoded& decoded, const RespLimits& limits) {
  for (auto value : decoded.values) {
    const auto size = size_of(value);
    require(size.bytes <= limits.total_bytes, "the strings of a reply are bounded");
    require(size.elements <= limits.elements, "the elements of a reply are bounded");
    require(size.depth <= limits.depth, "the depth of a reply is bounded");
    std::string bytes;
    encode(bytes, value);
    const auto again = decode(bytes, RespLimits(), 0);
    require(again.values.size() == 1, "a value that was decoded can be encoded");
    encode(bytes = {}, again.values[0]);
    const auto third = decode(bytes, RespLimits(), 0);  // text of a real is rounded once
    require(third.values.size() == 1 && same(third.values[0], again.values[0]), "and decoded to itself");
  }
}

void check_command(std::string_view bytes) {
  std::vector<std::string_view> words;
  for (Input input(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()); !input.empty();)
    words.push_back(input.part());
  std::string command;
  redis::append_command(command, words);
  const auto decoded = decode(command, RespLimits(), 0);
  require(decoded.values.size() == 1 && decoded.end == RespDecoder::Status::need_more,
          "a command is one array");
  const auto& items = decoded.values[0].items;
  require(std::equal(items.begin(), items.end(), words.begin(), words.end(),
                     [](const Value& item, std::string_view word) { return item.text == word; }),
          "a command is its words");
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  Input input(data, size);
  const auto limits = limits_for(input.byte());
  const unsigned cut = input.byte();
  const auto whole = decode(input.rest(), limits, 0);
  check_values(whole, limits);
  for (const unsigned seed : {1u, cut}) {
    const auto pieces = decode(input.rest(), limits, seed);
    require(pieces.end == whole.end && pieces.error == whole.error, "pieces do not change how a stream ends");
    require(std::equal(pieces.values.begin(), pieces.values.end(), whole.values.begin(), whole.values.end(),
                       same),
            "pieces do not change the values");
  }
  check_command(input.rest());
  return 0;
}

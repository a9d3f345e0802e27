// The bytes of a value (core/envelope.hpp): any flag, any zlib stream, whole, damaged, cut short or bombs.

#include "core/envelope.hpp"

#include "property.hpp"

namespace comem::fuzz {
namespace {

constexpr std::size_t never = ~std::size_t{0};

bool unwraps(std::string_view bytes, std::string& json) {
  return accepts([&] { json = unwrap_value(bytes); }, {errc::corrupt, errc::limit_exceeded});
}

void check_accepted(std::string_view bytes) {
  std::string json;
  if (!unwraps(bytes, json)) return;
  require(json.size() <= max_value_bytes, "a value is bounded");
  require(json.size() <= bytes.size() * max_compression_ratio + 64, "the ratio of a value is bounded");
  for (const auto threshold : {std::size_t{0}, never}) {
    const auto wrapped = wrap_value(json, threshold);
    require(wrapped.size() <= json.size() + 1, "wrapping adds one byte at most");
    require(unwrap_value(wrapped) == json, "what is accepted wraps and unwraps to itself");
  }
}

void check_any_text(std::string_view text) {
  const auto plain = wrap_value(text, text.size());
  require(plain.size() == text.size() + 1 && plain[0] == '\0', "a text up to the threshold stays plain");
  const auto wrapped = wrap_value(text, 0);
  require(unwrap_value(plain) == text && unwrap_value(wrapped) == text, "any text comes back");
  if (wrapped[0] != '\x01') return;
  std::string ignored;
  require(!unwraps(std::string_view(wrapped).substr(0, wrapped.size() - 1), ignored),
          "a cut stream is refused");
  require(!unwraps(wrapped + '\0', ignored), "bytes behind the stream are refused");
}

/// A whole stream with one byte changed, which mutation of compressed bytes alone would hardly reach.
void check_damaged(Input input) {
  const unsigned at = input.byte() * 256 + input.byte(), change = input.byte();
  auto wrapped = wrap_value(input.rest(), 0);
  if (wrapped[0] != '\x01') return;
  auto& byte = wrapped[1 + at % (wrapped.size() - 1)];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ change);
  check_accepted(wrapped);
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  const Input input(data, size);
  check_accepted(input.rest());
  check_any_text(input.rest());
  check_damaged(input);
  return 0;
}

#include <comem/error.hpp>

#include <random>

#include <doctest/doctest.h>
#include <zlib.h>

#include "core/envelope.hpp"

using namespace comem;

namespace {

std::string deflated(const std::string& text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::string out(size, '\0');
  REQUIRE(compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                    static_cast<uLong>(text.size()), 9) == Z_OK);
  out.resize(size);
  return '\x01' + out;
}

std::string random_text(std::size_t size) {
  std::mt19937 random(3);
  std::string text(size, ' ');
  for (auto& c : text) c = static_cast<char>(random() & 0xff);
  return text;
}

errc code_of(const std::string& bytes) {
  try {
    unwrap_value(bytes);
  } catch (const Error& error) {
    return static_cast<errc>(error.code().value());
  }
  return errc{};
}

}  // namespace

TEST_CASE("values come back as they were, compressed only above the threshold and when that is smaller") {
  const std::string prose(5000, 'a');
  CHECK(wrap_value("{}", 1024) == std::string("\0{}", 3));
  CHECK(wrap_value(std::string(1024, 'a'), 1024)[0] == '\0');
  CHECK(wrap_value(std::string(1025, 'a'), 1024)[0] == '\1');
  CHECK(wrap_value(random_text(5000), 1024)[0] == '\0');
  CHECK(wrap_value(prose, 1024).size() < 200);
  for (const std::size_t size : {0u, 1u, 2u, 100u, 1024u, 1025u, 4096u, 70'000u, 1'000'000u}) {
    CHECK(unwrap_value(wrap_value(std::string(size, 'x'), 0)) == std::string(size, 'x'));
    CHECK(unwrap_value(wrap_value(random_text(size), 0)) == random_text(size));
  }
}

TEST_CASE("every unknown flag byte is corrupt") {
  for (int flag = 2; flag < 256; ++flag)
    CHECK(code_of(std::string(1, static_cast<char>(flag)) + "{}") == errc::corrupt);
  CHECK(code_of("") == errc::corrupt);
}

TEST_CASE("a compressed value that is cut short, damaged or followed by more is corrupt") {
  const auto whole = deflated(random_text(300));
  REQUIRE(code_of(whole) == errc{});
  for (std::size_t size = 1; size < whole.size(); ++size)
    CHECK(code_of(whole.substr(0, size)) == errc::corrupt);
  CHECK(code_of(whole + "x") == errc::corrupt);
  for (std::size_t i = 1; i < whole.size(); ++i) {
    auto damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    CHECK(code_of(damaged) != errc{});
  }
}

TEST_CASE("small compressed values unpack whatever the room that the ratio leaves") {
  for (std::size_t size = 0; size < 40; ++size)
    CHECK(unwrap_value(deflated(std::string(size, 'z'))).size() == size);
}

TEST_CASE("a bomb is stopped at the limit") {
  CHECK(unwrap_value(deflated(std::string(max_value_bytes, '0'))).size() == max_value_bytes);
  CHECK(code_of(deflated(std::string(max_value_bytes + 1, '0'))) == errc::limit_exceeded);
  CHECK(code_of(deflated(std::string(40u << 20, '0'))) == errc::limit_exceeded);
}

TEST_CASE("values above the limit are neither written nor read") {
  CHECK_NOTHROW(wrap_value(std::string(max_value_bytes, '0'), ~std::size_t{0}));
  CHECK_THROWS_AS(wrap_value(std::string(max_value_bytes + 1, '0'), 0), Error);
  CHECK(code_of(std::string(max_value_bytes + 2, '\0')) == errc::limit_exceeded);
  CHECK(code_of(std::string(max_value_bytes + 1, '\0')) == errc{});
}

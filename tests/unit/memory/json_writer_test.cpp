#include "memory/json_writer.hpp"

#include <doctest/doctest.h>

#include <string>

#include "memory/json_fields.hpp"

using namespace comem;
using namespace comem::memory;

namespace {

std::string written(const std::string& text) {
  std::string out;
  JsonWriter writer(out);
  writer.text_always("a", text);
  writer.end();
  return out;
}

std::string by_the_library(const std::string& text) {
  Json object = Json::object();
  object["a"] = text;
  return dump_json(object);
}

}  // namespace

TEST_CASE("what must be escaped is escaped wherever it stands") {
  for (int byte = 1; byte < 0x80; ++byte) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text = "abcdefghijklmnopqrst";
      text[at] = static_cast<char>(byte);
      CAPTURE(byte);
      CAPTURE(at);
      REQUIRE(written(text) == by_the_library(text));
      text.resize(at + 1);
      REQUIRE(written(text) == by_the_library(text));
    }
  }
}

TEST_CASE("texts beyond ASCII are written as they are, also beside what must be escaped") {
  for (const std::string text :
       {"", "\"", "\\\\", "\n\n\n\n\n\n\n\n\n", "äöü\"äöü", "\u3042\u3044\u3046\\\u3048", "\x7f\u0080\""})
    CHECK(written(text) == by_the_library(text));
}

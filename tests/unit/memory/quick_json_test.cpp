#include "memory/quick_json.hpp"

#include <doctest/doctest.h>

#include <string>

using comem::memory::parse_quickly;
using Json = nlohmann::json;

TEST_CASE("both parsers make the same tree of a text") {
  for (const std::string text : {R"({})",
                                 R"([])",
                                 R"(null)",
                                 R"(true)",
                                 R"("a")",
                                 R"( { "b" : [ 1 , -1 , 0.5 , false , null ] } )",
                                 R"({"a":1,"a":2})",
                                 R"({"b":{"c":[{"d":"e"}]},"a":""})",
                                 R"("\"\\\/\b\f\n\r\t")",
                                 R"({"ü":"日本 😀"})",
                                 R"(0)",
                                 R"(-0)",
                                 R"(9223372036854775807)",
                                 R"(9223372036854775808)",
                                 R"(18446744073709551615)",
                                 R"(-9223372036854775808)",
                                 R"(-0.0)",
                                 R"(1e3)",
                                 R"(0.1)",
                                 R"(4.9e-324)",
                                 R"(1.7976931348623157e308)",
                                 R"(123456789.123456789)"}) {
    CAPTURE(text);
    const auto quick = parse_quickly(text);
    REQUIRE(quick);
    const auto careful = Json::parse(text);
    CHECK(*quick == careful);
    CHECK(quick->dump() == careful.dump());
    if (text != "-0") CHECK(quick->type() == careful.type());
  }
}

TEST_CASE("what the parsers might read differently is left to the careful one") {
  for (const std::string text : {R"("\u00e9")", R"("\ud800")", R"("\udc00")", R"(18446744073709551616)",
                                 R"(-9223372036854775809)", R"(1e400)"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_quickly(text));
  }
  CHECK_FALSE(parse_quickly('"' + std::string(100'000, 'x') + '"'));
}

TEST_CASE("what is no JSON is no tree") {
  for (const std::string text :
       {"",    " ",       "{",   "[1,]",     "{\"a\":}", "{\"a\":1,}",       "01",           "1.",    ".5",
        "+1",  "nul",     "'a'", "\"a\nb\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "{} {}", "{a:1}",
        "NaN", "\"\\x\"", "\"a"}) {
    CAPTURE(text);
    CHECK_FALSE(Json::accept(text));
    CHECK_FALSE(parse_quickly(text));
  }
}

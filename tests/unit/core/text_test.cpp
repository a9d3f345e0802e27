#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "core/utf8.hpp"

using namespace comem;

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const auto* good :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "caf\xc3\xa9 \xf0\x9f\x98\x80"})
    CHECK_MESSAGE(is_utf8(good), good);
  for (const auto* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2z", "\xe0\x9f\xbf", "\xe0\xa0",
                          "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xfe"})
    CHECK_FALSE_MESSAGE(is_utf8(bad), bad);
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t behind = 0; behind < 20; ++behind) {
      const std::string left(before, 'a'), right(behind, 'z');
      CHECK(is_utf8(left + "\xe2\x82\xac" + right));
      CHECK_FALSE(is_utf8(left + "\x80" + right));
      CHECK_FALSE(is_utf8(left + "\xe2\x82" + right));
    }
}

TEST_CASE("texts are bounded, without NUL, and UTF-8") {
  CHECK_NOTHROW(check_text("", "t", 0));
  CHECK_NOTHROW(check_text("four", "t", 4));
  CHECK_THROWS_WITH_AS(check_text("fives", "tag", 4), "tag has 5 bytes; at most 4 are allowed", Error);
  CHECK_THROWS_WITH_AS(check_text(std::string_view("a\0b", 3), "tag", 9), "tag contains a NUL byte", Error);
  CHECK_THROWS_WITH_AS(check_text("a\xff", "tag", 9), "tag is not valid UTF-8", Error);
}

TEST_CASE("cutting never splits a character") {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";  // 1 + 2 + 3 + 4 bytes
  const std::size_t lengths[]{0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
  for (std::size_t max = 0; max < std::size(lengths); ++max) {
    CHECK(cut_utf8(text, max).size() == lengths[max]);
    CHECK(is_utf8(cut_utf8(text, max)));
  }
  CHECK(cut_utf8("\x80\x80\x80", 2).empty());
}

TEST_CASE("printable text holds no control characters and is short") {
  CHECK(printable("ok \xc3\xa9") == "ok \xc3\xa9");
  CHECK(printable(std::string_view("\0\n\x1b\x7f\xff", 5)) == "\\x00\\x0a\\x1b\\x7f\\xff");
  CHECK(printable(std::string(200, 'a')) == std::string(80, 'a') + "...");
  CHECK(printable(std::string(80, 'a')) == std::string(80, 'a'));
}

#include "search/words.hpp"

#include <doctest/doctest.h>

#include "search/word_reader.hpp"

using namespace comem::search;
using Texts = std::vector<std::string>;

namespace {

Texts texts(std::string_view text) {
  Texts found;
  for (const Word& word : split_words(text)) found.push_back(word.text);
  return found;
}

}  // namespace

TEST_CASE("words are runs of letters and digits in lower case") {
  CHECK(texts("Hello, World! v2 3.14 snake_case") ==
        Texts{"hello", "world", "v2", "3", "14", "snake", "case"});
  CHECK(texts("").empty());
  CHECK(texts(" .,;-_'\"\n\t").empty());
  CHECK(texts(std::string("a\0b", 3)) == Texts{"a", "b"});
}

TEST_CASE("possessives and contractions belong to their word") {
  CHECK(texts("Anna's dogs' we've I'M don't They'll she'd") ==
        Texts{"anna", "dogs", "we", "i", "dont", "they", "she"});
  CHECK(texts("Anna\u2019s can\u2019t \u2018quoted\u2019") == Texts{"anna", "cant", "quoted"});
  CHECK(texts("o'clock O'Brien rock'n'roll 'tis") ==
        Texts{"o", "clock", "o", "brien", "rock", "n", "roll", "tis"});
  CHECK(texts("end' '' a'") == Texts{"end", "a"});
  CHECK(texts("Anna's\u00e9") == Texts{"anna", "se"});  // no ending: another letter follows
}

TEST_CASE("a word knows where it stands, its ending included") {
  const std::string_view text = "See \u00c9mile's caf\u00e9!";
  const std::vector<Word> words = split_words(text);
  REQUIRE(words.size() == 3);
  CHECK(text.substr(words[1].begin, words[1].end - words[1].begin) == "\u00c9mile's");
  CHECK(text.substr(words[2].begin, words[2].end - words[2].begin) == "caf\u00e9");
}

TEST_CASE("accents and compatibility forms are folded") {
  CHECK(fold("\u00c0\u00e9\u00ee\u00f5\u00fc \u00c7\u0142\u00f8\u0110\u0130") == "aeiou clodi");
  CHECK(fold("stra\u00dfe \u1e9e \u00c6on \u0153uvre \ufb01n \u0132 \u01c4 \u00fe") ==
        "strasse ss aeon oeuvre fin ij dz th");
  CHECK(fold("cafe\u0301") == "cafe");  // combining accent
  CHECK(fold("\u0386\u03bb\u03c6\u03b1\u03c2 \u1f08") ==
        "\u03b1\u03bb\u03c6\u03b1\u03c3 \u03b1");             // Greek, final sigma
  CHECK(fold("\u0401\u0416\u0439") == "\u0435\u0436\u0438");  // Cyrillic
  CHECK(fold("\uff21\uff42\uff11 x\u00b2 \U0001d400\U0001d41b\U0001d7d7") == "ab1 x2 ab9");
  CHECK(fold("Vi\u1ec7t Nam") == "viet nam");
  CHECK(fold("\u2019") == "'");
  CHECK(fold("").empty());
}

TEST_CASE("all scripts have words") {
  CHECK(texts("\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440") ==
        Texts{"\u043f\u0440\u0438\u0432\u0435\u0442", "\u043c\u0438\u0440"});
  CHECK(texts("\u05e9\u05c1\u05dc\u05d5\u05dd") ==
        Texts{"\u05e9\u05dc\u05d5\u05dd"});  // Hebrew without points
  CHECK(texts("\u0645\u064f\u062d\u0645\u0651\u062f\u060c \u0646") ==
        Texts{"\u0645\u062d\u0645\u062f", "\u0646"});
  CHECK(texts("\u0928\u092e\u0938\u094d\u0924\u0947\u0964") ==
        Texts{"\u0928\u092e\u0938\u094d\u0924\u0947"});  // signs stay
  CHECK(texts("\u10a0 \u1c90") == Texts{"\u10d0", "\u10d0"});
}

TEST_CASE("scripts without spaces are cut into overlapping bigrams") {
  CHECK(texts("\u6771\u4eac\u90fd") == Texts{"\u6771\u4eac", "\u4eac\u90fd"});
  CHECK(texts("\u6771") == Texts{"\u6771"});
  CHECK(texts("\u6771\u3002\u4eac") == Texts{"\u6771", "\u4eac"});
  CHECK(texts("in\u6771\u4eac2020\u5e74") == Texts{"in", "\u6771\u4eac", "2020", "\u5e74"});
  CHECK(texts("\u6771\u4eac \u90fd") == Texts{"\u6771\u4eac", "\u90fd"});
  CHECK(texts("\u6771\u4eac\u90fd x \u6771") == Texts{"\u6771\u4eac", "\u4eac\u90fd", "x", "\u6771"});
  CHECK(texts("\u304b\u3099\u304f") == Texts{"\u304b\u304f"});  // a voicing mark between does not part
  CHECK(texts("\uc548\ub155\ud558") == Texts{"\uc548\ub155", "\ub155\ud558"});
}

TEST_CASE("emoji and symbols part words and are none") {
  CHECK(texts("fun\U0001f389\U0001f469\u200d\U0001f4bbtime \u2764\ufe0f \u20ac5 \u00d7") ==
        Texts{"fun", "time", "5"});
  CHECK(texts("\U0001f600").empty());
}

TEST_CASE("invalid UTF-8 parts words and loses none of the good text") {
  CHECK(texts("abc\xff\xfe def") == Texts{"abc", "def"});
  CHECK(texts("a\xc3") == Texts{"a"});          // cut short
  CHECK(texts("\xc0\xaf x") == Texts{"x"});     // overlong
  CHECK(texts("\xed\xa0\x80y") == Texts{"y"});  // surrogate
  CHECK(texts("\xf5\x80\x80\x80z\xe2\x82") == Texts{"z"});
  CHECK(texts("\xe2\x28\xa1ok") == Texts{"ok"});
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string odd{static_cast<char>(first), static_cast<char>(second), ' ', 'o', 'k'};
      const Texts found = texts(odd);
      REQUIRE(!found.empty());
      CHECK(found.back() == "ok");
    }
  }
}

TEST_CASE("enormous words are cut at a character") {
  const Texts found = texts(std::string(1'000'000, 'x') + " y");
  REQUIRE(found.size() == 2);
  CHECK(found[0] == std::string(max_word_bytes, 'x'));
  std::string accents = "z";
  for (int i = 0; i < 100; ++i) accents += "\u0436";
  REQUIRE(texts(accents).size() == 1);
  CHECK(texts(accents)[0].size() == max_word_bytes - 1);
}

TEST_CASE("stop words say how a sentence is built") {
  for (const char* word : {"the", "and", "what", "dont", "s", "is", "themselves"}) CHECK(is_stop_word(word));
  for (const char* word : {"", "may", "us", "memory", "The", "people"}) CHECK_FALSE(is_stop_word(word));
}

TEST_CASE("stems_of gives content words in order") {
  CHECK(stems_of("The mice were running; running to the caf\u00e9s!") == Texts{"mous", "run", "run", "cafe"});
  CHECK(stems_of("").empty());
  CHECK(stems_of("to be or not to be").empty());
}

TEST_CASE("a word may begin with a letter apostrophe, which once was read for ever") {
  CHECK(texts("\u02bcn roll\u02bcs \u02bc") == Texts{"n", "roll"});
}

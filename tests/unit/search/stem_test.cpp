#include <doctest/doctest.h>

#include "search/irregular.hpp"
#include "search/porter.hpp"
#include "search/words.hpp"

using namespace comem::search;

namespace {

std::string porter(std::string word) {
  porter_stem(word);
  return word;
}

struct Pair {
  const char* word;
  const char* stem;
};

}  // namespace

TEST_CASE("Porter: the rules of each step, as the paper gives them, carried through to the end") {
  constexpr Pair pairs[] = {// 1a
                            {"caresses", "caress"},
                            {"ponies", "poni"},
                            {"ties", "ti"},
                            {"caress", "caress"},
                            {"cats", "cat"},
                            // 1b
                            {"feed", "feed"},
                            {"agreed", "agre"},
                            {"plastered", "plaster"},
                            {"bled", "bled"},
                            {"motoring", "motor"},
                            {"sing", "sing"},
                            {"conflated", "conflat"},
                            {"troubled", "troubl"},
                            {"sized", "size"},
                            {"hopping", "hop"},
                            {"tanned", "tan"},
                            {"falling", "fall"},
                            {"hissing", "hiss"},
                            {"fizzed", "fizz"},
                            {"failing", "fail"},
                            {"filing", "file"},
                            // 1c
                            {"happy", "happi"},
                            {"sky", "sky"},
                            // 2
                            {"relational", "relat"},
                            {"conditional", "condit"},
                            {"rational", "ration"},
                            {"valenci", "valenc"},
                            {"hesitanci", "hesit"},
                            {"digitizer", "digit"},
                            {"conformabli", "conform"},
                            {"radicalli", "radic"},
                            {"differentli", "differ"},
                            {"vileli", "vile"},
                            {"analogousli", "analog"},
                            {"vietnamization", "vietnam"},
                            {"predication", "predic"},
                            {"operator", "oper"},
                            {"feudalism", "feudal"},
                            {"decisiveness", "decis"},
                            {"hopefulness", "hope"},
                            {"callousness", "callous"},
                            {"formaliti", "formal"},
                            {"sensitiviti", "sensit"},
                            {"sensibiliti", "sensibl"},
                            // 3
                            {"triplicate", "triplic"},
                            {"formative", "form"},
                            {"formalize", "formal"},
                            {"electriciti", "electr"},
                            {"electrical", "electr"},
                            {"hopeful", "hope"},
                            {"goodness", "good"},
                            // 4
                            {"revival", "reviv"},
                            {"allowance", "allow"},
                            {"inference", "infer"},
                            {"airliner", "airlin"},
                            {"gyroscopic", "gyroscop"},
                            {"adjustable", "adjust"},
                            {"defensible", "defens"},
                            {"irritant", "irrit"},
                            {"replacement", "replac"},
                            {"adjustment", "adjust"},
                            {"dependent", "depend"},
                            {"adoption", "adopt"},
                            {"homologou", "homolog"},
                            {"communism", "commun"},
                            {"activate", "activ"},
                            {"angulariti", "angular"},
                            {"homologous", "homolog"},
                            {"effective", "effect"},
                            {"bowdlerize", "bowdler"},
                            // 5
                            {"probate", "probat"},
                            {"rate", "rate"},
                            {"cease", "ceas"},
                            {"controll", "control"},
                            {"roll", "roll"},
                            // chains of suffixes
                            {"generalizations", "gener"},
                            {"oscillators", "oscil"}};
  for (const Pair& pair : pairs) CHECK_MESSAGE(porter(pair.word) == pair.stem, pair.word);
}

TEST_CASE("Porter: a y is a vowel after a consonant only") {
  CHECK(porter("toys") == "toi");
  CHECK(porter("syzygy") == "syzygi");
  CHECK(porter("playing") == "plai");
}

TEST_CASE("Porter: leaves alone what it cannot judge") {
  for (const char* word : {"", "a", "is", "as", "v2s", "caf\xc3\xa9s", "x86ing"}) CHECK(porter(word) == word);
  for (const char* word : {"ing", "eed", "sses", "ies", "ion", "ement", "yed"})
    CHECK_FALSE(porter(word).empty());
}

TEST_CASE("Porter: every short word ends in a stem that is not empty") {
  const std::string letters = "aeisdnglytz";
  for (const char a : letters) {
    for (const char b : letters) {
      for (const char c : letters) {
        for (const char d : letters) {
          const std::string stemmed = porter({a, b, c, d});
          REQUIRE(!stemmed.empty());
          REQUIRE(stemmed.size() <= 5);
        }
      }
    }
  }
}

TEST_CASE("irregular forms come to their base before the stemmer") {
  CHECK(stem("went") == stem("going"));
  CHECK(stem("mice") == stem("mouse"));
  CHECK(stem("children") == stem("child"));
  CHECK(stem("wrote") == stem("writes"));
  CHECK(stem("bought") == stem("buying"));
  CHECK(stem("better") == stem("good"));
  CHECK(base_form("table") == "table");
  CHECK(base_form("") == "");
  CHECK(base_form("went gone") == "went gone");
}

// In a question it is nearly always the verb.
TEST_CASE("where somebody lives is found by whoever says that he lives there") {
  CHECK(stem("lives") == stem("live"));
  CHECK(stem("lives") == stem("living"));
  CHECK(stem("wives") == stem("wife"));
}

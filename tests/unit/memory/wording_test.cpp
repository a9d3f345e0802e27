#include "memory/wording.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "api/tokenise.hpp"
#include "memory/said.hpp"

using namespace comem;
using namespace comem::memory;

namespace {

Wording read(const std::string& text) {
  return wording_of(text, tokenise(text));
}

bool same(const std::string& a, const std::string& b) {
  const bool one = say_the_same(read(a), read(b), usual_similarity);
  CHECK_MESSAGE(one == say_the_same(read(b), read(a), usual_similarity), a << " | " << b);
  return one;
}

bool differ(const std::string& a, const std::string& b) {
  const bool one = disagree(read(a), read(b));
  CHECK_MESSAGE(one == disagree(read(b), read(a)), a << " | " << b);
  return one;
}

constexpr const char* long_text =
    "yesterday evening the whole team walked slowly from the station to the harbour, ate fish soup and "
    "talked for "
    "hours about sailing boats, wooden houses, winter storms and ";

}  // namespace

TEST_CASE("the same in other forms, cases, orders and punctuation is the same") {
  CHECK(same("The user prefers dark mode in the editor.", "user preferring DARK mode in editors"));
  CHECK(same("Deploys to staging need the VPN", "The VPN is needed for staging deploys"));
  CHECK(same("Anna's dog is called Rex", "Anna\xe2\x80\x99s dog is called Rex!"));
  CHECK(same("don't restart the server", "Do not restart the server"));
  CHECK(same("not now", "not now"));
  CHECK(same(std::string(long_text) + "lighthouses", std::string(long_text) + "old lighthouses"));
  CHECK(same("\xe6\x88\x91\xe5\x96\x9c\xe6\xac\xa2\xe8\x8c\xb6",
             "\xe6\x88\x91\xe5\x96\x9c\xe6\xac\xa2\xe8\x8c\xb6\xe3\x80\x82"));
}

TEST_CASE("texts without words are the same as nothing") {
  CHECK_FALSE(same("", ""));
  CHECK_FALSE(same("!!!", "!!!"));
  CHECK_FALSE(same("to be or not to be", "not to be or to be"));
  CHECK(same("to be or not to be", "To be, or not to be?"));
}

TEST_CASE("one number, name, negation or opposite makes another statement, however long the text") {
  const std::pair<const char*, const char*> differences[] = {
      {"room 12", "room 13"},
      {"moved from 20 to 50", "moved from 50 to 20"},
      {"minus -5 degrees", "minus 5 degrees"},
      {"likes tea", "does not like tea"},
      {"likes tea", "never likes tea"},
      {"tea, not coffee", "coffee, not tea"},
      {"they told Anna", "they told Berta"},
      {"as Anna beat Berta", "as Berta beat Anna"},
      {"the heating is on", "the heating is off"},
      {"the flag is enabled", "the flag is disabled"},
      {"everyone was happy", "everyone was unhappy"},
      {"he came", "she came"},
      {"it is my boat", "it is your boat"},
      {"see src/core/error.cpp", "see src/core/clock.cpp"},
      {"written in C", "written in C++"},
      {"set maxSize", "set minSize"},
      {"on monday", "on tuesday"},
      {"three boats", "four boats"},
      {"im haus", "nicht im haus"},
      {"\xe6\x88\x91\xe5\x96\x9c\xe6\xac\xa2\xe8\x8c\xb6",
       "\xe6\x88\x91\xe4\xb8\x8d\xe5\x96\x9c\xe6\xac\xa2\xe8\x8c\xb6"},
  };
  for (const auto& [a, b] : differences) {
    CHECK_MESSAGE(!same(a, b), a << " | " << b);
    CHECK_MESSAGE(!same(long_text + std::string(a), long_text + std::string(b)), a << " | " << b);
    CHECK_MESSAGE(same(long_text + std::string(a), long_text + std::string(a)), a);
  }
  const std::string rest = std::string(" ") + long_text;
  CHECK_FALSE(same("Anna:" + rest, "Berta:" + rest));  // a capital in the place of another
  CHECK(same("Actually," + rest, rest));               // one more word at the beginning
}

TEST_CASE("what shares its subject and says something else disagrees") {
  CHECK(differ("Anna lives in Berlin", "Anna lives in Paris now"));
  CHECK(differ("Anna likes tea", "Anna does not like tea"));
  CHECK(differ("The API allows 100 requests a minute", "the API allows 250 requests a minute"));
  CHECK(differ("port 8080", "port 9090"));
  CHECK_FALSE(differ("Anna lives in Berlin", "Anna lives in Berlin with her dog"));  // more, not other
  CHECK_FALSE(differ("Anna lives in Berlin", "Ben plays chess"));
  CHECK_FALSE(differ("Deploys to staging need the VPN", "The staging database is restored on Sundays"));
  CHECK_FALSE(differ("Anna lives in Berlin", "Anna lives in Berlin"));
  CHECK_FALSE(differ("", ""));
  CHECK_FALSE(
      differ("I went to a support group yesterday and it was powerful",
             "I loved it. It was awesome to see how strong the young people were, with all the challenges "
             "they face. I felt fulfilled guiding and supporting them. I even told that group my story. Such "
             "a powerful, emotional experience."));  // a long text has words of a short one by chance
}

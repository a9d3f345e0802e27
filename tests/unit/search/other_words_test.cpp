// Other words than the query's: relatives, synonyms, slips of the fingers; and what is heard next to a
// question.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "documents_for_tests.hpp"
#include "search/persons.hpp"
#include "search/relatives.hpp"
#include "search/synonym_table.hpp"
#include "search/synonyms.hpp"
#include "search/typing_errors.hpp"
#include "search/words.hpp"

using namespace comem;
using namespace comem::search;

TEST_CASE("relatives begin alike, and mostly") {
  StringPool terms;
  Relatives relatives;
  for (const char* term :
       {"photograph", "photographi", "photosynthesi", "photog", "phone", "v123456", "photographeri"}) {
    terms.intern(term);
    relatives.add(term);
  }
  const auto of = [&](std::string_view term) {
    Ids found;
    for (const auto number : relatives.of(term, terms)) found.emplace_back(terms.at(number));
    return found;
  };
  CHECK(of("photograph") == Ids{"photographeri", "photographi", "photog"});
  CHECK(of("photographi") == Ids{"photograph", "photographeri"});
  CHECK(of("photogr") == Ids{"photograph", "photographi", "photog"});
  CHECK(of("phone").empty());
  CHECK(of("v123456").empty());
}

TEST_CASE("a relative is found after the word itself") {
  Index index;
  index.upsert(document("same", "her photograph"));
  index.upsert(document("relative", "her photography"));
  CHECK(found(index, Query("photographs")) == Ids{"same", "relative"});
}

TEST_CASE("who asks for a class may mean its members, but not the other way round") {
  const auto meant = [](const char* word, const char* other) {
    const auto synonyms = synonyms_of(stem(word), word);
    const auto found = std::find_if(synonyms.begin(), synonyms.end(),
                                    [&](const Synonym& synonym) { return synonym.stem == stem(other); });
    return found == synonyms.end() ? 0 : found->likeness;
  };
  CHECK(meant("instrument", "cello") > 0);
  CHECK(meant("instrument", "cello") < meant("movie", "film"));
  CHECK(meant("cello", "instrument") == 0);
  CHECK(meant("sickness", "pneumonia") > 0);  // of a class with several names
  CHECK(meant("sickness", "ailment") == 0);
}

TEST_CASE("a class is asked for by its name and its plural, not by what shares its stem") {
  const auto asks = [](const char* word, const char* member) {
    const auto synonyms = synonyms_of(stem(word), word);
    return std::any_of(synonyms.begin(), synonyms.end(),
                       [&](const Synonym& synonym) { return synonym.stem == stem(member); });
  };
  CHECK(asks("organ", "kidney"));
  CHECK(asks("organs", "kidney"));
  CHECK_FALSE(asks("organization", "kidney"));
  CHECK(asks("hobbies", "knit"));
  CHECK(asks("universities", "yale"));
  CHECK_FALSE(asks("universal", "yale"));
  CHECK(asks("boxes", "jar") == asks("box", "jar"));
}

TEST_CASE("classes have no member twice, none that is their name, and no stop words") {
  std::string_view all = word_classes();
  while (!all.empty()) {
    const std::string_view whole = all.substr(0, all.find('|'));
    all.remove_prefix(std::min(all.size(), whole.size() + 1));
    CAPTURE(whole);
    const std::size_t colon = whole.find(':');
    REQUIRE(colon != std::string_view::npos);
    auto members = stems_of(whole.substr(colon));
    CHECK(members.size() == split_words(whole.substr(colon)).size());
    for (const std::string& name : stems_of(whole.substr(0, colon)))
      CHECK(std::find(members.begin(), members.end(), name) == members.end());
    std::sort(members.begin(), members.end());
    CHECK(std::adjacent_find(members.begin(), members.end()) == members.end());
  }
}

TEST_CASE("a synonym that is somebody's name used to be looked for where its stem is another word") {
  Index index;
  index.upsert(document("word", "a flower"));
  index.upsert(document("name", "Hi Lily"));
  for (int i = 0; i < 40; ++i) index.upsert(document("other" + std::to_string(i), "Hello"));
  CHECK(found(index, Query("flower")) == Ids{"word", "name"});
  for (const char* author : {"Lily", "Ben"}) {
    Document made = document(author, "nothing");
    made.author = author;
    index.upsert(made);
  }
  CHECK(found(index, Query("flower")) == Ids{"word"});
  index.remove(MemoryType::episodic, "Lily");
  CHECK(found(index, Query("flower")) == Ids{"word", "name"});
}

TEST_CASE("of a class that no memory names, each member counts by its own rarity") {
  Index index;
  for (int i = 0; i < 300; ++i) index.upsert(document("other" + std::to_string(i), "nothing"));
  for (int i = 0; i < 12; ++i) index.upsert(document("common" + std::to_string(i), "we paint"));
  index.upsert(document("rare", "some origami"));
  const auto score = [&](const char* id) {
    for (const auto& match : index.search(Query("pastime pottery hobby").with_limit(200), {}, TimePoint()))
      if (match.id == id) return match.score;
    return 0.0;
  };
  CHECK(score("common1") > 0);
  CHECK(score("rare") > 1.3 * score("common1"));
}

TEST_CASE("what many memories have is looked for in the place of nothing else") {
  Index index;
  for (int i = 0; i < 300; ++i) index.upsert(document("film" + std::to_string(i), "a film"));
  index.upsert(document("word", "a movie"));
  CHECK(found(index, Query("movie").with_limit(500)) == Ids{"word"});
}

TEST_CASE("the words that stand for one are heard wherever one of them is, as loud as the loudest") {
  Index index;
  for (int i = 0; i < 900; ++i) index.upsert(document("other" + std::to_string(i), "nothing"));
  const std::vector<std::string> members{"basketball", "tennis", "golf", "hockey",
                                         "volleyball", "karate", "judo", "rugby"};
  for (std::size_t i = 0; i < 40; ++i) {
    const std::string both = members[i % 8] + ' ' + members[(i * 3 + 1) % 8];
    index.upsert(document("has" + std::to_string(i), "we " + both));
  }
  CHECK(found(index, Query("sports").with_limit(500)).size() == 40);
}

TEST_CASE("who uses many words means fewer others") {
  Index index;
  index.upsert(document("word", "a movie"));
  index.upsert(document("synonym", "a film"));
  for (int i = 0; i < 40; ++i) index.upsert(document("other" + std::to_string(i), "nothing of it"));
  const auto score_of = [&](const Query& query) {
    for (const auto& match : index.search(query, {}, TimePoint()))
      if (match.id == "synonym") return match.score;
    return 0.0;
  };
  const double few = score_of(Query("movie"));
  const double many =
      score_of(Query("movie alpha bravo charlie delta echo foxtrot golf hotel juliett kilo lima mike"));
  CHECK(many > 0);
  CHECK(many < few);
}

TEST_CASE("synonyms of a rare word are found after it; of a common one not") {
  const auto stems = synonyms_of("movi", "movie");
  CHECK(std::any_of(stems.begin(), stems.end(),
                    [](const Synonym& s) { return s.stem == "film" && s.likeness == 1; }));
  CHECK(synonyms_of("zebra", "zebra").empty());
  Index index;
  for (int i = 0; i < 40; ++i) index.upsert(document("other" + std::to_string(i), "nothing to see"));
  index.upsert(document("word", "a movie"));
  index.upsert(document("synonym", "a film"));
  CHECK(found(index, Query("movie")) == Ids{"word", "synonym"});
  for (int i = 0; i < 40; ++i) index.upsert(document("other" + std::to_string(i), "another movie"));
  const auto ids = found(index, Query("movie").with_limit(100));
  CHECK(std::count(ids.begin(), ids.end(), "synonym") == 0);
}

TEST_CASE("slips of the fingers: dropped, doubled, swapped, and in long words replaced letters") {
  const auto means = [](const char* typed, const char* meant) {
    const auto all = meant_by(typed);
    return std::count(all.begin(), all.end(), meant) > 0;
  };
  CHECK(means("harbor", "harbour"));
  CHECK(means("harrbour", "harbour"));
  CHECK(means("harbuor", "harbour"));
  CHECK(means("harbpur", "harbour"));
  CHECK_FALSE(means("farms", "forms"));
  CHECK_FALSE(means("arbour", "harbour"));  // the first letter is right
  for (const char* word : {"", "form", "naïve", "abc123"}) CHECK(meant_by(word).empty());
}

TEST_CASE("a slip finds what was meant; one in a stop word finds nothing") {
  Index index;
  index.upsert(document("a", "We saw harbours"));
  index.upsert(document("b", "a bout of flu"));
  CHECK(found(index, Query("harbuor")) == Ids{"a"});
  CHECK(found(index, Query("abuot")).empty());
  const auto matches = index.search(Query("harbuor").with_explanation(), {}, at(0));
  REQUIRE(matches.size() == 1);
  REQUIRE(matches[0].explanation.has_value());
  CHECK(matches[0].explanation->terms.at(0).meant == Ids{"harbour"});
}

TEST_CASE("months, days and seasons used to be taken for words that look like them") {
  const auto all = meant_by("spring");
  CHECK(std::count(all.begin(), all.end(), "sprig") == 1);
  Index index;
  index.upsert(document("a", "a sprig of thyme"));
  CHECK(found(index, Query("spring")).empty());
}

TEST_CASE("who speaks") {
  const auto second_only = [](std::initializer_list<const char*> words) {
    Persons persons;
    for (const char* word : words) persons.take(person_of(word));
    return persons.second_only();
  };
  CHECK(second_only({"are", "you", "there"}));
  CHECK_FALSE(second_only({"you", "and", "i"}));
  CHECK_FALSE(second_only({"my", "your"}));
  CHECK_FALSE(second_only({"boat"}));
}

TEST_CASE("the next speaker is heard to answer, the same one is not") {
  Index index;
  const auto say = [&](const char* session, int turn, const char* author, const char* text) {
    Document made = document(session + std::to_string(turn), text, 1);
    made.session = session;
    made.turn = turn;
    made.author = author;
    index.upsert(made);
  };
  say("a", 1, "Ann", "Where is the boat?");
  say("a", 2, "Ben", "Over there.");
  say("b", 1, "Ann", "Where is the boat?");
  say("b", 2, "Ann", "Over there.");
  say("c", 1, "Ann", "Here is the boat.");
  say("c", 2, "Ben", "Over there.");
  const auto matches = index.search(Query("boat").with_explanation(), {}, at(9));
  const auto score = [&](const char* id) {
    const auto match =
        std::find_if(matches.begin(), matches.end(), [&](const Match& m) { return m.id == id; });
    REQUIRE(match != matches.end());
    return match->score;
  };
  CHECK(score("a2") > score("b2"));
  CHECK(score("b2") == score("c2"));
}

TEST_CASE("an explanation adds up, and names the neighbours that were heard") {
  Index index;
  const auto say = [&](const char* id, const char* session, int turn, const char* text) {
    Document made = document(id, text, 1);
    made.session = session;
    made.turn = turn;
    index.upsert(made);
  };
  say("before", "s", 1, "the harbour in the morning");
  say("here", "s", 2, "a boat came in");
  say("after", "s", 3, "nothing else");
  say("elsewhere", "t", 1, "harbour");
  for (const auto& match : index.search(Query("boat harbour").with_explanation(), {}, at(9))) {
    REQUIRE(match.explanation.has_value());
    double sum = 0;
    for (const auto& term : match.explanation->terms) sum += term.score;
    for (const auto& boost : match.explanation->boosts) sum *= boost.factor;
    CHECK(match.score == doctest::Approx(sum).epsilon(1e-5));
    if (match.id != "here") continue;
    CHECK(match.words == Ids{"boat"});
    CHECK(match.heard == Ids{"harbour"});
    REQUIRE(match.explanation->neighbours.size() == 1);
    CHECK(match.explanation->neighbours[0].id == "before");
    CHECK(match.explanation->neighbours[0].away == -1);
  }
}

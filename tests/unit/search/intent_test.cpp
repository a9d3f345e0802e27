// What a query says beside its words: names, first person, dates.
#include "search/intent.hpp"

#include <doctest/doctest.h>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

namespace {

Authors three() {
  Authors authors;
  authors.add(1, "Nina Berg");
  authors.add(2, "Tom Berg");
  authors.add(3, "user");
  return authors;
}

Ids terms(std::string_view query, const Authors& authors, const Parameters& parameters = {}) {
  Ids found;
  for (const QueryTerm& term : intent_of(query, authors, DocumentTable(), parameters).terms)
    found.push_back(term.term);
  return found;
}

std::optional<std::uint32_t> wanted(std::string_view query, const Authors& authors) {
  return intent_of(query, authors, DocumentTable(), {}).author;
}

}  // namespace

TEST_CASE("a name is no word to search for, and asks for what its bearer said") {
  const Authors authors = three();
  CHECK(terms("Where does Nina's boat lie?", authors) == Ids{"boat", "lie"});
  CHECK(intent_of("nina's boat", authors, DocumentTable(), {}).author == 1u);
  CHECK(intent_of("Nina Berg's boat", authors, DocumentTable(), {}).author ==
        1u);  // named by two words, Tom by one
  CHECK_FALSE(intent_of("the Bergs", authors, DocumentTable(), {}).author.has_value());
  CHECK_FALSE(intent_of("Berg's boat", authors, DocumentTable(), {}).author.has_value());
  CHECK(terms("Did Nina meet Tom?", authors) == Ids{"meet"});
}

TEST_CASE("of two who are named the first acts, unless they are named together") {
  const Authors authors = three();
  CHECK(wanted("What did Nina give to Tom?", authors) == 1u);
  CHECK(wanted("What does Tom think of Nina's boat?", authors) == 2u);
  CHECK(wanted("What did Tom tell Nina Berg?", authors) == 2u);
  CHECK(wanted("What did Nina tell Tom and the others about Nina and Tom?", authors) == 1u);
  CHECK(wanted("Nina and a friend of Tom", authors) == 1u);
  CHECK_FALSE(wanted("Where did Nina and Tom sail?", authors).has_value());
  CHECK_FALSE(wanted("Neither Nina nor Tom", authors).has_value());
  CHECK_FALSE(wanted("Nina's or Tom's boat?", authors).has_value());
  CHECK_FALSE(wanted("Nina Berg and Tom Berg: boats", authors).has_value());
  CHECK_FALSE(wanted("Nina, Tom", authors).has_value());
  CHECK_FALSE(wanted("The Berg whom Tom met", authors).has_value());
  CHECK(intent_of("boats of Nina", authors, DocumentTable(), {}).alone);
  CHECK_FALSE(intent_of("What did Nina give to Tom?", authors, DocumentTable(), {}).alone);
}

TEST_CASE("a list of names used to prefer the last of them") {
  Authors authors = three();
  authors.add(4, "Carla");
  authors.add(5, "Dora");
  for (const char* query : {"What do Nina, Tom and Carla like?", "Where did Nina, Tom and Carla meet Dora?",
                            "Nina, Tom, Carla and Dora", "What do Carla, Nina Berg like?"}) {
    CAPTURE(query);
    const Intent intent = intent_of(query, authors, DocumentTable(), {});
    CHECK_FALSE(intent.author.has_value());
    CHECK_FALSE(intent.alone);
  }
}

TEST_CASE("a name that is a common word is one where it has a capital within the sentence") {
  Authors authors;
  authors.add(1, "Will");
  authors.add(2, "Anna A. Smith");
  authors.add(3, "Ben");
  CHECK(wanted("What will happen to Anna?", authors) == 2u);
  CHECK(wanted("Will Ben sail?", authors) == 3u);
  CHECK(wanted("What did Will sail?", authors) == 1u);
  CHECK(wanted("What did a friend give to Ben?", authors) == 3u);
  CHECK(wanted("What did Anna A. Smith give to Ben?", authors) == 2u);
  CHECK_FALSE(wanted("Is there a boat?", authors).has_value());
}

TEST_CASE("who asks for what they said themselves gets that, though they name others") {
  const Authors authors = three();
  CHECK(wanted("What did I tell Nina?", authors) == 3u);
  CHECK(wanted("What did Nina tell me?", authors) == 1u);
  CHECK(wanted("What did Nina say before I left?", authors) == 1u);
  CHECK(wanted("Where did I sail with Nina and Tom?", authors) == 3u);
}

TEST_CASE("who asked of the third of May used to get what has a 3 in it") {
  CHECK(terms("tickets on 3 May 2024", three()) == Ids{"ticket", "mai", "2024"});
  CHECK(terms("3 tickets in May 2024", three()) == Ids{"3", "ticket", "mai", "2024"});
}

TEST_CASE("where a query is nothing but names, they are searched for") {
  CHECK(terms("Nina and Tom", three()) == Ids{"nina", "tom"});
}

TEST_CASE("the first person is the user, where there is one and nobody is named") {
  Authors authors = three();
  CHECK(intent_of("where did I put my keys", authors, DocumentTable(), {}).author == 3u);
  CHECK(intent_of("did my sister call Nina", authors, DocumentTable(), {}).author == 1u);
  CHECK_FALSE(intent_of("where are the keys", authors, DocumentTable(), {}).author.has_value());
  authors.remove(3, "user");
  CHECK_FALSE(intent_of("where did I put my keys", authors, DocumentTable(), {}).author.has_value());
}

TEST_CASE("one author alone tells nothing, and one without a name is none") {
  Authors authors;
  authors.add(1, "Mark");
  authors.add(0, "");
  CHECK(terms("mark the lines", authors) == Ids{"mark", "line"});
  authors.add(2, "Ann");
  CHECK(terms("mark the lines", authors) == Ids{"line"});
  authors.add(2, "Ann");
  authors.remove(2, "Ann");
  CHECK(terms("mark the lines", authors) == Ids{"line"});
  authors.remove(2, "Ann");
  CHECK(terms("mark the lines", authors) == Ids{"mark", "line"});
}

TEST_CASE("facets: what the author said comes first, what others said of her is found too") {
  Index index;
  const auto add = [&](const char* id, const char* author, const char* text) {
    Document made = document(id, text);
    made.author = author;
    index.upsert(made);
  };
  add("hers", "Nina", "The boat lies in the harbour");
  add("his", "Tom", "The boat lies in the harbour");
  add("other", "Tom", "Nina is here");
  CHECK(found(index, Query("Where is Nina's boat?")) == Ids{"hers", "his"});
  CHECK(found(index, Query("Where is Tom's boat?")) == Ids{"his", "hers"});
  CHECK(found(index, Query("Nina")) == Ids{"other"});
}

TEST_CASE("dates: what happened then comes first, a few days later too, and is found by the date alone") {
  using std::chrono::days;
  Index index;
  const TimePoint day(std::chrono::duration_cast<Milliseconds>(
      std::chrono::sys_days(std::chrono::year(2023) / 5 / 7).time_since_epoch()));
  const auto add = [&](const char* id, TimePoint time) {
    Document made = document(id, "we sailed");
    made.time = time;
    index.upsert(made);
  };
  add("year before", day - days(365));
  add("week before", day - days(7));
  add("that day", day);
  add("week after", day + days(7));
  add("month after", day + days(30));
  const auto ids = found(index, Query("sailing on May 7, 2023").with_limit(2), {}, day + days(1000));
  CHECK(ids == Ids{"that day", "week after"});
  CHECK(found(index, Query("what was on May 7, 2023"), {}, day + days(1000)) ==
        Ids{"that day", "week after"});
}

TEST_CASE("a word of a date is left out where it is one, and stays where it is another") {
  Index index;
  const auto day = std::chrono::sys_days(std::chrono::year(2023) / 5 / 9);
  Document made = document("two", "Two boats");
  made.time = day;
  index.upsert(made);
  const auto words = [&](std::string_view query) {
    DocumentTable documents;
    documents.add(made);
    Ids found;
    for (const QueryTerm& term :
         intent_of(query, Authors(), documents, {}, {}, day + std::chrono::days(14)).terms)
      found.push_back(term.folded);
    return found;
  };
  CHECK(words("which two boats two weeks ago") == Ids{"two", "boats"});
  CHECK(words("two weeks ago: which two boats") == Ids{"two", "boats"});
  CHECK(words("what was it two weeks ago").empty());
  Authors authors = three();
  authors.add(7, "Anna B. Smith");
  CHECK(terms("plan b budget", authors) == Ids{"plan", "b", "budget"});
}

TEST_CASE("asked for nothing but yesterday, a young store used to answer the newest") {
  using std::chrono::days;
  Index index;
  const auto day = std::chrono::sys_days(std::chrono::year(2023) / 5 / 9);
  for (int back = 0; back < 4; ++back) {
    Document made = document("back" + std::to_string(back), "tea", 0);
    made.time = day - days(back);
    index.upsert(made);
  }
  CHECK(found(index, Query("yesterday").with_limit(1), {}, day) == Ids{"back1"});
  CHECK(found(index, Query("yesterday").with_types({MemoryType::skill}), {}, day).empty());
}

TEST_CASE("who asks of yesterday gets what is of yesterday, not what has the word") {
  using std::chrono::days;
  Index index;
  const auto day = std::chrono::sys_days(std::chrono::year(2023) / 5 / 9);
  const auto add = [&](const char* id, const char* text, std::chrono::sys_days on) {
    Document made = document(id, text);
    made.time = on;
    index.upsert(made);
  };
  add("of yesterday", "We decided on the green one", day - days(1));
  add("has the word", "Since yesterday it is decided", day - days(40));
  add("old", "We decided on the red one", day - days(80));
  CHECK(found(index, Query("what was decided yesterday").with_limit(1), {}, day) == Ids{"of yesterday"});
  CHECK(found(index, Query("what was decided yesterday").with_limit(1), {}, day + days(1000)) ==
        Ids{"has the word"});
  CHECK(found(index, Query("yesterday"), {}, day) == Ids{"of yesterday"});
  CHECK(found(index, Query("60 days ago").with_limit(1), {}, day) ==
        Ids{"of yesterday"});  // of then is nothing
}

TEST_CASE("who is named is not looked for in what is said to others only") {
  Index index;
  const auto add = [&](const char* id, const char* author, const char* text, int time) {
    Document made = document(id, text, time);
    made.author = author;
    index.upsert(made);
  };
  add("to her", "Tom", "You found a boat", 2);
  add("told", "Tom", "I found a boat", 1);
  CHECK(found(index, Query("who found a boat")) == Ids{"to her", "told"});
  add("hers", "Nina", "Hello", 1);
  CHECK(found(index, Query("which boat did Nina find")) == Ids{"told", "to her"});
  // Where two are named, "you" may be the other one.
  CHECK(found(index, Query("which boat did Nina see Tom find")) == Ids{"to her", "told"});
}

TEST_CASE("who asks when is answered by what tells a time") {
  Index index;
  index.upsert(document("vague", "We sailed to the island", 2));
  index.upsert(document("exact", "We sailed to the island yesterday", 1));
  CHECK(found(index, Query("when did they sail")) == Ids{"exact", "vague"});
  CHECK(found(index, Query("did they sail")) == Ids{"vague", "exact"});
}

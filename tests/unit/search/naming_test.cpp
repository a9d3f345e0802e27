// Names that a memory gives where one is asked for, who only asks; names with a
// slip.
#include "search/naming.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "documents_for_tests.hpp"
#include "search/intent.hpp"
#include "search/synonyms.hpp"

using namespace comem;
using namespace comem::search;

namespace {

void say(Index& index, const char* id, const char* author, const char* text, int time) {
  Document made = document(id, text, time);
  made.author = author;
  index.upsert(made);
}

Ids names_in(std::string_view text) {
  Ids names;
  for (const Word& word : split_words(text)) {
    if (looks_like_name(text, word)) names.push_back(word.text);
  }
  return names;
}

std::vector<std::string> boosts_of(const Index& index, const char* query, const char* id) {
  std::vector<std::string> names;
  for (const Match& match : index.search(Query(query).with_explanation(), {}, at(9))) {
    if (match.id != id) continue;
    for (const auto& boost : match.explanation->boosts) names.push_back(boost.name);
  }
  return names;
}

}  // namespace

TEST_CASE("a capital within a sentence looks like a name, at its beginning it does not") {
  CHECK(names_in("We met in Lisbon, Portugal. There was Anna") == Ids{"lisbon", "portugal", "anna"});
  CHECK(names_in("Then I saw the NASA film. Great! A B").empty());
  CHECK(names_in("").empty());
  CHECK(names_in("a X").empty());
}

TEST_CASE("who, where and which book ask for a name") {
  for (const char* query : {"Who came?", "whose boat", "where did they go", "What books has she read?",
                            "in which city", "what is it called", "Which companies"})
    CHECK_MESSAGE(asks_for_name(query), query);
  for (const char* query : {"", "what did she do", "the book", "book: what", "when was it"})
    CHECK_FALSE_MESSAGE(asks_for_name(query), query);
}

TEST_CASE("who asks for a name is answered by what names something") {
  Index index;
  index.upsert(document("vague", "we had dinner in a small town", 2));
  index.upsert(document("named", "we had dinner in lovely Sintra", 1));
  CHECK(found(index, Query("where was the dinner")) == Ids{"named", "vague"});
  CHECK(found(index, Query("how was the dinner")) == Ids{"vague", "named"});
  CHECK(boosts_of(index, "where was the dinner", "named") == Ids{"name"});
}

TEST_CASE("what somebody only asks comes behind what is said; a question by nobody may be a title") {
  Index index;
  say(index, "asked", "Tom", "A boat? Is the boat there?", 2);
  say(index, "said", "Tom", "A boat. Is the boat there.", 1);
  CHECK(found(index, Query("boat")) == Ids{"said", "asked"});
  CHECK(boosts_of(index, "boat", "asked") == Ids{"asks"});
  Index titles;
  titles.upsert(document("asked", "A boat? Is the boat there?", 2));
  titles.upsert(document("said", "A boat. Is the boat there.", 1));
  CHECK(found(titles, Query("boat")) == Ids{"asked", "said"});
}

TEST_CASE("a name with a slip of the fingers is that name, unless a memory has the word") {
  Index index;
  say(index, "hers", "Melanie", "The boat", 1);
  say(index, "his", "Robert", "The boat", 2);
  CHECK(found(index, Query("Melnaie's boat")) == Ids{"hers", "his"});
  CHECK(boosts_of(index, "Melannie's boat", "hers") == Ids{"author"});
  say(index, "word", "Robert", "melannie", 3);
  CHECK(boosts_of(index, "Melannie's boat", "hers").empty());
}

TEST_CASE("a month used to be taken for a name with a slip in it") {
  Index index;
  say(index, "his", "Marc", "The boat", 1);
  say(index, "hers", "Nina", "The boat", 2);
  CHECK(found(index, Query("which boat in March")) == Ids{"hers", "his"});
  CHECK(boosts_of(index, "which boat in March", "his").empty());
}

TEST_CASE("a slip that may be of two names is nobody's") {
  Authors authors;
  authors.add(1, "Marian");
  authors.add(2, "Mariam");
  authors.add(3, "Oskar");
  CHECK(authors.nearly_named("maria").empty());
  CHECK(authors.nearly_named("oskarr") == std::vector<std::uint32_t>{3});
  CHECK(authors.nearly_named("").empty());
  CHECK(authors.nearly_named("asker").empty());
}

TEST_CASE("families of words and numerals count as synonyms") {
  const auto has = [](const char* asked, const char* said) {
    const auto all = synonyms_of(stem(asked), asked);
    return std::any_of(all.begin(), all.end(), [&](const Synonym& s) { return s.stem == stem(said); });
  };
  CHECK(has("choice", "choose"));
  CHECK(has("seven", "7"));
  CHECK(has("norwegian", "norway"));
  CHECK(has("outage", "downtime"));
  CHECK_FALSE(has("choice", "norway"));
}

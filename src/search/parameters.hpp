#pragma once
// Every constant of the ranking, in one place, so that each part can be switched off to see what it adds.
// docs/search.md says where the values come from and what they were measured to be worth.

#include <comem/options.hpp>

#include <cstddef>

namespace comem::search {

using comem::Stemming;

struct Parameters {
  Stemming stemming = Stemming::english;

  // BM25.
  double k1 = 0.8;                ///< how soon more of the same word adds nothing
  double b = 0.75;                ///< how much a long text is held against a memory
  std::size_t floor_length = 25;  ///< in words; shorter texts count as this long
  double idf_power = 1.2;         ///< above 1, rare words weigh more than BM25 has it

  // Neighbours of the same session.
  double earlier = 0.35;  ///< how loud the memory before this one is heard
  double later = 0.14;    ///< and the one after it
  double fading = 0.5;    ///< with each step further away
  double answer = 0.7;    ///< how loud the words of a question are heard, on top, by the next speaker

  // Places in the text.
  double lead = 0.8;        ///< how much more the first word counts
  double lead_words = 8.0;  ///< after so many words, what is left of that is 1/e

  // Factors of a memory's score.
  double author = 2.0;     ///< said by who is named in the query
  double date = 2.0;       ///< how much more counts what happened when the query says
  double when = 1.3;       ///< speaks of time, and the query asks when
  double name = 1.2;       ///< names something, and the query asks for a name
  double addressed = 0.7;  ///< speaks to somebody else, and the query names somebody
  double asks = 0.7;       ///< somebody only asks there

  double on_the_day = 0.7;  ///< what such a memory gets by itself, in terms of the idf of the days

  // Other words than the query's.
  double relative = 0.4;        ///< share of a word that begins alike
  double synonym = 0.3;         ///< share of one that means nearly the same; not heard by neighbours
  double synonym_limit = 0.05;  ///< only where no larger part of the memories has either
  double synonym_words = 10;    ///< less in queries of more words
  double mistyped = 0.9;        ///< share of one that is a slip of the fingers away
  double similarity = 0.6;      ///< from which on a word is taken for a misspelled one; above 1: never
  double misspelled = 0.8;      ///< what it then weighs, times the similarity
};

}  // namespace comem::search

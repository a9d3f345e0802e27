#pragma once
// What a search asks for, and what it answers.

#include <comem/any_memory.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace comem {

/// A search: words and filters. Every setter is optional; filters are exact and combined with "and". Names of
/// authors and dates among the words ("in May 2024", "yesterday" by the clock of the options, in UTC) raise
/// what they speak of, and exclude nothing.
class Query {
 public:
  explicit Query(std::string words) : text(std::move(words)) {}

  Query& with_limit(std::size_t n) {
    limit = n;
    return *this;
  }
  Query& with_types(std::vector<MemoryType> values) {
    types = std::move(values);
    return *this;
  }
  Query& with_any_tag(std::vector<std::string> values) {
    any_tags = std::move(values);
    return *this;
  }
  Query& with_all_tags(std::vector<std::string> values) {
    all_tags = std::move(values);
    return *this;
  }
  /// Only this session, or with `linked` also the sessions it was rotated from and into.
  Query& in_session(std::string id, bool linked = false) {
    session = std::move(id);
    linked_sessions = linked;
    return *this;
  }
  Query& by_agent(std::string id) {
    agent = std::move(id);
    return *this;
  }
  Query& by_author(std::string name) {
    author = std::move(name);
    return *this;
  }
  Query& only_successful(bool yes = true) {
    success_only = yes;
    return *this;
  }
  /// Times are those at which things happened, both ends included.
  Query& between(TimePoint first, TimePoint last) {
    since = first;
    until = last;
    return *this;
  }
  Query& at_least_confidence(double value) {
    min_confidence = value;
    return *this;
  }

  /// Each hit says in full why it stands where it stands (Why::explanation).
  Query& with_explanation(bool yes = true) {
    explain = yes;
    return *this;
  }

  std::string text;  ///< at most 64 KiB; without a searchable word or date, the newest memories are found
  std::size_t limit = 10;         ///< 1 to 1,000
  std::vector<MemoryType> types;  ///< empty: all long-term types
  std::vector<std::string> any_tags, all_tags;
  std::string session;
  bool linked_sessions = false;
  std::string agent, author;
  bool success_only = false;
  TimePoint since{}, until{};  ///< zero: open
  double min_confidence = 0.0;
  bool explain = false;
};

/// What the score of a hit is made of: the sum of its terms' scores, times its boosts.
struct Explanation {
  Explanation() = default;

  /// A word of the query that is heard in the memory. docs/search.md has the formula.
  struct Term {
    Term() = default;
    std::string word;                ///< as the query has it
    std::string term;                ///< as the index has it: its stem
    std::vector<std::string> meant;  ///< the terms that stand for it when no memory has it
    std::size_t memories = 0;        ///< how many have it
    double weight = 0.0;             ///< the rarer, the higher
    double own = 0.0;                ///< its frequency here, in proportion to the length
    double around = 0.0;             ///< and what is heard of it from the neighbours
    double score = 0.0;              ///< what it adds
  };

  /// A memory of the same session that was heard.
  struct Neighbour {
    Neighbour() = default;
    std::string id;
    MemoryType type = MemoryType::episodic;
    int away = 0;                    ///< -1: the one before, 1: the one after
    std::vector<std::string> words;  ///< of the query, that it has
    double heard = 0.0;              ///< how loud, all words together
  };

  /// What the sum is multiplied by: author (said by who is named in the query), date (of the days that it
  /// names), when (tells a time, and a time is asked for), name (names something, and a name is asked for),
  /// addressed (speaks to somebody else, and the query names somebody), asks (its author only asks there).
  struct Boost {
    Boost() = default;
    Boost(std::string what, double times) : name(std::move(what)), factor(times) {}
    std::string name;
    double factor = 1.0;
  };

  std::vector<Term> terms;
  std::vector<Neighbour> neighbours;
  std::vector<Boost> boosts;
};

/// Why a memory was found.
struct Why {
  Why() = default;
  std::vector<std::string> words;  ///< the words of the query that it matched, as they were written
  std::vector<std::string> heard;  ///< those that it lacks and its neighbours in the session have
  std::string arm = "words";       ///< which way of searching found it: words, vectors, words and vectors
  std::optional<Explanation> explanation;  ///< where the query asked for it
};

/// One memory found. A higher score is a better match; scores of different queries do not compare.
template <class Kind>
struct Hit {
  Hit() = default;
  Kind memory;
  double score = 0.0;
  Why why;
};

/// What search_all() answers: each type by itself, best first.
struct AllHits {
  AllHits() = default;
  std::vector<Hit<Episode>> episodic;
  std::vector<Hit<Knowledge>> semantic;
  std::vector<Hit<Skill>> skills;
};

}  // namespace comem

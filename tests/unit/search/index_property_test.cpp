// The index against a scorer that keeps whole texts and goes through all of them, over random histories.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "documents_for_tests.hpp"
#include "search/words.hpp"

using namespace comem;
using namespace comem::search;

namespace {

using Key = std::pair<MemoryType, std::string>;

class BruteForce {
 public:
  void upsert(const Document& document) {
    documents_[{document.type, document.id}] = {document, words_of(document.text)};
  }
  void remove(const Key& key) { documents_.erase(key); }
  std::size_t drop_expired(TimePoint now) {
    return std::erase_if(documents_, [&](const auto& held) { return !live(held.second.document, now); });
  }
  std::size_t size() const { return documents_.size(); }

  std::vector<Match> search(const Query& query, TimePoint now) const {
    std::vector<std::string> terms;
    for (const std::string& word : words_of(query.text)) {
      if (std::find(terms.begin(), terms.end(), word) == terms.end()) terms.push_back(word);
    }
    several_sessions_ = sessions() > 1;
    std::map<std::string, double> with;  // of how many documents each term is
    for (const std::string& term : terms) {
      with[term] =
          static_cast<double>(std::count_if(documents_.begin(), documents_.end(), [&](const auto& other) {
            return loudness(term, other.second) > 0;
          }));
    }
    std::vector<std::pair<Match, const Document*>> scored;
    for (const auto& [key, held] : documents_) {
      const Document& document = held.document;
      if (!live(document, now) || !passes(document, query)) continue;
      Match match;
      match.type = document.type;
      match.id = document.id;
      for (const std::string& term : terms) match.score += score(term, held, with[term]);
      if (match.score > 0) scored.emplace_back(match, &document);
    }
    std::sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) {
      if (std::abs(a.first.score - b.first.score) > 1e-5) return a.first.score > b.first.score;
      const Document& x = *a.second;
      const Document& y = *b.second;
      if (x.composite != y.composite) return x.composite > y.composite;
      if (x.time != y.time) return x.time > y.time;
      return x.id != y.id ? x.id < y.id : x.type < y.type;
    });
    std::vector<Match> matches;
    for (const auto& [match, document] : scored) matches.push_back(match);
    if (matches.size() > query.limit) matches.resize(query.limit);
    return matches;
  }

 private:
  using Texts = std::vector<std::string>;
  struct Held {
    Document document;
    Texts words;
  };

  static Texts words_of(const std::string& text) {  // the words of these tests are their own stems
    Texts found;
    for (const Word& word : split_words(text)) found.push_back(word.text);
    return found;
  }

  static bool live(const Document& document, TimePoint now) {
    return document.expires_at == no_expiry || document.expires_at > now;
  }

  static bool passes(const Document& document, const Query& query) {
    const auto tagged = [&](const std::string& tag) {
      return std::count(document.tags.begin(), document.tags.end(), tag) > 0;
    };
    const auto open_or = [](const std::string& wanted, const std::string& has) {
      return wanted.empty() || wanted == has;
    };
    const bool right_type =
        query.types.empty() || std::count(query.types.begin(), query.types.end(), document.type) > 0;
    const bool in_time =
        document.time >= query.since && (query.until == TimePoint{} || document.time <= query.until);
    const bool any_tag =
        query.any_tags.empty() || std::any_of(query.any_tags.begin(), query.any_tags.end(), tagged);
    const bool sure = document.type != MemoryType::semantic || document.confidence >= query.min_confidence;
    const bool done = !query.success_only || document.type != MemoryType::episodic || document.success;
    return right_type && in_time && any_tag && sure && done && open_or(query.session, document.session) &&
           open_or(query.agent, document.agent) && open_or(query.author, document.author) &&
           std::all_of(query.all_tags.begin(), query.all_tags.end(), tagged);
  }

  // A word's frequency by the length norm, in whole steps as the index has it.
  static double loudness(const std::string& term, const Held& held) {
    double frequency = 0;
    for (std::size_t place = 0; place < held.words.size(); ++place) {
      const double lead = 0.8 * std::exp(-static_cast<double>(place) / 8);
      if (held.words[place] == term) frequency += std::round(16 * (1 + lead)) / 16;
    }
    const double norm = 0.25 + 0.75 * std::max(static_cast<double>(held.words.size()), 25.0) / 25.0;
    return frequency * std::round(2048 / norm) / 2048;
  }

  std::size_t sessions() const {
    std::set<std::string> names;
    for (const auto& [key, held] : documents_) names.insert(held.document.session);
    names.erase("");
    return names.size();
  }

  // Those of the same session, and with or without a turn as this one is, in order.
  std::vector<const Held*> session_of(const Held& held) const {
    std::vector<const Held*> session;
    for (const auto& [key, other] : documents_) {
      const bool same = other.document.session == held.document.session &&
                        other.document.turn.has_value() == held.document.turn.has_value();
      if (same) session.push_back(&other);
    }
    std::sort(session.begin(), session.end(), [](const Held* a, const Held* b) {
      const Document& x = a->document;
      const Document& y = b->document;
      return std::tie(x.turn, x.time, x.id, x.type) < std::tie(y.turn, y.time, y.id, y.type);
    });
    return session;
  }

  double heard(const std::string& term, const Held& held) const {
    double sum = loudness(term, held);
    if (held.document.session.empty() || !several_sessions_) return sum;
    const auto session = session_of(held);
    const auto here = static_cast<int>(std::find(session.begin(), session.end(), &held) - session.begin());
    for (int there = 0; there < static_cast<int>(session.size()); ++there) {
      const int away = std::abs(there - here);
      if (away == 0 || away > 5) continue;
      const Held& other = *session[static_cast<std::size_t>(there)];
      const double weight = std::round(256 * (there < here ? 0.35 : 0.14) * std::pow(0.5, away - 1));
      sum += loudness(term, other) * weight / 256;
    }
    return sum;
  }

  double score(const std::string& term, const Held& held, double with) const {
    const double frequency = heard(term, held);
    if (frequency == 0) return 0;
    const auto total = static_cast<double>(documents_.size());
    const double weight = std::pow(std::log(1 + (total - with + 0.5) / (with + 0.5)), 1.2);
    return weight * frequency * 1.8 / (frequency + 0.8);
  }

  std::map<Key, Held> documents_;
  mutable bool several_sessions_ = false;  // of the search under way
};

class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::string text(int longest) {
    std::string made;
    for (int words = below(longest) + 1; words > 0; --words) {
      made += "w" + std::to_string(std::min(below(30), below(30))) + ' ';
    }
    return made;
  }

  Document any() {
    Document made = document("id" + std::to_string(below(120)), text(below(8) == 0 ? 80 : 12), below(50));
    made.type = long_term_types[static_cast<std::size_t>(below(3))];
    made.composite = below(3) / 2.0;
    if (below(3) == 0) made.tags = {"t" + std::to_string(below(3))};
    if (below(4) == 0) made.expires_at = at(below(1000) + 1);
    if (below(4) > 0) made.session = "s" + std::to_string(below(9));
    if (below(2) == 0) made.turn = below(20);
    made.author = "author" + std::to_string(below(3));
    made.agent = "agent" + std::to_string(below(2));
    made.success = below(3) > 0;
    made.confidence = below(4) / 4.0;
    return made;
  }

  /// Any filters, mostly none.
  void narrow(Query& query) {
    if (below(3) == 0) query.with_all_tags({"t1"});
    if (below(6) == 0) query.with_any_tag({"t0", "t2"});
    if (below(6) == 0) query.in_session("s" + std::to_string(below(9)));
    if (below(6) == 0) query.by_author("author" + std::to_string(below(3)));
    if (below(6) == 0) query.by_agent("agent1");
    if (below(6) == 0) query.only_successful();
    if (below(6) == 0) query.at_least_confidence(0.5);
    if (below(6) == 0) query.with_types({MemoryType::episodic, MemoryType::skill});
    if (below(6) == 0) query.between(at(below(20)), below(2) == 0 ? TimePoint{} : at(20 + below(30)));
  }

 private:
  std::mt19937 random_;
};

/// The two add up the same scores in another order, so that equal ones may differ in their last bits: matches
/// of nearly the same score may stand in either order, and at the limit either may be left out.
void compare(const std::vector<Match>& matches, const std::vector<Match>& expected) {
  REQUIRE(matches.size() == expected.size());
  for (std::size_t i = 0; i < matches.size(); ++i) {
    CHECK(matches[i].score == doctest::Approx(expected[i].score).epsilon(1e-5));
    const auto same = std::find_if(expected.begin(), expected.end(), [&](const Match& other) {
      return other.type == matches[i].type && other.id == matches[i].id;
    });
    const double other = same == expected.end() ? expected.back().score : same->score;
    CHECK(matches[i].score == doctest::Approx(other).epsilon(1e-5));
  }
}

std::set<std::string> sessions_of(const Query& query) {
  if (query.session.empty()) return {};
  return {query.session};
}

}  // namespace

TEST_CASE("after any history the index answers what going through everything answers") {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    History history(seed);
    Index index;
    BruteForce reference;
    for (int step = 0; step < 900; ++step) {
      const Document document = history.any();
      if (history.below(3) == 0) {
        index.remove(document.type, document.id);
        reference.remove({document.type, document.id});
      } else {
        index.upsert(document);
        reference.upsert(document);
      }
      if (step % 150 == 149)
        REQUIRE(index.drop_expired(at(step / 10)) == reference.drop_expired(at(step / 10)));
      REQUIRE(index.size() == reference.size());
      if (step % 45 != 44) continue;
      Query query = Query(history.text(5)).with_limit(static_cast<std::size_t>(history.below(20) + 1));
      history.narrow(query);
      const TimePoint now = at(step);
      compare(index.search(query, sessions_of(query), now), reference.search(query, now));
    }
  }
}

// Enough of the common words that the ranking stops reading them once it knows which documents can win.
TEST_CASE("what is not read could not have won") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    History history(seed);
    Index index;
    BruteForce reference;
    for (int i = 0; i < 1500; ++i) {
      Document document = history.any();
      document.id = "id" + std::to_string(i);
      document.expires_at = no_expiry;
      document.text += "common often ";
      if (i % 100 == 50) document.text += "rare rare ";
      if (i % 10 == 0) document.tags = {"t1"};
      if (i % 3 > 0) {  // as a conversation comes
        document.session = "talk" + std::to_string(i / 30);
        document.turn = i;
      }
      index.upsert(document);
      reference.upsert(document);
      if (i % 40 == 39) {
        index.remove(document.type, document.id);
        reference.remove({document.type, document.id});
      }
    }
    for (const char* text : {"rare common often", "often rare w29 common", "common w1 w2", "w28 w3 common"}) {
      CAPTURE(text);
      Query query = Query(text).with_limit(5);
      compare(index.search(query, {}, at(1)), reference.search(query, at(1)));
      history.narrow(query);
      compare(index.search(query, sessions_of(query), at(1)), reference.search(query, at(1)));
    }
  }
}

TEST_CASE("the order in which documents came does not show") {
  History history(99);
  std::vector<Document> documents;
  for (int i = 0; i < 200; ++i) {
    documents.push_back(history.any());
    documents.back().id = "id" + std::to_string(i);
  }
  Index forwards;
  Index backwards;
  for (const Document& document : documents) forwards.upsert(document);
  std::reverse(documents.begin(), documents.end());
  for (const Document& document : documents) backwards.upsert(document);
  for (int i = 0; i < 20; ++i) {
    const Query query = Query(history.text(6)).with_limit(50);
    const auto one = forwards.search(query, {}, at(1));
    const auto other = backwards.search(query, {}, at(1));
    CHECK(ids_of(one) == ids_of(other));
    for (std::size_t k = 0; k < std::min(one.size(), other.size()); ++k)
      CHECK(one[k].score == other[k].score);
  }
}

// In the one order authors and days stand together, in the other all over.
TEST_CASE("whom and what day a query names is found wherever it stands") {
  History history(7);
  const std::vector<std::string> authors{"anna", "bruno", "carla", "dario"};
  std::vector<Document> documents;
  for (int i = 0; i < 1200; ++i) {
    documents.push_back(history.any());
    documents.back().id = "id" + std::to_string(i);
    documents.back().expires_at = no_expiry;
    documents.back().author = authors[static_cast<std::size_t>(i / 300)];
    documents.back().time =
        TimePoint(std::chrono::sys_days(std::chrono::year(2023) / 1 / 1)) + std::chrono::hours(i);
  }
  Index together;
  Index apart;
  for (const Document& document : documents) together.upsert(document);
  for (std::size_t i = 0; i < documents.size(); ++i) apart.upsert(documents[i * 7 % documents.size()]);
  const auto alike = [&](const Query& query) {
    const auto one = together.search(query, {}, at(1));
    const auto other = apart.search(query, {}, at(1));
    CHECK(!one.empty());
    CHECK(ids_of(one) == ids_of(other));
    for (std::size_t k = 0; k < std::min(one.size(), other.size()); ++k)
      CHECK(one[k].score == doctest::Approx(other[k].score).epsilon(1e-6));  // very loud sums are rounded
  };
  for (int i = 0; i < 40; ++i) {
    const std::string day = " January " + std::to_string(history.below(28) + 1) + ", 2023";
    const std::string words = history.text(4);
    const std::string& author = authors[static_cast<std::size_t>(history.below(4))];
    for (const std::string& text : {words + author, words + day, words + author + day}) {
      CAPTURE(text);
      alike(Query(text).with_limit(5));
      alike(Query(text).with_limit(60));
    }
    for (int removed = 0; removed < 25; ++removed) {  // and after they were numbered anew
      const std::string id = "id" + std::to_string(history.below(1200));
      for (const MemoryType type : long_term_types) {
        together.remove(type, id);
        apart.remove(type, id);
      }
    }
  }
}

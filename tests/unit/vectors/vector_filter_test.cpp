// The filters beside vectors are those of the index of words.

#include "storage/vector_filter.hpp"

#include <doctest/doctest.h>

#include <random>

#include "search/index.hpp"

namespace comem::storage {
namespace {

using Random = std::mt19937;

std::string pick(Random& random, std::vector<std::string> from) {
  return from[random() % from.size()];
}

TimePoint some_time(Random& random) {
  return TimePoint(Milliseconds(1'700'000'000'000 + static_cast<std::int64_t>(random() % 5)));
}

MemoryType some_type(Random& random) {
  return long_term_types[random() % long_term_types.size()];
}

search::Document some_document(Random& random, int number) {
  search::Document document;
  document.type = some_type(random);
  document.id = std::to_string(number);
  document.text = "tea";
  document.session = pick(random, {"", "s", "t"});
  document.agent = pick(random, {"a", "b"});
  document.author = pick(random, {"", "ada", "bob"});
  if (random() % 2 == 0) document.tags.push_back("x");
  if (random() % 2 == 0) document.tags.push_back("y");
  document.success = random() % 2 == 0;
  document.confidence = static_cast<double>(random() % 3) / 2;
  document.time = some_time(random);
  if (random() % 3 == 0) document.expires_at = some_time(random);
  return document;
}

Query some_query(Random& random) {
  Query query("tea");
  query.with_limit(1000);
  if (random() % 3 == 0) query.with_types({some_type(random)});
  if (random() % 3 == 0) query.with_any_tag({"x", "nowhere"});
  if (random() % 3 == 0) query.with_all_tags({"x", "y"});
  if (random() % 3 == 0) query.by_agent(pick(random, {"a", "nobody"}));
  if (random() % 3 == 0) query.by_author("ada");
  if (random() % 3 == 0) query.only_successful();
  if (random() % 3 == 0) query.at_least_confidence(0.5);
  if (random() % 3 == 0) query.since = some_time(random);
  if (random() % 3 == 0) query.until = some_time(random);
  return query;
}

TEST_CASE("what passes beside its vector is what the index of words finds") {
  Random random(3);
  std::vector<search::Document> documents;
  search::Index index;
  for (int i = 0; i < 300; ++i) {
    documents.push_back(some_document(random, i));
    index.upsert(documents.back());
  }
  for (int i = 0; i < 300; ++i) {
    const Query query = some_query(random);
    std::set<std::string> sessions;
    if (random() % 3 == 0) sessions = {"s", "elsewhere"};
    const TimePoint now = some_time(random);
    std::set<std::pair<MemoryType, std::string>> expected;
    for (const auto& match : index.search(query, sessions, now)) expected.emplace(match.type, match.id);
    std::set<std::pair<MemoryType, std::string>> passed;
    for (const auto& document : documents)
      if (passes(document, query, sessions, now)) passed.emplace(document.type, document.id);
    CHECK(passed == expected);
  }
}

}  // namespace
}  // namespace comem::storage

// The pieces of search: words and stems, adding to the index, queries over synthetic memories.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "search/index.hpp"
#include "search/words.hpp"

namespace {

using namespace comem;
using namespace comem::search;

// Words of a vocabulary of 50,000, frequent ones first as in language (Zipf's law), made of syllables.
class Words {
 public:
  explicit Words(unsigned seed) : random_(seed) {}

  std::string any() {
    const double rank = std::pow(50'000.0, std::uniform_real_distribution<double>(0, 1)(random_));
    return spelled(static_cast<unsigned>(rank));
  }

  std::string text(int words) {
    std::string made;
    for (int i = 0; i < words; ++i) made.append(any()).append(i % 12 == 11 ? ". The " : " ");
    return made;
  }

 private:
  static std::string spelled(unsigned rank) {
    static const char* const syllables[] = {"ba", "ke", "di", "fo", "gu", "la", "me",  "ni",
                                            "po", "ru", "sa", "te", "vi", "zo", "chu", "tra"};
    std::string word;
    for (rank += 16; rank > 0; rank /= 16) word += syllables[rank % 16];
    return word;
  }

  std::mt19937 random_;
};

Document memory(Words& words, std::int64_t number) {
  Document made;
  made.id = "0190a1b2-c3d4-7e5f-8a9b-" + std::to_string(100'000'000'000 + number);
  made.text = words.text(100);
  made.session = "session-" + std::to_string(number / 20);
  made.agent = "agent";
  made.tags = {"tag-" + std::to_string(number % 50)};
  made.time = TimePoint(Milliseconds(number));
  return made;
}

const Index& index_of(std::int64_t memories) {
  static Index index;
  static std::int64_t held = 0;
  if (held != memories) {
    index.clear();
    Words words(1);
    for (held = 0; held < memories; ++held) index.upsert(memory(words, held));
  }
  return index;
}

void stems_of_100_words(benchmark::State& state) {
  const std::string text = Words(2).text(100);
  for (auto _ : state) benchmark::DoNotOptimize(stems_of(text));
}
BENCHMARK(stems_of_100_words);

void upsert_100_words(benchmark::State& state) {
  Index index;
  Words words(3);
  std::vector<Document> documents;
  for (std::int64_t i = 0; i < 2'000; ++i) documents.push_back(memory(words, i));
  std::size_t next = 0;
  for (auto _ : state) {
    index.upsert(
        documents[next % documents.size()]);  // after the first round they are replaced, compaction included
    ++next;
  }
}
BENCHMARK(upsert_100_words);

void search_top_10(benchmark::State& state) {
  const Index& index = index_of(state.range(0));
  Words words(4);
  std::vector<Query> queries;
  for (int i = 0; i < 200; ++i) queries.emplace_back(words.text(3 + i % 6));
  std::size_t next = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(index.search(queries[next++ % queries.size()], {}, TimePoint()));
}
BENCHMARK(search_top_10)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void search_one_tag(benchmark::State& state) {
  const Index& index = index_of(state.range(0));
  Words words(4);
  std::vector<Query> queries;
  for (int i = 0; i < 200; ++i) queries.push_back(Query(words.text(3 + i % 6)).with_any_tag({"tag-7"}));
  std::size_t next = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(index.search(queries[next++ % queries.size()], {}, TimePoint()));
}
BENCHMARK(search_one_tag)->Arg(100'000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();

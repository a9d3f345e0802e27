#include "benchmarks/search_scale.hpp"

#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "benchmarks/fts_rival.hpp"
#include "benchmarks/made_memories.hpp"
#include "benchmarks/store_search.hpp"
#include "search/index.hpp"
#include "storage/searched.hpp"

namespace comem::bench {
namespace {

constexpr std::size_t block = 25;  // queries of one engine before the next one's turn
constexpr std::size_t added = 2000;

double heap_bytes() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
#else
  return 0;
#endif
}

search::Document document_of(const Episode& episode) {
  const RecordKey key("default", MemoryType::episodic, episode.id);
  return storage::searched_document(AnyMemory(episode), key, no_expiry, TimePoint());
}

// Of memories all over, so that each is found where it stands.
std::vector<std::string> queries_of(const ScaleSettings& settings) {
  RandomBits random(settings.seed + 1);
  std::vector<std::size_t> asked(settings.queries);
  for (std::size_t& number : asked) number = random.below(settings.memories);
  std::sort(asked.begin(), asked.end());
  std::vector<std::string> queries;
  MadeMemories made(settings.seed);
  std::size_t number = 0;
  for (const std::size_t wanted : asked) {
    std::optional<Episode> episode;
    while (number <= wanted) {
      episode = made.next();
      ++number;
    }
    if (episode) queries.push_back(made_query(episode->content, random));
  }
  for (std::size_t i = queries.size(); i > 1; --i) std::swap(queries[i - 1], queries[random.below(i)]);
  return queries;
}

std::set<std::string> query_sessions(const Query& query) {
  std::set<std::string> sessions;
  if (!query.session.empty()) sessions.insert(query.session);
  return sessions;
}

using Change = std::function<void(Query&, std::size_t)>;

struct Variant {
  std::string name;
  Change change;
};

std::vector<Variant> variants(std::size_t memories) {
  const TimePoint newest = [memories] {
    MadeMemories made(0);
    return made.next().time + Milliseconds(60'000) * static_cast<std::int64_t>(memories);
  }();
  const Milliseconds hundredth = Milliseconds(600) * static_cast<std::int64_t>(memories);
  return {{"words", [](Query&, std::size_t) {}},
          {"question", [](Query& query, std::size_t i) { query.text = as_question(query.text, i); }},
          {"tag of 1 in 500",
           [](Query& query, std::size_t i) { query.with_any_tag({"few-" + std::to_string(i % 500)}); }},
          {"tag of every other", [](Query& query, std::size_t) { query.with_any_tag({"half"}); }},
          {"tag of all", [](Query& query, std::size_t) { query.with_any_tag({"all"}); }},
          {"one session",
           [memories](Query& query, std::size_t i) {
             query.in_session("session-" + std::to_string(i * 97 % (memories / MadeMemories::session + 1)));
           }},
          {"one author of 40", [](Query& query, std::size_t i) { query.by_author(author_name(i)); }},
          {"newest hundredth",
           [newest, hundredth](Query& query, std::size_t) { query.between(newest - hundredth, newest); }},
          {"names an author", [](Query& query, std::size_t i) { query.text += " " + author_name(i); }},
          {"names a day", [](Query& query, std::size_t i) {
             query.text += " January " + std::to_string(i % 7 + 1) + ", 2023";
           }}};
}

// Of this thread, so that what else the machine does counts less.
double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

template <class Ask>
void timed(Measurement& measured, Ask ask) {
  const double begin = processor_ms();
  ask();
  measured.add(processor_ms() - begin);
}

template <class Ask>
void timed_by_the_clock(Measurement& measured, Ask ask) {
  const auto begin = Steady::now();
  ask();
  measured.add(ms_between(begin, Steady::now()));
}

void fill(search::Index& index, const ScaleSettings& settings, Scale& scale) {
  const double before = heap_bytes();
  MadeMemories made(settings.seed);
  for (std::size_t i = 0; i < settings.memories; ++i) index.upsert(document_of(made.next()));
  scale.bytes_a_memory = (heap_bytes() - before) / static_cast<double>(settings.memories);
  scale.terms = index.terms();
}

void add_some(search::Index& index, const ScaleSettings& settings, Scale& scale) {
  std::vector<search::Document> documents;
  MadeMemories made(settings.seed + 2);
  const std::size_t some = std::min(added, settings.memories / 4 + 1);
  for (std::size_t i = 0; i < some; ++i) {
    documents.push_back(document_of(made.next()));
    documents.back().id += "-added";
    documents.back().session += "-added";
  }
  for (const auto& document : documents) timed(scale.add, [&] { index.upsert(document); });
}

// One kind of query after the other would let the machine's moods into the ratios, so all take turns.
void ask_all(const search::Index& index, StoreSearch* store, FtsRival* rival, const ScaleSettings& settings,
             Scale& scale) {
  const auto queries = queries_of(settings);
  auto kinds = variants(settings.memories);
  std::erase_if(kinds, [&](const Variant& kind) {
    const auto& wanted = settings.kinds;
    return !wanted.empty() && std::find(wanted.begin(), wanted.end(), kind.name) == wanted.end();
  });
  for (const Variant& kind : kinds) scale.kinds.push_back({kind.name, {}});
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    for (std::size_t first = 0; first < queries.size(); first += block) {
      const std::size_t last = std::min(first + block, queries.size());
      for (std::size_t k = 0; k < kinds.size(); ++k) {
        for (std::size_t i = first; i < last; ++i) {
          Query query(queries[i]);
          kinds[k].change(query, i);
          timed(scale.kinds[k].index, [&] { index.search(query, query_sessions(query), TimePoint()); });
        }
      }
      for (std::size_t i = first; store != nullptr && i < last; ++i)
        timed_by_the_clock(scale.adapter, [&] { store->search(queries[i]); });
      for (std::size_t i = first; rival != nullptr && round == 0 && i < last; ++i) {
        timed(scale.fts, [&] { rival->search(queries[i]); });
        timed(scale.fts_questions, [&] { rival->search(as_question(queries[i], i)); });
      }
    }
  }
}

std::vector<std::string> texts_of(const ScaleSettings& settings) {
  MadeMemories made(settings.seed);
  std::vector<std::string> texts;
  while (texts.size() < settings.memories) texts.push_back(made.next().content);
  return texts;
}

}  // namespace

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const Variant& kind : variants(1)) names.push_back(kind.name);
  return names;
}

Scale measure_scale(const ScaleSettings& settings) {
  Scale scale;
  scale.memories = settings.memories;
  scale.queries = settings.queries;
  search::Index index;
  fill(index, settings, scale);
  std::optional<StoreSearch> store;
  if (settings.adapter) {
    const std::string file = settings.directory + "/search-" + std::to_string(settings.memories) + ".db";
    store.emplace(file, settings.memories, settings.seed);
    for (int i = 0; i < 3; ++i) scale.open.add(store->open(queries_of(settings).front()));
  }
  std::optional<FtsRival> rival;
  if (settings.rival) rival.emplace(texts_of(settings));
  ask_all(index, store ? &*store : nullptr, rival ? &*rival : nullptr, settings, scale);
  add_some(index, settings, scale);
  return scale;
}

}  // namespace comem::bench

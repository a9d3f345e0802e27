// comem-vector-bench: vectors by comparing with each and by a graph, over made-up vectors: times, what the
// graph misses, what it costs to build and to keep. Times are the processor's, so that a busy machine counts
// little.

#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/measurement.hpp"
#include "vectors/kernel.hpp"
#include "vectors/vector_index.hpp"

namespace {

using namespace comem::bench;
using comem::vectors::Near;
using comem::vectors::VectorIndex;

struct Settings {
  std::vector<std::size_t> sizes{10'000, 100'000};
  std::size_t dimensions = 768;
  std::size_t hidden = 48;
  std::size_t queries = 200;
  std::size_t limit = 100;
};

/// Points like those of a model: many numbers, far fewer ways to differ, in heaps of unequal size.
class Points {
 public:
  explicit Points(const Settings& settings)
      : dimensions_(settings.dimensions), hidden_(settings.hidden), spread_(dimensions_ * hidden_) {
    for (auto& value : spread_) value = normal_(random_);
    for (auto& centre : centres_) {
      centre.resize(hidden_);
      for (auto& value : centre) value = normal_(random_);
    }
  }

  std::vector<float> next() {
    const double place = std::uniform_real_distribution<double>(0, 1)(random_);
    std::vector<float> hidden = centres_[static_cast<std::size_t>(place * place * heaps)];
    for (auto& value : hidden) value += normal_(random_);
    std::vector<float> point(dimensions_);
    for (std::size_t d = 0; d < dimensions_; ++d)
      point[d] = comem::vectors::dot(spread_.data() + d * hidden_, hidden.data(), hidden_) + normal_(random_);
    comem::vectors::normalise(point);
    return point;
  }

 private:
  static constexpr std::size_t heaps = 500;
  std::size_t dimensions_, hidden_;
  std::mt19937 random_{1};
  std::normal_distribution<float> normal_;
  std::vector<float> spread_;
  std::vector<std::vector<float>> centres_{heaps};
};

double megabytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
}

/// Milliseconds that this thread has had of the processor.
double spent_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

using Answers = std::vector<std::vector<Near>>;

Answers ask(const VectorIndex& index, const std::vector<std::vector<float>>& queries, std::size_t limit,
            const comem::vectors::Admits& admits, Measurement& measured) {
  Answers answers;
  for (const auto& query : queries) {
    const double begun = spent_ms();
    answers.push_back(index.search(query, limit, admits));
    measured.add(spent_ms() - begun);
  }
  return answers;
}

/// The share of the first `depth` of the exact answers that stand among the first `depth` of others.
double recall(const Answers& exact, const Answers& others, std::size_t depth) {
  std::size_t found = 0, all = 0;
  for (std::size_t q = 0; q < exact.size(); ++q) {
    const auto last = others[q].begin() + static_cast<std::ptrdiff_t>(std::min(depth, others[q].size()));
    for (std::size_t i = 0; i < std::min(depth, exact[q].size()); ++i, ++all)
      found += std::any_of(others[q].begin(), last,
                           [&](const Near& one) { return one.number == exact[q][i].number; });
  }
  return all == 0 ? 1 : static_cast<double>(found) / static_cast<double>(all);
}

void print(const std::string& name, const Measurement& measured, const std::string& further = "") {
  fmt::print("  {:<26} p50 {:7.3f} ms   p99 {:7.3f} ms   {}\n", name, measured.percentile(0.5),
             measured.percentile(0.99), further);
}

std::string missed(const Answers& exact, const Answers& others, std::size_t limit) {
  return fmt::format("recall@10 {:.3f}, @{} {:.3f}", recall(exact, others, 10), limit,
                     recall(exact, others, limit));
}

void measure(const Settings& settings, std::size_t size) {
  Points points(settings);
  const double empty = megabytes();
  VectorIndex index(settings.dimensions, 1);
  for (std::uint32_t number = 0; number < size; ++number) index.set(number, points.next());
  const double held = megabytes();
  std::vector<std::vector<float>> queries;
  for (std::size_t i = 0; i < settings.queries; ++i) queries.push_back(points.next());
  const comem::vectors::Admits tenth = [](std::uint32_t number) { return number % 10 == 0; };
  const comem::vectors::Admits few = [](std::uint32_t number) { return number % 1000 == 0; };

  fmt::print("{} vectors of {} numbers: {:.0f} MB\n", size, settings.dimensions, held - empty);
  Measurement scan, scan_tenth, scan_few, links, links_tenth, links_few;
  const Answers exact = ask(index, queries, settings.limit, nullptr, scan);
  const Answers exact_tenth = ask(index, queries, settings.limit, tenth, scan_tenth);
  const Answers exact_few = ask(index, queries, settings.limit, few, scan_few);
  print("each", scan);
  print("each, one in 10 admitted", scan_tenth);

  const double begun = spent_ms();
  auto draft = index.begin_draft();
  while (index.extend(*draft)) {
  }
  index.adopt(std::move(draft));
  const double seconds = (spent_ms() - begun) / 1000;
  fmt::print("  graph: {:.1f} s to build, {:.2f} ms a vector, {:.0f} MB more\n", seconds,
             seconds * 1000 / static_cast<double>(size), megabytes() - held);
  const Answers near = ask(index, queries, settings.limit, nullptr, links);
  print("graph", links, missed(exact, near, settings.limit));
  const Answers near_tenth = ask(index, queries, settings.limit, tenth, links_tenth);
  print("graph, one in 10 admitted", links_tenth, missed(exact_tenth, near_tenth, settings.limit));
  const Answers near_few = ask(index, queries, settings.limit, few, links_few);
  print("graph, 1 in 1,000 admitted", links_few, missed(exact_few, near_few, settings.limit));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("comem-vector-bench: vector search by comparing with each and by a graph",
               "comem-vector-bench");
  Settings settings;
  app.add_option("--n", settings.sizes, "Vectors; several sizes one after the other (10000 100000)");
  app.add_option("--dimensions", settings.dimensions, "Numbers of a vector (768)")
      ->check(CLI::Range(std::size_t{8}, std::size_t{4096}));
  app.add_option("--hidden", settings.hidden, "Ways in which the vectors differ, beside noise (48)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}));
  app.add_option("--queries", settings.queries, "Queries, each asked once (200)");
  app.add_option("--limit", settings.limit, "Vectors asked for (100, as a search does)");
  CLI11_PARSE(app, argc, argv);
  for (const auto size : settings.sizes) measure(settings, size);
  return 0;
}

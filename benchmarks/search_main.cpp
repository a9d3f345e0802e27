// comem-search-bench: search at several sizes, beside SQLite's FTS5 over the same words and rows in the same
// run.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks/fts_rival.hpp"
#include "benchmarks/search_scale.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/process.hpp"

namespace comem::bench {
namespace {

struct Arguments {
  std::vector<std::size_t> sizes{1'000, 10'000, 100'000};
  ScaleSettings settings;
  std::string json;
  bool no_rival = false, no_adapter = false;
};

void define(CLI::App& app, Arguments& arguments) {
  app.add_option("--n", arguments.sizes, "Memories; several sizes one after the other (1000 10000 100000)")
      ->check(CLI::Range(std::size_t{100}, std::size_t{10'000'000}));
  app.add_option("--queries", arguments.settings.queries, "Different queries, of 3 to 8 words (200)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}));
  app.add_option("--rounds", arguments.settings.rounds,
                 "How often comem is asked each; FTS5 is asked once (3)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  app.add_option("--kinds", arguments.settings.kinds, "Kinds of queries (all)")
      ->check(CLI::IsMember(kind_names()));
  app.add_option("--seed", arguments.settings.seed, "Of the made-up words (1)");
  app.add_flag("--no-rival", arguments.no_rival, "Without FTS5");
  app.add_flag("--no-adapter", arguments.no_adapter, "The index alone, without a store");
  app.add_option("--json", arguments.json, "Write the figures to this file too")->type_name("FILE");
  app.footer("Example:\n  comem-search-bench --n 10000 100000 --json search.json");
}

// FTS5's median by that of the index; 0 where either was not measured.
double ratio_of(const Measurement& fts, const Scale& scale, std::string_view kind) {
  for (const Kind& own : scale.kinds) {
    if (own.name == kind && own.index.count() > 0) return fts.percentile(0.5) / own.index.percentile(0.5);
  }
  return 0;
}

void print_scale(const Scale& scale) {
  const auto row = [](std::string_view name, const Measurement& measured) {
    if (measured.count() == 0) return;
    cli::print_line(
        fmt::format("  {:<34} {:>9.3f} {:>9.3f}", name, measured.percentile(0.5), measured.percentile(0.99)));
  };
  cli::print_line(fmt::format("{} memories of 100 words, {} terms{:<6} p50 ms    p99 ms", scale.memories,
                              scale.terms, ""));
  for (const Kind& kind : scale.kinds) row("index: " + kind.name, kind.index);
  row("adapter: words", scale.adapter);
  row("FTS5: words", scale.fts);
  row("FTS5: question", scale.fts_questions);
  row("add one memory to the index", scale.add);
  row("open the store, first search", scale.open);
  if (scale.fts.count() > 0)
    cli::print_line(fmt::format("  FTS5 / index, p50: words {:.1f}, question {:.1f}",
                                ratio_of(scale.fts, scale, "words"),
                                ratio_of(scale.fts_questions, scale, "question")));
  if (scale.bytes_a_memory > 0)
    cli::print_line(fmt::format("  index: {:.0f} bytes a memory", scale.bytes_a_memory));
  cli::flush_output();
}

std::string times(const Measurement& measured) {
  return cli::JsonObject()
      .add("p50_ms", measured.percentile(0.5))
      .add("p99_ms", measured.percentile(0.99))
      .str();
}

std::string json_of(const Scale& scale) {
  cli::JsonObject kinds;
  for (const Kind& kind : scale.kinds) kinds.raw(kind.name, times(kind.index));
  cli::JsonObject object;
  object.add("memories", scale.memories).add("queries", scale.queries).add("terms", scale.terms);
  object.raw("index", kinds.str()).raw("add", times(scale.add)).add("bytes_a_memory", scale.bytes_a_memory);
  if (scale.adapter.count() > 0) object.raw("adapter", times(scale.adapter)).raw("open", times(scale.open));
  if (scale.fts.count() > 0) {
    object.raw("fts5", times(scale.fts)).raw("fts5_questions", times(scale.fts_questions));
    object.add("fts5_by_index_words", ratio_of(scale.fts, scale, "words"));
    object.add("fts5_by_index_question", ratio_of(scale.fts_questions, scale, "question"));
  }
  return object.str();
}

void write_json(const std::string& path, const std::vector<std::string>& lines) {
  std::ofstream file(path);
  for (std::size_t i = 0; i < lines.size(); ++i) file << (i == 0 ? "[" : ",\n ") << lines[i];
  file << "]\n";
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

int run(Arguments& arguments) {
  const cli::TemporaryDirectory scratch;
  ScaleSettings& settings = arguments.settings;
  settings.directory = scratch.path();
  settings.adapter = !arguments.no_adapter;
  settings.rival = !arguments.no_rival && FtsRival::available();
  if (!settings.rival && !arguments.no_rival)
    fmt::print(stderr, "comem-search-bench: this SQLite has no FTS5\n");
  std::vector<std::string> lines;
  for (const std::size_t size : arguments.sizes) {
    settings.memories = size;
    const Scale scale = measure_scale(settings);
    print_scale(scale);
    lines.push_back(json_of(scale));
  }
  if (!arguments.json.empty()) write_json(arguments.json, lines);
  return 0;
}

}  // namespace
}  // namespace comem::bench

int main(int argc, char** argv) {
  CLI::App app("comem-search-bench: search beside FTS5, by the number of memories", "comem-search-bench");
  comem::bench::Arguments arguments;
  comem::bench::define(app, arguments);
  try {
    app.parse(argc, argv);
    return comem::bench::run(arguments);
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : (app.exit(error), 2);
  } catch (const std::exception& error) {
    fmt::print(stderr, "comem-search-bench: {}\n", error.what());
    return 3;
  }
}

// comem search: find memories by their words.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/explanation.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/search_batch.hpp"
#include "cli/shell.hpp"
#include "cli/show.hpp"
#include "cli/values.hpp"
#include "cli/words.hpp"
#include "memory/jsonl.hpp"

namespace comem::cli {
namespace {

struct Arguments {
  std::vector<std::string> types, tags;
  std::string query, author, session, since, until, batch;
  std::size_t limit = 10;
  bool success = false, trec = false, explain = false;
};

/// The query of the arguments with all its filters.
Query query_of(const Arguments& arguments) {
  Query query(arguments.query);
  query.with_limit(arguments.limit).with_types(type_values(arguments.types, "--type"));
  query.with_all_tags(arguments.tags).only_successful(arguments.success).with_explanation(arguments.explain);
  if (!arguments.author.empty()) query.by_author(arguments.author);
  if (!arguments.session.empty()) query.in_session(arguments.session);
  TimePoint since{};
  TimePoint until{};
  if (!arguments.since.empty()) since = time_value(arguments.since, "--since");
  if (!arguments.until.empty()) until = time_value(arguments.until, "--until", true);
  query.between(since, until);
  return query;
}

std::string as_json(const Hit<AnyMemory>& hit, std::size_t rank, const std::string& ns) {
  JsonObject why;
  why.raw("words", json_strings(hit.why.words))
      .raw("heard", json_strings(hit.why.heard))
      .add("arm", hit.why.arm);
  if (hit.why.explanation) why.raw("explanation", explanation_as_json(*hit.why.explanation));
  return JsonObject()
      .add("rank", rank)
      .add("score", hit.score)
      .add_id("id", common(hit.memory).id)
      .raw("why", why.str())
      .raw("memory", memory::export_line(ns, hit.memory))
      .str();
}

std::string listed(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "" : ", ") + visible(word);
  return list;
}

std::string reason(const Hit<AnyMemory>& hit) {
  const Why& why = hit.why;
  if (hit.score == 0) return "newest";  // the query had no word to search for
  if (why.words.empty() && why.heard.empty())
    return why.arm == "words" ? "its date, or who said it" : why.arm;
  std::string text = why.arm;
  if (!why.words.empty()) text += ": " + listed(why.words);
  if (!why.heard.empty()) text += (why.words.empty() ? ", nearby: " : "; nearby: ") + listed(why.heard);
  return text;
}

void show(const Hit<AnyMemory>& hit, std::size_t rank) {
  print_line(fmt::format("{}{}. {}{}  {}{}  score {:.2f} ({}){}", style().bold, rank,
                         visible(id_on_a_line(common(hit.memory).id, false)), style().off, style().dim,
                         facts_of(hit.memory), hit.score, reason(hit), style().off));
  print_line("   " + excerpt(hit.memory, hit.why.words, 240));
  if (!hit.why.explanation) return;
  for (const auto& line : explanation_as_lines(*hit.why.explanation))
    print_line(fmt::format("{}      {}{}", style().dim, line, style().off));
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  Query query = query_of(*arguments);
  Options options = shell->options();
  const std::string ns = options.ns;
  auto adapter = co_await shell->open(std::move(options), Use::join);
  const auto begin = std::chrono::steady_clock::now();
  const auto hits = co_await adapter.search(std::move(query));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (shell->json()) {
      print_line(as_json(hits[i], i + 1, ns));
    } else {
      show(hits[i], i + 1);
    }
  }
  if (!shell->json() && !hits.empty())
    print_line(fmt::format("{}{} found in {:.1f} ms{}", style().dim, hits.size(), took.count(), style().off));
  flush_output();
  if (hits.empty()) complain(fmt::format("nothing found in namespace '{}'", visible(ns)));
  co_await shell->close(adapter, Use::read);
  co_return hits.empty() ? exit_nothing : exit_ok;
}

void select(Shell& shell, const std::shared_ptr<Arguments>& arguments) {
  if (arguments->batch.empty() == arguments->query.empty())
    throw CLI::ValidationError("search", "give either a QUERY or --batch FILE");
  if (arguments->trec && arguments->batch.empty()) throw CLI::ValidationError("--trec", "needs --batch FILE");
  if (arguments->explain && !arguments->batch.empty())
    throw CLI::ValidationError("--explain", "is for a QUERY, not for --batch");
  if (arguments->batch.empty()) {
    shell.select([&shell, arguments] { return run(&shell, arguments); });
    return;
  }
  shell.select([&shell, arguments] {
    Batch batch;
    batch.path = arguments->batch;
    batch.trec = arguments->trec;
    return search_batch(&shell, std::move(batch), query_of(*arguments));
  });
}

}  // namespace

void add_search(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("search", "Find memories by their words, best match first");
  command->add_option("QUERY", arguments->query, "Words to look for");
  take_words(*command);
  command->add_option("--limit", arguments->limit, "How many at most (10)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  command->add_option("--type", arguments->types, "Only episodic, semantic or skill; may be repeated")
      ->type_name("TYPE")
      ->allow_extra_args(false);
  command->add_option("--tag", arguments->tags, "Only with this tag; all of them when repeated")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command->add_option("--author", arguments->author, "Only by this author")->type_name("NAME");
  command->add_option("--session", arguments->session, "Only of this session")->type_name("ID");
  command->add_option("--since", arguments->since, "Only what happened then or later (ISO 8601)")
      ->type_name("TIME");
  command->add_option("--until", arguments->until, "Only what happened then or earlier")->type_name("TIME");
  command->add_flag("--explain", arguments->explain, "Say how each score came about");
  command->add_flag("--success", arguments->success, "Only what succeeded");
  command
      ->add_option("--batch", arguments->batch,
                   "Many queries: lines {\"id\",\"ns\",\"query\"}; - is standard input")
      ->type_name("FILE");
  command->add_flag("--trec", arguments->trec, "With --batch: print lines \"qid memory_id rank score\"");
  command->footer(
      "Examples:\n"
      "  comem search staging deploy --limit 5\n"
      "  comem search \"rate limit\" --type semantic --since 2024-05-01 --json\n"
      "  comem search --batch queries.jsonl --limit 100 --trec > my.run\n"
      "In --trec lines, white space, control characters and '%' of ids that hold white space or\n"
      "control characters are percent-encoded; all other ids stand as they are.");
  command->callback([&shell, arguments, command] {
    arguments->query = joined_words(*command, arguments->query);
    select(shell, arguments);
  });
}

}  // namespace comem::cli

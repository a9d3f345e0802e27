// comem context: the text to put before a model.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/clean_text.hpp"
#include "cli/commands.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/words.hpp"

namespace comem::cli {
namespace {

struct Arguments {
  std::string query;
  std::size_t budget = 0, limit = 0;
};

std::string json_memories(const std::vector<ContextMemory>& memories) {
  std::string list;
  for (const auto& memory : memories) {
    list += (list.empty() ? "[" : ", ") + JsonObject()
                                              .add_id("id", memory.id)
                                              .add("type", name_of(memory.type))
                                              .add("tokens", memory.tokens)
                                              .add("cut", memory.cut)
                                              .add("older", memory.older)
                                              .str();
  }
  return list.empty() ? "[]" : list + "]";
}

ContextRequest request_of(const Arguments& arguments, std::size_t budget) {
  ContextRequest request(arguments.query);
  request.with_token_budget(budget).with_limit_per_type(arguments.limit);
  return request;
}

/// Why the answer is empty.
awaitable<std::string> why_nothing(RedisMemoryAdapter& adapter, const Arguments& arguments) {
  if (arguments.budget == 0) co_return "nothing is remembered that would help";
  ContextRequest without_budget = request_of(arguments, 0);
  const auto context = co_await adapter.get_enriched_context(std::move(without_budget));
  if (context.text.empty()) co_return "nothing is remembered that would help";
  co_return fmt::format("nothing of what is remembered fits into {}; give a larger --budget",
                        counted(arguments.budget, "token", "tokens"));
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  if (is_blank(arguments->query))
    throw Error(errc::invalid_argument, "QUERY is empty; say what the task is about");
  auto adapter = co_await shell->open(shell->options(), Use::join);
  ContextRequest request = request_of(*arguments, arguments->budget);
  const auto context = co_await adapter.get_enriched_context(std::move(request));
  if (shell->json()) {
    print_line(JsonObject()
                   .add("query", arguments->query)
                   .add("tokens", context.tokens)
                   .raw("memory_ids", json_ids(context.memory_ids))
                   .raw("memories", json_memories(context.memories))
                   .add("text", context.text)
                   .str());
  } else {
    print(visible(context.text));
    if (!context.text.empty() && context.text.back() != '\n') print("\n");
  }
  flush_output();
  if (context.text.empty()) {
    const auto why = co_await why_nothing(adapter, *arguments);
    complain(why);
  }
  co_await shell->close(adapter, Use::read);
  co_return context.text.empty() ? exit_nothing : exit_ok;
}

}  // namespace

void add_context(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command =
      app.add_subcommand("context", "Print what is remembered about a task, as Markdown for a prompt");
  command->add_option("QUERY", arguments->query, "What the task is about, in one or several words")
      ->required();
  take_words(*command);
  command
      ->add_option("--budget", arguments->budget,
                   "At most this many tokens, at four bytes each (0: no limit)")
      ->type_name("TOKENS")
      ->check(CLI::Range(std::size_t{0}, std::size_t{10'000'000}));
  command->add_option("--limit", arguments->limit, "Memories of each type (3; with --budget as many as fit)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}));
  command->footer("Example:\n  comem context \"deploy to staging\" --budget 500");
  command->callback([&shell, arguments, command] {
    arguments->query = joined_words(*command, arguments->query);
    shell.select([&shell, arguments] { return run(&shell, arguments); });
  });
}

}  // namespace comem::cli

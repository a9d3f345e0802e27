// comem add: save one memory.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/clean_text.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/shell.hpp"
#include "cli/values.hpp"
#include "cli/words.hpp"
#include "memory/check.hpp"

namespace comem::cli {
namespace {

struct Arguments {
  std::vector<std::string> tags;
  std::string text, type = "episodic", kind, author, session, ttl, id, time, operation;
  double importance = 0.5;
  bool deduplicate = false;
};

/// All of standard input, as one text.
std::string read_text() {
  std::string text;
  char bytes[65536];
  for (;;) {
    const auto count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    interrupt::check();  // half a text must not be saved
    if (count <= 0) break;
    text.append(bytes, static_cast<std::size_t>(count));
    if (text.size() > memory::max_content_bytes)
      throw Error(errc::invalid_argument,
                  fmt::format("the text on standard input is longer than {} bytes; cut it "
                              "into several memories",
                              memory::max_content_bytes));
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

NewMemory memory_of(const Arguments& arguments) {
  std::string text = arguments.text == "-" ? read_text() : arguments.text;
  if (is_blank(text)) throw Error(errc::invalid_argument, "the text is empty; say what is to be remembered");
  NewMemory memory(std::move(text));
  const auto type = type_value(arguments.type, "--type");
  memory.type(type.type);
  if (!type.kind.empty()) memory.kind(type.kind);
  if (!arguments.kind.empty()) memory.kind(arguments.kind);
  memory.tags(arguments.tags).author(arguments.author).importance(arguments.importance);
  if (!arguments.session.empty()) memory.session(arguments.session);
  if (!arguments.id.empty()) memory.id(arguments.id);
  if (!arguments.operation.empty()) memory.operation(arguments.operation);
  if (arguments.deduplicate) memory.deduplicate();
  if (!arguments.ttl.empty()) memory.ttl(duration_value(arguments.ttl, "--ttl"));
  if (!arguments.time.empty()) memory.time(time_value(arguments.time, "--time"));
  return memory;
}

awaitable<int> run(Shell* shell, std::shared_ptr<Arguments> arguments) {
  NewMemory memory = memory_of(*arguments);
  Options options = shell->options();
  const std::string ns = options.ns;
  memory::check(memory);  // before a database is made for it
  auto adapter = co_await shell->open(std::move(options), Use::write);
  const auto result = co_await adapter.remember(std::move(memory));
  if (shell->json()) {
    print_line(JsonObject()
                   .add_id("id", result.id)
                   .add_id("ns", ns)
                   .add("outcome", name_of(result.outcome))
                   .add("changed", result.changed)
                   .add("replaced", result.replaced)
                   .add("duplicate", result.duplicate)
                   .add("repeated", result.repeated)
                   .str());
  } else {
    print_line(id_on_a_line(result.id, false));
  }
  flush_output();
  if (result.duplicate) complain("nothing was added: the memory of this id says the same");
  if (result.replaced && result.changed && arguments->id.empty())
    complain(
        "it replaced the skill of that name; give another --id and name (what stands before ':') to keep "
        "both");
  co_await explain_outcome(adapter, result);
  co_await shell->close(adapter, Use::write);
  co_return exit_ok;
}

}  // namespace

void add_add(CLI::App& app, Shell& shell) {
  auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("add", "Save a memory; prints its id");
  command->add_option("TEXT", arguments->text, "The text, in one or several words; - reads standard input")
      ->required();
  take_words(*command);
  command->add_option("--type", arguments->type, "episodic, semantic, skill or document")->type_name("TYPE");
  command->add_option("--kind", arguments->kind, "What you call it, if not its type")->type_name("WORD");
  command->add_option("--tag", arguments->tags, "A tag; may be repeated")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command->add_option("--author", arguments->author, "Who said it")->type_name("NAME");
  command->add_option("--session", arguments->session, "The session it belongs to")->type_name("ID");
  command->add_option("--ttl", arguments->ttl, "Forget it after 30m, 12h, 7d; 0: never")->type_name("TIME");
  command->add_option("--id", arguments->id, "Save under this id, replacing what it holds")->type_name("ID");
  command
      ->add_option("--operation", arguments->operation,
                   "An id for this very call: repeated within a day, it saves nothing again")
      ->type_name("ID");
  command->add_flag("--deduplicate", arguments->deduplicate,
                    "Add nothing where a memory says the same; prints the id of that one");
  command->add_option("--time", arguments->time, "When it happened (ISO 8601)")->type_name("TIME");
  command->add_option("--importance", arguments->importance, "0 to 1")->type_name("NUMBER");
  command->footer(
      "Examples:\n"
      "  comem add \"staging deploys need the VPN\" --tag deploy --author ada\n"
      "  comem add --type semantic --ttl 7d \"the API allows 100 requests a minute\"\n"
      "  comem add --type skill \"rollback: stop the service, restore the last image, start it\"\n"
      "  git diff | comem add - --tag diff");
  command->callback([&shell, arguments, command] {
    arguments->text = joined_words(*command, arguments->text);
    shell.select([&shell, arguments] { return run(&shell, arguments); });
  });
}

}  // namespace comem::cli

#include "cli/words.hpp"

#include <CLI/CLI.hpp>

namespace comem::cli {
namespace {

bool looks_like_an_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

}  // namespace

// A list of words as an option of its own would not do: CLI11 takes "[1,2]" and "{}" within lists apart.
void take_words(CLI::App& command) {
  command.allow_extras();
}

std::string joined_words(const CLI::App& command, std::string first) {
  for (const auto& word : command.get_parent()->remaining()) first += " " + word;
  return first;
}

void check_extras(const CLI::App& root) {
  const auto commands = root.get_subcommands();
  const bool takes_words = !commands.empty() && commands.front()->get_allow_extras();
  for (const auto& word : root.remaining(true)) {
    if (word == "--") continue;
    if (!takes_words || looks_like_an_option(word)) throw CLI::ExtrasError(root.get_name(), {word});
  }
}

}  // namespace comem::cli

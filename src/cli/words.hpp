#pragma once
// Texts of several words, which need no quotes on the command line.

#include <string>

namespace CLI {
class App;
}

namespace comem::cli {

/// Lets `command`, which takes its first word by an option, take any number of further words. CLI11
/// leaves them to the root, which must allow extras (after its commands were made, for they inherit that).
void take_words(CLI::App& command);
/// The first word and the further ones, joined by blanks. To be asked in the command's callback.
std::string joined_words(const CLI::App& command, std::string first);
/// Throws CLI::ExtrasError for what the command line holds and nobody takes: unknown options, and words
/// beyond those of a command that takes no further ones.
void check_extras(const CLI::App& root);

}  // namespace comem::cli

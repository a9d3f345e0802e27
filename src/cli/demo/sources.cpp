#include "cli/demo/sources.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "cli/git_log.hpp"
#include "cli/markdown.hpp"
#include "cli/show.hpp"
#include "search/words.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t batch = 500;
constexpr std::size_t most_commits = 5000;
constexpr std::size_t most_documents = 200;
constexpr std::size_t most_bytes = 1u << 20;

/// The first telling words of a text, each once, as somebody would type them who remembers it dimly.
std::vector<std::string> words_to_ask(std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : search::split_words(text.substr(0, 500))) {
    const bool known = std::find(words.begin(), words.end(), word.text) != words.end();
    if (word.text.size() >= 3 && !known && !search::is_stop_word(word.text)) words.push_back(word.text);
    if (words.size() == 6) break;
  }
  return words;
}

void ask_for(std::vector<Question>& questions, std::string_view text, const std::string& id) {
  Question question;
  const auto words = words_to_ask(text);
  for (const auto& word : words) question.text += (question.text.empty() ? "" : " ") + word;
  question.words = words.size();
  question.answer_id = id;
  if (words.size() >= 2) questions.push_back(std::move(question));
}

awaitable<std::size_t> put_all(RedisMemoryAdapter* memory, std::vector<AnyMemory> memories) {
  std::size_t saved = 0;
  for (std::size_t from = 0; from < memories.size(); from += batch) {
    const auto to = std::min(memories.size(), from + batch);
    std::vector<AnyMemory> part(std::make_move_iterator(memories.begin() + static_cast<std::ptrdiff_t>(from)),
                                std::make_move_iterator(memories.begin() + static_cast<std::ptrdiff_t>(to)));
    const auto results = co_await memory->put_many(std::move(part));
    saved += results.size();
  }
  co_return saved;
}

std::vector<AnyMemory> read_history(const std::string& root, std::vector<Question>& questions) {
  std::vector<AnyMemory> commits;
  try {
    GitLog log(root, most_commits);
    while (auto commit = log.next()) {
      commit->created_at = commit->time;  // with that, it never expires
      commits.emplace_back(std::move(*commit));
    }
  } catch (const Error&) {
    return {};  // a repository without a commit
  }
  for (const auto at : {commits.size() / 2, commits.empty() ? 0 : commits.size() - 1}) {
    if (at < commits.size()) ask_for(questions, common(commits[at]).content, common(commits[at]).id);
  }
  return commits;
}

/// The heading alone, without the name of the file before it.
std::string heading_of(const AnyMemory& section) {
  const auto title = title_of(section);
  const auto colon = title.find(": ");
  return std::string(title.substr(colon == std::string_view::npos ? 0 : colon + 2));
}

std::string read_document(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::ifstream file(path, std::ios::binary);
  std::string text(std::min(static_cast<std::size_t>(status.st_size), most_bytes), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::vector<AnyMemory> read_documents(const std::string& root, std::vector<Question>& questions) {
  std::vector<AnyMemory> sections;
  for (const auto& file : tracked_files(root, "*.md", most_documents)) {
    for (auto& section : sections_of(file, read_document(root + "/" + file)))
      sections.emplace_back(std::move(section));
  }
  if (!sections.empty()) {
    const auto& middle = sections[sections.size() / 2];
    ask_for(questions, heading_of(middle) + " " + common(middle).content, common(middle).id);
  }
  return sections;
}

bool is_this_project(const std::string& root) {
  struct stat status = {};
  return ::stat((root + "/include/comem/adapter.hpp").c_str(), &status) == 0;
}

awaitable<Sources> import_built_in(RedisMemoryAdapter* memory, Report* report) {
  Sources sources;
  report->say("This is no git repository with a history, so a few built-in texts stand in for one.");
  const auto memories = built_in_memories();
  for (const auto at : {1u, 4u, 7u})
    ask_for(sources.questions, common(memories[at]).content, common(memories[at]).id);
  sources.commits = co_await put_all(memory, memories);
  co_return sources;
}

}  // namespace

awaitable<Sources> import_sources(RedisMemoryAdapter* memory, std::string directory, Report* report) {
  report->heading("1. Remember the history and the documents of a repository");
  const Stopwatch watch;
  Sources sources;
  const auto root = repository_root(directory);
  std::vector<AnyMemory> commits;
  if (!root.empty()) commits = read_history(root, sources.questions);
  if (commits.empty()) {
    sources = co_await import_built_in(memory, report);
  } else {
    sources.root = root;
    sources.commits = co_await put_all(memory, std::move(commits));
    auto sections = read_documents(root, sources.questions);
    sources.documents = co_await put_all(memory, std::move(sections));
    if (is_this_project(root)) {
      for (const auto* text :
           {"What happens to a write when Redis is away?", "How do I build and test it?"}) {
        Question question;
        question.text = text;
        sources.questions.push_back(std::move(question));
      }
    }
  }
  const auto took = watch.ms();
  const auto stats = co_await memory->stats();
  std::size_t held = 0;
  for (const auto type : long_term_types) held += stats.live.contains(type) ? stats.live.at(type) : 0;
  report->expect(
      held == sources.commits + sources.documents && held > 0,
      fmt::format("{} {} and {} sections of documents remembered in {:.0f} ms, each safe on disk",
                  sources.commits, sources.root.empty() ? "texts" : "commits", sources.documents, took));
  co_return sources;
}

}  // namespace comem::cli

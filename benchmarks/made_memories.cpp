#include "benchmarks/made_memories.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <string_view>

namespace comem::bench {
namespace {

constexpr std::array<std::string_view, 60> function_words{
    "the",   "to",   "and", "a",   "of",    "i",     "is",   "in",   "that", "it",    "for",   "you",
    "was",   "with", "on",  "as",  "have",  "but",   "be",   "they", "we",   "are",   "not",   "this",
    "he",    "at",   "my",  "or",  "from",  "had",   "by",   "so",   "what", "if",    "all",   "were",
    "she",   "when", "can", "an",  "there", "their", "do",   "will", "your", "which", "about", "been",
    "would", "up",   "me",  "out", "who",   "has",   "more", "no",   "them", "some",  "his",   "how"};
constexpr std::array<std::string_view, 24> onsets{"b", "c", "d",  "f",  "g",  "h",  "j",   "k",
                                                  "l", "m", "n",  "p",  "r",  "s",  "t",   "v",
                                                  "w", "z", "br", "cl", "dr", "sh", "str", "th"};
constexpr std::array<std::string_view, 5> vowels{"a", "o", "e", "i", "u"};
constexpr std::array<std::string_view, 5> codas{"", "n", "r", "l", "m"};
constexpr std::array<std::string_view, 4> endings{"ix", "orn", "aluk", "ot"};
constexpr std::array<std::string_view, 40> names{
    "Anna",  "Bruno", "Carla", "Dario", "Edith", "Felix",  "Greta", "Hanno", "Irene", "Jonas",
    "Katia", "Leon",  "Marta", "Nilo",  "Olga",  "Pavel",  "Quinn", "Rosa",  "Sven",  "Tilda",
    "Ugo",   "Vera",  "Wanda", "Xenia", "Yuri",  "Zoe",    "Amir",  "Bella", "Cyril", "Dora",
    "Emil",  "Flora", "Gavin", "Hilda", "Igor",  "Judith", "Klaus", "Lydia", "Milan", "Nora"};

constexpr double frequent_words = 10'000;
constexpr double tail_power = 1.8;
constexpr std::size_t subject_words = 12;
constexpr std::int64_t first_time_ms = 1'672'531'200'000;  // 2023

}  // namespace

std::uint64_t RandomBits::next() noexcept {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// Both densities, 1/r and its continuation, are integrated and turned round.
std::uint64_t any_rank(RandomBits& random) noexcept {
  const double frequent = std::log(frequent_words);
  const double tail = 1 / (tail_power - 1);
  const double at = random.unit() * (frequent + tail);
  const double rank = at < frequent
                          ? std::exp(at)
                          : frequent_words * std::pow(1 - (at - frequent) / tail, -1 / (tail_power - 1));
  return static_cast<std::uint64_t>(std::min(rank, 1e12)) - 1;
}

std::string word_of_rank(std::uint64_t rank) {
  if (rank < function_words.size()) return std::string(function_words[rank]);
  constexpr std::uint64_t rare = 2000;
  if (rank > rare && rank % 4 == 0)  // one of a family, made of a word seven times as frequent
    return word_of_rank(rank / 7).append(endings[rank / 4 % endings.size()]);
  std::string word;
  const std::uint64_t syllables = onsets.size() * vowels.size() * codas.size();
  for (std::uint64_t left = rank + syllables; left > 0; left /= syllables) {
    const std::uint64_t syllable = left % syllables;
    word += onsets[syllable % onsets.size()];
    word += vowels[syllable / onsets.size() % vowels.size()];
    word += codas[syllable / (onsets.size() * vowels.size())];
  }
  return word;
}

std::string author_name(std::size_t number) {
  return std::string(names[number % names.size()]);
}

void MadeMemories::begin_session() {
  first_author_ = random_.below(names.size());
  subject_.clear();
  while (subject_.size() < subject_words) {
    const std::uint64_t rank = any_rank(random_);
    if (rank >= function_words.size()) subject_.push_back(word_of_rank(rank));
  }
}

// Every eighth word is one of the session's subject.
std::string MadeMemories::any_word() {
  constexpr std::size_t eighth = 8;
  if (random_.below(eighth) == 0) return subject_[random_.below(subject_.size())];
  return word_of_rank(any_rank(random_));
}

Episode MadeMemories::next() {
  const std::uint64_t number = made_++;
  if (number % session == 0) begin_session();
  Episode made;
  made.id = fmt::format("0190a1b2-c3d4-7e5f-8a9b-{:012}", number);
  for (std::size_t i = 0; i < words; ++i) {
    constexpr std::size_t sentence = 12;
    if (i > 0) made.content += i % sentence == 0 ? ". " : " ";
    made.content += any_word();
  }
  if (random_.below(5) == 0) made.content += '?';
  made.session = fmt::format("session-{}", number / session);
  made.turn = static_cast<std::int64_t>(number % session);
  made.author = author_name(first_author_ + (number % 2) * 7);
  made.agent = "agent";
  made.tags = {"all", fmt::format("few-{}", number % 500)};
  if (number % 2 == 0) made.tags.emplace_back("half");
  made.time = TimePoint(Milliseconds(first_time_ms + static_cast<std::int64_t>(number) * 60'000));
  return made;
}

std::string made_query(const std::string& text, RandomBits& random) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    std::erase_if(word, [](char c) { return c == '.' || c == '?'; });
    const auto is = [&](const auto& other) { return other == word; };
    if (std::none_of(function_words.begin(), function_words.end(), is) &&
        std::none_of(words.begin(), words.end(), is))
      words.push_back(word);
  }
  const std::size_t wanted = std::min<std::size_t>(3 + random.below(6), words.size());
  std::string query;
  for (std::size_t i = 0; i < wanted; ++i) {
    std::swap(words[i], words[i + random.below(words.size() - i)]);
    query += (i == 0 ? "" : " ") + words[i];
  }
  return query;
}

std::string as_question(const std::string& query, std::size_t number) {
  static constexpr std::array<std::string_view, 4> beginnings{"what did they", "when was", "how is",
                                                              "who has"};
  static constexpr std::array<std::string_view, 4> links{" about the ", " for ", " in the ", " of "};
  const std::size_t first = query.find(' ');
  std::string asked = fmt::format("{} {}", beginnings[number % beginnings.size()], query.substr(0, first));
  if (first != std::string::npos)
    asked.append(links[number / 4 % links.size()]).append(query.substr(first + 1));
  return asked;
}

}  // namespace comem::bench

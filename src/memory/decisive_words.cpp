#include "memory/decisive_words.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace comem::memory {
namespace {

using Words = std::unordered_set<std::string_view>;
using Pair = std::pair<std::string_view, std::string_view>;

// Base forms; a word may take a side in several pairs.
constexpr Pair pairs[] = {
    {"on", "off"},
    {"up", "down"},
    {"before", "after"},
    {"above", "below"},
    {"over", "under"},
    {"in", "out"},
    {"inside", "outside"},
    {"with", "without"},
    {"all", "none"},
    {"all", "some"},
    {"all", "few"},
    {"more", "less"},
    {"more", "fewer"},
    {"most", "least"},
    {"first", "last"},
    {"previous", "next"},
    {"left", "right"},
    {"high", "low"},
    {"higher", "lower"},
    {"old", "new"},
    {"early", "late"},
    {"earlier", "later"},
    {"true", "false"},
    {"yes", "no"},
    {"always", "never"},
    {"open", "close"},
    {"start", "stop"},
    {"begin", "end"},
    {"enable", "disable"},
    {"increase", "decrease"},
    {"raise", "lower"},
    {"rise", "fall"},
    {"grow", "shrink"},
    {"allow", "deny"},
    {"allow", "forbid"},
    {"accept", "reject"},
    {"pass", "fail"},
    {"success", "failure"},
    {"win", "lose"},
    {"love", "hate"},
    {"like", "hate"},
    {"like", "dislike"},
    {"buy", "sell"},
    {"lend", "borrow"},
    {"add", "remove"},
    {"push", "pull"},
    {"send", "receive"},
    {"import", "export"},
    {"upload", "download"},
    {"read", "write"},
    {"encrypt", "decrypt"},
    {"lock", "unlock"},
    {"install", "uninstall"},
    {"connect", "disconnect"},
    {"online", "offline"},
    {"arrive", "leave"},
    {"hot", "cold"},
    {"warm", "cool"},
    {"good", "bad"},
    {"better", "worse"},
    {"fast", "slow"},
    {"big", "small"},
    {"large", "small"},
    {"long", "short"},
    {"minimum", "maximum"},
    {"min", "max"},
    {"light", "dark"},
    {"black", "white"},
    {"full", "empty"},
    {"public", "private"},
    {"primary", "replica"},
    {"staging", "production"},
    {"client", "server"},
    {"north", "south"},
    {"east", "west"},
    {"day", "night"},
    {"male", "female"},
    {"husband", "wife"},
    {"mother", "father"},
    {"brother", "sister"},
    {"son", "daughter"},
    {"he", "she"},
    {"his", "her"},
    {"him", "her"},
    {"i", "you"},
    {"me", "you"},
    {"my", "your"},
    {"mine", "yours"},
    {"must", "may"},
};

using Sides = std::unordered_map<std::string_view, std::vector<Opposite>>;

const Sides& sides() {
  static const Sides all = [] {
    Sides made;
    for (std::uint16_t i = 0; i < std::size(pairs); ++i) {
      made[pairs[i].first].push_back({i, false});
      made[pairs[i].second].push_back({i, true});
    }
    return made;
  }();
  return all;
}

// Han and Kana have no spaces, so these lie within what search takes for a word.
bool holds_denial(std::string_view word) noexcept {
  static constexpr std::array<std::string_view, 12> denials{"不", "没", "沒", "無",   "无",   "未",
                                                            "非", "别", "別", "ない", "せん", "なか"};
  if (word.size() < 3 || static_cast<unsigned char>(word.front()) < 0xE0) return false;
  return std::any_of(denials.begin(), denials.end(),
                     [&](std::string_view part) { return word.find(part) != std::string_view::npos; });
}

}  // namespace

bool denies(std::string_view folded) noexcept {
  static const Words words{"no", "not", "nor", "never", "none", "nobody", "nothing", "nowhere", "neither",
                           "without", "cannot", "hardly", "barely", "dont", "doesnt", "didnt", "isnt",
                           "arent", "wasnt", "werent", "havent", "hasnt", "hadnt", "wont", "wouldnt", "cant",
                           "couldnt", "shouldnt", "mustnt", "neednt", "mightnt", "shant", "aint",
                           // German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Russian
                           "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "ohne",
                           "ne", "pas", "jamais", "sans", "sin", "nunca", "ningun", "nao", "sem", "non",
                           "mai", "senza", "niet", "geen", "nooit", "inte", "aldrig", "не", "нет", "ни",
                           "без", "никогда"};
  return words.contains(folded) || holds_denial(folded);
}

bool is_literal(std::string_view folded) noexcept {
  static const Words words{
      "zero",     "one",       "two",      "three",     "four",     "five",      "six",      "seven",
      "eight",    "nine",      "ten",      "eleven",    "twelve",   "twenty",    "thirty",   "forty",
      "fifty",    "hundred",   "thousand", "million",   "half",     "twice",     "once",     "second",
      "third",    "fourth",    "fifth",    "monday",    "tuesday",  "wednesday", "thursday", "friday",
      "saturday", "sunday",    "january",  "february",  "march",    "april",     "june",     "july",
      "august",   "september", "october",  "november",  "december", "today",     "tomorrow", "yesterday",
      "tonight",  "morning",   "noon",     "afternoon", "evening",  "midnight",  "am",       "pm",
      "daily",    "weekly",    "monthly",  "yearly",    "hourly"};
  return words.contains(folded);
}

std::vector<Opposite> sides_of(std::string_view folded, std::string_view stem) {
  const auto found = [](std::string_view word) -> const std::vector<Opposite>* {
    const auto it = sides().find(word);
    return it == sides().end() ? nullptr : &it->second;
  };
  if (const auto* known = found(folded)) return *known;
  if (const auto* known = found(stem)) return *known;
  // Stems lack what the base form ends with: increas, deni.
  std::string base(stem);
  base += 'e';
  if (const auto* known = found(base)) return *known;
  base.pop_back();
  if (!base.empty() && base.back() == 'i') base.back() = 'y';
  const auto* known = found(base);
  return known ? *known : std::vector<Opposite>();
}

std::string_view without_denial(std::string_view stem) noexcept {
  constexpr std::size_t least = 3;  // letters that must be left
  for (const std::string_view prefix : {"dis", "non", "mis", "un", "in", "im", "ir", "il", "de"})
    if (stem.starts_with(prefix) && stem.size() >= prefix.size() + least) return stem.substr(prefix.size());
  return {};
}

}  // namespace comem::memory

#include "search/dates.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_set>

#include "search/words.hpp"

namespace comem::search {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

std::optional<unsigned> number_in(std::string_view word) noexcept {
  if (word.empty() || word.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::optional<int> year_of(std::string_view word) noexcept {
  const auto number = number_in(word);
  if (!number || word.size() != 4) return std::nullopt;
  return static_cast<int>(*number);
}

std::optional<unsigned> day_of(std::string_view word) noexcept {
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (!word.ends_with(ending)) continue;
    word.remove_suffix(ending.size());
    break;
  }
  return word.size() > 2 ? std::nullopt : number_in(word);
}

std::optional<unsigned> two_digits(std::string_view word) noexcept {
  return word.size() == 2 ? number_in(word) : std::nullopt;
}

// "07", or "07t10" where a time of day follows.
std::optional<unsigned> iso_day(std::string_view word) noexcept {
  if (word.size() > 3 && word[2] == 't' && number_in(word.substr(3))) word = word.substr(0, 2);
  return two_digits(word);
}

std::optional<unsigned> month_of(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 12> names{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
  const bool shortened = word.size() == 3 || word == "sept";
  for (unsigned i = 0; i < names.size(); ++i) {
    if (word == names[i] || (shortened && names[i].starts_with(word))) return i + 1;
  }
  return std::nullopt;
}

TimePoint midnight(sys_days day) {
  return TimePoint(std::chrono::duration_cast<Milliseconds>(day.time_since_epoch()));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : words_(split_words(text)) {}

  std::vector<TimeRange> ranges() {
    for (std::size_t i = 0; i < words_.size(); ++i) add_day(i);
    if (!ranges_.empty()) return ranges_;
    for (std::size_t i = 0; i < words_.size(); ++i) add_month(i);
    return ranges_;
  }

 private:
  std::string_view at(std::size_t i) const noexcept {
    return i < words_.size() ? std::string_view(words_[i].text) : std::string_view();
  }

  void add_day(std::size_t i) {
    const std::size_t after_day = at(i + 1) == "of" ? i + 2 : i + 1;
    add_day(year_of(at(after_day + 1)), month_of(at(after_day)), day_of(at(i)));  // 7 May 2023
    add_day(year_of(at(i + 2)), month_of(at(i)), day_of(at(i + 1)));              // May 7, 2023
    add_day(year_of(at(i)), two_digits(at(i + 1)), iso_day(at(i + 2)));           // 2023-05-07
  }

  void add_day(std::optional<int> year, std::optional<unsigned> month, std::optional<unsigned> day) {
    if (!year || !month || !day) return;
    const year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
    if (date.ok()) add(sys_days(date), sys_days(date) + days(1));
  }

  void add_month(std::size_t i) {
    const auto month = month_of(at(i));
    const auto year = year_of(at(i + 1));
    if (!month || !year) return;
    const std::chrono::year_month named{std::chrono::year(*year), std::chrono::month(*month)};
    add(sys_days(named / 1), sys_days((named + std::chrono::months(1)) / 1));
  }

  void add(sys_days first, sys_days end) {
    ranges_.push_back({midnight(first), midnight(end) - Milliseconds(1)});
  }

  std::vector<Word> words_;
  std::vector<TimeRange> ranges_;
};

}  // namespace

std::vector<TimeRange> dates_in(std::string_view text) {
  return Reader(text).ranges();
}

bool asks_for_time(std::string_view query) {
  const auto is_one_of = [](std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  std::string before;
  for (const Word& word : split_words(query)) {
    if (word.text == "when" || (before == "how" && word.text == "long")) return true;
    if (is_one_of(before, {"what", "which"}) &&
        is_one_of(word.text, {"date", "day", "month", "year", "time"}))
      return true;
    before = word.text;
  }
  return false;
}

bool is_time_word(std::string_view folded) noexcept {
  static const std::unordered_set<std::string_view> words{
      "yesterday", "today",  "tonight",   "tomorrow", "last",     "next",      "ago",      "since",
      "recently",  "soon",   "morning",   "night",    "week",     "weeks",     "weekend",  "month",
      "months",    "year",   "years",     "monday",   "tuesday",  "wednesday", "thursday", "friday",
      "saturday",  "sunday", "january",   "february", "march",    "april",     "may",      "june",
      "july",      "august", "september", "october",  "november", "december",  "summer",   "winter",
      "spring",    "autumn", "fall"};
  if (words.contains(folded)) return true;
  return folded.size() == 4 && (folded.starts_with("19") || folded.starts_with("20")) && number_in(folded);
}

}  // namespace comem::search

#include "search/dates.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "search/relative_dates.hpp"
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

enum class Part { whole, first_half, second_half };

class Reader {
 public:
  Reader(std::string_view text, sys_days first, sys_days last, sys_days today)
      : text_(text), words_(split_words(text)), first_(first), last_(last), today_(today) {
    for (const Word& word : words_) {
      if (const auto year = plausible_year(word.text)) years_.push_back(*year);
    }
    if (years_.empty()) take_years(first, last);
  }

  Dates dates() {
    find_ranges();
    return std::move(dates_);
  }

 private:
  void find_ranges() {
    for (std::size_t i = 0; i < words_.size(); ++i) add_days(i);
    if (dates_.ranges.empty()) add_months();
    if (dates_.ranges.empty()) add_years();
    add_relative();
  }

  void add_months() {
    for (std::size_t i = 0; i < words_.size(); ++i) add_months(i);
  }

  void add_years() {
    for (std::size_t i = 1; i < words_.size(); ++i) {
      const auto year = plausible_year(at(i));
      if (year && at(i - 1) == "in") add(first_of(*year, 1), last_of(*year, 12));
    }
  }

  static std::optional<int> plausible_year(std::string_view word) noexcept {
    const auto year = year_of(word);
    return year && *year >= 1900 && *year < 2100 ? year : std::nullopt;
  }

  // No more than people remember.
  void take_years(sys_days first, sys_days last) {
    constexpr int most = 30;
    if (first > last) return;
    const int newest = static_cast<int>(year_month_day(last).year());
    const int oldest = std::max(static_cast<int>(year_month_day(first).year()), newest - most);
    for (int year = oldest; year <= newest; ++year) years_.push_back(year);
  }

  std::string_view at(std::size_t i) const noexcept {
    return i < words_.size() ? std::string_view(words_[i].text) : std::string_view();
  }
  char between(std::size_t i) const noexcept {  // words i and i + 1, where it is one character
    return words_[i + 1].begin == words_[i].end + 1 ? text_[words_[i].end] : ' ';
  }
  bool is_capitalised(std::size_t i) const noexcept {
    return text_[words_[i].begin] >= 'A' && text_[words_[i].begin] <= 'Z';
  }

  void add_days(std::size_t i) {
    if (add_numeric(i)) return;
    const std::size_t after_day = at(i + 1) == "of" ? i + 2 : i + 1;
    add_day_of_month(i, after_day, after_day + 1);  // 7 May 2023
    const bool of_a_month = i > 0 && (day_of(at(i - 1)) || (i > 1 && at(i - 1) == "of" && day_of(at(i - 2))));
    if (!of_a_month) add_day_of_month(i + 1, i, i + 2);  // May 7, 2023
  }

  // Places of words.
  void add_day_of_month(std::size_t day, std::size_t month, std::size_t year) {
    const std::size_t before = dates_.ranges.size();
    add_day(at(year), month_of(at(month)), day_of(at(day)));
    if (dates_.ranges.size() > before) dates_.words.push_back(words_[day].begin);
  }

  // 2023-05-07, 23.1.2024, 1/23/2024
  bool add_numeric(std::size_t i) {
    if (i + 2 >= words_.size() || between(i) != between(i + 1)) return false;
    const char divider = between(i);
    if (divider == '-' && year_of(at(i))) {
      add_day(year_of(at(i)), two_digits(at(i + 1)), iso_day(at(i + 2)));
      return true;
    }
    if ((divider != '.' && divider != '/') || !plausible_year(at(i + 2))) return false;
    add_day(year_of(at(i + 2)), number_in(at(i + 1)), number_in(at(i)));
    if (divider == '/' && at(i) != at(i + 1))
      add_day(year_of(at(i + 2)), number_in(at(i)), number_in(at(i + 1)));
    return true;
  }

  void add_day(std::string_view year, std::optional<unsigned> month, std::optional<unsigned> day) {
    if (!month || !day) return;
    if (const auto named = plausible_year(year)) return add_day(named, month, day);
    for (const int each : years_) add_day(each, month, day);
  }

  void add_day(std::optional<int> year, std::optional<unsigned> month, std::optional<unsigned> day) {
    if (!year || !month || !day) return;
    const year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
    if (date.ok()) add(sys_days(date), sys_days(date));
  }

  // In memories of other years "last week" is a word like others.
  void add_relative() {
    for (const RelativeDate& date : relative_dates(words_, today_)) {
      if (date.days.last < first_ || date.days.first > last_) continue;
      dates_.ranges.push_back(date.days);
      for (std::size_t i = date.first; i <= date.last; ++i) dates_.words.push_back(words_[i].begin);
    }
  }

  void add_months(std::size_t i) {
    const std::size_t after = at(i + 1) == "of" ? i + 2 : i + 1;
    if (const auto season = season_of(at(i)); season && plausible_year(at(after)))
      add_season(*season, *plausible_year(at(after)));
    const auto month = month_of(at(i));
    if (!month) return;
    if (const auto year = plausible_year(at(after))) {
      add_part(*year, *month, part_before(i));
    } else if (follows_preposition(i)) {
      for (const int each : years_) add_part(each, *month, part_before(i));
    }
  }

  // "May" and "march" are words of their own.
  bool follows_preposition(std::size_t i) const {
    static const std::unordered_set<std::string_view> words{
        "in",   "on",      "during", "of",   "since", "by",    "until", "before", "after", "from",
        "last", "between", "around", "this", "next",  "early", "late",  "mid",    "for",   "and"};
    const bool doubtful = (at(i) == "may" || at(i) == "march") && !is_capitalised(i);
    return i > 0 && !doubtful && at(i).size() > 2 && words.contains(at(i - 1));
  }

  Part part_before(std::size_t i) const noexcept {
    for (std::size_t back = 1; back <= 2 && back <= i; ++back) {
      const std::string_view word = at(i - back);
      if (word == "early" || word == "beginning" || word == "start") return Part::first_half;
      if (word == "late" || word == "end") return Part::second_half;
      if (word != "of" && word != "in") break;
    }
    return Part::whole;
  }

  static sys_days first_of(int year, unsigned month) {
    return sys_days(std::chrono::year(year) / static_cast<int>(month) / 1);
  }
  static sys_days last_of(int year, unsigned month) {
    return sys_days(std::chrono::year(year) / static_cast<int>(month) / std::chrono::last);
  }

  void add_part(int year, unsigned month, Part part) {
    const sys_days middle = first_of(year, month) + days(14);
    add(part == Part::second_half ? middle : first_of(year, month),
        part == Part::first_half ? middle : last_of(year, month));
  }

  static std::optional<unsigned> season_of(std::string_view word) noexcept {  // its first month
    if (word == "spring") return 3;
    if (word == "summer") return 6;
    if (word == "autumn" || word == "fall") return 9;
    if (word == "winter") return 12;
    return std::nullopt;
  }

  void add_season(unsigned month, int year) {
    if (month < 12) return add(first_of(year, month), last_of(year, month + 2));
    add(first_of(year - 1, 12), last_of(year, 2));
    add(first_of(year, 12), last_of(year + 1, 2));
  }

  void add(sys_days first, sys_days last) { dates_.ranges.push_back({first, last}); }

  std::string_view text_;
  std::vector<Word> words_;
  sys_days first_, last_, today_;
  std::vector<int> years_;  // those of the text, or those that may be meant
  Dates dates_;
};

}  // namespace

Dates dates_in(std::string_view text, sys_days first, sys_days last, sys_days today) {
  return Reader(text, first, last, today).dates();
}

double closeness(sys_days day, const std::vector<DayRange>& ranges) noexcept {
  constexpr double reach_after = 8;
  constexpr double reach_before = 3;
  double best = 0;
  for (const DayRange& range : ranges) {
    const auto after = static_cast<double>((day - range.last).count());
    const auto before = static_cast<double>((range.first - day).count());
    const double close =
        std::min(1 - std::max(after, 0.0) / reach_after, 1 - std::max(before, 0.0) / reach_before);
    best = std::max(best, close);
  }
  return best;
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

#include "search/relative_dates.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace comem::search {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::weekday;

template <std::size_t size>
std::optional<unsigned> place_in(const std::array<std::string_view, size>& words,
                                 std::string_view word) noexcept {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<unsigned>(found - words.begin());
}

// "3", "three", "a"; no more than people count back.
std::optional<int> count_of(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 13> numerals{
      "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
  if (word == "a" || word == "an") return 1;
  if (const auto numeral = place_in(numerals, word); numeral && *numeral > 0)
    return static_cast<int>(*numeral);
  int count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  if (error != std::errc() || end != word.data() + word.size() || count < 1 || count > 365)
    return std::nullopt;
  return count;
}

struct Unit {
  days length;
  days slack;  // who says "two weeks ago" does not mean the very day
};

std::optional<Unit> unit_of(std::string_view word) noexcept {
  if (word == "day" || word == "days") return Unit{days(1), days(0)};
  if (word == "week" || word == "weeks") return Unit{days(7), days(3)};
  if (word == "month" || word == "months") return Unit{days(30), days(15)};
  return std::nullopt;
}

std::optional<weekday> weekday_of(std::string_view word) noexcept {
  constexpr std::array<std::string_view, 7> names{"sunday",   "monday", "tuesday", "wednesday",
                                                  "thursday", "friday", "saturday"};
  if (const auto place = place_in(names, word)) return weekday(*place);
  return std::nullopt;
}

// The last such day before `today`.
sys_days last_before(sys_days today, weekday day) noexcept {
  const days back = weekday(today) - day;
  return today - (back == days(0) ? days(7) : back);
}

class Reader {
 public:
  Reader(const std::vector<Word>& words, sys_days today) : words_(words), today_(today) {}

  std::vector<RelativeDate> all() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      add_yesterday(i);
      if (at(i) == "last") add_last(i);
      if (at(i) == "last" || at(i) == "past") add_span(i);
      if (at(i) == "ago" && i >= 2) add_ago(i);
    }
    return std::move(found_);
  }

 private:
  std::string_view at(std::size_t i) const noexcept {
    return i < words_.size() ? std::string_view(words_[i].text) : std::string_view();
  }

  // "The last week of May" is told by the month.
  void add(sys_days first, sys_days last, std::size_t from, std::size_t to) {
    if (at(to + 1) == "of" || (at(to + 1) == "in" && is_time_word(at(to + 2)))) return;
    found_.push_back({{first, last}, from, to});
  }

  void add_yesterday(std::size_t i) {
    if (at(i) != "yesterday") return;
    const bool before = i >= 2 && at(i - 1) == "before" && at(i - 2) == "day";
    const sys_days day = today_ - days(before ? 2 : 1);
    add(day, day, before ? i - 2 : i, i);
  }

  void add_last(std::size_t i) {
    const std::string_view what = at(i + 1);
    const sys_days monday = today_ - (weekday(today_) - std::chrono::Monday);
    if (what == "night") {
      add(today_ - days(1), today_, i, i + 1);
    } else if (what == "week") {
      add(monday - days(7), monday - days(1), i, i + 1);
    } else if (what == "weekend") {
      const sys_days sunday = last_before(today_, std::chrono::Sunday);
      add(sunday - days(1), sunday, i, i + 1);
    } else if (what == "month") {
      const std::chrono::year_month_day date(today_);
      const auto month = date.year() / date.month() - std::chrono::months(1);
      add(sys_days(month / 1), sys_days(month / std::chrono::last), i, i + 1);
    } else if (const auto day = weekday_of(what)) {
      add(last_before(today_, *day), last_before(today_, *day), i, i + 1);
    }
  }

  // "the last 3 days", "the past week"
  void add_span(std::size_t i) {
    const auto count = count_of(at(i + 1));
    const auto unit = unit_of(at(count ? i + 2 : i + 1));
    if (!unit || (!count && at(i) == "last")) return;
    add(today_ - count.value_or(1) * unit->length, today_, i, count ? i + 2 : i + 1);
  }

  void add_ago(std::size_t i) {
    const auto count = count_of(at(i - 2));
    const auto unit = unit_of(at(i - 1));
    if (!count || !unit) return;
    const sys_days day = today_ - *count * unit->length;
    add(day - unit->slack, day + unit->slack, i - 2, i);
  }

  const std::vector<Word>& words_;
  const sys_days today_;
  std::vector<RelativeDate> found_;
};

}  // namespace

std::vector<RelativeDate> relative_dates(const std::vector<Word>& words, sys_days today) {
  return Reader(words, today).all();
}

}  // namespace comem::search

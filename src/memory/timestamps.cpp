#include "memory/timestamps.hpp"

#include <algorithm>

namespace comem::memory {
namespace {

/// Takes a text apart from the left; every function answers whether it found what it looked for.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool done() const noexcept { return rest_.empty(); }
  bool digit_next() const noexcept { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }

  bool skip(std::string_view any_of) noexcept {
    if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `digits` digits whose value is in [low, high].
  bool number(int digits, int low, int high, int& value) noexcept {
    value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!digit_next()) return false;
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return value >= low && value <= high;
  }

  /// One to nine digits as milliseconds.
  bool fraction(int& ms) noexcept {
    int digits = 0;
    for (int weight = 100; digit_next() && digits < 9; ++digits, weight /= 10) {
      ms += weight * (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return digits > 0 && !digit_next();
  }

 private:
  std::string_view rest_;
};

bool parse_date(Cursor& cursor, std::chrono::sys_days& days) noexcept {
  int year = 0, month = 0, day = 0;
  if (!cursor.number(4, 0, 9999, year) || !cursor.skip("-") || !cursor.number(2, 1, 12, month) ||
      !cursor.skip("-") || !cursor.number(2, 1, 31, day))
    return false;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  days = date;
  return true;
}

bool parse_time_of_day(Cursor& cursor, Milliseconds& since_midnight) noexcept {
  int hour = 0, minute = 0, second = 0, ms = 0;
  if (!cursor.number(2, 0, 23, hour) || !cursor.skip(":") || !cursor.number(2, 0, 59, minute)) return false;
  if (cursor.skip(":")) {
    if (!cursor.number(2, 0, 59, second)) return false;
    if (cursor.skip(".,") && !cursor.fraction(ms)) return false;
  }
  since_midnight = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
                   Milliseconds(ms);
  return true;
}

bool parse_zone(Cursor& cursor, std::chrono::minutes& offset) noexcept {
  if (cursor.done() || cursor.skip("Zz")) return true;
  const bool west = cursor.skip("-");
  if (!west && !cursor.skip("+")) return false;
  int hours = 0, minutes = 0;
  if (!cursor.number(2, 0, 23, hours)) return false;
  const bool colon = cursor.skip(":");
  if ((colon || !cursor.done()) && !cursor.number(2, 0, 59, minutes)) return false;
  offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (west) offset = -offset;
  return true;
}

/// Writes a number over the zeros of a text.
void put_digits(std::string& text, std::size_t at, std::size_t digits, unsigned number) noexcept {
  for (; digits > 0; number /= 10) text[at + --digits] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string format_time(TimePoint time) {
  const TimePoint bounded = std::clamp(time, earliest_time, latest_time);
  const auto days = std::chrono::floor<std::chrono::days>(bounded);
  const std::chrono::year_month_day date(days);
  const auto ms = static_cast<unsigned>((bounded - days).count());
  std::string text = "0000-00-00T00:00:00";
  put_digits(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, ms / 3'600'000);
  put_digits(text, 14, 2, ms / 60'000 % 60);
  put_digits(text, 17, 2, ms / 1000 % 60);
  if (ms % 1000 != 0) {
    text += ".000";
    put_digits(text, 20, 3, ms % 1000);
  }
  return text + 'Z';
}

std::optional<TimePoint> parse_time(std::string_view text) noexcept {
  Cursor cursor(text);
  std::chrono::sys_days days{};
  Milliseconds since_midnight{};
  std::chrono::minutes offset{};
  if (!parse_date(cursor, days)) return std::nullopt;
  if (!cursor.done()) {
    if (!cursor.skip("Tt ") || !parse_time_of_day(cursor, since_midnight)) return std::nullopt;
    if (!parse_zone(cursor, offset) || !cursor.done()) return std::nullopt;
  }
  const TimePoint time = TimePoint(days) + since_midnight - offset;
  if (time < earliest_time || time > latest_time) return std::nullopt;
  return time;
}

}  // namespace comem::memory

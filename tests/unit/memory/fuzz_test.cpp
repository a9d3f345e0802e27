// Mutations of valid input: whatever comes in, reading answers or throws comem::Error, and what it accepts
// can be written again.

#include <comem/error.hpp>

#include <random>

#include <doctest/doctest.h>

#include "core/envelope.hpp"
#include "memory/jsonl.hpp"
#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;

namespace {

std::string mutated(std::string text, std::mt19937& random) {
  static const std::vector<std::string> pieces{"{",
                                               "}",
                                               "[",
                                               "]",
                                               "\"",
                                               ":",
                                               ",",
                                               "null",
                                               "-1",
                                               "1e999",
                                               "9223372036854775808",
                                               "\\u0000",
                                               "\\ud800",
                                               "\xff",
                                               "true",
                                               "0.5",
                                               "\"ts\":\"2024-13-01\"",
                                               "\\"};
  for (auto n = 1 + random() % 4; n > 0 && !text.empty(); --n) {
    const auto at = random() % text.size();
    switch (random() % 5) {
      case 0:
        text[at] = static_cast<char>(random() & 0xff);
        break;
      case 1:
        text.erase(at, 1 + random() % 8);
        break;
      case 2:
        text.insert(at, pieces[random() % pieces.size()]);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
        break;
      default:
        text.replace(at, 1, pieces[random() % pieces.size()]);
        break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("damaged lines throw nothing but Error, accepted ones can be exported") {
  std::mt19937 random(31);
  std::vector<std::string> lines;
  for (const auto& memory : samples::all()) lines.push_back(export_line("n", memory));
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto text = mutated(lines[random() % lines.size()], random);
    try {
      const auto line = parse_line(text);
      ++accepted;
      REQUIRE(samples::all_of(parse_line(export_line(line.ns, line.memory)).memory) ==
              samples::all_of(line.memory));
    } catch (const Error& error) {
      REQUIRE(error.code() != errc::corrupt);
    }
  }
  CHECK(accepted > 500);
}

TEST_CASE("damaged records throw nothing but Error(corrupt)") {
  std::mt19937 random(37);
  std::vector<Record> records;
  for (const auto& memory : samples::all()) {
    records.push_back(to_record("n", memory, "w", samples::at(1), ~std::size_t{0}));
    records.push_back(to_record("n", memory, "w", samples::at(1), 0));
  }
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto record = records[random() % records.size()];
    if (random() % 2 != 0)
      record.value = wrap_value(mutated(unwrap_value(record.value), random), 1024);
    else
      record.value = mutated(record.value, random);
    record.key.type = static_cast<MemoryType>(random() % 5);
    try {
      switch (record.key.type) {
        case MemoryType::working:
          (void)to_json(step_from_record(record));
          break;
        case MemoryType::session:
          (void)to_json(session_from_record(record));
          break;
        default:
          (void)to_json(memory_from_record(record));
          break;
      }
      ++accepted;
    } catch (const Error& error) {
      REQUIRE(error.code() == errc::corrupt);
    }
  }
  CHECK(accepted > 500);
}

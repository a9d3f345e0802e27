#include "memory/narrative.hpp"

#include <doctest/doctest.h>

#include "core/utf8.hpp"
#include "memory/check.hpp"
#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;

namespace {

Step step(const std::string& action, const std::string& observation = "", bool success = true,
          const std::string& reasoning = "") {
  return NewStep(action).observation(observation).success(success).reasoning(reasoning).step();
}

std::vector<Step> many(std::size_t n) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < n; ++i)
    steps.push_back(step("act" + std::to_string(i), "seen" + std::to_string(i)));
  return steps;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tokens are four bytes, rounded up") {
  CHECK(estimate_tokens("") == 0);
  CHECK(estimate_tokens("a") == 1);
  CHECK(estimate_tokens("abcd") == 1);
  CHECK(estimate_tokens("abcde") == 2);
}

TEST_CASE("an episode is completed from its steps") {
  auto e = NewEpisode("Find the bug").outcome("Found it").memory();
  const std::vector<Step> steps{step("grep", "3 hits", true, "start broad"), step("run", "crash", false),
                                step("grep")};
  complete(e, steps, at(9));
  CHECK(e.content ==
        "Find the bug\nSucceeded: Found it\n1. grep\n   because: start broad\n   result: 3 hits\n"
        "2. FAILED: run\n   result: crash\n3. grep");
  CHECK(e.tools_used == std::vector<std::string>{"grep", "run"});
  CHECK(e.steps.size() == 3);
  CHECK(e.time == at(9));
  CHECK(has(e.summary, "Find the bug"));
  CHECK(has(e.summary, "Found it"));
  CHECK(has(e.summary, "grep"));
}

TEST_CASE("what the author gave stays") {
  auto e = NewEpisode("p").content("c").tools_used({"t"}).time(at(1)).memory();
  e.summary = "s";
  complete(e, {step("a")}, at(9));
  CHECK(e.content == "c");
  CHECK(e.summary == "s");
  CHECK(e.tools_used == std::vector<std::string>{"t"});
  CHECK(e.time == at(1));
  Episode empty;
  complete(empty, {}, at(9));
  CHECK(empty.content.empty());
  CHECK(empty.summary.empty());
}

TEST_CASE("a summary has at most about 100 tokens and tells prompt, outcome and steps") {
  auto e = NewEpisode("begin " + std::string(5000, 'p'))
               .outcome("end " + std::string(5000, 'o'))
               .success(false)
               .memory();
  auto steps = many(50);
  steps.push_back(step("explode", "boom", false));
  complete(e, steps, at(9));
  CHECK(estimate_tokens(e.summary) <= 100);
  CHECK(has(e.summary, "begin"));
  CHECK(has(e.summary, "Failed: end"));
  CHECK(has(e.summary, "act0"));
  CHECK(is_utf8(e.summary));
  std::string euros;
  for (int i = 0; i < 4000; ++i) euros += "\xe2\x82\xac";
  Episode wide = NewEpisode(euros).outcome(euros).memory();
  complete(wide, {}, at(9));
  CHECK(is_utf8(wide.summary));
  CHECK(estimate_tokens(wide.summary) <= 100);
}

TEST_CASE("whatever steps were accepted, their episode is acceptable too") {
  const std::string huge(max_content_bytes, 'x');
  std::vector<Step> steps(50, step(huge, huge, true, huge));
  auto e = NewEpisode(huge).outcome(huge).memory();
  complete(e, steps, at(9));
  e.id = "e";
  CHECK_NOTHROW(check(AnyMemory(e)));
  CHECK_NOTHROW(to_record("n", e, "w", at(1), 1024));
  e = Episode();
  complete(e, std::vector<Step>(5000, step("a\nb \t c")), at(9));
  CHECK_NOTHROW(check(AnyMemory(e)));
  CHECK(e.tools_used == std::vector<std::string>{"a b c"});
}

TEST_CASE("the newest steps stand in full, in order, with their numbers") {
  CHECK(working_context({}, 5).empty());
  CHECK(working_context({step("look", "a door", true, "where am I")}, 5) ==
        "Steps:\n1. look\n   because: where am I\n   result: a door");
  const auto text = working_context(many(12), 5);
  for (int i = 7; i < 12; ++i) CHECK(has(text, "result: seen" + std::to_string(i)));
  CHECK_FALSE(has(text, "seen6"));
  CHECK(has(text, "8. act7"));
  CHECK(has(text, "Earlier: 7 steps, 0 failed"));
  CHECK(working_context(many(3), 0).find("Latest") == std::string::npos);
}

TEST_CASE("older successes are named by their important actions, older failures with what was seen") {
  auto steps = many(40);
  steps[20] = step("think", "", true, "it matters");
  steps[7] = step("break", "the reason why", false);
  const auto text = working_context(steps, 2);
  CHECK(has(text, "act0, "));
  CHECK(has(text, "act37"));  // the last of the older ones
  CHECK(has(text, "think"));
  CHECK(has(text, "and 29 more"));
  CHECK(has(text, "failed: break: the reason why"));
  CHECK(text.size() < 600);
  std::vector<Step> same(30, step("poll", "nothing yet"));
  CHECK(has(working_context(same, 1), "done: poll\n"));
}

TEST_CASE("the first and the last action are named even when every step was reasoned about") {
  auto steps = many(30);
  for (auto& each : steps) each.reasoning = "because";
  const auto text = working_context(steps, 0);
  CHECK(has(text, "done: act0, act1, "));
  CHECK(has(text, ", act29 and 22 more"));
}

TEST_CASE("of many failures the latest are told") {
  std::vector<Step> steps;
  for (int i = 0; i < 30; ++i)
    steps.push_back(step("try", "fault" + std::to_string(i) + std::string(1000, '.'), false));
  const auto text = working_context(steps, 0);
  CHECK(has(text, "22 earlier failures"));
  CHECK(has(text, "fault29"));
  CHECK_FALSE(has(text, "fault21."));
  CHECK(text.size() < 4000);
}

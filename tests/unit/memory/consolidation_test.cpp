#include "memory/consolidation.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "memory/check.hpp"
#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;
using samples::day;

namespace {

constexpr std::int64_t today = 1000 * day;

Episode episode(const std::string& id, const std::string& content, std::int64_t created = today) {
  Episode e;
  e.id = id;
  e.content = content;
  e.created_at = e.time = at(created);
  return e;
}

/// Its words are those between spaces; every episode is a candidate.
Wordings wordings_of(const std::vector<Episode>& episodes) {
  Wordings wordings;
  for (const auto& e : episodes) {
    std::istringstream words(e.content);
    std::vector<Token> tokens;
    for (std::string word; words >> word;) {
      tokens.emplace_back().folded = word;
      tokens.back().stem = word;
    }
    wordings.of.push_back(wording_of(e.content, tokens));
  }
  wordings.candidates = [count = episodes.size()](std::size_t) {
    std::vector<std::size_t> all(count);
    for (std::size_t i = 0; i < count; ++i) all[i] = i;
    return all;
  };
  return wordings;
}

ConsolidationPlan plan_of(const std::vector<Episode>& episodes, const ConsolidateRequest& request = {},
                          const std::vector<Knowledge>& known = {}) {
  return plan_consolidation(episodes, wordings_of(episodes), request, at(today), known);
}

/// What a store does with a plan.
void carry_out(const ConsolidationPlan& plan, std::vector<Episode>& episodes, std::vector<Knowledge>& known) {
  for (const auto& merged : plan.merged)
    for (auto& e : episodes)
      if (e.id == merged.id) e = merged;
  for (const auto& fact : plan.derived) {
    std::erase_if(known, [&](const auto& k) { return k.id == fact.id; });
    known.push_back(fact);
  }
  std::erase_if(episodes, [&](const Episode& e) {
    return std::find(plan.forgotten.begin(), plan.forgotten.end(), e.id) != plan.forgotten.end();
  });
}

std::vector<Episode> random_episodes(std::mt19937& random) {
  std::vector<Episode> episodes;
  const std::vector<std::string> words{"a", "b", "c", "d", "e", "f"}, tools{"grep", "sed", "awk"};
  for (unsigned i = 0; i < 60; ++i) {
    std::string text;
    for (const auto& word : words)
      if (random() % 3 != 0) text += word + " ";
    auto e = episode("e" + std::to_string(i), text, today - static_cast<std::int64_t>(random() % 40) * day);
    e.success = random() % 3 != 0;
    e.session = random() % 2 != 0 ? "s" : "";
    e.importance = static_cast<double>(random() % 10) / 10.0;
    e.access_count = random() % 5 == 0 ? 1 : 0;
    for (const auto& tool : tools)
      if (random() % 2 != 0) e.tools_used.push_back(tool);
    if (random() % 2 != 0) e.tags.push_back("t" + std::to_string(random() % 3));
    episodes.push_back(e);
  }
  return episodes;
}

}  // namespace

TEST_CASE("near-duplicates become the newest, which takes over what they had") {
  auto old = episode("old", "a b c d", today - day), now = episode("new", "d c b a");
  old.tags = {"x", "y"};
  now.tags = {"y"};
  old.tools_used = {"grep"};
  old.importance = 0.9;
  const auto plan = plan_of({old, now, episode("other", "p q r s")});
  CHECK(plan.forgotten == std::vector<std::string>{"old"});
  REQUIRE(plan.merged.size() == 1);
  CHECK(plan.merged[0].id == "new");
  CHECK(plan.merged[0].tags == std::vector<std::string>{"y", "x"});
  CHECK(plan.merged[0].tools_used == std::vector<std::string>{"grep"});
  CHECK(plan.merged[0].importance == 0.9);
  REQUIRE(plan.report.actions.size() == 1);
  CHECK(plan.report.actions[0].kind == ConsolidateAction::Kind::merge);
  CHECK(plan.report.actions[0].memory_ids == std::vector<std::string>{"new", "old"});
  CHECK(plan.report.examined == 3);
  CHECK(plan.report.dry_run);
}

TEST_CASE("what differs in outcome, session, author or kind is not the same") {
  const auto base = episode("a", "a b c d");
  for (const auto* field : {"success", "session", "author", "kind"}) {
    auto other = episode("b", "a b c d");
    if (field == std::string("success")) other.success = false;
    if (field == std::string("session")) other.session = "s";
    if (field == std::string("author")) other.author = "Ann";
    if (field == std::string("kind")) other.kind = "note";
    CHECK_MESSAGE(plan_of({base, other}).forgotten.empty(), field);
  }
  CHECK(plan_of({episode("a", ""), episode("b", "")}).forgotten.empty());
}

TEST_CASE("old, unimportant, unused episodes decay; one of these alone is no reason") {
  auto decayed = episode("decayed", "a", today - 20 * day);
  decayed.importance = 0.1;
  auto important = decayed, used = decayed, young = decayed, imported = decayed;
  important.id = "important", important.content = "b", important.importance = 0.3;
  used.id = "used", used.content = "c", used.access_count = 1;
  young.id = "young", young.content = "d", young.created_at = at(today - 14 * day);
  imported.id = "imported", imported.content = "e", imported.time = at(1), imported.created_at = at(today);
  const auto plan = plan_of({decayed, important, used, young, imported});
  CHECK(plan.forgotten == std::vector<std::string>{"decayed"});
  CHECK(plan.report.actions.at(0).kind == ConsolidateAction::Kind::decay);
}

TEST_CASE("that a duplicate was used keeps the merged one from decaying") {
  auto used = episode("used", "a b", today - 30 * day), newer = episode("newer", "a b", today - 20 * day);
  used.importance = newer.importance = 0.1;
  used.access_count = 4;
  std::vector<Episode> episodes{used, newer};
  std::vector<Knowledge> known;
  const auto plan = plan_of(episodes);
  CHECK(plan.forgotten == std::vector<std::string>{"used"});
  carry_out(plan, episodes, known);
  CHECK(plan_of(episodes).report.actions.empty());
}

TEST_CASE("repeated success with the same tools becomes a fact, whatever the order of the tools") {
  std::vector<Episode> episodes;
  for (int i = 0; i < 4; ++i) {
    auto e = episode("e" + std::to_string(i), "words" + std::to_string(i), today - i);
    e.task_prompt = "task " + std::to_string(i);
    e.tools_used =
        i % 2 != 0 ? std::vector<std::string>{"sed", "grep"} : std::vector<std::string>{"grep", "sed", "sed"};
    e.tags = {"code", "n" + std::to_string(i)};
    e.success = i != 3;
    episodes.push_back(e);
  }
  const auto plan = plan_of(episodes);
  REQUIRE(plan.derived.size() == 1);
  const auto& fact = plan.derived[0];
  CHECK(fact.source_episodes == std::vector<std::string>{"e0", "e1", "e2"});
  CHECK(fact.confidence == doctest::Approx(4.0 / 6.0));
  CHECK(fact.pattern == "Works well: grep, sed");
  CHECK(fact.content.find("task 0; task 1; task 2") != std::string::npos);
  CHECK(fact.tags == std::vector<std::string>{"code", "derived"});
  CHECK_NOTHROW(check(AnyMemory(fact)));
  std::reverse(episodes.begin(), episodes.end());
  CHECK(to_json(plan_of(episodes).derived.at(0)) == to_json(fact));  // two stores agree
  episodes.pop_back();
  CHECK(plan_of(episodes).derived.empty());  // two successes are not three
}

TEST_CASE("a known fact is told again only for new sources, and keeps its old ones") {
  std::vector<Episode> episodes;
  for (int i = 0; i < 3; ++i) {
    episodes.push_back(episode("e" + std::to_string(i), "w" + std::to_string(i)));
    episodes.back().tools_used = {"grep"};
  }
  auto known = plan_of(episodes).derived;
  REQUIRE(known.size() == 1);
  CHECK(plan_of(episodes, {}, known).derived.empty());
  episodes[0] = episode("e9", "w9");
  episodes[0].tools_used = {"grep"};
  const auto again = plan_of(episodes, {}, known).derived;
  REQUIRE(again.size() == 1);
  CHECK(again[0].id == known[0].id);
  CHECK(std::set<std::string>(again[0].source_episodes.begin(), again[0].source_episodes.end()) ==
        std::set<std::string>{"e0", "e1", "e2", "e9"});
}

TEST_CASE("expired episodes are no business of consolidation, missing wordings do no harm") {
  auto gone = episode("gone", "a b"), here = episode("here", "a b");
  gone.expires_at = at(today);
  CHECK(plan_of({gone, here}).report.actions.empty());
  auto wordings = wordings_of({});
  CHECK(plan_consolidation({here, gone}, wordings, {}, at(today)).report.actions.empty());
}

TEST_CASE("carrying a plan out leaves nothing to do, and no failure is ever merged into a success") {
  std::mt19937 random(23);
  for (int round = 0; round < 200; ++round) {
    auto episodes = random_episodes(random);
    std::map<std::string, Episode> before;
    for (const auto& e : episodes) before[e.id] = e;
    ConsolidateRequest request;
    request.similarity = round % 2 != 0 ? 0.85 : 0.5;
    std::vector<Knowledge> known;
    const auto plan = plan_of(episodes, request);
    std::set<std::string> forgotten(plan.forgotten.begin(), plan.forgotten.end());
    REQUIRE(forgotten.size() == plan.forgotten.size());
    for (const auto& action : plan.report.actions) {
      if (action.kind != ConsolidateAction::Kind::merge) continue;
      for (const auto& id : action.memory_ids) {
        REQUIRE(before.at(id).success == before.at(action.memory_ids[0]).success);
        REQUIRE(before.at(id).session == before.at(action.memory_ids[0]).session);
      }
    }
    for (const auto& merged : plan.merged) REQUIRE_FALSE(forgotten.contains(merged.id));
    for (const auto& fact : plan.derived)
      for (const auto& id : fact.source_episodes) {
        REQUIRE(before.at(id).success);
        REQUIRE_FALSE(forgotten.contains(id));
      }
    carry_out(plan, episodes, known);
    const auto again = plan_of(episodes, request, known);
    REQUIRE(again.report.actions.empty());
    REQUIRE(again.merged.empty());
    REQUIRE(again.forgotten.empty());
    REQUIRE(again.derived.empty());
  }
}

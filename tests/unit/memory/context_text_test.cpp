#include "memory/context_text.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "core/utf8.hpp"
#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;

namespace {

template <class Kind>
Hit<Kind> hit(const std::string& id, const std::string& text) {
  Hit<Kind> h;
  h.memory.id = id;
  h.memory.content = text;
  return h;
}

AllHits hits_of(std::size_t n, std::size_t bytes) {
  AllHits hits;
  for (std::size_t i = 0; i < n; ++i) {
    const auto number = std::to_string(i);
    std::string text;
    while (text.size() < bytes) text += "\xc3\xa9 ";
    hits.episodic.push_back(hit<Episode>("e" + number, text));
    hits.semantic.push_back(hit<Knowledge>("k" + number, text));
    hits.skills.push_back(hit<Skill>("s" + number, text));
    hits.skills.back().memory.name = "skill" + number;
  }
  return hits;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the context names what it was made from, in order") {
  AllHits hits;
  hits.episodic = {hit<Episode>("e1", "fixed\nthe roof"), hit<Episode>("e2", "fell")};
  hits.episodic[1].memory.success = false;
  hits.semantic = {hit<Knowledge>("k1", "")};
  hits.semantic[0].memory.pattern = "roofs leak";
  hits.semantic[0].memory.confidence = 0.75;
  hits.skills = {hit<Skill>("s1", "")};
  hits.skills[0].memory.name = "tile";
  hits.skills[0].memory.description = "lay tiles";
  hits.skills[0].memory.actions = {SkillAction("climb"), SkillAction("lay")};
  hits.skills[0].memory.executions = 4;
  hits.skills[0].memory.successes = 3;
  const auto context = enriched_context("Steps:\n1. look", hits, 0);
  CHECK(context.text ==
        "## Working context\nSteps:\n1. look\n"
        "\n## Relevant experiences\n- [e1] fixed the roof\n- [e2] (failed) fell\n"
        "\n## Relevant knowledge\n- [k1] roofs leak (confidence 0.75)\n"
        "\n## Relevant skills\n- [s1] tile: lay tiles (actions: climb -> lay) (succeeded 3 of 4 times)");
  CHECK(context.memory_ids == std::vector<std::string>{"e1", "e2", "k1", "s1"});
  CHECK(context.tokens == (context.text.size() + 3) / 4);
}

TEST_CASE("without anything there is nothing, headings stand only above entries") {
  CHECK(enriched_context("", {}, 0).text.empty());
  CHECK(enriched_context("", {}, 10).tokens == 0);
  AllHits hits;
  hits.skills = {hit<Skill>("s1", "x")};
  const auto text = enriched_context("", hits, 0).text;
  CHECK(text.rfind("## Relevant skills", 0) == 0);
  CHECK_FALSE(has(text, "experiences"));
}

TEST_CASE("each memory stands once, and ids of any bytes are legible") {
  AllHits hits;
  hits.episodic = {hit<Episode>("a\n\xff", "x"), hit<Episode>("a\n\xff", "x")};
  hits.semantic = {hit<Knowledge>("a\n\xff", "x")};
  const auto context = enriched_context("", hits, 0);
  CHECK(context.memory_ids.size() == 2);
  CHECK(is_utf8(context.text));
  CHECK(has(context.text, "[a\\x0a\\xff]"));
}

TEST_CASE("a budget is kept strictly, whatever it is") {
  const std::string working(2000, 'w');
  for (const std::size_t bytes : {5u, 80u, 3000u})
    for (std::size_t budget = 1; budget < 700; budget += 3)
      for (const auto& steps : {std::string(), working}) {
        const auto context = enriched_context(steps, hits_of(4, bytes), budget);
        REQUIRE(context.tokens <= budget);
        REQUIRE(context.text.size() <= budget * 4);
        REQUIRE(is_utf8(context.text));
        REQUIRE(context.text.find("##\n") == std::string::npos);
        for (const auto& id : context.memory_ids) REQUIRE(has(context.text, "- [" + id + "] "));
      }
}

TEST_CASE("the best of each type come before the second best of any") {
  const auto context = enriched_context("", hits_of(5, 100), 130);
  CHECK(has(context.text, "[e0]"));
  CHECK(has(context.text, "[k0]"));
  CHECK(has(context.text, "[s0]"));
  CHECK_FALSE(has(context.text, "[e2]"));
}

TEST_CASE("working context takes half, and what the memories leave") {
  const std::string working(4000, 'w');
  const auto crowded = enriched_context(working, hits_of(10, 200), 400);
  CHECK(has(crowded.text, "[e0]"));
  CHECK(std::count(crowded.text.begin(), crowded.text.end(), 'w') >= 700);
  const auto alone = enriched_context(working, {}, 400);
  CHECK(alone.tokens == 400);
  CHECK(has(alone.text, "..."));
  CHECK(enriched_context(working, {}, 2000).tokens < 1010);
}

#include "memory/context_text.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "api/tokenise.hpp"
#include "core/utf8.hpp"
#include "memory/samples.hpp"

using namespace comem;
using namespace comem::memory;
using samples::at;

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
    // A word of its own each, so that no two say the same.
    const auto text = [&](char kind) {
      std::string words(i + 2, kind);
      while (words.size() < bytes) words += " \xc3\xa9";
      return words;
    };
    hits.episodic.push_back(hit<Episode>("e" + number, text('e')));
    hits.semantic.push_back(hit<Knowledge>("k" + number, text('k')));
    hits.skills.push_back(hit<Skill>("s" + number, text('s')));
    hits.skills.back().memory.name = "skill" + number;
  }
  return hits;
}

Context context_of(const std::string& working, const AllHits& hits, std::size_t budget,
                   std::size_t limit = 1000) {
  return enriched_context(working, hits, budget, limit, tokenise);
}

AllHits episodes(const std::vector<std::pair<std::string, std::string>>& texts) {
  AllHits hits;
  for (const auto& [id, text] : texts) {
    hits.episodic.push_back(hit<Episode>(id, text));
    hits.episodic.back().score = 10.0 - static_cast<double>(hits.episodic.size());
    hits.episodic.back().memory.time =
        at(static_cast<std::int64_t>(hits.episodic.size()));  // the last is the newest
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
  const auto context = context_of("Steps:\n1. look", hits, 0);
  CHECK(context.text ==
        "## Working context\nSteps:\n1. look\n"
        "\n## Relevant experiences\n- [e1] fixed the roof\n- [e2] (failed) fell\n"
        "\n## Relevant knowledge\n- [k1] roofs leak (confidence 0.75)\n"
        "\n## Relevant skills\n- [s1] tile: lay tiles (actions: climb -> lay) (succeeded 3 of 4 times)");
  CHECK(context.memory_ids == std::vector<std::string>{"e1", "e2", "k1", "s1"});
  CHECK(context.tokens == (context.text.size() + 3) / 4);
}

TEST_CASE("without anything there is nothing, headings stand only above entries") {
  CHECK(context_of("", {}, 0).text.empty());
  CHECK(context_of("", {}, 10).tokens == 0);
  AllHits hits;
  hits.skills = {hit<Skill>("s1", "x")};
  const auto text = context_of("", hits, 0).text;
  CHECK(text.rfind("## Relevant skills", 0) == 0);
  CHECK_FALSE(has(text, "experiences"));
}

TEST_CASE("each memory stands once, and ids of any bytes are legible") {
  AllHits hits;
  hits.episodic = {hit<Episode>("a\n\xff", "x"), hit<Episode>("a\n\xff", "x")};
  hits.semantic = {hit<Knowledge>("a\n\xff", "y")};
  const auto context = context_of("", hits, 0);
  CHECK(context.memory_ids.size() == 2);
  CHECK(is_utf8(context.text));
  CHECK(has(context.text, "[a\\x0a\\xff]"));
}

TEST_CASE("a budget is kept strictly, whatever it is") {
  const std::string working(2000, 'w');
  for (const std::size_t bytes : {5u, 80u, 3000u})
    for (std::size_t budget = 1; budget < 700; budget += 11)
      for (const auto& steps : {std::string(), working}) {
        const auto context = context_of(steps, hits_of(4, bytes), budget);
        REQUIRE(context.tokens <= budget);
        REQUIRE(context.text.size() <= budget * 4);
        REQUIRE(is_utf8(context.text));
        REQUIRE(context.text.find("##\n") == std::string::npos);
        for (const auto& id : context.memory_ids) REQUIRE(has(context.text, "- [" + id + "] "));
      }
}

TEST_CASE("the best of each type come before the second best of any") {
  const auto context = context_of("", hits_of(5, 100), 130);
  CHECK(has(context.text, "[e0]"));
  CHECK(has(context.text, "[k0]"));
  CHECK(has(context.text, "[s0]"));
  CHECK_FALSE(has(context.text, "[e2]"));
}

TEST_CASE("working context takes half, and what the memories leave") {
  const std::string working(4000, 'w');
  const auto crowded = context_of(working, hits_of(10, 200), 400);
  CHECK(has(crowded.text, "[e0]"));
  CHECK(std::count(crowded.text.begin(), crowded.text.end(), 'w') >= 700);
  const auto alone = context_of(working, {}, 400);
  CHECK(alone.tokens == 400);
  CHECK(has(alone.text, "..."));
  CHECK(context_of(working, {}, 2000).tokens < 1010);
}

TEST_CASE("what says the same appears once: the newest, where the best stood") {
  auto hits = episodes(
      {{"old", "The build needs ninja."}, {"other", "Bread needs yeast"}, {"new", "the builds need Ninja"}});
  auto context = context_of("", hits, 0);
  CHECK(context.memory_ids == std::vector<std::string>{"new", "other"});
  hits.semantic = {hit<Knowledge>("fact", "the build needs ninja")};
  hits.semantic[0].memory.time = at(99);
  context = context_of("", hits, 0);
  CHECK(context.memory_ids == std::vector<std::string>{"other", "fact"});
  hits.semantic[0].memory.author = "Ada";  // somebody else says so
  context = context_of("", hits, 0);
  CHECK(context.memory_ids == std::vector<std::string>{"new", "other", "fact"});
}

TEST_CASE("of what disagrees the newest stands first, and the older is marked and left out first") {
  const auto hits = episodes(
      {{"berlin", "Anna lives in Berlin"}, {"tea", "Ben likes tea"}, {"paris", "Anna lives in Paris"}});
  const auto context = context_of("", hits, 0);
  CHECK(context.text ==
        "## Relevant experiences\n- [paris] Anna lives in Paris\n- [berlin] (older) Anna lives in Berlin\n"
        "- [tea] Ben likes tea");
  REQUIRE(context.memories.size() == 3);
  CHECK_FALSE(context.memories[0].older);
  CHECK(context.memories[1].older);
  const auto brief = context_of("", hits, (context.text.size() - 20) / 4);
  CHECK(brief.memory_ids == std::vector<std::string>{"paris", "tea"});
}

TEST_CASE("what is older but matches far better comes right behind what is newer, not last") {
  auto hits = episodes(
      {{"berlin", "Anna lives in Berlin"}, {"tea", "Ben likes tea"}, {"paris", "Anna lives in Paris"}});
  hits.episodic[2].score = 3;
  const auto whole = context_of("", hits, 0);
  const auto brief = context_of("", hits, (whole.text.size() - 4) / 4);
  CHECK(brief.memory_ids == std::vector<std::string>{"paris", "berlin"});
}

TEST_CASE("what is cut begins with the sentence that the query is about") {
  auto hits =
      episodes({{"a", "Totally agree with you, Ben. It is good to rest. Yesterday I ran along the river. " +
                          std::string(300, 'x')},
                {"b", "We walked"}});
  hits.episodic[0].memory.author = "Ann";
  hits.episodic[0].memory.content.insert(0, "Ann: ");
  hits.episodic[0].why.words = {"running"};
  CHECK(has(context_of("", hits, 40).text, "- [a] Ann: ... Yesterday I ran along the river. ...\n"));
  hits.episodic[0].why.words = {};
  CHECK(
      has(context_of("", hits, 40).text, "- [a] Ann: Totally agree with you, Ben. It is good to rest. ..."));
}

TEST_CASE("a skill whose description begins with its name is named once") {
  AllHits hits;
  hits.skills.push_back(hit<Skill>("s", "deploy: run ship.sh"));
  hits.skills.back().memory.name = "deploy";
  CHECK(has(context_of("", hits, 0).text, "- [s] deploy: run ship.sh"));
}

TEST_CASE("nothing older stands without what is newer") {
  const auto hits = episodes(
      {{"short", "Anna lives in Berlin"}, {"long", "Anna lives in Paris, " + std::string(300, 'x')}});
  for (std::size_t budget = 1; budget < 120; ++budget) {
    const auto ids = context_of("", hits, budget).memory_ids;
    REQUIRE((std::find(ids.begin(), ids.end(), "short") == ids.end() ||
             std::find(ids.begin(), ids.end(), "long") != ids.end()));
  }
}

TEST_CASE("a memory is cut behind a sentence, or left out") {
  const std::string first = "The staging database is restored on Sunday.",
                    second = " Nobody deploys meanwhile.";
  const auto hits = episodes({{"a", first + second + second}, {"b", "Staging needs the VPN"}});
  const auto whole = context_of("", hits, 0);
  REQUIRE(whole.memories.size() == 2);
  CHECK_FALSE(whole.memories[0].cut);
  const auto cut = context_of("", hits, 30);
  REQUIRE(cut.memories.size() == 2);
  CHECK(cut.memories[0].cut);
  CHECK(has(cut.text, first + " ...\n"));
  CHECK(has(cut.text, "Staging needs the VPN"));
  CHECK(cut.memories[0].tokens == (std::string("- [a] " + first + " ...\n").size() + 3) / 4);
  const auto left_out = context_of("", episodes({{"a", std::string(200, 'x')}, {"b", "short"}}), 30);
  CHECK(left_out.memory_ids == std::vector<std::string>{"b"});
  const auto alone =
      context_of("", episodes({{"a", "word word word word word word word word word word word"}}), 20);
  CHECK(has(alone.text, "word..."));
}

TEST_CASE("sentences of other scripts end too, and the budget counts their bytes") {
  const std::string sentence =
      "\xe5\xbd\xbc\xe5\xa5\xb3\xe4\xbd\x8f\xe5\x9c\xa8\xe5\xb7\xb4\xe9\xbb\x8e\xe3\x80\x82";
  std::string text;
  for (int i = 0; i < 20; ++i) text += sentence;
  const auto context = context_of("", episodes({{"a", text}}), 60);
  CHECK(context.tokens <= 60);
  CHECK(has(context.text, sentence + " ..."));
  CHECK(is_utf8(context.text));
}

TEST_CASE("without a limit what is much less relevant than the best stays out") {
  auto hits = hits_of(5, 30);
  hits.episodic[0].score = 8;
  hits.episodic[1].score = 2;
  hits.episodic[2].score = 1.9;
  const auto context = context_of("", hits, 1000, 0);
  CHECK(context.memory_ids == std::vector<std::string>{"e0", "e1"});
}

TEST_CASE("the working context loses its first lines, not its last") {
  std::string steps;
  for (int i = 0; i < 100; ++i) steps += "step " + std::to_string(i) + "\n";
  steps.pop_back();
  const auto context = context_of(steps, {}, 50);
  CHECK(context.tokens <= 50);
  CHECK(has(context.text, "## Working context\n...\nstep "));
  CHECK(has(context.text, "\nstep 99"));
  CHECK_FALSE(has(context.text, "step 1\n"));
}

#include "memory/convert.hpp"

#include <comem/error.hpp>

#include <doctest/doctest.h>

#include "core/utf8.hpp"

using namespace comem;
using namespace comem::memory;

namespace {
Memory plain(MemoryType type, const std::string& text, const std::string& id = {}) {
  return NewMemory(text).type(type).id(id).tag("t").memory();
}
}  // namespace

TEST_CASE("text becomes a memory of its type, with all that was said of it") {
  const auto episode = std::get<Episode>(typed(plain(MemoryType::episodic, "hello", "e1")));
  CHECK(episode.content == "hello");
  CHECK(episode.task_prompt.empty());
  CHECK(episode.kind == "episode");
  CHECK(episode.id == "e1");
  CHECK(episode.tags == std::vector<std::string>{"t"});
  const auto knowledge = std::get<Knowledge>(typed(plain(MemoryType::semantic, "Tea is hot. Wait.")));
  CHECK(knowledge.pattern == "Tea is hot.");
  CHECK(knowledge.content == "Tea is hot. Wait.");
  CHECK(knowledge.kind == "semantic");
  CHECK(std::get<Skill>(typed(plain(MemoryType::skill, " brew tea : boil water", ""))).name == "brew tea");
  CHECK(std::get<Skill>(typed(plain(MemoryType::skill, "brew tea"))).name == "brew tea");
  CHECK(std::get<Skill>(typed(plain(MemoryType::skill, "brew: boil", "my-id"))).name == "my-id");
  auto document = plain(MemoryType::semantic, "x");
  document.kind = "document";
  CHECK(common(typed(document)).kind == "document");
}

TEST_CASE("a skill without a name, and types that are not remembered, are refused") {
  CHECK_THROWS_AS(typed(plain(MemoryType::skill, " : text")), Error);
  CHECK_THROWS_AS(typed(plain(MemoryType::skill, std::string(257, 'a') + ": x")), Error);
  CHECK_THROWS_AS(typed(plain(MemoryType::skill, std::string(5000, 'a'))), Error);
  CHECK_THROWS_AS(typed(plain(MemoryType::working, "x")), Error);
  CHECK_THROWS_AS(typed(plain(MemoryType::session, "x")), Error);
}

TEST_CASE("the first sentence") {
  CHECK(first_sentence("") == "");
  CHECK(first_sentence(" \n ") == "");
  CHECK(first_sentence("One") == "One");
  CHECK(first_sentence("  One! Two.") == "One!");
  CHECK(first_sentence("Version 1.2 is out. Yes.") == "Version 1.2 is out.");
  CHECK(first_sentence("Heading\nText. More.") == "Heading");
  CHECK(first_sentence("Really?! Yes") == "Really?!");
  CHECK(first_sentence("Ends.") == "Ends.");
  std::string accents;
  for (int i = 0; i < 150; ++i) accents += "\xc3\xa9";
  CHECK(first_sentence("x" + accents).size() == 199);
  CHECK(is_utf8(first_sentence("x" + accents)));
}

#include <doctest/doctest.h>

#include "search/words.hpp"

using namespace comem::search;

namespace {

std::string marked(std::string_view text, const std::vector<std::string>& words) {
  return highlight(text, words, "[", "]");
}

}  // namespace

TEST_CASE("highlight marks every word of the same stem, whole") {
  CHECK(marked("Running, she RAN; Anna's run.", {"run"}) == "[Running], she [RAN]; Anna's [run].");
  CHECK(marked("Anna's caf\u00e9", {"anna", "cafes"}) == "[Anna's] [caf\u00e9]");
  CHECK(marked("runt", {"run"}) == "runt");
}

TEST_CASE("highlight without words or text changes nothing") {
  CHECK(marked("plain text", {}) == "plain text");
  CHECK(marked("plain text", {"", "!?"}) == "plain text");
  CHECK(marked("", {"x"}).empty());
  CHECK(marked("bad \xff\xc3 text", {"text"}) == "bad \xff\xc3 [text]");
}

TEST_CASE("highlight tells a stop word from a stem that looks like it") {
  CHECK(marked("my own, owned", {"own"}) == "my [own], owned");
  CHECK(marked("my own, owned", {"owned"}) == "my own, [owned]");
}

TEST_CASE("highlight marks overlapping bigrams once") {
  CHECK(marked("\u6771\u4eac\u90fd\u5e81", {"\u6771\u4eac\u90fd"}) == "[\u6771\u4eac\u90fd]\u5e81");
  CHECK(marked("\u5927\u6771\u4eac", {"\u6771\u4eac"}) == "\u5927[\u6771\u4eac]");
}

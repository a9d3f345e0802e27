// Words, stems and search (src/search): a query and a text, which may be any bytes. The query ends with a
// NUL.

#include <set>

#include "core/utf8.hpp"
#include "property.hpp"
#include "search/index.hpp"
#include "search/query_terms.hpp"
#include "search/terms.hpp"
#include "search/utf8_decode.hpp"
#include "search/word_reader.hpp"
#include "search/words.hpp"

namespace comem::fuzz {
namespace {

using namespace search;

/// A folded code point is at most this many times as long as what it was read from.
constexpr std::size_t growth = 3;

void check_decoding(std::string_view text) {
  bool good = true;
  for (std::size_t at = 0; at < text.size();) {
    const auto here = decode(text, at);
    require(here.bytes >= 1 && at + here.bytes <= text.size(), "decoding gets on and stays within");
    if (here.value == malformed && here.bytes == 1) good = false;
    at += here.bytes;
  }
  require(good == is_utf8(text), "both readers of UTF-8 agree");
}

void check_words(std::string_view text) {
  require(fold(text).size() <= growth * text.size(), "folding is bounded");
  const auto words = split_words(text);
  require(words.size() <= text.size(), "a word takes a byte at least");
  std::size_t begin = 0;
  for (const auto& word : words) {
    require(word.begin >= begin && word.begin < word.end && word.end <= text.size(), "words stand in order");
    begin = word.begin + 1;
    require(!word.text.empty() && word.text.size() <= max_word_bytes, "a word is bounded");
    const auto stemmed = stem(word.text);
    require(!stemmed.empty() && stemmed.size() <= max_word_bytes + 8, "a stem is bounded");
  }
  require(stems_of(text).size() <= words.size(), "a word has one stem at most");
}

std::set<std::string> terms_of(std::string_view text) {
  std::set<std::string> terms;
  std::string term;
  for (const auto& word : split_words(text)) {
    term_of(word, term);
    terms.insert(term);
  }
  return terms;
}

void check_query(const std::string& query, const std::string& text) {
  const auto terms = query_terms(query);
  require(terms.size() <= max_query_terms, "a query is bounded");
  std::set<std::string> distinct, written;
  for (const auto& term : terms) {
    require(distinct.insert(term.term).second, "the terms of a query are distinct");
    require(query.find(term.written) != std::string::npos, "a term is shown as it was written");
    written.insert(term.written);
  }
  Index index;
  Document document;
  document.id = "text";
  document.text = text;
  index.upsert(document);
  document.id = "other";
  document.text = "another memory";
  index.upsert(document);
  const auto held = terms_of(text);
  const bool wanted = terms.empty() || std::any_of(terms.begin(), terms.end(), [&](const QueryTerm& term) {
                        return held.contains(term.term);
                      });
  const auto matches = index.search(Query(query), {}, TimePoint{});
  const auto match =
      std::find_if(matches.begin(), matches.end(), [](const Match& m) { return m.id == "text"; });
  require(match != matches.end() || !wanted, "a text is found by the words that it shares with the query");
  if (match == matches.end() || terms.empty()) return;
  require(match->score > 0 && !match->words.empty(), "a match has a score and words");
  for (const auto& word : match->words)
    require(written.contains(word), "the words of a match are the query's");
}

void check_highlight(const std::string& query, const std::string& text) {
  std::vector<std::string> words;
  for (const auto& term : query_terms(query)) words.push_back(term.written);
  const auto marked = highlight(text, words, "<b>", "</b>");
  if (text.find('<') != std::string::npos)  // its own brackets cannot be told from marks
    return require(marked.size() >= text.size(), "highlighting only adds");
  std::size_t at = 0, marks = 0;
  std::string plain;
  while (at < marked.size()) {
    const std::string_view mark = (marks % 2 == 0) ? "<b>" : "</b>";
    const bool ours = std::string_view(marked).substr(at).starts_with(mark);
    if (ours) ++marks;
    if (!ours) plain += marked[at];
    at += ours ? mark.size() : 1;
  }
  require(plain == text && marks % 2 == 0, "highlighting adds pairs of marks and nothing else");
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  Input input(data, size);
  const std::string query(input.until('\0')), text(input.rest());
  for (const auto* part : {&query, &text}) {
    check_decoding(*part);
    check_words(*part);
  }
  check_query(query, text);
  check_highlight(query, text);
  return 0;
}

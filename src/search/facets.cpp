#include "search/facets.hpp"

#include <algorithm>

#include "search/typing_errors.hpp"
#include "search/words.hpp"

namespace comem::search {

void Authors::add(std::uint32_t author, std::string_view name) {
  if (name.empty() || documents_[author]++ > 0) return;
  for (const Word& word : split_words(name)) {
    auto& named = words_[word.text];
    if (named.empty()) ++stems_[stem(word.text)];
    if (std::find(named.begin(), named.end(), author) == named.end()) named.push_back(author);
  }
}

void Authors::remove(std::uint32_t author, std::string_view name) {
  const auto found = documents_.find(author);
  if (found == documents_.end() || --found->second > 0) return;
  documents_.erase(found);
  for (const Word& word : split_words(name)) {
    const auto named = words_.find(word.text);
    if (named == words_.end()) continue;
    std::erase(named->second, author);
    if (!named->second.empty()) continue;
    words_.erase(named);
    const auto stemmed = stems_.find(stem(word.text));
    if (--stemmed->second == 0) stems_.erase(stemmed);
  }
}

void Authors::clear() {
  documents_.clear();
  words_.clear();
  stems_.clear();
}

namespace {

const std::vector<std::uint32_t> nobody;

bool may_be_a_slip(std::string_view typed, std::string_view name) noexcept {
  const std::size_t longer = std::max(typed.size(), name.size());
  return !typed.empty() && !name.empty() && typed.front() == name.front() &&
         longer - std::min(typed.size(), name.size()) <= 1;
}

}  // namespace

const std::vector<std::uint32_t>& Authors::nearly_named(std::string_view folded) const {
  const std::vector<std::uint32_t>* found = &nobody;
  std::vector<std::string> meant;
  for (const auto& [name, authors] : words_) {
    if (!may_be_a_slip(folded, name)) continue;
    if (meant.empty()) meant = meant_by(folded);
    if (std::find(meant.begin(), meant.end(), name) == meant.end()) continue;
    if (found != &nobody) return nobody;
    found = &authors;
  }
  return *found;
}

const std::vector<std::uint32_t>& Authors::named(std::string_view folded) const noexcept {
  const auto found = words_.find(std::string(folded));
  return found == words_.end() ? nobody : found->second;
}

}  // namespace comem::search

#include "search/typing_errors.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {
namespace {

constexpr std::size_t shortest = 5;
constexpr std::size_t longest = 32;
constexpr std::size_t shortest_replaced = 7;  // form and farm are different words

}  // namespace

std::vector<std::string> meant_by(std::string_view word) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (word.size() < shortest || word.size() > longest || !std::all_of(word.begin(), word.end(), is_letter))
    return {};
  std::vector<std::string> meant;
  const std::string typed(word);
  for (std::size_t at = 1; at <= typed.size(); ++at) {
    for (char letter = 'a'; letter <= 'z'; ++letter)
      meant.push_back(std::string(typed).insert(at, 1, letter));
    if (at == typed.size()) break;
    meant.push_back(std::string(typed).erase(at, 1));
    if (at + 1 < typed.size() && typed[at] != typed[at + 1]) {
      std::string swapped = typed;
      std::swap(swapped[at], swapped[at + 1]);
      meant.push_back(std::move(swapped));
    }
    if (typed.size() < shortest_replaced) continue;
    for (char letter = 'a'; letter <= 'z'; ++letter) {
      if (letter != typed[at]) meant.emplace_back(typed)[at] = letter;
    }
  }
  return meant;
}

}  // namespace comem::search

#include "cli/explanation.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "cli/clean_text.hpp"
#include "cli/json_object.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"

namespace comem::cli {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "" : ", ") + visible(word);
  return list;
}

std::string line_of(const Explanation::Term& term) {
  std::string line =
      fmt::format("{:8.3f}  {}", term.score, visible(term.word.empty() ? term.term : term.word));
  if (!term.meant.empty()) line += fmt::format(" (also {})", listed(term.meant));
  return line + fmt::format(": weight {:.2f}, heard {:.2f} here and {:.2f} around; {} {}", term.weight,
                            term.own, term.around, term.memories, term.memories == 1 ? "memory" : "memories");
}

std::string line_of(const Explanation::Neighbour& neighbour) {
  return fmt::format("{:>8}  {} {}: {}", "near", std::abs(neighbour.away),
                     neighbour.away < 0 ? "before" : "after",
                     visible(id_on_a_line(neighbour.id, false)) + ", " + listed(neighbour.words));
}

std::string json_of(const Explanation::Term& term) {
  return JsonObject()
      .add("word", term.word)
      .add("term", term.term)
      .raw("meant", json_strings(term.meant))
      .add("memories", term.memories)
      .add("weight", term.weight)
      .add("own", term.own)
      .add("around", term.around)
      .add("score", term.score)
      .str();
}

std::string json_of(const Explanation::Neighbour& neighbour) {
  return JsonObject()
      .add_id("id", neighbour.id)
      .add("type", std::string(name_of(neighbour.type)))
      .raw("away", std::to_string(neighbour.away))
      .raw("words", json_strings(neighbour.words))
      .add("heard", neighbour.heard)
      .str();
}

std::string json_of(const Explanation::Boost& boost) {
  return JsonObject().add("name", boost.name).add("factor", boost.factor).str();
}

template <class Parts>
std::string json_list(const Parts& parts) {
  std::string list;
  for (const auto& part : parts) list += (list.empty() ? "" : ", ") + json_of(part);
  return "[" + list + "]";
}

}  // namespace

std::vector<std::string> explanation_as_lines(const Explanation& explanation) {
  std::vector<std::string> lines;
  for (const auto& term : explanation.terms) lines.push_back(line_of(term));
  for (const auto& boost : explanation.boosts)
    lines.push_back(fmt::format("{:>8}  {}", fmt::format("x {:.2f}", boost.factor), boost.name));
  for (const auto& neighbour : explanation.neighbours) lines.push_back(line_of(neighbour));
  return lines;
}

std::string explanation_as_json(const Explanation& explanation) {
  return JsonObject()
      .raw("terms", json_list(explanation.terms))
      .raw("neighbours", json_list(explanation.neighbours))
      .raw("boosts", json_list(explanation.boosts))
      .str();
}

}  // namespace comem::cli

#include "memory/context_lines.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "core/utf8.hpp"
#include "memory/context_text.hpp"
#include "memory/prose.hpp"
#include "memory/said.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t max_list_bytes = 400;
constexpr std::size_t compared_bytes =
    8192;                             // longer texts are compared by so much of them, and their lengths
constexpr double least_share = 0.25;  // of the best score, where no limit is given
constexpr double far_better = 2.0;    // so much higher a score, and the newer is hardly about the same
constexpr std::size_t uncut = std::numeric_limits<std::size_t>::max() - 8;

std::string text_of(const Episode& episode) {
  const auto& told = !episode.summary.empty()   ? episode.summary
                     : !episode.content.empty() ? episode.content
                                                : episode.task_prompt;
  return (episode.success ? "" : "(failed) ") + one_line(told, uncut);
}

std::string text_of(const Knowledge& knowledge) {
  // Content that says more than the pattern says it too.
  const bool more = knowledge.content.size() > knowledge.pattern.size();
  auto text = one_line(more ? knowledge.content : knowledge.pattern, uncut);
  if (!knowledge.context.empty())
    text += fmt::format(" (where: {})", one_line(knowledge.context, max_list_bytes));
  return text;
}

std::string text_of(const Skill& skill) {
  auto text = one_line(skill.name, uncut);
  const auto& told = skill.description.empty() ? skill.content : skill.description;
  const bool named = told.starts_with(skill.name + ":");  // "deploy: run ship.sh" of the skill "deploy"
  if (named) text = one_line(told, uncut);
  if (!named && !told.empty() && told != skill.name) text += ": " + one_line(told, uncut);
  std::string actions;
  for (const auto& action : skill.actions) {
    actions += (actions.empty() ? "" : " -> ") + one_line(action.action, 80);
    if (actions.size() > max_list_bytes) break;
  }
  if (!actions.empty()) text += fmt::format(" (actions: {})", cut_with_dots(actions, max_list_bytes));
  return text;
}

std::string tail_of(const Episode&) {
  return {};
}
std::string tail_of(const Knowledge& knowledge) {
  return fmt::format(" (confidence {:.2f})", knowledge.effective_confidence());
}
std::string tail_of(const Skill& skill) {
  if (skill.executions == 0) return {};
  return fmt::format(" (succeeded {} of {} times)", skill.successes, skill.executions);
}

/// Where the first sentence begins that has one of the words, in whatever form.
std::size_t first_about(std::string_view text, const std::vector<std::string>& words, Tokenise tokenise) {
  if (words.empty()) return 0;
  std::set<std::string> stems;
  for (const auto& word : words)
    for (auto& token : tokenise(word)) stems.insert(std::move(token.stem));
  const auto asked = [&](const Token& token) { return stems.contains(token.stem); };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto sentence = leading_sentence(text.substr(begin));
    const auto tokens = tokenise(sentence);
    if (std::any_of(tokens.begin(), tokens.end(), asked)) return begin;
    begin += sentence.size();
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '|')) ++begin;
  }
  return 0;
}

void take_author(ContextLine& line, const std::string& author) {
  if (author.empty() || !line.text.starts_with(author + ": ")) return;
  line.author = author + ": ";
  line.text.erase(0, line.author.size());
}

/// All lines, those of a type in the order of their ranks, with what is compared of them.
struct Lines {
  std::vector<ContextLine> lines;
  std::vector<Said> said;
};

template <class Kind>
void append(Lines& all, const std::vector<Hit<Kind>>& hits, double least_score, Tokenise tokenise) {
  std::set<std::string> seen;
  for (const auto& hit : hits) {
    if (hit.score < least_score || !seen.insert(hit.memory.id).second) continue;
    ContextLine line;
    line.type = hit.memory.type;
    line.id = hit.memory.id;
    line.score = hit.score;
    // Ids may be any bytes; texts for models are UTF-8 on one line.
    line.lead = fmt::format("- [{}] ", printable(line.id));
    line.text = text_of(hit.memory);
    const auto compared = cut_utf8(line.text, compared_bytes);
    auto& said = all.said.emplace_back(wording_of(compared, tokenise(compared)), hit.memory);
    if (compared.size() < line.text.size())
      said.wording.numbers.push_back(static_cast<Wording::Word>(line.text.size()));
    take_author(line, hit.memory.author);
    line.about = first_about(cut_utf8(line.text, compared_bytes), hit.why.words, tokenise);
    line.text += tail_of(hit.memory);
    all.lines.push_back(std::move(line));
  }
}

/// Leaves the given places, in this order.
template <class Value>
void select(std::vector<Value>& values, const std::vector<std::size_t>& places) {
  std::vector<Value> selected;
  selected.reserve(places.size());
  for (const auto place : places) selected.push_back(std::move(values[place]));
  values = std::move(selected);
}

/// Groups of all but skills, each of which stays by itself.
Groups groups_of(const Lines& all, Groups (*group)(const std::vector<Said>&)) {
  const auto skills = std::find_if(all.lines.begin(), all.lines.end(),
                                   [](const ContextLine& line) { return line.type == MemoryType::skill; });
  const auto others = static_cast<std::size_t>(skills - all.lines.begin());
  Groups groups = group({all.said.begin(), all.said.begin() + static_cast<std::ptrdiff_t>(others)});
  for (std::size_t i = others; i < all.lines.size(); ++i) groups.push_back({i});
  return groups;
}

/// The newest of those that say the same is left, where the first of its own type stood.
void leave_each_once(Lines& all) {
  std::vector<std::size_t> left;
  for (const auto& group : groups_of(all, repetitions)) {
    const auto newest = group.front();
    auto place = newest;
    for (const auto member : group) {
      if (all.lines[member].type == all.lines[newest].type) place = std::min(place, member);
      all.lines[newest].score = std::max(all.lines[newest].score, all.lines[member].score);
    }
    if (place != newest) {
      std::swap(all.lines[place], all.lines[newest]);
      std::swap(all.said[place], all.said[newest]);
    }
    left.push_back(place);
  }
  std::sort(left.begin(), left.end());
  select(all.lines, left);
  select(all.said, left);
}

bool is_earlier(const Said& a, const Said& b) {
  return std::tie(a.time, a.created_at) < std::tie(b.time, b.created_at);
}

/// What is older stands behind what it disagrees with, where that is of its own type, which has a section of
/// its own.
void put_newest_first(Lines& all) {
  std::vector<std::size_t> order, place(all.lines.size());
  for (const auto& group : groups_of(all, disagreements)) {
    auto& newest = all.lines[group.front()];
    auto first = group.front();
    const double own_score = newest.score;
    for (const auto member : group)
      if (all.lines[member].type == newest.type) first = std::min(first, member);
    for (const auto member : group) {
      all.lines[member].better = all.lines[member].score > far_better * own_score;
      all.lines[member].older = is_earlier(all.said[member], all.said[group.front()]);
      all.lines[member].group = group.front();
      newest.score = std::max(newest.score, all.lines[member].score);
      place[member] = all.lines[member].type == newest.type ? first : member;
      order.push_back(member);
    }
  }
  std::vector<std::size_t> found_at(all.lines.size());  // ties keep this order
  for (std::size_t i = 0; i < order.size(); ++i) found_at[order[i]] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(place[a], found_at[a]) < std::tie(place[b], found_at[b]);
  });
  select(all.lines, order);
}

void keep_to(std::vector<ContextLine>& lines, std::size_t limit) {
  std::map<MemoryType, std::size_t> ranks, counts;
  std::erase_if(lines, [&](ContextLine& line) {
    line.rank = line.older ? ranks[line.type] : ranks[line.type]++;
    return limit > 0 && ++counts[line.type] > limit;
  });
}

template <class Kind>
double best_score(const std::vector<Hit<Kind>>& hits) {
  return hits.empty() ? 0.0 : hits.front().score;
}

}  // namespace

std::string context_line(const AnyMemory& memory) {
  return std::visit([](const auto& m) { return text_of(m); }, memory);
}

std::vector<ContextLine> context_lines(const AllHits& hits, std::size_t limit, Tokenise tokenise) {
  const double best =
      std::max({best_score(hits.episodic), best_score(hits.semantic), best_score(hits.skills)});
  const double least = limit == 0 ? best * least_share : 0.0;
  Lines all;
  append(all, hits.episodic, least, tokenise);
  append(all, hits.semantic, least, tokenise);
  append(all, hits.skills, least, tokenise);
  leave_each_once(all);
  put_newest_first(all);
  keep_to(all.lines, limit);
  return std::move(all.lines);
}

std::vector<std::size_t> by_usefulness(const std::vector<ContextLine>& lines) {
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto& x = lines[a];
    const auto& y = lines[b];
    const bool last_x = x.older && !x.better, last_y = y.older && !y.better;
    if (last_x != last_y) return last_y;
    const bool best_x = x.rank == 0, best_y = y.rank == 0;
    if (best_x != best_y) return best_x;
    if (x.score != y.score) return x.score > y.score;
    if (x.older != y.older) return y.older;
    return x.rank != y.rank ? x.rank < y.rank : a < b;
  });
  return order;
}

}  // namespace comem::memory

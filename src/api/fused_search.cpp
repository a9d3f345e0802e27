#include "api/fused_search.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "vectors/fusion.hpp"

namespace comem {

using storage::NearMemory;

namespace {

/// Deep enough that what stands low in one arm can rise by the other.
constexpr std::size_t depth = 100;

/// Gives memories numbers, and keeps what the arms say of them.
class Numbers {
 public:
  std::uint32_t of(MemoryType type, const std::string& id) {
    const auto next = static_cast<std::uint32_t>(matches_.size());
    const auto [place, fresh] = numbers_.try_emplace(std::make_pair(type, id), next);
    if (fresh) {
      auto& match = matches_.emplace_back();
      match.type = type;
      match.id = id;
    }
    return place->second;
  }
  search::Match& match(std::uint32_t number) { return matches_[number]; }

 private:
  std::map<std::pair<MemoryType, std::string>, std::uint32_t> numbers_;
  std::vector<search::Match> matches_;
};

/// Whether the query had words to search for; else the matches are only the newest memories.
bool by_words(const std::vector<search::Match>& matches) {
  return std::any_of(matches.begin(), matches.end(), [](const auto& match) { return match.score > 0; });
}

std::string arm_of(const vectors::Fused& fused) {
  if (fused.by_vectors == 0) return "words";
  return fused.by_words == 0 ? "vectors" : "words and vectors";
}

bool is_filtered(const Query& query) {
  return !query.any_tags.empty() || !query.all_tags.empty() || !query.session.empty() ||
         !query.agent.empty() || !query.author.empty() || query.success_only || query.since != TimePoint{} ||
         query.until != TimePoint{} || query.min_confidence > 0;
}

std::vector<ArmMatch> fuse(const std::vector<search::Match>& words, const std::vector<NearMemory>& near,
                           const storage::VectorView& view, bool filtered) {
  Numbers numbers;
  std::vector<vectors::Ranked> first;
  std::vector<vectors::Ranked> second;
  for (const auto& match : words) {
    first.push_back({numbers.of(match.type, match.id), match.score});
    numbers.match(first.back().document) = match;
  }
  for (const auto& one : near)
    second.push_back({numbers.of(one.type, one.id), static_cast<double>(one.similarity)});
  if (!filtered) view.observe(first, second);
  vectors::FusionWeights weights;
  weights.words = view.words_weight();
  std::vector<ArmMatch> fused;
  for (const auto& one : vectors::fuse(first, second, view.size(), weights)) {
    ArmMatch match;
    match.match = std::move(numbers.match(one.document));
    match.match.score = one.score;
    match.arm = arm_of(one);
    fused.push_back(std::move(match));
  }
  return fused;
}

std::vector<ArmMatch> only_words(std::vector<search::Match> words) {
  std::vector<ArmMatch> matches(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    matches[i].match = std::move(words[i]);
    matches[i].arm = "words";
  }
  return matches;
}

}  // namespace

ArmMatches find_matches(storage::ReadTransaction& tx, const SearchArms& arms, const Query& query,
                        const std::set<std::string>& sessions, TimePoint now) {
  ArmMatches found;
  const bool fusing = arms.vectors != nullptr && arms.query;
  Query wider = query;
  if (fusing) wider.limit = std::max(query.limit, depth);
  auto words = arms.words->search(tx, wider, sessions, now);
  std::vector<NearMemory> near;
  if (fusing) near = arms.vectors->search(*arms.query, query, sessions, now, wider.limit);
  found.all = words.size() < wider.limit && (!fusing || near.size() < wider.limit);
  if (near.empty()) {
    found.matches = only_words(std::move(words));
  } else {
    if (!by_words(words)) words.clear();
    found.matches = fuse(words, near, *arms.vectors, is_filtered(query));
  }
  if (found.matches.size() > query.limit) {
    found.matches.resize(query.limit);
    found.all = false;
  }
  return found;
}

}  // namespace comem

#include "search/filter.hpp"

#include <algorithm>

namespace comem::search {
namespace {

using Names = std::vector<std::uint32_t>;

unsigned bit(MemoryType type) noexcept {
  return 1u << static_cast<unsigned>(type);
}

bool has(const Names& sorted, std::uint32_t name) noexcept {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

bool open_or_has(const Names& sorted, std::uint32_t name) noexcept {
  return sorted.empty() || has(sorted, name);
}

template <class Strings>
Names known(const Strings& strings, const StringPool& names) {
  Names numbers;
  for (const std::string& text : strings) {
    if (const auto number = names.find(text)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

Filter::Filter(const Query& query, const std::set<std::string>& sessions, TimePoint now,
               const StringPool& names)
    : query_(query), now_(now) {
  for (const MemoryType type : query.types) types_ |= bit(type);
  if (query.types.empty()) types_ = ~0u;
  sessions_ = known(sessions, names);
  any_tags_ = known(query.any_tags, names);
  all_tags_ = known(query.all_tags, names);
  if (!query.agent.empty()) agents_ = known(std::vector{query.agent}, names);
  if (!query.author.empty()) authors_ = known(std::vector{query.author}, names);
  narrow_ = !sessions.empty() || !query.any_tags.empty() || !query.all_tags.empty() || !query.agent.empty() ||
            !query.author.empty() || query.since != TimePoint{} || query.until != TimePoint{};
  possible_ = sessions_.empty() == sessions.empty() && any_tags_.empty() == query.any_tags.empty() &&
              all_tags_.size() == query.all_tags.size() && agents_.empty() == query.agent.empty() &&
              authors_.empty() == query.author.empty();
}

bool Filter::passes(const Facts& facts) const noexcept {
  if ((types_ & bit(facts.type)) == 0 || !facts.live(now_)) return false;
  if (!open_or_has(sessions_, facts.session) || !open_or_has(agents_, facts.agent) ||
      !open_or_has(authors_, facts.author)) {
    return false;
  }
  if (query_.success_only && facts.type == MemoryType::episodic && !facts.success) return false;
  if (facts.type == MemoryType::semantic && facts.confidence < query_.min_confidence) return false;
  if (query_.since != TimePoint{} && facts.time < query_.since) return false;
  if (query_.until != TimePoint{} && facts.time > query_.until) return false;
  return has_tags(facts);
}

bool Filter::has_tags(const Facts& facts) const noexcept {
  const auto tagged = [&](std::uint32_t tag) {
    return std::find(facts.tags.begin(), facts.tags.end(), tag) != facts.tags.end();
  };
  return std::all_of(all_tags_.begin(), all_tags_.end(), tagged) &&
         (any_tags_.empty() || std::any_of(any_tags_.begin(), any_tags_.end(), tagged));
}

}  // namespace comem::search

#include "search/filter.hpp"

#include <algorithm>
#include <chrono>

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

// By the names that the fewest documents have.
std::optional<std::vector<DocumentNumber>> Filter::with_names(const DocumentTable& documents,
                                                              std::size_t most) const {
  const auto entries_of = [&](const Names& names) {
    std::size_t entries = 0;
    for (const std::uint32_t name : names) entries += documents.named(name).size();
    return entries;
  };
  std::vector<Names> choices;
  for (const Names* names : {&sessions_, &agents_, &authors_, &any_tags_}) {
    // Who has no name is in no list.
    if (!names->empty() && names->front() != DocumentTable::no_name()) choices.push_back(*names);
  }
  for (const std::uint32_t tag : all_tags_) {
    if (tag != DocumentTable::no_name()) choices.push_back({tag});
  }
  const auto fewest = std::min_element(choices.begin(), choices.end(), [&](const Names& a, const Names& b) {
    return entries_of(a) < entries_of(b);
  });
  if (fewest == choices.end() || entries_of(*fewest) > most) return std::nullopt;
  std::vector<DocumentNumber> found;
  for (const std::uint32_t name : *fewest)
    documents.named(name).for_each([&](DocumentNumber number, Occurrences) { found.push_back(number); });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::optional<std::vector<DocumentNumber>> Filter::of_days(const DocumentTable& documents,
                                                           std::size_t most) const {
  const auto day_of = [](TimePoint time) { return std::chrono::floor<std::chrono::days>(time); };
  if (query_.since == TimePoint{} && query_.until == TimePoint{}) return std::nullopt;
  const auto first = query_.since == TimePoint{} ? documents.first_day()
                                                 : std::max(day_of(query_.since), documents.first_day());
  const auto last = query_.until == TimePoint{} ? documents.last_day()
                                                : std::min(day_of(query_.until), documents.last_day());
  std::vector<DocumentNumber> found;
  for (DocumentNumber number = 0; number < documents.end(); ++number) {
    const auto day = documents.day(number);
    if (day < first || day > last || !passes(documents.facts(number))) continue;
    if (found.size() == most) return std::nullopt;
    found.push_back(number);
  }
  return found;
}

std::optional<std::vector<DocumentNumber>> Filter::few(const DocumentTable& documents,
                                                       std::size_t most) const {
  auto found = with_names(documents, most);
  if (!found) found = of_days(documents, most);
  return found;
}

}  // namespace comem::search

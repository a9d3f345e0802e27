#include "search/documents.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace comem::search {
namespace {

// In days; a few million years.
constexpr std::int64_t far_away = 1'000'000'000;

// An order needs numbers that compare.
double comparable(double value) noexcept {
  return std::isnan(value) ? 0.0 : value;
}

}  // namespace

std::size_t DocumentTable::Hash::operator()(const Key& key) const noexcept {
  return std::hash<std::string_view>()(key.id) * 31 + static_cast<std::size_t>(key.type);
}

bool DocumentTable::Same::operator()(const Key& a, DocumentNumber b) const noexcept {
  const Key other = table->key_of(b);
  return a.type == other.type && a.id == other.id;
}

void DocumentTable::forget_names() {
  names_ = StringPool();
  names_.intern({});
  named_.clear();
  named_.emplace_back();
}

std::uint32_t DocumentTable::name(std::string_view text, DocumentNumber number) {
  const std::uint32_t name = names_.intern(text);
  if (name == named_.size()) named_.emplace_back();
  if (name != no_name() && !named_[name].ends_with(number)) named_[name].append(number, Occurrences(), 0);
  return name;
}

DocumentNumber DocumentTable::add(const Document& document) {
  const DocumentNumber number = end();
  Facts& facts = facts_.emplace_back();
  facts.id = document.id;
  facts.type = document.type;
  facts.tags.reserve(document.tags.size());
  for (const std::string& tag : document.tags) facts.tags.push_back(name(tag, number));
  facts.composite = comparable(document.composite);
  facts.confidence = comparable(document.confidence);
  facts.time = document.time;
  facts.expires_at = document.expires_at;
  facts.session = name(document.session, number);
  facts.agent = name(document.agent, number);
  facts.author = name(document.author, number);
  facts.success = document.success;
  facts.numbered = document.turn.has_value();
  facts.place = document.turn.value_or(document.time.time_since_epoch().count());
  loudness_.push_back(1.0f);
  traits_.emplace_back();
  authors_.push_back(facts.author);
  const auto day = std::chrono::floor<std::chrono::days>(document.time).time_since_epoch().count();
  days_.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(day, -far_away, far_away)));
  first_day_ = std::min(first_day_, days_.back());
  last_day_ = std::max(last_day_, days_.back());
  ids_.insert(number);
  return number;
}

void DocumentTable::remove(DocumentNumber number) {
  ids_.erase(number);
  facts_[number] = Facts();
  loudness_[number] = 0;
  traits_[number] = TextTraits();
  authors_[number] = no_name();
  ++removed_;
}

std::optional<DocumentNumber> DocumentTable::find(MemoryType type, std::string_view id) const {
  const auto found = ids_.find(Key{type, id});
  if (found == ids_.end()) return std::nullopt;
  return *found;
}

std::vector<DocumentNumber> DocumentTable::compact() {
  ids_.clear();
  const StringPool old_names = std::move(names_);
  forget_names();
  std::vector<DocumentNumber> renumbered(facts_.size(), gone);
  DocumentNumber next = 0;
  for (DocumentNumber number = 0; number < facts_.size(); ++number) {
    if (!holds(number)) continue;
    if (next != number) facts_[next] = std::move(facts_[number]);
    loudness_[next] = loudness_[number];
    traits_[next] = traits_[number];
    Facts& facts = facts_[next];
    const auto rename = [&](std::uint32_t& one) { one = name(old_names.at(one), next); };
    for (std::uint32_t& tag : facts.tags) rename(tag);
    for (std::uint32_t* one : {&facts.session, &facts.agent, &facts.author}) rename(*one);
    authors_[next] = facts.author;
    days_[next] = days_[number];
    renumbered[number] = next++;
  }
  facts_.resize(next);
  facts_.shrink_to_fit();
  loudness_.resize(next);
  loudness_.shrink_to_fit();
  traits_.resize(next);
  traits_.shrink_to_fit();
  authors_.resize(next);
  authors_.shrink_to_fit();
  days_.resize(next);
  days_.shrink_to_fit();
  removed_ = 0;
  ids_.rehash(0);
  for (DocumentNumber number = 0; number < next; ++number) ids_.insert(number);
  return renumbered;
}

}  // namespace comem::search

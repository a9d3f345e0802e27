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

std::uint8_t as_bits(const TextTraits& traits) noexcept {
  return static_cast<std::uint8_t>((traits.tells_time ? 1 : 0) | (traits.addresses ? 2 : 0) |
                                   (traits.names ? 4 : 0) | (traits.asks ? 8 : 0));
}

TextTraits as_traits(std::uint8_t bits) noexcept {
  TextTraits traits;
  traits.tells_time = (bits & 1) != 0;
  traits.addresses = (bits & 2) != 0;
  traits.names = (bits & 4) != 0;
  traits.asks = (bits & 8) != 0;
  return traits;
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
  std::vector<std::uint32_t> tags;
  for (const std::string& tag : document.tags) tags.push_back(name(tag, number));
  facts.tags = keep(tags);
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
  note_day(document.time);
  note_piece(number);
  ids_.insert(number);
  return number;
}

std::span<const std::uint32_t> DocumentTable::keep(const std::vector<std::uint32_t>& tags) {
  constexpr std::size_t piece = 4096;
  if (tags.empty()) return {};
  if (tags_.empty() || tags_.back().capacity() - tags_.back().size() < tags.size())
    tags_.emplace_back().reserve(std::max(piece, tags.size()));
  auto& last = tags_.back();
  last.insert(last.end(), tags.begin(), tags.end());
  return std::span(last).last(tags.size());
}

std::size_t DocumentTable::held_of(const PostingList& list) const {
  constexpr std::size_t dearer = 8;  // to look for one document, as against reading one entry
  std::size_t removed = 0;
  if (gone_.size() * dearer < list.size()) {
    list.for_each_of(gone_, [&](DocumentNumber, Occurrences) { ++removed; });
  } else {
    list.for_each([&](DocumentNumber number, Occurrences) { removed += holds(number) ? 0u : 1u; });
  }
  return list.size() - removed;
}

void DocumentTable::note_day(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
  days_.push_back(static_cast<std::int32_t>(std::clamp<std::int64_t>(day, -far_away, far_away)));
  first_day_ = std::min(first_day_, days_.back());
  last_day_ = std::max(last_day_, days_.back());
}

void DocumentTable::note_bounds() {
  first_day_ = std::numeric_limits<std::int32_t>::max();
  last_day_ = std::numeric_limits<std::int32_t>::min();
  for (const std::int32_t day : days_) {
    first_day_ = std::min(first_day_, day);
    last_day_ = std::max(last_day_, day);
  }
}

void DocumentTable::note_pieces() {
  day_pieces_.clear();
  for (DocumentNumber number = 0; number < end(); ++number) note_piece(number);
}

void DocumentTable::note_piece(DocumentNumber number) {
  const auto here = day(number);
  if (number % day_piece == 0) day_pieces_.push_back({here, here});
  Days& days = day_pieces_.back();
  days.first = std::min(days.first, here);
  days.last = std::max(days.last, here);
}

// From the numbers of other names to those of this table.
void DocumentTable::name_anew(DocumentNumber number, const StringPool& others) {
  Facts& facts = facts_[number];
  const auto rename = [&](std::uint32_t& one) { one = name(others.at(one), number); };
  std::vector<std::uint32_t> tags(facts.tags.begin(), facts.tags.end());
  for (std::uint32_t& tag : tags) rename(tag);
  facts.tags = keep(tags);
  for (std::uint32_t* one : {&facts.session, &facts.agent, &facts.author}) rename(*one);
}

std::vector<DocumentNumber> DocumentTable::absorb(const DocumentTable& other) {
  std::vector<DocumentNumber> renumbered(other.end(), gone);
  for (DocumentNumber number = 0; number < other.end(); ++number) {
    if (!other.holds(number)) continue;
    const DocumentNumber next = end();
    facts_.push_back(other.facts_[number]);
    name_anew(next, other.names_);
    loudness_.push_back(other.loudness_[number]);
    traits_.push_back(other.traits_[number]);
    authors_.push_back(facts_[next].author);
    note_day(facts_[next].time);
    note_piece(next);
    ids_.insert(next);
    renumbered[number] = next;
  }
  return renumbered;
}

void DocumentTable::save(ByteWriter& writer) const {
  names_.save(writer);
  for (const PostingList& list : named_) list.save(writer);
  writer.put_all(loudness_);
  for (const TextTraits& traits : traits_) writer.put(as_bits(traits));
  for (const Facts& facts : facts_) {
    writer.put(std::string_view(facts.id));
    writer.put_all(std::vector<std::uint32_t>(facts.tags.begin(), facts.tags.end()));
    writer.put(facts.composite);
    writer.put(facts.confidence);
    writer.put(facts.time);
    writer.put(facts.expires_at);
    writer.put(facts.place);
    for (const std::uint32_t name : {facts.session, facts.agent, facts.author}) writer.put(name);
    writer.put(facts.type);
    writer.put(facts.success);
    writer.put(facts.numbered);
  }
}

bool DocumentTable::load(ByteReader& reader) {
  if (!names_.load(reader)) return false;
  named_.resize(names_.size());
  for (PostingList& list : named_) list.load(reader);
  loudness_ = reader.all<float>();
  for (std::size_t i = 0; i < loudness_.size() && !reader.failed(); ++i)
    traits_.push_back(as_traits(reader.get<std::uint8_t>()));
  ids_.reserve(loudness_.size());
  for (DocumentNumber number = 0; number < loudness_.size() && !reader.failed(); ++number) {
    Facts& facts = facts_.emplace_back();
    facts.id = reader.text();
    facts.tags = keep(reader.all<std::uint32_t>());
    facts.composite = reader.get<double>();
    facts.confidence = reader.get<double>();
    facts.time = reader.get<TimePoint>();
    facts.expires_at = reader.get<TimePoint>();
    facts.place = reader.get<std::int64_t>();
    for (std::uint32_t* name : {&facts.session, &facts.agent, &facts.author})
      *name = reader.get<std::uint32_t>();
    facts.type = reader.get<MemoryType>();
    facts.success = reader.get<bool>();
    facts.numbered = reader.get<bool>();
    authors_.push_back(facts.author);
    const auto known = [this](std::uint32_t name) { return name < names_.size(); };
    if (!known(facts.session) || !known(facts.agent) || !known(facts.author) ||
        !std::all_of(facts.tags.begin(), facts.tags.end(), known))
      return false;
    if (holds(number)) {
      note_day(facts.time);
      ids_.insert(number);
    } else {
      days_.push_back(0);
      gone_.push_back(number);
    }
  }
  if (reader.failed()) return false;
  // Who is gone has no day of its own.
  for (const DocumentNumber number : gone_)
    days_[number] = number > 0 ? days_[number - 1] : size() > 0 ? first_day_ : 0;
  note_pieces();
  return true;
}

void DocumentTable::remove(DocumentNumber number) {
  ids_.erase(number);
  facts_[number] = Facts();
  loudness_[number] = 0;
  traits_[number] = TextTraits();
  authors_[number] = no_name();
  gone_.insert(std::lower_bound(gone_.begin(), gone_.end(), number), number);
}

std::optional<DocumentNumber> DocumentTable::find(MemoryType type, std::string_view id) const {
  const auto found = ids_.find(Key{type, id});
  if (found == ids_.end()) return std::nullopt;
  return *found;
}

std::vector<DocumentNumber> DocumentTable::compact() {
  ids_.clear();
  const StringPool old_names = std::move(names_);
  const auto old_tags = std::exchange(tags_, {});
  forget_names();
  std::vector<DocumentNumber> renumbered(facts_.size(), gone);
  DocumentNumber next = 0;
  for (DocumentNumber number = 0; number < facts_.size(); ++number) {
    if (!holds(number)) continue;
    if (next != number) facts_[next] = std::move(facts_[number]);
    loudness_[next] = loudness_[number];
    traits_[next] = traits_[number];
    name_anew(next, old_names);
    authors_[next] = facts_[next].author;
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
  note_bounds();
  note_pieces();
  gone_.clear();
  ids_.rehash(0);
  for (DocumentNumber number = 0; number < next; ++number) ids_.insert(number);
  return renumbered;
}

}  // namespace comem::search

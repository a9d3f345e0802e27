#include "search/neighbours.hpp"

#include <algorithm>
#include <utility>

namespace comem::search {

bool Neighbours::stands_before(DocumentNumber a, DocumentNumber b) const noexcept {
  const Facts& left = documents_.facts(a);
  const Facts& right = documents_.facts(b);
  if (left.numbered != right.numbered) return left.numbered;
  if (left.place != right.place) return left.place < right.place;
  if (left.time != right.time) return left.time < right.time;
  if (left.id != right.id) return left.id < right.id;
  return left.type < right.type;
}

void Neighbours::link(DocumentNumber left, DocumentNumber right) noexcept {
  const bool apart =
      left == none || right == none || documents_.facts(left).numbered != documents_.facts(right).numbered;
  if (left != none) after_[left] = apart ? none : right;
  if (right != none) before_[right] = apart ? none : left;
}

void Neighbours::add(DocumentNumber number) {
  before_.resize(number + 1, none);
  after_.resize(number + 1, none);
  lines_.resize(number + 1, 0);
  const Facts& facts = documents_.facts(number);
  if (facts.session == documents_.no_name()) return;
  std::vector<DocumentNumber>& session = sessions_[facts.session];
  auto place = session.end();
  if (!session.empty() && stands_before(number, session.back())) {
    place = std::upper_bound(session.begin(), session.end(), number,
                             [this](DocumentNumber a, DocumentNumber b) { return stands_before(a, b); });
  }
  place = session.insert(place, number);
  link(place == session.begin() ? none : *(place - 1), number);
  link(number, place + 1 == session.end() ? none : *(place + 1));
  look_around(number);
}

void Neighbours::remove(DocumentNumber number) {
  const auto found = sessions_.find(documents_.facts(number).session);
  if (found == sessions_.end()) return;
  std::vector<DocumentNumber>& session = found->second;
  auto place = std::lower_bound(session.begin(), session.end(), number,
                                [this](DocumentNumber a, DocumentNumber b) { return stands_before(a, b); });
  place = session.erase(place);
  const DocumentNumber left = place == session.begin() ? none : *(place - 1);
  const DocumentNumber right = place == session.end() ? none : *place;
  before_[number] = after_[number] = none;
  lines_[number] = 0;
  link(left, right);
  if (session.empty()) sessions_.erase(found);
  for (const DocumentNumber side : {left, right}) {
    if (side != none) look_around(side);
  }
}

void Neighbours::rebuild() {
  sessions_.clear();
  for (auto* links : {&before_, &after_}) {
    links->clear();
    links->shrink_to_fit();
  }
  lines_.clear();
  lines_.shrink_to_fit();
  add_from(0);
}

// To insert each by itself would move the rest of a long session every time.
void Neighbours::add_from(DocumentNumber first) {
  before_.resize(documents_.end(), none);
  after_.resize(documents_.end(), none);
  lines_.resize(documents_.end(), 0);
  std::unordered_map<std::uint32_t, std::size_t> grown;  // sessions, and how long they were
  for (DocumentNumber number = first; number < documents_.end(); ++number) {
    const std::uint32_t name = documents_.facts(number).session;
    if (name == documents_.no_name()) continue;
    std::vector<DocumentNumber>& session = sessions_[name];
    grown.try_emplace(name, session.size());
    session.push_back(number);
  }
  const auto in_order = [this](DocumentNumber a, DocumentNumber b) { return stands_before(a, b); };
  for (const auto& [name, length] : grown) {
    std::vector<DocumentNumber>& session = sessions_[name];
    const auto added = session.begin() + static_cast<std::ptrdiff_t>(length);
    std::sort(added, session.end(), in_order);
    std::vector<DocumentNumber> whole(session.size());
    std::merge(session.begin(), added, added, session.end(), whole.begin(), in_order);
    session = std::move(whole);
    for (std::size_t i = 0; i <= session.size(); ++i)
      link(i == 0 ? none : session[i - 1], i == session.size() ? none : session[i]);
    for (const DocumentNumber number : session) lines_[number] = line_of(number);
  }
}

// A changed link can matter to whoever stands within reach of it.
void Neighbours::look_around(DocumentNumber number) noexcept {
  lines_[number] = line_of(number);
  for (const auto* links : {&before_, &after_}) {
    DocumentNumber other = number;
    for (int step = 0; step < reach; ++step) {
      other = (*links)[other];
      if (other == none) break;
      lines_[other] = line_of(other);
    }
  }
}

std::uint8_t Neighbours::line_of(DocumentNumber number) const noexcept {
  int before = 0;
  for (DocumentNumber here = number; before < reach && before_[here] != none; here = before_[here]) {
    if (before_[here] + 1 != here) return scattered_line;
    ++before;
  }
  int after = 0;
  for (DocumentNumber here = number; after < reach && after_[here] != none; here = after_[here]) {
    if (after_[here] != here + 1) return scattered_line;
    ++after;
  }
  return static_cast<std::uint8_t>((reach + 1) * before + after);
}

}  // namespace comem::search

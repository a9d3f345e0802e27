#include "storage/fresh_rows.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_set>
#include <utility>

namespace comem::storage {
namespace {

constexpr std::size_t most_rows = 2000;
constexpr std::size_t most_bytes = 2 * outbox_page_bytes;

struct KeyHash {
  std::size_t operator()(const RecordKey* key) const noexcept { return std::hash<std::string>()(key->id); }
};
struct KeyEqual {
  bool operator()(const RecordKey* a, const RecordKey* b) const noexcept { return *a == *b; }
};

/// Leaves of each record the last row.
void drop_written_over(std::vector<OutboxRow>& rows) {
  std::unordered_set<const RecordKey*, KeyHash, KeyEqual> seen(rows.size() * 2);
  std::vector<bool> last(rows.size());
  for (std::size_t i = rows.size(); i-- > 0;) last[i] = seen.insert(&rows[i].record.key).second;
  if (seen.size() == rows.size()) return;
  std::vector<OutboxRow> left;
  left.reserve(seen.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (last[i]) left.push_back(std::move(rows[i]));
  rows = std::move(left);
}

}  // namespace

void FreshRows::keep(bool yes) {
  const std::lock_guard lock(mutex_);
  keeping_ = yes;
  if (!yes && !rows_.empty()) lose(rows_.back().change);
}

void FreshRows::add(Queued queued) {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = bytes_;
  for (const auto& row : queued.rows) bytes += row.record.value.size();
  if (!keeping_ || !queued.whole() || rows_.size() + queued.rows.size() > most_rows || bytes > most_bytes)
    return lose(queued.through);
  if (queued.rows.empty()) return;
  if (!from_) from_ = queued.rows.front().change - 1;
  bytes_ = bytes;
  std::move(queued.rows.begin(), queued.rows.end(), std::back_inserter(rows_));
}

std::optional<OutboxPage> FreshRows::page(std::uint64_t after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (!from_ || after < *from_) return std::nullopt;
  drop_through(after);
  std::optional<OutboxPage> page;
  page.emplace();
  page->through = after;
  for (std::size_t bytes = 0; page->rows.size() < limit && bytes < outbox_page_bytes && !rows_.empty();
       rows_.pop_front()) {
    bytes += rows_.front().record.value.size();
    page->through = rows_.front().change;
    page->rows.push_back(std::move(rows_.front()));
    bytes_ -= page->rows.back().record.value.size();
  }
  page->more = !rows_.empty();
  from_ = page->through;
  if (page->rows.size() > 1) drop_written_over(page->rows);
  return page;
}

void FreshRows::passed(std::uint64_t change) {
  const std::lock_guard lock(mutex_);
  drop_through(change);
  if (from_) from_ = std::max(*from_, change);
}

void FreshRows::lose(std::uint64_t through) {
  rows_.clear();
  bytes_ = 0;
  from_ = through;
}

void FreshRows::drop_through(std::uint64_t change) {
  for (; !rows_.empty() && rows_.front().change <= change; rows_.pop_front())
    bytes_ -= rows_.front().record.value.size();
}

}  // namespace comem::storage

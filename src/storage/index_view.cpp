#include "storage/index_view.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <mutex>

#include "memory/codec.hpp"
#include "storage/searched.hpp"

namespace comem::storage {
namespace {

constexpr std::size_t page = 1000;

bool searchable(MemoryType type) {
  return std::find(long_term_types.begin(), long_term_types.end(), type) != long_term_types.end();
}

}  // namespace

std::vector<search::Match> IndexView::search(ReadTransaction& tx, const Query& query,
                                             const std::set<std::string>& sessions, TimePoint now) {
  refresh(tx, now);
  std::shared_lock lock(mutex_);
  return index_.search(query, sessions, now);
}

std::vector<std::string> IndexView::sharing(std::string_view text, double share, MemoryType type,
                                            TimePoint now) const {
  std::shared_lock lock(mutex_);
  return index_.sharing(text, share, type, now);
}

void IndexView::refresh(ReadTransaction& tx, TimePoint now) {
  refresh_words(tx, now);
  if (vectors_ != nullptr) vectors_->refresh(tx);
}

void IndexView::refresh_words(ReadTransaction& tx, TimePoint now) {
  const auto version = store_.data_version(tx);
  if (seen_version_.load(std::memory_order_acquire) == version) return;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopped_.load(std::memory_order_relaxed)) throw Error(errc::closed, "the store is closed");
    const auto records = tx.changes(ns_, change_, page);
    for (const auto& record : records) take(record, now);
    if (!records.empty()) change_ = records.back().change;
    if (records.size() < page) break;
  }
  seen_version_.store(version, std::memory_order_release);
}

void IndexView::take(const Record& record, TimePoint now) {
  if (!searchable(record.key.type)) return;
  if (!record.live(now)) {
    remove(record.key.type, record.key.id);
    return;
  }
  try {
    const auto memory = memory::memory_from_record(record);
    search::Document document = searched_document(memory, record.key, record.expires_at, now);
    index_.upsert(document);
    if (vectors_ != nullptr) vectors_->taken(memory, std::move(document));
  } catch (const Error&) {  // a value that cannot be read is found nowhere, and disturbs nobody
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    remove(record.key.type, record.key.id);
  }
}

void IndexView::remove(MemoryType type, const std::string& id) {
  index_.remove(type, id);
  if (vectors_ != nullptr) vectors_->removed(type, id);
}

void IndexView::drop_expired(TimePoint now) {
  std::unique_lock lock(mutex_);
  index_.drop_expired(now);
  if (vectors_ != nullptr) vectors_->drop_expired(now);
}

std::size_t IndexView::documents() const {
  std::shared_lock lock(mutex_);
  return index_.size();
}

std::size_t IndexView::terms() const {
  std::shared_lock lock(mutex_);
  return index_.terms();
}

}  // namespace comem::storage

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
  const bool loaded = !begun_ && load(tx);
  begun_ = true;
  catch_up(tx, now);
  if (loaded && !is_complete(tx, now)) {
    index_.clear();
    change_ = 0;
    catch_up(tx, now);
  }
  seen_version_.store(version, std::memory_order_release);
}

bool IndexView::load(ReadTransaction& tx) {
  if (file_.empty() || vectors_ != nullptr) return false;
  const auto image = read_index_file(file_, store_.store_id() + ns_);
  if (!image || !goes_on_from(*image, ns_, tx) || !index_.load(image->words)) return false;
  change_ = image->change;
  witnesses_.assign(image->witnesses.begin(), image->witnesses.end());
  return true;
}

// Tombstones are dropped in time: a file that is older than one would bring back what it deleted.
bool IndexView::is_complete(ReadTransaction& tx, TimePoint now) {
  index_.drop_expired(now);
  const Counts counts = tx.counts(ns_, now);
  std::uint64_t live = 0;
  for (const MemoryType type : long_term_types) {
    const auto found = counts.live.find(type);
    if (found != counts.live.end()) live += found->second;
  }
  return live == index_.size();
}

void IndexView::catch_up(ReadTransaction& tx, TimePoint now) {
  for (;;) {
    if (stopped_.load(std::memory_order_relaxed)) throw Error(errc::closed, "the store is closed");
    const auto records = tx.changes(ns_, change_, page);
    for (const auto& record : records) take(record, now);
    if (!records.empty()) change_ = records.back().change;
    unsaved_.fetch_add(records.size(), std::memory_order_relaxed);
    if (records.size() < page) break;
  }
}

bool IndexView::is_worth_saving() const noexcept {
  constexpr std::size_t few = 2000;  // that the next process takes in before anybody notices
  return !file_.empty() && vectors_ == nullptr && unsaved_.load(std::memory_order_relaxed) >= few;
}

void IndexView::save_if_worth_it() {
  constexpr std::size_t part = 8;  // of all of them
  if (!is_worth_saving()) return;
  IndexImage image;
  {
    std::shared_lock lock(mutex_);
    if (unsaved_.load(std::memory_order_relaxed) * part < index_.size()) return;
    image.change = change_;
    image.witnesses.assign(witnesses_.begin(), witnesses_.end());
    image.words = index_.save();
    unsaved_.store(0, std::memory_order_relaxed);
  }
  write_index_file(file_, store_.store_id() + ns_,
                   image);  // where that fails, the next process reads all memories
}

void IndexView::take(const Record& record, TimePoint now) {
  constexpr std::size_t enough = 8;
  witnesses_.push_back({record.change, record.version});
  if (witnesses_.size() > enough) witnesses_.pop_front();
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

#include "storage/index_view.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "memory/codec.hpp"
#include "storage/index_parts.hpp"
#include "storage/searched.hpp"

namespace comem::storage {
namespace {

constexpr std::size_t page = 1000;

bool searchable(MemoryType type) {
  return std::find(long_term_types.begin(), long_term_types.end(), type) != long_term_types.end();
}

}  // namespace

/// A record as the index takes it.
struct IndexView::Searched {
  std::optional<AnyMemory> memory;  // nothing where it is not to be found
  search::Document document;
  bool unreadable = false;
};

IndexView::Searched IndexView::searched(const Record& record, TimePoint now) {
  Searched result;
  if (!searchable(record.key.type) || !record.live(now)) return result;
  try {
    result.memory = memory::memory_from_record(record);
    result.document = searched_document(*result.memory, record.key, record.expires_at, now);
  } catch (const Error&) {  // a value that cannot be read is found nowhere, and disturbs nobody
    result.memory.reset();
    result.unreadable = true;
  }
  return result;
}

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
  if (loaded && vectors_ != nullptr) tell_of_loaded(tx, now);
  catch_up(tx, now);
  if (loaded && !is_complete(tx, now)) {
    index_.clear();
    change_ = 0;
    catch_up(tx, now);
  }
  seen_version_.store(version, std::memory_order_release);
}

bool IndexView::load(ReadTransaction& tx) {
  if (file_.empty()) return false;
  const auto image = read_index_file(file_, store_.store_id() + ns_);
  if (!image || !goes_on_from(*image, ns_, tx) || !index_.load(image->words)) return false;
  change_ = image->change;
  witnesses_.assign(image->witnesses.begin(), image->witnesses.end());
  return true;
}

// The file has no texts; the vectors want to know what each memory would be embedded by. To read that is
// cheap beside making stems of it.
void IndexView::tell_of_loaded(ReadTransaction& tx, TimePoint now) {
  std::uint64_t told = 0;
  while (told < change_) {
    throw_if_stopped();
    const auto records = tx.changes(ns_, told, page);
    if (records.empty()) return;
    told = records.back().change;
    for (const Record& record : records) {
      Searched one = searched(record, now);
      if (one.memory) vectors_->taken(*one.memory, std::move(one.document));
    }
  }
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
  std::vector<Record> records = tx.changes(ns_, change_, page);
  if (records.size() == page) return catch_up_in_parts(tx, std::move(records), now);
  take(records, now, index_);
  Progress progress(witnesses_);
  progress.add(records);
  have_taken(progress);
}

void IndexView::catch_up_in_parts(ReadTransaction& tx, std::vector<Record> records, TimePoint now) {
  IndexParts parts(parameters_,
                   [this, now](const auto& some, search::Index& part) { take(some, now, part); });
  Progress progress(witnesses_);
  std::vector<RecordKey> replaced;
  while (!records.empty()) {
    if (index_.size() > 0)
      for (const Record& record : records) replaced.push_back(record.key);
    progress.add(records);
    if (!parts.add(std::move(records))) break;
    records = tx.changes(ns_, progress.change, page);
  }
  parts.finish();
  try {
    for (const RecordKey& key : replaced) index_.remove(key.type, key.id);
    parts.absorb_into(index_);
  } catch (...) {  // half of it is nothing
    index_.clear();
    change_ = 0;
    seen_version_.store(unseen, std::memory_order_release);
    throw;
  }
  have_taken(progress);
}

void IndexView::Progress::add(const std::vector<Record>& some) {
  constexpr std::size_t enough = 8;
  constexpr std::size_t usual = 1000;  // bytes
  for (const Record& record : some) {
    change = record.change;
    work += 1 + record.value.size() / usual;
    last.push_back({record.change, record.version});
    if (last.size() > enough) last.pop_front();
  }
  records += some.size();
}

void IndexView::have_taken(const Progress& progress) {
  if (progress.records == 0) return;
  change_ = progress.change;
  witnesses_ = progress.last;
  unsaved_.fetch_add(progress.records, std::memory_order_relaxed);
  unsaved_work_.fetch_add(progress.work, std::memory_order_relaxed);
}

void IndexView::throw_if_stopped() const {
  if (stopped_.load(std::memory_order_relaxed)) throw Error(errc::closed, "the store is closed");
}

bool IndexView::is_worth_saving() const noexcept {
  constexpr std::size_t few = 2000;  // that the next process takes in before anybody notices
  return !file_.empty() && unsaved_work_.load(std::memory_order_relaxed) >= few;
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
    unsaved_work_.store(0, std::memory_order_relaxed);
  }
  write_index_file(file_, store_.store_id() + ns_,
                   image);  // where that fails, the next process reads all memories
}

void IndexView::take(const std::vector<Record>& records, TimePoint now, search::Index& index) {
  throw_if_stopped();
  for (const Record& record : records) {
    if (!searchable(record.key.type)) continue;
    Searched one = searched(record, now);
    if (one.unreadable) unreadable_.fetch_add(1, std::memory_order_relaxed);
    if (one.memory) {
      index.upsert(one.document);
      if (vectors_ != nullptr) vectors_->taken(*one.memory, std::move(one.document));
    } else {
      index.remove(record.key.type, record.key.id);
      if (vectors_ != nullptr) vectors_->removed(record.key.type, record.key.id);
    }
  }
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

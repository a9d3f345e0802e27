#include "storage/index_view.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include "memory/codec.hpp"
#include "storage/searched.hpp"

namespace comem::storage {
namespace {

constexpr std::size_t page = 1000;

// What it takes to read these again, in memories of a usual length.
std::size_t work_of(const std::vector<Record>& records) {
  constexpr std::size_t usual = 1000;  // bytes
  std::size_t work = 0;
  for (const auto& record : records) work += 1 + record.value.size() / usual;
  return work;
}

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

std::vector<IndexView::Searched> IndexView::all_searched(const std::vector<Record>& records, TimePoint now) {
  std::vector<Searched> all(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    if (!searchable(record.key.type) || !record.live(now)) continue;
    try {
      all[i].memory = memory::memory_from_record(record);
      all[i].document = searched_document(*all[i].memory, record.key, record.expires_at, now);
    } catch (const Error&) {  // a value that cannot be read is found nowhere, and disturbs nobody
      all[i].memory.reset();
      all[i].unreadable = true;
    }
  }
  return all;
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
    for (Searched& one : all_searched(records, now)) {
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

// To read memories costs about as much as to make an index of them: where there are many, another thread
// reads the next ones meanwhile.
void IndexView::catch_up(ReadTransaction& tx, TimePoint now) {
  std::vector<Record> records = tx.changes(ns_, change_, page);
  std::vector<Searched> searched = all_searched(records, now);
  while (!records.empty()) {
    throw_if_stopped();
    std::vector<Record> following;
    std::future<std::vector<Searched>> reading;  // of `following`; ends before it
    if (records.size() == page) {
      following = tx.changes(ns_, records.back().change, page);
      reading = std::async([&following, now] { return all_searched(following, now); });
    }
    for (std::size_t i = 0; i < records.size(); ++i) take(records[i], searched[i]);
    change_ = records.back().change;
    unsaved_.fetch_add(records.size(), std::memory_order_relaxed);
    unsaved_work_.fetch_add(work_of(records), std::memory_order_relaxed);
    if (!reading.valid()) break;
    searched = reading.get();
    records = std::move(following);
  }
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

void IndexView::take(const Record& record, Searched& searched) {
  constexpr std::size_t enough = 8;
  witnesses_.push_back({record.change, record.version});
  if (witnesses_.size() > enough) witnesses_.pop_front();
  if (!searchable(record.key.type)) return;
  if (!searched.memory) {
    if (searched.unreadable) unreadable_.fetch_add(1, std::memory_order_relaxed);
    remove(record.key.type, record.key.id);
    return;
  }
  index_.upsert(searched.document);
  if (vectors_ != nullptr) vectors_->taken(*searched.memory, std::move(searched.document));
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

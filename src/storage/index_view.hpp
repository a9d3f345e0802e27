#pragma once
// The search index of one namespace, kept exact from the store's changes.

#include <comem/query.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "search/index.hpp"
#include "storage/index_file.hpp"
#include "storage/store.hpp"
#include "storage/vector_view.hpp"

namespace comem::storage {

/// Thread-safe; used on the store's reader threads.
class IndexView {
 public:
  explicit IndexView(std::string ns, Store& store, const search::Parameters& parameters = {})
      : ns_(std::move(ns)), store_(store), parameters_(parameters), index_(parameters) {}

  /// Has the words kept in this file (storage/index_file.hpp), and read from there at first. Before the first
  /// use.
  void keep_in(std::string file) noexcept { file_ = std::move(file); }
  /// Writes the file where so much has changed that the next process would miss it. Searches go on meanwhile.
  void save_if_worth_it();
  bool is_worth_saving() const noexcept;

  /// Has `vectors` told of every record that is taken in, and refreshed with this index. Before the first
  /// use; it must outlive the index.
  void tell(VectorView& vectors) noexcept { vectors_ = &vectors; }

  /// The best matches among everything that was committed when `tx` began: takes in what the index lacks
  /// first.
  std::vector<search::Match> search(ReadTransaction& tx, const Query& query,
                                    const std::set<std::string>& sessions, TimePoint now);
  /// The ids of memories of a type that have nearly the words of `text` (search/sharing.hpp), as of the last
  /// refresh().
  std::vector<std::string> sharing(std::string_view text, double share, MemoryType type, TimePoint now) const;
  /// Brings the index up to date.
  void refresh(ReadTransaction& tx, TimePoint now);
  void drop_expired(TimePoint now);
  /// A refresh under way, or to come, throws closed.
  void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }

  std::size_t documents() const;
  std::size_t terms() const;
  /// Records met that could not be read; they are left out.
  std::uint64_t unreadable() const noexcept { return unreadable_.load(std::memory_order_relaxed); }

 private:
  struct Searched;
  struct Progress {  // of a catch_up()
    explicit Progress(std::deque<Witness> before) : last(std::move(before)) {}
    void add(const std::vector<Record>& some);
    std::uint64_t change = 0;
    std::deque<Witness> last;
    std::size_t records = 0, work = 0;
  };
  static Searched searched(const Record& record, TimePoint now);
  void take(const std::vector<Record>& records, TimePoint now, search::Index& index);
  void refresh_words(ReadTransaction& tx, TimePoint now);
  bool load(ReadTransaction& tx);
  void tell_of_loaded(ReadTransaction& tx, TimePoint now);
  void throw_if_stopped() const;
  void catch_up(ReadTransaction& tx, TimePoint now);
  void catch_up_in_parts(ReadTransaction& tx, std::vector<Record> records, TimePoint now);
  bool is_complete(ReadTransaction& tx, TimePoint now);
  void have_taken(const Progress& progress);

  const std::string ns_;
  Store& store_;
  const search::Parameters parameters_;
  VectorView* vectors_ = nullptr;
  mutable std::shared_mutex mutex_;
  search::Index index_;                  // guarded by mutex_
  std::uint64_t change_ = 0;             // guarded by mutex_: the index holds every change up to this one
  std::deque<Witness> witnesses_;        // guarded by mutex_
  bool begun_ = false;                   // guarded by mutex_
  std::string file_;                     // empty: none is kept
  std::atomic<std::size_t> unsaved_{0};  // records that the file lacks
  std::atomic<std::size_t> unsaved_work_{0};  // the same, in memories of a usual length
  static constexpr std::uint64_t unseen = ~std::uint64_t{0};
  std::atomic<std::uint64_t> seen_version_{unseen};  // data version at the last refresh
  std::atomic<std::uint64_t> unreadable_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace comem::storage

#pragma once
// An index of many records, made on several threads: each takes pages of them into an index of its own.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <vector>

#include "core/record.hpp"
#include "search/index.hpp"

namespace comem::storage {

/// Used by one thread. Another is started for each page, up to one for each processor, and eight; where the
/// system gives none, the work is done by whoever adds.
class IndexParts {
 public:
  using Page = std::vector<Record>;
  /// Takes a page into an index; called on several threads at a time, each with an index of its own.
  using Take = std::function<void(const Page&, search::Index&)>;

  IndexParts(const search::Parameters& parameters, Take take);
  /// Drops what waits, and waits for what is under way.
  ~IndexParts();
  IndexParts(const IndexParts&) = delete;
  IndexParts& operator=(const IndexParts&) = delete;

  /// Waits while the threads have enough to do. False where one has failed, so that there is nothing to go on
  /// for.
  bool add(Page page);
  /// After the last page: waits until all are taken. Throws what Take threw.
  void finish();
  /// After finish(), once: adds all to `index`, which must hold none of their documents.
  void absorb_into(search::Index& index);

 private:
  struct Part {
    explicit Part(const search::Parameters& parameters) : index(parameters) {}
    search::Index index;
    std::future<void> work;  // without a state where the adding thread does it
  };
  void start_another();
  void work(search::Index& index);
  std::optional<Page> next();
  void close();

  const search::Parameters parameters_;
  const Take take_;
  std::size_t most_;  // threads
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Page> waiting_;  // guarded by mutex_
  bool closed_ = false;       // guarded by mutex_: nothing more will come
  std::deque<Part> parts_;    // at the end, since their threads use the rest
};

}  // namespace comem::storage

#pragma once
// Asks a provider for vectors: of queries while their callers wait a moment, of memories in the background.
// It has a thread of its own, since a provider parses long replies and may be somebody else's code; what
// makes searches by vector faster is done there too.

#include <comem/embedding.hpp>
#include <comem/options.hpp>
#include <comem/stats.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/signal.hpp"
#include "core/task_scope.hpp"
#include "storage/store.hpp"
#include "storage/vector_filler.hpp"
#include "storage/vector_view.hpp"
#include "vectors/breaker.hpp"
#include "vectors/query_cache.hpp"

namespace comem::storage {

/// Thread-safe.
class Embedder {
 public:
  /// `store` and the clock of `options` must outlive it.
  Embedder(std::shared_ptr<EmbeddingProvider> provider, const Options& options, Store& store);
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;
  /// Closes.
  ~Embedder();

  /// Keeps the vectors of the namespace complete from now on.
  void fill(const std::string& ns);
  /// Something was written; there may be memories without a vector.
  void written();
  /// The stored vectors of these texts (their hashes) are damaged: has them made anew.
  void mend(std::vector<std::string> texts);

  /// The vector of a query, at unit length; nullptr where it cannot be had within the time that the options
  /// let a search wait. While the provider does not answer, that is at once. Resumes on the caller's
  /// executor.
  boost::asio::awaitable<vectors::SharedVector> query_vector(std::string text);

  /// Waits until every memory that the namespace holds now has its vector, or cannot have one. False at the
  /// deadline.
  boost::asio::awaitable<bool> filled(std::string ns, SteadyTime deadline);

  /// The view's searches can be made faster: does so in the background, in slices. The view must live until
  /// this is closed.
  void improve(VectorView& view);

  /// Vectors in the store have another length than that of a query: the model may have been replaced.
  void suspect_model();

  const std::string& model() const noexcept { return model_; }
  EmbeddingStats stats() const;

  /// Gives up what is under way. Blocks until the thread has ended.
  void close() noexcept;

 private:
  /// One request for the vector of a query, for all who wait for it.
  struct Flight {
    explicit Flight(const boost::asio::any_io_executor& executor) : landed(executor) {}
    Signal landed;
    bool done = false;
    vectors::SharedVector vector;
  };

  /// Runs a part of a caller's call on the thread. close() waits for those.
  template <class T>
  boost::asio::awaitable<T> on_thread(boost::asio::awaitable<T> task);
  /// Counts a call; false once closed.
  bool enter();
  boost::asio::awaitable<void> end();
  boost::asio::awaitable<vectors::SharedVector> answer(std::string text, SteadyTime until);
  boost::asio::awaitable<void> fetch(std::string text, std::shared_ptr<Flight> flight);
  boost::asio::awaitable<void> improve_in_slices(VectorView* view);
  boost::asio::awaitable<bool> wait_filled(std::string ns, SteadyTime deadline);
  std::shared_ptr<Flight> flight_of(const std::string& text);
  void landed(const std::string& text, Flight& flight, const EmbeddingReply& reply, SteadyTime begun);
  void note(EmbeddingOutcome outcome, const std::string& reason);
  vectors::SharedVector cached(const std::string& text);
  SteadyTime now() const { return clock_.steady(); }

  const std::string model_;
  const Clock& clock_;
  const Milliseconds query_wait_;
  const Milliseconds query_timeout_;
  const LogSink log_;
  std::atomic<bool> closed_{false};

  mutable std::mutex mutex_;
  vectors::QueryCache queries_;  // guarded by mutex_
  vectors::Breaker breaker_;     // guarded by mutex_
  EmbeddingStats stats_;         // guarded by mutex_
  std::size_t calls_ = 0;        // of on_thread() under way; guarded by mutex_

  boost::asio::io_context service_{1};
  const std::shared_ptr<EmbeddingProvider> provider_;  // its connections must go before the loop does
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;  // belongs to the thread, as all that follows
  std::set<VectorView*> improving_;
  Signal call_ended_;
  VectorFiller filler_;
  TaskScope scope_;
  std::mutex ending_;
  std::thread thread_;
};

}  // namespace comem::storage

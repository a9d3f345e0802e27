#pragma once
// Finds memories without a vector of the present model and has them embedded, until there are none.

#include <comem/embedding.hpp>
#include <comem/options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/signal.hpp"
#include "storage/store.hpp"
#include "storage/vector_store.hpp"

namespace comem::storage {

/// All functions belong to the executor. What must be embedded is read from the store, a page at a time, so a
/// restart loses nothing and the queue is as long as the store. While the provider fails, it is asked ever
/// more rarely. Of several processes on one store, one at a time embeds what a namespace lacks: the others
/// wait for its claim to end (VectorWrites::claim).
class VectorFiller {
 public:
  /// Hears how the provider did.
  using Note = std::function<void(EmbeddingOutcome outcome, const std::string& reason, std::size_t embedded)>;

  VectorFiller(boost::asio::any_io_executor executor, EmbeddingProvider& provider, const Options& options,
               Store& store, Note note);

  void add(const std::string& ns);
  /// There may be more to do.
  void notify();
  /// The provider works again: no need to wait.
  void provider_is_back();
  /// Drops the vectors of these texts (their hashes) that are indeed damaged, to have them embedded again.
  void mend(std::vector<std::string> texts);
  /// The provider may give vectors of another length now than those in the store.
  void suspect_model() { suspect_ = true; }

  /// Runs until cancelled.
  boost::asio::awaitable<void> run();
  /// Whether everything that the namespace holds now was looked at: it has its vector, or cannot have one.
  boost::asio::awaitable<bool> complete(std::string ns);
  /// Lets other processes have what this one was embedding. After run() has ended.
  boost::asio::awaitable<void> release();
  /// Wakes when a sweep has ended.
  Signal& rested() noexcept { return rested_; }

 private:
  struct Page;
  static constexpr Milliseconds longest_pause{
      30000};  // between two attempts with a failing provider or store
  static constexpr Milliseconds longest_retry_after{600'000};  // that a provider may ask for

  boost::asio::awaitable<void> sweep();
  /// Answers whether there may be more.
  boost::asio::awaitable<bool> fill_page(std::string ns);
  boost::asio::awaitable<void> claim(std::shared_ptr<Page> page);
  boost::asio::awaitable<void> embed(std::shared_ptr<Page> page);
  boost::asio::awaitable<void> embed_each(std::shared_ptr<Page> page);
  boost::asio::awaitable<EmbeddingReply> ask(std::vector<std::string> texts);
  boost::asio::awaitable<void> keep(std::shared_ptr<Page> page);
  boost::asio::awaitable<void> mend_damaged();
  boost::asio::awaitable<void> check_model();
  boost::asio::awaitable<void> purge();
  boost::asio::awaitable<bool> changed();
  void begin_anew();
  void failed(const EmbeddingReply& reply);

  EmbeddingProvider& provider_;
  const std::string model_;
  const Clock& clock_;
  const Milliseconds timeout_;
  const Milliseconds longest_request_;  // with reading and writing its page: how long a claim lasts
  Store& store_;
  const Note note_;
  const std::string claimant_;
  Signal wake_;
  Signal rested_;
  std::map<std::string, std::uint64_t> done_;  // by namespace: records up to this change were looked at
  std::set<std::string> swept_;                // namespaces that were looked through to the end
  std::set<std::string> claimed_;              // namespaces that others leave to this process
  std::set<std::string> left_;                 // namespaces that this process leaves to another
  std::set<std::string> refused_;              // texts that the provider does not take
  std::vector<std::string> damaged_;
  std::uint64_t seen_change_ = 0;
  std::uint64_t generation_ = 0;
  Milliseconds pause_{0};
  SteadyTime not_before_{};
  SteadyTime again_at_{};  // when everything is looked at again, for what was refused
  SteadyTime purge_at_{};
  bool suspect_ = false;
  bool resting_ = false;  // all is done, or the provider fails
};

}  // namespace comem::storage

#pragma once
// Hands the changes of one namespace to its subscriptions.

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/signal.hpp"
#include "core/task_scope.hpp"
#include "storage/change_queue.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// All functions belong to the scope's executor. Reads the store only while somebody listens: at once after a
/// commit of this process, else every 50 ms, since other processes on the file commit without a word.
class Feed {
 public:
  /// `on_trouble` is told why the store could not be read, once until it can be again.
  Feed(std::string ns, Store& store, const Clock& clock, TaskScope& scope,
       std::function<void(const std::string&)> on_trouble)
      : ns_(std::move(ns)),
        store_(store),
        clock_(clock),
        scope_(scope),
        on_trouble_(std::move(on_trouble)),
        changed_(scope.executor()) {}

  /// Delivers every change that is committed after this returns. Answers false when the engine is closing.
  boost::asio::awaitable<bool> add(std::shared_ptr<ChangeQueue> queue);
  void notify() { changed_.notify(); }
  /// Ends all streams.
  void close();

 private:
  struct Listener {
    Listener(std::shared_ptr<ChangeQueue> queue_, std::uint64_t after_)
        : queue(std::move(queue_)), after(after_) {}
    std::shared_ptr<ChangeQueue> queue;
    std::uint64_t after;  // changes up to this one came before it listened
  };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> deliver();

  const std::string ns_;
  Store& store_;
  const Clock& clock_;
  TaskScope& scope_;
  const std::function<void(const std::string&)> on_trouble_;
  Signal changed_;
  std::vector<Listener> listeners_;
  std::uint64_t delivered_ = 0;
  bool running_ = false;
  bool troubled_ = false;
};

}  // namespace comem::storage

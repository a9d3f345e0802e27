#pragma once
// How another thread answers a caller on the caller's own executor, even when that executor ends
// first.
//
// A waiting caller is listed with its execution context (the WaitingRoom). A context that is destroyed takes
// its waiting callers with it, as Asio destroys any pending handler; the late answer then finds nobody, and
// nothing of the dead context is touched.

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>

#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

namespace comem {

/// A caller that waits: its handler and the work that keeps its executor running.
class Waiter {
 public:
  virtual ~Waiter() = default;
  /// Posts the handler to its executor. Once.
  virtual void post(std::exception_ptr error) = 0;
};

template <class Handler>
class WaiterOf final : public Waiter {
 public:
  explicit WaiterOf(Handler handler)
      : work_(boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                  boost::asio::execution::outstanding_work.tracked)),
        handler_(std::move(handler)) {}

  void post(std::exception_ptr error) override {
    auto resume = [handler = std::move(handler_), error = std::move(error)]() mutable {
      std::move(handler)(std::move(error));
    };
    boost::asio::post(work_, std::move(resume));
  }

 private:
  using Executor = boost::asio::associated_executor_t<Handler>;
  std::decay_t<decltype(boost::asio::prefer(std::declval<Executor>(),
                                            boost::asio::execution::outstanding_work.tracked))>
      work_;
  Handler handler_;
};

/// The waiting callers of one execution context.
class WaitingRoom final : public boost::asio::execution_context::service {
 public:
  using key_type = WaitingRoom;
  inline static boost::asio::execution_context::id id;

  struct List {
    std::mutex mutex;
    bool gone = false;
    std::list<std::unique_ptr<Waiter>> waiters;
  };

  explicit WaitingRoom(boost::asio::execution_context& context) : service(context) {}
  const std::shared_ptr<List>& list() const noexcept { return list_; }

 private:
  void shutdown() override;

  std::shared_ptr<List> list_ = std::make_shared<List>();
};

/// The right to answer one caller, once. Movable; may be used and dropped on any thread.
class Answer {
 public:
  template <class Handler>
  static Answer to(Handler handler) {
    auto executor = boost::asio::get_associated_executor(handler);
    boost::asio::execution_context& context = boost::asio::query(executor, boost::asio::execution::context);
    return Answer(boost::asio::use_service<WaitingRoom>(context).list(),
                  std::make_unique<WaiterOf<Handler>>(std::move(handler)));
  }

  /// Resumes the caller; with an error, which it then throws. Never runs the caller's code on this thread.
  void give(std::exception_ptr error);

 private:
  Answer(std::shared_ptr<WaitingRoom::List> list, std::unique_ptr<Waiter> waiter);

  std::shared_ptr<WaitingRoom::List> list_;
  std::list<std::unique_ptr<Waiter>>::iterator place_;
};

}  // namespace comem

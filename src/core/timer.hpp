#pragma once
// The timer of coroutines that wait: Asio's, but on threads where a simulation has installed a time of its
// own, one that goes by that time and needs no system call.

#include <comem/clock.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <map>
#include <optional>
#include <utility>

#include "core/answer.hpp"

namespace comem {

class Timer;

/// A time that stands still until it is moved. Timers made on its thread while it lives go by it, and must go
/// before it does. At most one lives on a thread.
class VirtualTime {
 public:
  explicit VirtualTime(SteadyTime begin) noexcept;
  VirtualTime(const VirtualTime&) = delete;
  VirtualTime& operator=(const VirtualTime&) = delete;
  ~VirtualTime();

  static VirtualTime* installed() noexcept { return installed_; }
  SteadyTime now() const noexcept { return now_; }
  void move_to(SteadyTime now) noexcept { now_ = now; }

  /// When the first timer is due; SteadyTime::max() when none is.
  SteadyTime due() const noexcept;
  /// Ends the wait of the first timer, as if it were due, and answers whose loop has to run now.
  boost::asio::execution_context& end_first_wait();

 private:
  friend class Timer;
  struct Wait {
    boost::asio::execution_context* context;
    Timer* timer;
    Answer answer;
  };
  using Waits = std::multimap<SteadyTime, Wait>;  // equal times: in the order in which they began

  inline static thread_local constinit VirtualTime* installed_ = nullptr;
  SteadyTime now_;
  Waits waits_;
};

/// Belongs to one executor. At most one wait at a time.
class Timer {
 public:
  Timer(boost::asio::any_io_executor executor, SteadyTime until);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  /// Completes at the time given, or when cancelled with operation_aborted or without an error.
  template <class Token>
  auto async_wait(Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(Begin{this}, token);
  }
  /// Ends the wait under way.
  void cancel();

 private:
  /// Completes a handler of an error code through an Answer.
  template <class Handler>
  struct Completion {
    using executor_type = boost::asio::associated_executor_t<Handler>;
    executor_type get_executor() const noexcept { return boost::asio::get_associated_executor(handler); }
    void operator()(const std::exception_ptr&) { std::move(handler)(boost::system::error_code()); }
    Handler handler;
  };

  struct Begin {
    Timer* timer;

    template <class Handler>
    void operator()(Handler&& handler) const {
      if (timer->real_) {
        timer->real_->async_wait(std::forward<Handler>(handler));
        return;
      }
      auto slot = boost::asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected())
        slot.assign([waiting = timer](boost::asio::cancellation_type) { waiting->cancel(); });
      auto executor = boost::asio::get_associated_executor(handler);
      boost::asio::execution_context& context = boost::asio::query(executor, boost::asio::execution::context);
      Completion<std::decay_t<Handler>> completion{std::forward<Handler>(handler)};
      timer->wait_virtually(context, Answer::to(std::move(completion)));
    }
  };

  void wait_virtually(boost::asio::execution_context& context, Answer answer);

  const SteadyTime until_;
  std::optional<boost::asio::steady_timer> real_;
  VirtualTime* const virtual_;
  std::optional<VirtualTime::Waits::iterator> wait_;
};

}  // namespace comem

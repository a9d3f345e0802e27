#pragma once
// Running a coroutine on another executor and waiting for it here, safely for both: the caller's execution
// context may end while the task goes on (asio::co_spawn with use_awaitable would then resume a frame of a
// dead context).

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "core/answer.hpp"

namespace comem {

namespace detail {

/// Pointers only, into the waiting coroutine's frame: g++ 12 destroys owning objects inside a co_await
/// expression twice.
template <class Executor, class T>
struct Launch {
  const Executor* executor;
  boost::asio::awaitable<T>* task;
  const std::shared_ptr<std::optional<T>>* result;
  const std::function<void()>* on_end;

  template <class Handler>
  void operator()(Handler&& handler) const {
    auto answer = std::make_shared<Answer>(Answer::to(std::forward<Handler>(handler)));
    auto finish = [answer, slot = *result, ended = *on_end](std::exception_ptr error, T value) {
      if (!error) slot->emplace(std::move(value));
      if (ended) ended();
      answer->give(error);
    };
    boost::asio::co_spawn(*executor, std::move(*task), std::move(finish));
  }
};

}  // namespace detail

/// Runs `task` on `executor` to its end and answers what it answers, on the caller's executor. `on_end` is
/// called on `executor` before that. Not cancelled with its caller: the task bounds its own time. T is
/// default-constructible.
template <class Executor, class T>
boost::asio::awaitable<T> run_on(Executor executor, boost::asio::awaitable<T> task,
                                 std::function<void()> on_end = {}) {
  const auto result = std::make_shared<std::optional<T>>();
  const detail::Launch<Executor, T> launch{&executor, &task, &result, &on_end};
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(std::exception_ptr)>(
      launch, boost::asio::use_awaitable);
  co_return std::move(**result);
}

}  // namespace comem

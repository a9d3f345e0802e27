#pragma once
// The virtual time of a simulation, what will happen in it, and the trace of what did.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include "core/timer.hpp"

namespace comem::simulation {

using Duration = std::chrono::microseconds;
using Action = std::function<void()>;

class Timeline;

/// The event loop of one simulated process, on the virtual time. Its end is the crash of the process:
/// everything that waits in it goes, and what was meant for it later finds nobody.
class Loop {
 public:
  explicit Loop(Timeline& timeline);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  boost::asio::io_context& context() noexcept { return context_; }
  std::weak_ptr<Loop*> life() const noexcept { return life_; }

 private:
  friend class Timeline;
  Timeline& timeline_;
  boost::asio::io_context context_{1};
  std::shared_ptr<Loop*> life_ = std::make_shared<Loop*>(this);
};

/// One thread runs it. Everything happens in the order of time, what is due together in the order in which it
/// was asked for.
class Timeline {
 public:
  /// With `sink`, every note is written down there too.
  explicit Timeline(std::function<void(const std::string&)> sink);
  ~Timeline();

  SteadyTime now() const noexcept { return time_.now(); }
  /// Since the beginning.
  Duration elapsed() const noexcept { return std::chrono::duration_cast<Duration>(now() - begin_); }

  void after(Duration delay, Action action);
  /// Does nothing when the loop has ended by then; else the loop runs after it until nothing is ready.
  void after(Duration delay, const Loop& loop, Action action) {
    after(delay, loop.life(), std::move(action));
  }
  void after(Duration delay, std::weak_ptr<Loop*> loop, Action action);
  /// Runs a loop until nothing in it is ready.
  void run(Loop& loop);

  /// Lets everything happen that is due up to `until`. Answers false when that is more than `limit` events.
  bool run_until(SteadyTime until, std::uint64_t limit);
  bool run_for(Duration time, std::uint64_t limit) { return run_until(now() + time, limit); }

  /// One line of the trace: two runs did the same when their hashes are equal.
  template <class... Args>
  void note(std::string_view format, const Args&... args) {
    mix(static_cast<std::uint64_t>(elapsed().count()));
    mix(format);
    (mix(args), ...);
    if (sink_) write(fmt::format(fmt::runtime(format), args...));
  }
  std::uint64_t hash() const noexcept { return hash_; }
  std::uint64_t events() const noexcept { return events_; }

 private:
  friend class Loop;
  struct Event {
    SteadyTime at;
    std::uint64_t order;
    std::weak_ptr<Loop*> loop;
    bool bound;  // to that loop
    Action action;
  };
  static bool later(const Event& a, const Event& b) noexcept;

  void add(Duration delay, std::weak_ptr<Loop*> loop, bool bound, Action action);
  void happen();
  void end_first_wait();
  void write(const std::string& text) const;
  void mix(std::uint64_t number) noexcept;
  void mix(std::string_view text) noexcept;
  void mix(const std::string& text) noexcept { mix(std::string_view(text)); }
  void mix(const char* text) noexcept { mix(std::string_view(text)); }
  template <class Number>
  requires std::is_integral_v<Number>
  void mix(Number number) noexcept { mix(static_cast<std::uint64_t>(number)); }

  static constexpr SteadyTime begin_{std::chrono::hours(1)};
  VirtualTime time_{begin_};
  std::function<void(const std::string&)> sink_;
  std::vector<Event> events_to_come_;  // a heap
  std::vector<Loop*> loops_;           // in the order of their making
  std::uint64_t order_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace comem::simulation

#include "tests/simulation/timeline.hpp"

#include <algorithm>

namespace comem::simulation {

Loop::Loop(Timeline& timeline) : timeline_(timeline) {
  timeline_.loops_.push_back(this);
}
Loop::~Loop() {
  life_.reset();
  std::erase(timeline_.loops_, this);
}

Timeline::Timeline(std::function<void(const std::string&)> sink) : sink_(std::move(sink)) {}
Timeline::~Timeline() = default;

bool Timeline::later(const Event& a, const Event& b) noexcept {
  return a.at != b.at ? a.at > b.at : a.order > b.order;
}

void Timeline::add(Duration delay, std::weak_ptr<Loop*> loop, bool bound, Action action) {
  Event event{now() + std::max(delay, Duration{0}), ++order_, std::move(loop), bound, std::move(action)};
  events_to_come_.push_back(std::move(event));
  std::push_heap(events_to_come_.begin(), events_to_come_.end(), later);
}

void Timeline::after(Duration delay, Action action) {
  add(delay, {}, false, std::move(action));
}

void Timeline::after(Duration delay, std::weak_ptr<Loop*> loop, Action action) {
  add(delay, std::move(loop), true, std::move(action));
}

void Timeline::run(Loop& loop) {
  loop.context_.restart();
  loop.context_.poll();
}

void Timeline::happen() {
  std::pop_heap(events_to_come_.begin(), events_to_come_.end(), later);
  Event event = std::move(events_to_come_.back());
  events_to_come_.pop_back();
  if (event.bound && event.loop.expired()) return;
  ++events_;
  event.action();
  if (!event.bound) return;
  if (const auto loop = event.loop.lock()) run(**loop);
}

void Timeline::end_first_wait() {
  ++events_;
  const auto* context = &time_.end_first_wait();
  for (auto* loop : loops_)
    if (&loop->context_ == context) return run(*loop);
}

bool Timeline::run_until(SteadyTime until, std::uint64_t limit) {
  for (std::uint64_t n = 0; n < limit; ++n) {
    const SteadyTime timer = time_.due();
    const SteadyTime event = events_to_come_.empty() ? SteadyTime::max() : events_to_come_.front().at;
    const SteadyTime next = std::min(timer, event);
    if (next > until) {
      time_.move_to(until);
      return true;
    }
    time_.move_to(std::max(now(), next));
    if (event <= timer)
      happen();
    else
      end_first_wait();
  }
  return false;
}

void Timeline::write(const std::string& text) const {
  const auto us = elapsed().count();
  sink_(fmt::format("{:>9}.{:06} {}", us / 1'000'000, us % 1'000'000, text));
}

void Timeline::mix(std::uint64_t number) noexcept {
  hash_ = (hash_ ^ number) * 0x100000001b3u;
  hash_ ^= hash_ >> 29;
}

void Timeline::mix(std::string_view text) noexcept {
  for (const char byte : text) hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  mix(text.size());
}

}  // namespace comem::simulation

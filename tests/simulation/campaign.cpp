#include "tests/simulation/campaign.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/simulation/world.hpp"

namespace comem::simulation {

namespace {

/// What the threads share.
class Work {
 public:
  explicit Work(const CampaignOptions& options) : options_(options), next_(options.first) {}

  void run() {
    for (;;) {
      const std::uint64_t seed = next_.fetch_add(1);
      if (seed - options_.first >= options_.seeds || enough_) return ended();
      add(seed, simulate(seed, options_.ablation));
    }
  }

  void begun() { ++running_; }
  /// Waits until all have ended, or a second has passed; answers whether they have.
  bool wait() {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, std::chrono::seconds(1), [this] { return running_ == 0; });
  }
  std::uint64_t done() {
    const std::lock_guard lock(mutex_);
    return result_.seeds;
  }
  CampaignResult& result() noexcept { return result_; }

 private:
  void add(std::uint64_t seed, Verdict verdict) {
    const std::lock_guard lock(mutex_);
    ++result_.seeds;
    result_.events += verdict.events;
    result_.hash += verdict.hash;
    result_.simulated += verdict.time;
    result_.slowest_convergence =
        std::max(result_.slowest_convergence,
                 std::chrono::duration_cast<std::chrono::milliseconds>(verdict.convergence));
    if (verdict.broken.empty()) return;
    result_.failures[seed] = std::move(verdict.broken);
    enough_ = options_.enough != 0 && result_.failures.size() >= options_.enough;
  }

  void ended() {
    const std::lock_guard lock(mutex_);
    --running_;
    ended_.notify_all();
  }

  const CampaignOptions options_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> enough_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  unsigned running_ = 0;
  CampaignResult result_;
};

}  // namespace

CampaignResult run_campaign(const CampaignOptions& options,
                            const std::function<void(std::uint64_t)>& progress) {
  const auto begin = std::chrono::steady_clock::now();
  Work work(options);
  std::vector<std::thread> threads;
  const unsigned jobs = std::max(options.jobs, 1u);
  for (unsigned i = 0; i < jobs; ++i) work.begun();
  for (unsigned i = 0; i < jobs; ++i) threads.emplace_back([&work] { work.run(); });
  while (!work.wait())
    if (progress) progress(work.done());
  for (auto& thread : threads) thread.join();
  work.result().wall = std::chrono::steady_clock::now() - begin;
  return std::move(work.result());
}

}  // namespace comem::simulation

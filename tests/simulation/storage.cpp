#include "tests/simulation/storage.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "core/ids.hpp"

namespace comem::simulation {

namespace asio = boost::asio;
using storage::Durability;

/// Hands a job over; pointers only, see core/run_on.hpp.
struct Storage::Submit {
  Storage* storage;
  Job* job;

  template <class Handler>
  void operator()(Handler&& handler) const {
    job->answer.emplace(Answer::to(std::forward<Handler>(handler)));
    const std::uint64_t id = ++storage->last_job_;
    storage->jobs_.emplace(id, std::move(*job));
    storage->submit(id);
  }
};

Storage::Storage(Timeline& timeline, const Loop& loop, Disk& disk, DiskMood& mood, Random random,
                 Ablation ablation)
    : timeline_(timeline),
      loop_(loop),
      disk_(disk),
      mood_(mood),
      random_(random),
      ablation_(ablation),
      process_id_(make_random_id()) {}

asio::awaitable<void> Storage::perform(Job job) {
  const Submit submit{this, &job};
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(submit,
                                                                                         asio::use_awaitable);
}

asio::awaitable<void> Storage::Port::read(storage::ReadFunction function) {
  Job job;
  job.read = std::move(function);
  job.by_sync = by_sync_;
  return storage_.perform(std::move(job));
}

asio::awaitable<void> Storage::Port::write(storage::WriteFunction function, Durability durability) {
  Job job;
  job.write = std::move(function);
  job.durability = durability;
  job.by_sync = by_sync_;
  return storage_.perform(std::move(job));
}

asio::awaitable<void> Storage::Port::sync(std::uint64_t change) {
  Job job;
  job.sync_to = change;
  return storage_.perform(std::move(job));
}

asio::awaitable<std::vector<Finding>> Storage::Port::diagnose() {
  co_return std::vector<Finding>();
}

void Storage::submit(std::uint64_t id) {
  const Job& job = jobs_.at(id);
  Duration wait(random_.between(10, 200));
  if (job.write) {
    const SteadyTime begin = std::max(timeline_.now() + wait, mood_.busy_until) + mood_.slowness;
    mood_.busy_until = begin + Duration(1);
    wait = std::chrono::ceil<Duration>(begin - timeline_.now());
  }
  timeline_.after(wait, loop_, [this, id] { carry_out(id); });
}

void Storage::carry_out(std::uint64_t id) {
  const auto place = jobs_.find(id);
  if (place == jobs_.end()) return;
  Job& job = place->second;
  if (job.read) {
    try {
      disk_.read(job.read, process_id_);
    } catch (...) {
      return answer(id, std::current_exception());
    }
    return answer(id, nullptr);
  }
  if (!job.write) return sync_now(id);
  const bool early = ablation_ == Ablation::early_cursor && job.by_sync;
  if (early) {
    disk_.commit_positions(job.write, process_id_);
    timeline_.after(Duration(random_.between(100, 20'000)), loop_, [this, id] {
      const auto again = jobs_.find(id);
      if (again != jobs_.end()) write_now(again->second, id);
    });
    return;
  }
  write_now(job, id);
}

void Storage::sync_now(std::uint64_t id) {
  if (ablation_ == Ablation::unsynced_push || jobs_.at(id).sync_to <= mood_.synced_to)
    return answer(id, nullptr);
  if (random_.chance(mood_.rejected))
    return answer(id, std::make_exception_ptr(Error(errc::rejected, "the simulated disk does not sync")));
  const std::uint64_t commit = disk_.commits();
  const std::uint64_t change = disk_.content().change;
  timeline_.after(Duration(random_.between(200, 3'000)), loop_, [this, id, commit, change] {
    disk_.synced(commit);
    mood_.synced_to = std::max(mood_.synced_to, change);
    answer(id, nullptr);
  });
}

void Storage::write_now(Job& job, std::uint64_t id) {
  std::exception_ptr failure;
  std::uint64_t commit = 0;
  const bool rejected = random_.chance(mood_.rejected);
  const bool unknown = !rejected && random_.chance(mood_.unknown);
  std::vector<storage::Queued> queued;
  try {
    if (rejected || (unknown && random_.chance(0.5)))
      disk_.reject(job.write, process_id_);
    else
      commit = disk_.commit(job.write, process_id_, job.by_sync, &queued);
    if (rejected) throw Error(errc::rejected, "the simulated disk is full");
    if (unknown) throw Error(errc::unknown_outcome, "the simulated disk failed in the commit");
  } catch (...) {
    failure = std::current_exception();
  }
  job.done = true;
  if (failure)
    for (auto& one : queued) one.unlist();
  if (!queued.empty()) untold_.emplace_back(commit, std::move(queued));
  timeline_.note("disk {} commit {} {}", disk_.store_id().substr(0, 4), commit,
                 failure                               ? "failed"
                 : job.durability == Durability::power ? "power"
                                                       : "process");
  const bool power = !failure && job.durability == Durability::power;
  const Duration rest(power ? random_.between(300, 4'000) : random_.between(5, 50));
  if (power) mood_.busy_until = std::max(mood_.busy_until, timeline_.now() + rest);
  timeline_.after(rest, loop_, [this, id, failure, power, commit] {
    if (power) disk_.synced(commit);
    tell_queued(commit);
    answer(id, failure);
  });
}

void Storage::tell_queued(std::uint64_t commit) {
  for (; !untold_.empty() && untold_.front().first <= commit; untold_.pop_front())
    if (told_queued_) told_queued_(std::move(untold_.front().second));
}

void Storage::answer(std::uint64_t id, std::exception_ptr error) {
  const auto place = jobs_.find(id);
  if (place == jobs_.end()) return;
  auto answer = std::move(place->second.answer);
  jobs_.erase(place);
  answer->give(std::move(error));
}

void Storage::crash() {
  auto doing = random_.below(jobs_.size() + 1);
  for (auto& [id, job] : jobs_) {
    if (doing-- == 0) break;
    if (!job.write || job.done) continue;
    try {
      disk_.commit(job.write, process_id_, job.by_sync);
    } catch (const std::exception&) {
      continue;  // as it would have failed otherwise
    }
  }
  jobs_.clear();
}

}  // namespace comem::simulation

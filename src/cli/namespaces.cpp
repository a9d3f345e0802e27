#include "cli/namespaces.hpp"

#include <algorithm>

namespace comem::cli {
namespace {

constexpr std::size_t max_adapters = 256;

}  // namespace

awaitable<RedisMemoryAdapter*> Namespaces::of(std::string ns) {
  if (ns.empty() || ns == root_.ns()) co_return &root_;
  if (const auto found = by_name_.find(ns); found != by_name_.end()) {
    used_.splice(used_.begin(), used_, found->second);
    co_return &found->second->second;
  }
  Options options = options_;
  options.ns = ns;
  auto adapter = co_await root_.sibling(std::move(options));
  used_.emplace_front(ns, std::move(adapter));
  by_name_[ns] = used_.begin();
  if (used_.size() > max_adapters) {
    by_name_.erase(used_.back().first);
    used_.pop_back();
  }
  co_return &used_.front().second;
}

awaitable<bool> Namespaces::flush(Milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  const auto left = [end] {
    const auto rest = std::chrono::duration_cast<Milliseconds>(end - std::chrono::steady_clock::now());
    return std::max(rest, Milliseconds(0));
  };
  bool all = co_await root_.flush(left());
  for (auto& entry : used_) {
    const bool flushed = co_await entry.second.flush(left());
    all = all && flushed;
  }
  co_return all;
}

}  // namespace comem::cli

#pragma once
// Adapters of many namespaces on one store.

#include <comem/adapter.hpp>

#include <list>
#include <map>
#include <string>
#include <utility>

namespace comem::cli {

/// Hands out the adapter of a namespace, made when first asked for; the least recently used of more than a
/// few hundred are let go. `root` must outlive it. One thread.
class Namespaces {
 public:
  Namespaces(RedisMemoryAdapter& root, Options options) : root_(root), options_(std::move(options)) {}

  /// Valid until the next call.
  awaitable<RedisMemoryAdapter*> of(std::string ns);
  /// Waits until what was written in every namespace that is still at hand is shared, in all at most
  /// `deadline`.
  awaitable<bool> flush(Milliseconds deadline);

 private:
  using Entry = std::pair<std::string, RedisMemoryAdapter>;

  RedisMemoryAdapter& root_;
  Options options_;
  std::list<Entry> used_;  ///< last used first
  std::map<std::string, std::list<Entry>::iterator, std::less<>> by_name_;
};

}  // namespace comem::cli

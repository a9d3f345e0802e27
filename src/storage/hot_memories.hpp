#pragma once
// Memories that were read lately, decoded, so that reading them again asks no other thread and no file.
// Exact: a memory is answered only while the store is known not to have changed since it was read.

#include <comem/any_memory.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/access_log.hpp"
#include "storage/store.hpp"

namespace comem::storage {

struct HotMemory {
  HotMemory(AnyMemory memory_, AccessLog::TallyPtr reads_)
      : memory(std::move(memory_)), reads(std::move(reads_)) {}
  AnyMemory memory;
  AccessLog::TallyPtr reads;
};
using HotMemoryPtr = std::shared_ptr<const HotMemory>;

/// Thread-safe. Belongs to one store.
class HotMemories {
 public:
  /// What a memory was asked for by. `any`: an id, looked for among all long-term types in their order.
  enum class By { episode_id, knowledge_id, skill_id, any_id, skill_name };
  static By by_id(MemoryType type) noexcept;

  /// The memories of one namespace. Lives as long as the cache.
  class Space;

  /// Keeps about `most_bytes`; 0: nothing.
  explicit HotMemories(std::size_t most_bytes) noexcept;
  ~HotMemories();
  HotMemories(const HotMemories&) = delete;
  HotMemories& operator=(const HotMemories&) = delete;

  Space& space(const std::string& ns);

  /// What is kept under a name, as of `stamp`, which is that of now; nullptr where it is not kept or has
  /// expired at `now`.
  HotMemoryPtr find(Space& space, By by, std::string_view name, const StoreStamp& stamp, TimePoint now);
  /// The same for each of many names, one after the other, of one moment.
  std::vector<HotMemoryPtr> find_all(Space& space, By by, const std::vector<std::string>& names,
                                     const StoreStamp& stamp, TimePoint now);
  /// Keeps what was read once the store was at `stamp` or beyond; `current` is the stamp of now.
  void keep(Space& space, By by, std::string_view name, HotMemoryPtr memory, const StoreStamp& stamp,
            const std::optional<StoreStamp>& current);
  /// This process has committed: what else is kept stays good.
  void committed(const Commit& commit);

  std::size_t bytes() const;

 private:
  bool is_at(const StoreStamp& stamp) const noexcept { return stamp_ && *stamp_ == stamp; }
  const HotMemoryPtr* kept(Space& space, By by, std::string_view name);
  void forget(Space& space, By by, std::string_view name);
  void forget_all(Space& space, By by);
  void begin_at(const StoreStamp& stamp);
  void rotate();

  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::optional<StoreStamp> stamp_;  // guarded by mutex_, as all below: everything kept is as of this
  std::map<std::string, std::unique_ptr<Space>, std::less<>> spaces_;
  std::size_t young_bytes_ = 0, old_bytes_ = 0;
};

}  // namespace comem::storage

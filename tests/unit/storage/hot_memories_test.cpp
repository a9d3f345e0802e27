#include "storage/hot_memories.hpp"

#include <doctest/doctest.h>

namespace comem::storage {
namespace {

using By = HotMemories::By;
constexpr std::size_t plenty = 1u << 20;

StoreStamp stamp(std::uint64_t number) {
  StoreStamp made;
  made.words[0] = number;
  return made;
}

HotMemoryPtr hot_memory(AnyMemory memory) {
  return std::make_shared<HotMemory>(std::move(memory), nullptr);
}

HotMemoryPtr episode(const std::string& id, const std::string& content = "text") {
  Episode made;
  made.id = id;
  made.content = content;
  return hot_memory(std::move(made));
}

HotMemoryPtr skill(const std::string& id, const std::string& name) {
  Skill made;
  made.id = id;
  made.type = MemoryType::skill;
  made.name = name;
  return hot_memory(std::move(made));
}

Commit commit(std::uint64_t before, std::uint64_t after, std::vector<RecordKey> changed) {
  Commit made;
  made.before = stamp(before);
  made.after = stamp(after);
  made.changed = std::move(changed);
  return made;
}

/// A cache that holds the episodes a and b and the skill s, as of stamp 1.
struct Filled {
  Filled() {
    keep(By::any_id, "a", episode("a"));
    keep(By::episode_id, "a", episode("a"));
    keep(By::any_id, "b", episode("b"));
    keep(By::skill_name, "s", skill("s-id", "s"));
  }
  void keep(By by, const std::string& name, HotMemoryPtr memory) {
    hot.keep(space, by, name, std::move(memory), stamp(1), stamp(1));
  }
  bool holds(By by, const std::string& name, std::uint64_t at) {
    return hot.find(space, by, name, stamp(at), TimePoint()) != nullptr;
  }
  HotMemories hot{plenty};
  HotMemories::Space& space = hot.space("ns");
};

TEST_CASE("hot memories: answered only while the store is where it was when they were read") {
  Filled cache;
  CHECK(cache.holds(By::any_id, "a", 1));
  CHECK(cache.holds(By::episode_id, "a", 1));
  CHECK_FALSE(cache.holds(By::knowledge_id, "a", 1));
  CHECK_FALSE(cache.holds(By::any_id, "a", 2));  // somebody else has committed
  CHECK_FALSE(cache.hot.find(cache.hot.space("other"), By::any_id, "a", stamp(1), TimePoint()));
}

TEST_CASE("hot memories: a commit of our own takes out what it changed and nothing else") {
  Filled cache;
  cache.hot.committed(commit(
      1, 2, {RecordKey("ns", MemoryType::episodic, "a"), RecordKey("elsewhere", MemoryType::episodic, "b")}));
  CHECK_FALSE(cache.holds(By::any_id, "a", 2));
  CHECK_FALSE(cache.holds(By::episode_id, "a", 2));
  CHECK(cache.holds(By::any_id, "b", 2));
  CHECK(cache.holds(By::skill_name, "s", 2));
  CHECK_FALSE(cache.holds(By::any_id, "b", 1));
  // Any skill may have taken any name.
  cache.hot.committed(commit(2, 3, {RecordKey("ns", MemoryType::skill, "other")}));
  CHECK_FALSE(cache.holds(By::skill_name, "s", 3));
  CHECK(cache.holds(By::any_id, "b", 3));
}

TEST_CASE("hot memories: a commit behind somebody else's, and one that purged, leave nothing") {
  Filled behind;
  behind.hot.committed(commit(2, 3, {}));
  CHECK_FALSE(behind.holds(By::any_id, "b", 3));
  Filled purged;
  Commit with_purge = commit(1, 2, {});
  with_purge.dropped = true;
  purged.hot.committed(with_purge);
  CHECK_FALSE(purged.holds(By::any_id, "b", 2));
  CHECK(purged.hot.bytes() == 0);
}

TEST_CASE("hot memories: what was read before a commit is not kept after it") {
  Filled cache;
  cache.hot.committed(commit(1, 2, {RecordKey("ns", MemoryType::episodic, "a")}));
  cache.hot.keep(cache.space, By::any_id, "a", episode("a", "old"), stamp(1), stamp(2));
  CHECK_FALSE(cache.holds(By::any_id, "a", 2));
  cache.hot.keep(cache.space, By::any_id, "a", episode("a", "new"), stamp(2), stamp(2));
  CHECK(cache.holds(By::any_id, "a", 2));
  // The store is further than anything kept: all begins anew there.
  cache.hot.keep(cache.space, By::any_id, "c", episode("c"), stamp(5), stamp(5));
  CHECK(cache.holds(By::any_id, "c", 5));
  CHECK_FALSE(cache.holds(By::any_id, "b", 5));
  CHECK_FALSE(cache.holds(By::any_id, "b", 2));
}

TEST_CASE("hot memories: many are found at their names' places, of one moment") {
  Filled cache;
  Episode dead;
  dead.id = "dead";
  dead.expires_at = TimePoint(Milliseconds(5));
  cache.keep(By::any_id, "dead", hot_memory(std::move(dead)));
  const std::vector<std::string> names{"b", "none", "dead", "a", "b"};
  const auto found = cache.hot.find_all(cache.space, By::any_id, names, stamp(1), TimePoint(Milliseconds(5)));
  REQUIRE(found.size() == names.size());
  for (const std::size_t i : {0u, 3u, 4u}) {
    REQUIRE(found[i]);
    CHECK(common(found[i]->memory).id == names[i]);
  }
  CHECK_FALSE(found[1]);
  CHECK_FALSE(found[2]);
  const auto later = cache.hot.find_all(cache.space, By::any_id, names, stamp(2), TimePoint());
  CHECK(later == std::vector<HotMemoryPtr>(names.size()));
}

TEST_CASE("hot memories: the expired are not answered") {
  HotMemories hot(plenty);
  auto& space = hot.space("ns");
  Episode mortal;
  mortal.id = "m";
  mortal.expires_at = TimePoint(Milliseconds(100));
  hot.keep(space, By::any_id, "m", hot_memory(mortal), stamp(1), stamp(1));
  CHECK(hot.find(space, By::any_id, "m", stamp(1), TimePoint(Milliseconds(99))));
  CHECK_FALSE(hot.find(space, By::any_id, "m", stamp(1), TimePoint(Milliseconds(100))));
}

TEST_CASE("hot memories: bounded, and what is asked for stays longest") {
  HotMemories hot(64 * 1024);
  auto& space = hot.space("ns");
  const std::string text(1000, 't');
  for (int i = 0; i < 1000; ++i) {
    hot.keep(space, By::any_id, std::to_string(i), episode(std::to_string(i), text), stamp(1), stamp(1));
    CHECK(hot.bytes() <= 72 * 1024);
    if (i % 5 == 0) CHECK(hot.find(space, By::any_id, "0", stamp(1), TimePoint()));
  }
  CHECK(hot.find(space, By::any_id, "999", stamp(1), TimePoint()));
  CHECK_FALSE(hot.find(space, By::any_id, "500", stamp(1), TimePoint()));
  HotMemories none(0);
  none.keep(none.space("ns"), By::any_id, "a", episode("a"), stamp(1), stamp(1));
  CHECK_FALSE(none.find(none.space("ns"), By::any_id, "a", stamp(1), TimePoint()));
}

}  // namespace
}  // namespace comem::storage

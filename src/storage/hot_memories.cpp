#include "storage/hot_memories.hpp"

#include <utility>

namespace comem::storage {
namespace {

constexpr std::size_t ways = 5;

// Not noexcept: the standard library then keeps the hash beside each entry, and a walk along a bucket does
// not read its names.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};

std::size_t size_of(const std::vector<std::string>& texts) {
  std::size_t size = 0;
  for (const auto& text : texts) size += sizeof text + text.size();
  return size;
}

std::size_t size_of(const Episode& episode) {
  std::size_t size = episode.task_prompt.size() + episode.outcome.size() + episode.summary.size();
  for (const auto& step : episode.steps)
    size += sizeof step + step.action.size() + step.observation.size() + step.reasoning.size();
  return size + size_of(episode.tools_used);
}
std::size_t size_of(const Knowledge& knowledge) {
  return knowledge.pattern.size() + knowledge.context.size() + size_of(knowledge.source_episodes);
}
std::size_t size_of(const Skill& skill) {
  std::size_t size = skill.name.size() + skill.description.size() + skill.error_handling.size();
  for (const auto& action : skill.actions)
    size += sizeof action + action.action.size() + action.params.size();
  return size + size_of(skill.preconditions) + size_of(skill.postconditions);
}

/// About what it takes in memory, with what keeps it.
std::size_t weight(const AnyMemory& memory) {
  constexpr std::size_t kept = sizeof(HotMemory) + sizeof(AccessLog::Tally) + 192;
  const Memory& all = common(memory);
  const std::size_t own = std::visit([](const auto& one) { return size_of(one); }, memory);
  return kept + own + all.id.size() + all.content.size() + all.agent.size() + all.author.size() +
         all.session.size() + all.extra.size() + size_of(all.tags);
}

bool is_live(const AnyMemory& memory, TimePoint now) {
  const TimePoint expires_at = common(memory).expires_at;
  return expires_at == no_expiry || expires_at > now;
}

struct Kept {
  HotMemoryPtr memory;
  std::size_t bytes = 0;
};
using Names = std::unordered_map<std::string, Kept, NameHash, std::equal_to<>>;

}  // namespace

/// Two generations: who is asked for moves to the young one, and when that is full the old one goes.
class HotMemories::Space {
 public:
  struct Generations {
    Names young, old;
  };
  Generations& of(By by) { return by_[static_cast<std::size_t>(by)]; }
  std::array<Generations, ways>& all() noexcept { return by_; }

 private:
  std::array<Generations, ways> by_;
};

HotMemories::By HotMemories::by_id(MemoryType type) noexcept {
  switch (type) {
    case MemoryType::semantic:
      return By::knowledge_id;
    case MemoryType::skill:
      return By::skill_id;
    default:
      return By::episode_id;
  }
}

HotMemories::HotMemories(std::size_t most_bytes) noexcept : most_bytes_(most_bytes) {}
HotMemories::~HotMemories() = default;

HotMemories::Space& HotMemories::space(const std::string& ns) {
  const std::lock_guard lock(mutex_);
  auto& space = spaces_[ns];
  if (!space) space = std::make_unique<Space>();
  return *space;
}

HotMemoryPtr HotMemories::find(Space& space, By by, std::string_view name, const StoreStamp& stamp,
                               TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (!is_at(stamp)) return nullptr;
  const HotMemoryPtr* memory = kept(space, by, name);
  return memory != nullptr && is_live((*memory)->memory, now) ? *memory : nullptr;
}

std::vector<HotMemoryPtr> HotMemories::find_all(Space& space, By by, const std::vector<std::string>& names,
                                                const StoreStamp& stamp, TimePoint now) {
  std::vector<HotMemoryPtr> found(names.size());
  const std::lock_guard lock(mutex_);
  if (!is_at(stamp)) return found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const HotMemoryPtr* memory = kept(space, by, names[i]);
    if (memory != nullptr && is_live((*memory)->memory, now)) found[i] = *memory;
  }
  return found;
}

const HotMemoryPtr* HotMemories::kept(Space& space, By by, std::string_view name) {
  auto& [young, old] = space.of(by);
  auto place = young.find(name);
  if (place == young.end()) {
    const auto aged = old.find(name);
    if (aged == old.end()) return nullptr;
    old_bytes_ -= aged->second.bytes;
    young_bytes_ += aged->second.bytes;
    place = young.insert(old.extract(aged)).position;
  }
  return &place->second.memory;
}

void HotMemories::keep(Space& space, By by, std::string_view name, HotMemoryPtr memory,
                       const StoreStamp& stamp, const std::optional<StoreStamp>& current) {
  if (most_bytes_ == 0) return;
  const std::size_t bytes = weight(memory->memory) + name.size();
  const std::lock_guard lock(mutex_);
  if (!is_at(stamp)) {
    if (!current || *current != stamp) return;  // the store has moved on, and so perhaps has the cache
    begin_at(stamp);
  }
  forget(space, by, name);
  young_bytes_ += bytes;
  space.of(by).young.emplace(std::string(name), Kept{std::move(memory), bytes});
  if (young_bytes_ > most_bytes_ / 2) rotate();
}

void HotMemories::committed(const Commit& commit) {
  const std::lock_guard lock(mutex_);
  if (!is_at(commit.before)) return;  // kept as of another moment, which no stamp of now will be again
  if (commit.dropped) return begin_at(commit.after);
  stamp_ = commit.after;
  for (const auto& key : commit.changed) {
    const auto place = spaces_.find(key.ns);
    if (place == spaces_.end()) continue;
    Space& space = *place->second;
    forget(space, by_id(key.type), key.id);
    forget(space, By::any_id, key.id);
    // The name of a skill may now mean another one.
    if (key.type == MemoryType::skill) forget_all(space, By::skill_name);
  }
}

void HotMemories::forget(Space& space, By by, std::string_view name) {
  auto& [young, old] = space.of(by);
  if (const auto place = young.find(name); place != young.end()) {
    young_bytes_ -= place->second.bytes;
    young.erase(place);
  }
  if (const auto place = old.find(name); place != old.end()) {
    old_bytes_ -= place->second.bytes;
    old.erase(place);
  }
}

void HotMemories::forget_all(Space& space, By by) {
  auto& [young, old] = space.of(by);
  for (const auto& [name, kept] : young) young_bytes_ -= kept.bytes;
  for (const auto& [name, kept] : old) old_bytes_ -= kept.bytes;
  young.clear();
  old.clear();
}

void HotMemories::begin_at(const StoreStamp& stamp) {
  rotate();
  rotate();
  stamp_ = stamp;
}

void HotMemories::rotate() {
  for (auto& [ns, space] : spaces_)
    for (auto& [young, old] : space->all()) old = std::exchange(young, {});
  old_bytes_ = std::exchange(young_bytes_, 0);
}

std::size_t HotMemories::bytes() const {
  const std::lock_guard lock(mutex_);
  return young_bytes_ + old_bytes_;
}

}  // namespace comem::storage

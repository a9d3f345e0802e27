// Looking up by id or name, and paging.

#include <comem/error.hpp>

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "api/adapter_impl.hpp"
#include "api/run.hpp"
#include "core/ids.hpp"
#include "memory/codec.hpp"

namespace comem {

using storage::ReadTransaction;

namespace {

constexpr std::size_t max_page = 10'000;
constexpr std::size_t max_many = 100'000;

void check_page(std::size_t limit) {
  if (limit == 0 || limit > max_page)
    throw Error(errc::invalid_argument, fmt::format("limit is {}; give 1 to {}", limit, max_page));
}

std::vector<MemoryType> or_all(std::vector<MemoryType> types) {
  check_long_term(types);
  if (types.empty()) types.assign(long_term_types.begin(), long_term_types.end());
  return types;
}

using Found = std::vector<std::optional<AnyMemory>>;
using Places = std::vector<std::size_t>;

Places missing_of(const Found& found) {
  Places missing;
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!found[i]) missing.push_back(i);
  return missing;
}

/// Reads the memories that stand at these places of the list.
std::function<Found(ReadTransaction&)> reader_of(const Options& options, const std::vector<std::string>& ids,
                                                 const Places& places, TimePoint now) {
  std::vector<std::string> wanted;
  for (const auto place : places) wanted.push_back(ids[place]);
  return [options, wanted = std::move(wanted), now](ReadTransaction& tx) {
    Found read;
    read.reserve(wanted.size());
    for (const auto& id : wanted) {
      std::optional<AnyMemory> memory;
      for (const auto type : long_term_types)
        if (!memory) memory = readable_memory(tx, RecordKey(options.ns, type, id), now, options);
      read.push_back(std::move(memory));
    }
    return read;
  };
}

}  // namespace

storage::HotMemoryPtr RedisMemoryAdapter::Impl::hot(HotBy by, const std::string& name,
                                                    const std::optional<storage::StoreStamp>& stamp) {
  if (!stamp) return nullptr;
  auto memory = engine_->hot().find(hot_, by, name, *stamp, now());
  if (memory) accessed(memory->reads);
  return memory;
}

RedisMemoryAdapter::Impl::ReadTally RedisMemoryAdapter::Impl::keep_hot(
    HotBy by, const std::string& name, const AnyMemory& memory,
    const std::optional<storage::StoreStamp>& stamp) {
  RecordKey key(options_.ns, common(memory).type, common(memory).id);
  auto reads = std::make_shared<storage::AccessLog::Tally>(std::move(key));
  if (!stamp) return reads;
  engine_->hot().keep(hot_, by, name, std::make_shared<storage::HotMemory>(memory, reads), *stamp,
                      engine_->store().stamp());
  return reads;
}

awaitable<std::optional<AnyMemory>> RedisMemoryAdapter::Impl::get(std::string id,
                                                                  std::vector<MemoryType> types) {
  check_open();
  check_id(id, "id");
  const HotBy by = types.size() == 1 ? storage::HotMemories::by_id(types[0]) : HotBy::any_id;
  const auto stamp = engine_->store().stamp();
  if (const auto kept = hot(by, id, stamp)) co_return kept->memory;
  std::function<std::optional<AnyMemory>(ReadTransaction&)> look =
      [ns = options_.ns, id, types = std::move(types), at = now()](ReadTransaction& tx) {
        std::optional<AnyMemory> memory;
        for (const auto type : types) {
          const auto record = tx.get(RecordKey(ns, type, id));
          if (!record || !record->live(at)) continue;
          memory = memory::memory_from_record(*record);
          break;
        }
        return memory;
      };
  std::optional<AnyMemory> memory = co_await read_value(*engine_, std::move(look));
  if (!memory) co_return memory;
  accessed(keep_hot(by, id, *memory, stamp));
  co_return memory;
}

awaitable<std::optional<Skill>> RedisMemoryAdapter::Impl::skill(std::string name) {
  check_open();
  check_id(name, "the name of a skill");
  const auto stamp = engine_->store().stamp();
  if (const auto kept = hot(HotBy::skill_name, name, stamp)) co_return std::get<Skill>(kept->memory);
  std::function<std::optional<AnyMemory>(ReadTransaction&)> look = [ns = options_.ns, name,
                                                                    at = now()](ReadTransaction& tx) {
    std::optional<AnyMemory> memory;
    const auto records = tx.find(ns, MemoryType::skill, name, at, 1);
    if (!records.empty()) memory = memory::memory_from_record(records.front());
    return memory;
  };
  std::optional<AnyMemory> memory = co_await read_value(*engine_, std::move(look));
  std::optional<Skill> skill;
  if (!memory) co_return skill;
  accessed(keep_hot(HotBy::skill_name, name, *memory, stamp));
  skill = std::get<Skill>(std::move(*memory));
  co_return skill;
}

awaitable<std::vector<std::optional<AnyMemory>>> RedisMemoryAdapter::Impl::get_many(
    std::vector<std::string> ids) {
  check_open();
  if (ids.size() > max_many)
    throw Error(errc::invalid_argument,
                fmt::format("{} ids are asked for; at most {} at a time", ids.size(), max_many));
  const auto stamp = engine_->store().stamp();
  Found found(ids.size());
  std::vector<ReadTally> tallies(ids.size());
  if (stamp) {
    const auto kept = engine_->hot().find_all(hot_, HotBy::any_id, ids, *stamp, now());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (!kept[i]) continue;
      found[i] = kept[i]->memory;
      tallies[i] = kept[i]->reads;
    }
  }
  Places missing = missing_of(found);
  while (!missing.empty()) {
    auto look = reader_of(options_, ids, missing, now());
    Found read = co_await read_value(*engine_, std::move(look));
    for (std::size_t k = 0; k < missing.size(); ++k) {
      const auto place = missing[k];
      tallies[place] = read[k] ? keep_hot(HotBy::any_id, ids[place], *read[k], stamp) : nullptr;
      found[place] = std::move(read[k]);
    }
    // The answer is of one moment: what was read fits what was kept only where nobody has committed
    // meanwhile.
    if (missing.size() == ids.size() || engine_->store().stamp() == stamp) break;
    missing.resize(ids.size());
    std::iota(missing.begin(), missing.end(), std::size_t{0});
  }
  accessed(tallies);
  co_return found;
}

awaitable<std::vector<AnyMemory>> RedisMemoryAdapter::Impl::list(MemoryType type, std::size_t limit,
                                                                 std::string after_id) {
  check_open();
  check_page(limit);
  check_long_term({type});
  std::function<std::vector<AnyMemory>(ReadTransaction&)> page =
      [options = options_, type, limit, after = std::move(after_id), at = now()](ReadTransaction& tx) {
        std::vector<AnyMemory> memories;
        std::string from = after;
        // Records that cannot be read are passed over, without ending the page for those who stop at an empty
        // one.
        for (bool more = true; more && memories.empty();) {
          const auto records = tx.list(options.ns, type, from, at, limit);
          for (const auto& record : records)
            if (auto memory = readable_memory(record, at, options)) memories.push_back(std::move(*memory));
          more = records.size() == limit;
          if (more) from = records.back().key.id;
        }
        return memories;
      };
  std::vector<AnyMemory> memories = co_await read_value(*engine_, std::move(page));
  co_return memories;
}

awaitable<std::vector<AnyMemory>> RedisMemoryAdapter::Impl::newest(std::vector<MemoryType> types,
                                                                   std::size_t limit) {
  check_open();
  check_page(limit);
  std::function<std::vector<AnyMemory>(ReadTransaction&)> page =
      [options = options_, types = or_all(std::move(types)), limit, at = now()](ReadTransaction& tx) {
        std::vector<AnyMemory> memories;
        for (const auto& record : tx.newest(options.ns, types, at, limit))
          if (auto memory = readable_memory(record, at, options)) memories.push_back(std::move(*memory));
        return memories;
      };
  std::vector<AnyMemory> memories = co_await read_value(*engine_, std::move(page));
  co_return memories;
}

}  // namespace comem

// Looking up by id or name, and paging.

#include <comem/error.hpp>

#include <algorithm>

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

}  // namespace

awaitable<std::optional<AnyMemory>> RedisMemoryAdapter::Impl::get(std::string id,
                                                                  std::vector<MemoryType> types) {
  check_open();
  check_id(id, "id");
  std::function<std::optional<AnyMemory>(ReadTransaction&)> look =
      [ns = options_.ns, id = std::move(id), types = std::move(types), at = now()](ReadTransaction& tx) {
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
  if (memory) accessed(common(*memory));
  co_return memory;
}

awaitable<std::optional<Skill>> RedisMemoryAdapter::Impl::skill(std::string name) {
  check_open();
  check_id(name, "the name of a skill");
  std::function<std::optional<Skill>(ReadTransaction&)> look = [ns = options_.ns, name = std::move(name),
                                                                at = now()](ReadTransaction& tx) {
    std::optional<Skill> skill;
    const auto records = tx.find(ns, MemoryType::skill, name, at, 1);
    if (!records.empty()) skill = std::get<Skill>(memory::memory_from_record(records.front()));
    return skill;
  };
  std::optional<Skill> skill = co_await read_value(*engine_, std::move(look));
  if (skill) accessed(*skill);
  co_return skill;
}

awaitable<std::vector<std::optional<AnyMemory>>> RedisMemoryAdapter::Impl::get_many(
    std::vector<std::string> ids) {
  check_open();
  if (ids.size() > max_many)
    throw Error(errc::invalid_argument,
                fmt::format("{} ids are asked for; at most {} at a time", ids.size(), max_many));
  using Found = std::vector<std::optional<AnyMemory>>;
  std::function<Found(ReadTransaction&)> look = [options = options_, ids = std::move(ids),
                                                 at = now()](ReadTransaction& tx) {
    Found found;
    found.reserve(ids.size());
    for (const auto& id : ids) {
      std::optional<AnyMemory> memory;
      for (const auto type : long_term_types)
        if (!memory) memory = readable_memory(tx, RecordKey(options.ns, type, id), at, options);
      found.push_back(std::move(memory));
    }
    return found;
  };
  Found found = co_await read_value(*engine_, std::move(look));
  for (const auto& memory : found)
    if (memory) accessed(common(*memory));
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

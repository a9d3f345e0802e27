#include "api/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "memory/codec.hpp"

namespace comem {

Milliseconds time_to_live(MemoryType type, const Options& options) noexcept {
  switch (type) {
    case MemoryType::working:
      return options.working_ttl;
    case MemoryType::episodic:
      return options.episodic_ttl;
    case MemoryType::semantic:
      return options.semantic_ttl;
    case MemoryType::skill:
    case MemoryType::session:
      return options.skill_ttl;
  }
  return options.episodic_ttl;
}

void check_long_term(const std::vector<MemoryType>& types) {
  for (const auto type : types)
    if (std::find(long_term_types.begin(), long_term_types.end(), type) == long_term_types.end())
      throw Error(
          errc::invalid_argument,
          fmt::format("'{}' is not a long-term memory type; use episodic, semantic or skill", name_of(type)));
}

Error bad_member(const Error& error, std::size_t place, std::size_t of) {
  return Error(static_cast<errc>(error.code().value()),
               fmt::format("memory {} of {}: {}", place, of, error.what()));
}

std::optional<AnyMemory> readable_memory(const std::optional<Record>& record, TimePoint now,
                                         const Options& options) {
  if (!record || !record->live(now)) return std::nullopt;
  try {
    return memory::memory_from_record(*record);
  } catch (const Error& error) {
    if (options.log) options.log(LogLevel::warning, error.what());
    return std::nullopt;
  }
}

std::optional<AnyMemory> readable_memory(storage::ReadTransaction& tx, const RecordKey& key, TimePoint now,
                                         const Options& options) {
  try {
    return readable_memory(tx.get(key), now, options);
  } catch (const Error& error) {
    if (error.code() != errc::corrupt) throw;
    if (options.log) options.log(LogLevel::warning, error.what());
    return std::nullopt;
  }
}

}  // namespace comem

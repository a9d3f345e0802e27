#pragma once
// Small things that all parts of the facade need.

#include <comem/adapter.hpp>
#include <comem/error.hpp>

#include <functional>
#include <memory>
#include <optional>

#include "storage/engine.hpp"

namespace comem {

/// Runs `function` over a snapshot, off the caller's thread, and answers what it returns. It must own what it
/// touches: it may run on when its caller is gone.
template <class T>
awaitable<T> read_value(storage::Engine& engine, std::function<T(storage::ReadTransaction&)> function) {
  auto slot = std::make_shared<std::optional<T>>();
  storage::ReadFunction read = [slot, function = std::move(function)](storage::ReadTransaction& tx) {
    slot->emplace(function(tx));
  };
  co_await engine.store().read(std::move(read));
  co_return std::move(**slot);
}

/// The options' time to live of a type.
Milliseconds time_to_live(MemoryType type, const Options& options) noexcept;

/// Throws invalid_argument for a type that is not long-term.
void check_long_term(const std::vector<MemoryType>& types);

/// The error of one member of a bulk call, saying which.
Error bad_member(const Error& error, std::size_t place, std::size_t of);

/// The memory of a record, or nothing (and a warning in the log) when the record is dead or cannot be read.
std::optional<AnyMemory> readable_memory(const std::optional<Record>& record, TimePoint now,
                                         const Options& options);

/// The same for what the store holds under `key`, where the row itself may be damaged.
std::optional<AnyMemory> readable_memory(storage::ReadTransaction& tx, const RecordKey& key, TimePoint now,
                                         const Options& options);

}  // namespace comem

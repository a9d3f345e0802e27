#pragma once
// Consolidation of one namespace: reads its episodes, plans, and carries the plan out.

#include <comem/adapter.hpp>

#include <atomic>
#include <memory>

#include "storage/engine.hpp"

namespace comem {

/// The engine must outlive the call.
awaitable<ConsolidateReport> consolidate(storage::Engine& engine, Options options,
                                         ConsolidateRequest request);

/// Applies it every options.consolidate_interval, until `stopped` or cancelled; for the engine's service
/// thread.
awaitable<void> consolidate_regularly(storage::Engine& engine, Options options,
                                      std::shared_ptr<const std::atomic<bool>> stopped);

}  // namespace comem

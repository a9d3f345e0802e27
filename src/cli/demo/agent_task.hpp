#pragma once
// The demo's first part: questions, and a task that an agent works on.

#include <comem/adapter.hpp>

#include "cli/demo/report.hpp"
#include "cli/demo/sources.hpp"

namespace comem::cli {

awaitable<void> ask_questions(RedisMemoryAdapter* memory, const Sources* sources, Report* report);
/// The agent finds out which part of the repository changes most, and saves how it did that.
awaitable<void> work_on_task(RedisMemoryAdapter* memory, Report* report);
/// The context that the next task would begin with.
awaitable<void> show_context(RedisMemoryAdapter* memory, Report* report);

}  // namespace comem::cli

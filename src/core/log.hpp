#pragma once
// The log sink of those who give none.

#include <comem/log.hpp>

namespace comem {

/// Warnings and errors to standard error, through spdlog. Thread-safe.
LogSink default_log_sink();

}  // namespace comem

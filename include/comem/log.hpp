#pragma once
// Where comem's own log lines go.

#include <functional>
#include <string_view>

namespace comem {

enum class LogLevel { debug, info, warning, error };

/// Called from any thread; must not throw and must not call back into comem. Lines hold no secrets and no
/// memory text.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace comem

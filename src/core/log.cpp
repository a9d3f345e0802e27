#include "core/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace comem {

LogSink default_log_sink() {
  // Its own logger, not registered: a program that uses spdlog too keeps its own names and levels.
  static const auto logger = [] {
    auto made =
        std::make_shared<spdlog::logger>("comem", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return [](LogLevel level, std::string_view line) {
    constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                    spdlog::level::warn, spdlog::level::err};
    logger->log(levels[static_cast<int>(level)], line);
  };
}

}  // namespace comem

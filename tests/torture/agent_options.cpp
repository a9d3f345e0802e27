#include "tests/torture/agent_options.hpp"

#include <functional>
#include <map>
#include <stdexcept>

namespace comem::torture {
namespace {

Level level_from(const std::string& name) {
  if (name == "local") return Level::local;
  if (name == "durable") return Level::durable;
  if (name == "shared") return Level::shared;
  throw std::invalid_argument("no level is called " + name);
}

}  // namespace

AgentOptions parse_agent_options(int argc, char** argv) {
  AgentOptions out;
  out.memory.track_access = false;  // what was only read must not differ between stores for a while
  out.memory.startup_wait = Milliseconds(0);
  const std::map<std::string, std::function<void(const std::string&)>> with_value{
      {"--db", [&](const auto& v) { out.memory.database = v; }},
      {"--redis",
       [&](const auto& v) {
         out.memory.backend = Backend::redis;
         out.memory.redis_url = v;
       }},
      {"--namespace", [&](const auto& v) { out.memory.ns = v; }},
      {"--agent", [&](const auto& v) { out.memory.agent_id = v; }},
      {"--level", [&](const auto& v) { out.memory.level = level_from(v); }},
      {"--acks", [&](const auto& v) { out.acknowledgements = v; }},
      {"--prefix", [&](const auto& v) { out.prefix = v; }},
      {"--seed", [&](const auto& v) { out.seed = std::stoull(v); }},
      {"--writers", [&](const auto& v) { out.writers = std::stoi(v); }},
      {"--rate", [&](const auto& v) { out.rate = std::stod(v); }},
      {"--count", [&](const auto& v) { out.count = std::stoll(v); }},
      {"--ids", [&](const auto& v) { out.ids = std::stoull(v); }},
      {"--padding", [&](const auto& v) { out.padding = std::stoull(v); }},
      {"--clock-shift", [&](const auto& v) { out.clock_shift_ms = std::stoll(v); }},
  };
  const std::map<std::string, bool*> flags{{"--paused", &out.paused},
                                           {"--own-only", &out.own_only},
                                           {"--searches", &out.searches},
                                           {"--one-arena", &out.one_arena},
                                           {"--acknowledge-early", &out.acknowledges_early}};
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (const auto flag = flags.find(word); flag != flags.end()) {
      *flag->second = true;
      continue;
    }
    const auto option = with_value.find(word);
    if (option == with_value.end() || i + 1 == argc) throw std::invalid_argument("what is " + word + "?");
    option->second(argv[++i]);
  }
  return out;
}

}  // namespace comem::torture

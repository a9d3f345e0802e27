#include "cli/import_line.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include "cli/clean_text.hpp"
#include "core/ids.hpp"
#include "memory/timestamps.hpp"

namespace comem::cli {
namespace {

constexpr TimePoint earliest_save{std::chrono::hours(24)};
constexpr std::chrono::hours clocks_differ(24);

bool is_readable(const AnyMemory& memory) {
  if (!is_blank(common(memory).content)) return true;
  if (const auto* episode = std::get_if<Episode>(&memory))
    return !is_blank(episode->task_prompt) || !is_blank(episode->outcome) || !is_blank(episode->summary) ||
           !episode->steps.empty();
  if (const auto* knowledge = std::get_if<Knowledge>(&memory)) return !is_blank(knowledge->pattern);
  return !is_blank(std::get<Skill>(memory).name);
}

/// With its length before it, so that no two lists of parts read alike.
void append_part(std::string& name, std::string_view part) {
  name += fmt::format("{}:", part.size());
  name += part;
}

}  // namespace

bool is_save_time(TimePoint time, TimePoint now) noexcept {
  return time >= earliest_save && time <= now + clocks_differ;
}

void check_import(const AnyMemory& memory, TimePoint now) {
  if (!is_readable(memory)) throw Error(errc::invalid_argument, "field 'text' is empty");
  const auto created = common(memory).created_at;
  if (created != TimePoint{} && !is_save_time(created, now))
    throw Error(
        errc::invalid_argument,
        fmt::format("field 'created_at' is {}; it must be a time at which a memory can have been saved, in "
                    "milliseconds since 1970 or as ISO 8601, or be left out",
                    memory::format_time(created)));
}

std::string id_of_content(const AnyMemory& memory) {
  if (const auto* skill = std::get_if<Skill>(&memory)) return id_from_name(skill->name);  // as the store does
  const auto& m = common(memory);
  std::string name;
  append_part(name, name_of(m.type));
  append_part(name, m.session);
  append_part(name, m.turn ? std::to_string(*m.turn) : "");
  append_part(name, memory::format_time(m.time));
  append_part(name, m.author);
  append_part(name, m.content);
  return id_from_name(name);
}

}  // namespace comem::cli

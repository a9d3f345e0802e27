#include "cli/show.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"
#include "core/utf8.hpp"
#include "memory/timestamps.hpp"
#include "search/words.hpp"

namespace comem::cli {
namespace {

// Marks of a match while its excerpt is cut; control characters, which visible() would have escaped.
constexpr char mark_begin = '\x02';
constexpr char mark_end = '\x03';

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

/// Title and content, once where they are the same.
std::string whole_text(const AnyMemory& memory) {
  const auto title = title_of(memory);
  const auto& content = common(memory).content;
  if (title.empty() || content.starts_with(title)) return content;
  return content.empty() ? std::string(title) : fmt::format("{}: {}", title, content);
}

/// Runs of white space and control characters as one space; the marks stay.
std::string squeezed(std::string_view text, bool keep_marks) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool mark = keep_marks && (c == mark_begin || c == mark_end);
    if (!mark && static_cast<unsigned char>(c) <= 0x20) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

/// First byte of the character at or after `at`.
std::size_t character_at(std::string_view text, std::size_t at) {
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  return at;
}

std::string coloured(std::string_view marked) {
  std::string out;
  bool open = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= marked.size(); ++i) {
    const bool at_mark = i < marked.size() && (marked[i] == mark_begin || marked[i] == mark_end);
    if (!at_mark && i < marked.size()) continue;
    out += visible(marked.substr(from, i - from));
    from = i + 1;
    if (i == marked.size()) break;
    open = marked[i] == mark_begin;
    out += open ? style().match : style().off;
  }
  if (open) out += style().off;
  return out;
}

class Fields {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("{:<12}{}\n", name, visible(value));
  }
  std::string str() && { return std::move(text_); }

 private:
  std::string text_;
};

void add_particulars(Fields& fields, const Episode& episode) {
  fields.add("task", episode.task_prompt);
  fields.add("outcome", episode.outcome);
  fields.add("summary", episode.summary == episode.content ? "" : episode.summary);
  fields.add("success", episode.success ? "yes" : "no");
  if (episode.duration.count() > 0) fields.add("duration", fmt::format("{} ms", episode.duration.count()));
  fields.add("tools", joined(episode.tools_used));
}

void add_particulars(Fields& fields, const Knowledge& knowledge) {
  fields.add("pattern", knowledge.pattern);
  fields.add("context", knowledge.context);
  fields.add("confidence", fmt::format("{:.2f} ({} for, {} against)", knowledge.effective_confidence(),
                                       knowledge.validations, knowledge.invalidations));
  fields.add("sources", joined(knowledge.source_episodes));
}

void add_particulars(Fields& fields, const Skill& skill) {
  fields.add("name", skill.name);
  fields.add("does", skill.description);
  std::vector<std::string> actions;
  for (const auto& action : skill.actions)
    actions.push_back(action.params.empty() ? action.action : action.action + " " + action.params);
  fields.add("actions", joined(actions));
  fields.add("before", joined(skill.preconditions));
  fields.add("after", joined(skill.postconditions));
  fields.add("on error", skill.error_handling);
  fields.add("success", fmt::format("{:.0f} % of {} executions, {} ms on average", 100 * skill.success_rate(),
                                    skill.executions, skill.mean_duration().count()));
}

}  // namespace

std::string_view title_of(const AnyMemory& memory) noexcept {
  if (const auto* episode = std::get_if<Episode>(&memory)) return episode->task_prompt;
  if (const auto* knowledge = std::get_if<Knowledge>(&memory)) return knowledge->pattern;
  return std::get<Skill>(memory).name;
}

std::string date_time(TimePoint time) {
  return time == TimePoint{} ? std::string() : memory::format_time(time).substr(0, 16).replace(10, 1, " ");
}

std::string facts_of(const AnyMemory& memory) {
  const auto& m = common(memory);
  std::string facts = m.kind.empty() ? std::string(name_of(m.type)) : one_line(m.kind, 20);
  if (const auto when = date_time(m.time); !when.empty()) facts += " " + when;
  if (!m.author.empty()) facts += " by " + one_line(m.author, 40);
  return facts;
}

std::string one_line(std::string_view text, std::size_t columns) {
  const auto line = squeezed(text.substr(0, 8 * columns), false);
  const auto cut = cut_utf8(line, columns);
  return visible(cut) + (cut.size() < line.size() ? "..." : "");
}

std::string gist(const AnyMemory& memory, std::size_t columns) {
  return one_line(whole_text(memory), columns);
}

std::string excerpt(const AnyMemory& memory, const std::vector<std::string>& words, std::size_t columns) {
  const std::string_view before(&mark_begin, 1);
  const std::string_view after(&mark_end, 1);
  const auto text = squeezed(whole_text(memory), false);  // drops marks that the text itself may hold
  const auto marked = search::highlight(text, words, before, after);
  const auto first = marked.find(mark_begin);
  const auto lead = columns / 4;
  const auto begin = first == std::string::npos || first <= lead ? 0 : character_at(marked, first - lead);
  const auto part = cut_utf8(std::string_view(marked).substr(begin), columns);
  std::string out = begin > 0 ? "..." : "";
  out += coloured(part);
  if (begin + part.size() < marked.size()) out += "...";
  return out;
}

std::string full_view(const AnyMemory& memory) {
  const auto& m = common(memory);
  Fields fields;
  fields.add("id", m.id);
  fields.add("type", m.kind.empty() || m.kind == "episode" || m.kind == name_of(m.type)
                         ? std::string(name_of(m.type))
                         : fmt::format("{} ({})", name_of(m.type), m.kind));
  fields.add("author", m.author);
  fields.add("agent", m.agent);
  fields.add("session", m.session);
  if (m.turn) fields.add("turn", std::to_string(*m.turn));
  fields.add("tags", joined(m.tags));
  fields.add("time", date_time(m.time));
  fields.add("saved", date_time(m.created_at));
  fields.add("expires", m.expires_at == no_expiry ? "never" : date_time(m.expires_at));
  fields.add("importance", fmt::format("{:.2f}", m.importance));
  std::visit([&fields](const auto& typed) { add_particulars(fields, typed); }, memory);
  fields.add("extra", m.extra);
  auto text = std::move(fields).str();
  if (!m.content.empty()) text += "\n" + visible(m.content) + "\n";
  return text;
}

}  // namespace comem::cli

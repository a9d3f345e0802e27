#include "memory/context_text.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "memory/context_lines.hpp"
#include "memory/narrative.hpp"
#include "memory/prose.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t bytes_per_token = 4;
constexpr std::size_t min_cut_bytes = 24;  // of a line's own text, below which a cut line says nothing
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr std::string_view older_mark = "(older) ";
constexpr std::string_view cut_mark = " ...";
constexpr std::string_view begun_mark = "... ";

struct Section {
  MemoryType type;
  std::string_view heading;
  bool open = false;  ///< a line was taken, so the heading is paid for
};
using Sections = std::array<Section, 3>;

/// Takes lines while there is room.
class Filling {
 public:
  Filling(std::vector<ContextLine>& lines, std::size_t room)
      : lines_(lines),
        room_(room),
        sections_{Section{MemoryType::episodic, "\n## Relevant experiences\n"},
                  Section{MemoryType::semantic, "\n## Relevant knowledge\n"},
                  Section{MemoryType::skill, "\n## Relevant skills\n"}} {}

  void fill() {
    const auto order = by_usefulness(lines_);
    for (std::size_t i = 0; i < order.size(); ++i) take(lines_[order[i]], i + 1 < order.size());
    const bool none = std::none_of(lines_.begin(), lines_.end(), [](const auto& line) { return line.taken; });
    if (none && !order.empty()) take_at_any_price(lines_[order.front()]);
  }

  std::size_t room() const noexcept { return room_; }
  const Sections& sections() const noexcept { return sections_; }

 private:
  Section& section_of(const ContextLine& line) noexcept {
    return *std::find_if(sections_.begin(), sections_.end(),
                         [&](const Section& section) { return section.type == line.type; });
  }

  /// Everything but the text.
  std::size_t fixed(const ContextLine& line) noexcept {
    const Section& section = section_of(line);
    return (section.open ? 0 : section.heading.size()) + line.lead.size() + line.author.size() +
           (line.older ? older_mark.size() : 0) + 1;
  }

  bool stands_alone(const ContextLine& line) const noexcept {
    return line.older && std::none_of(lines_.begin(), lines_.end(), [&](const ContextLine& other) {
             return other.group == line.group && !other.older && other.taken;
           });
  }

  void take(ContextLine& line, bool others_wait) {
    if (stands_alone(line)) return;  // without what is newer, it would be taken for what holds
    const std::size_t needed = fixed(line);
    if (room_ <= needed) return;
    const std::size_t room = room_ - needed;
    if (line.text.size() > room) {
      const std::size_t most = others_wait ? std::min(room, room_ / 2) : room;
      if (most < min_cut_bytes + cut_mark.size()) return;
      auto text = cut_to(line, most);
      if (text.empty()) return;
      line.text = std::move(text);
      line.cut = true;
    }
    pay(line, needed);
  }

  /// Whole sentences, from the first on that is about the query; empty where they would say nothing.
  static std::string cut_to(const ContextLine& line, std::size_t most) {
    const std::string_view begun = line.about > 0 ? begun_mark : std::string_view();
    if (most < min_cut_bytes + begun.size() + cut_mark.size()) return {};
    const auto told = std::string_view(line.text).substr(line.about);
    const auto sentences = whole_sentences(told, most - begun.size() - cut_mark.size());
    if (sentences.size() < std::min(min_cut_bytes, told.size())) return {};
    std::string text(begun);
    text += sentences;
    if (sentences.size() < told.size()) text += cut_mark;
    return text;
  }

  void take_at_any_price(ContextLine& line) {
    const std::size_t needed = fixed(line);
    if (room_ < needed + min_cut_bytes) return;
    line.text = cut_at_word(line.text, room_ - needed);
    line.cut = true;
    pay(line, needed);
  }

  void pay(ContextLine& line, std::size_t needed) noexcept {
    room_ -= needed + line.text.size();
    line.taken = section_of(line).open = true;
  }

  std::vector<ContextLine>& lines_;
  std::size_t room_;
  Sections sections_;
};

/// The last lines that fit; where not even one does, the beginning of the last.
std::string last_lines(const std::string& text, std::size_t room) {
  static constexpr std::string_view gap = "...\n";
  if (text.size() <= room) return text;
  std::size_t begin = text.size();
  while (begin > 0) {
    const std::size_t before = text.rfind('\n', begin >= 2 ? begin - 2 : 0);
    const std::size_t line = before == std::string::npos ? 0 : before + 1;
    if (line >= begin || text.size() - line + gap.size() > room) break;
    begin = line;
  }
  if (begin < text.size()) return std::string(gap) + text.substr(begin);
  const std::size_t last = text.rfind('\n');
  return cut_with_dots(std::string_view(text).substr(last == std::string::npos ? 0 : last + 1), room);
}

std::string working_section(const std::string& working, std::size_t room) {
  static constexpr std::string_view heading = "## Working context\n";
  if (working.empty() || room < heading.size() + min_cut_bytes + 1) return {};
  return std::string(heading) + last_lines(working, room - heading.size() - 1) + "\n";
}

void append_section(Context& context, const Section& section, const std::vector<ContextLine>& lines) {
  if (!section.open) return;
  context.text += section.heading;
  for (const auto& line : lines) {
    if (!line.taken || line.type != section.type) continue;
    const std::size_t begin = context.text.size();
    context.text += line.lead;
    if (line.older) context.text += older_mark;
    context.text += line.author + line.text + "\n";
    ContextMemory memory;
    memory.id = line.id;
    memory.type = line.type;
    memory.tokens = estimate_tokens(std::string_view(context.text).substr(begin));
    memory.cut = line.cut;
    memory.older = line.older;
    context.memory_ids.push_back(line.id);
    context.memories.push_back(std::move(memory));
  }
}

}  // namespace

Context enriched_context(const std::string& working, const AllHits& hits, std::size_t token_budget,
                         std::size_t limit, Tokenise tokenise) {
  const std::size_t budget = token_budget == 0 || token_budget > unlimited / bytes_per_token
                                 ? unlimited
                                 : token_budget * bytes_per_token;
  auto lines = context_lines(hits, limit, tokenise);
  const std::size_t reserved = working_section(working, budget / 2).size();
  Filling filling(lines, budget - reserved);
  filling.fill();
  Context context;
  context.text = working_section(working, reserved + filling.room());
  for (const auto& section : filling.sections()) append_section(context, section, lines);
  if (!context.text.empty() && context.text.front() == '\n') context.text.erase(0, 1);
  if (!context.text.empty()) context.text.pop_back();
  context.tokens = estimate_tokens(context.text);
  return context;
}

}  // namespace comem::memory

#include "storage/searched.hpp"

#include <comem/error.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "memory/further_text.hpp"
#include "memory/json_fields.hpp"
#include "memory/scoring.hpp"

namespace comem::storage {
namespace {

std::string caption_of(const Memory& memory) {
  if (memory.extra.find("\"caption\"") == std::string::npos) return {};
  try {
    const auto extra = memory::parse_json(memory.extra);
    const auto caption = extra.find("caption");
    if (caption != extra.end() && caption->is_string()) return caption->get<std::string>();
  } catch (const Error&) {  // the caller's own business
  }
  return {};
}

/// Takes the caption out of the text that repeats it, with the brackets around it: "[image: a red door]".
void cut_caption(std::string& text, std::string_view caption) {
  if (caption.empty()) return;
  std::size_t begin = text.rfind(caption);
  if (begin == std::string::npos) return;
  std::size_t end = begin + caption.size();
  const std::size_t bracket = text.find_last_of("[]", begin);
  if (bracket != std::string::npos && text[bracket] == '[' && end < text.size() && text[end] == ']') {
    begin = bracket;
    ++end;
  }
  text.erase(begin, end - begin);
}

/// "Anna: I am back" by Anna says who speaks, not what is said.
void cut_speaker(std::string& text, const std::string& author) {
  if (author.empty() || !text.starts_with(author)) return;
  if (text.size() > author.size() && text[author.size()] == ':') text.erase(0, author.size() + 1);
}

/// What is said beside the content. What repeats it is left out: it would only count words twice.
void append_further(std::string& text, const AnyMemory& memory) {
  const Memory& base = common(memory);
  std::vector<std::string_view> parts = memory::further_texts(memory);
  parts.insert(parts.end(), base.tags.begin(), base.tags.end());
  for (const std::string_view part : parts)
    if (base.content.find(part) == std::string::npos) memory::append_new(text, part);
}

}  // namespace

search::Document searched_document(const AnyMemory& memory, const RecordKey& key, TimePoint expires_at,
                                   TimePoint now) {
  const Memory& base = common(memory);
  search::Document document;
  document.type = key.type;
  document.id = key.id;
  document.text = base.content;
  document.caption = caption_of(base);
  cut_caption(document.text, document.caption);
  cut_speaker(document.text, base.author);
  append_further(document.text, memory);
  document.session = base.session;
  document.turn = base.turn;
  document.agent = base.agent;
  document.author = base.author;
  document.tags = base.tags;
  document.time = base.time;
  document.expires_at = expires_at;
  document.composite = memory::composite(memory, now);
  if (const auto* episode = std::get_if<Episode>(&memory)) document.success = episode->success;
  if (const auto* knowledge = std::get_if<Knowledge>(&memory))
    document.confidence = knowledge->effective_confidence();
  return document;
}

}  // namespace comem::storage

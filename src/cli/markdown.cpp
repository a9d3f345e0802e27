#include "cli/markdown.hpp"

#include <fmt/format.h>

#include "cli/clean_text.hpp"
#include "core/ids.hpp"
#include "core/utf8.hpp"
#include "memory/check.hpp"

namespace comem::cli {
namespace {

/// The heading that the line is; empty when it is none.
std::string_view heading_of(std::string_view line) {
  const auto level = line.find_first_not_of('#');
  if (level == std::string_view::npos || level < 1 || level > 6 || line[level] != ' ') return {};
  const auto begin = line.find_first_not_of(" #", level);
  const auto end = line.find_last_not_of(" #\r");
  return begin == std::string_view::npos || end < begin ? std::string_view()
                                                        : line.substr(begin, end - begin + 1);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

class Cutter {
 public:
  explicit Cutter(const std::string& name) : name_(name) {}

  void take(std::string_view line) {
    if (line.starts_with("```") || line.starts_with("~~~")) fenced_ = !fenced_;
    const auto heading = fenced_ ? std::string_view() : heading_of(line);
    if (heading.empty()) {
      text_.append(line);
      text_ += '\n';
    } else {
      finish();
      heading_ = heading;
    }
  }

  void finish() {
    if (!is_blank(text_)) {
      Knowledge section;
      section.id = fmt::format("{}#{}", cut_utf8(name_, max_id_bytes - 12), sections_.size() + 1);
      section.kind = "document";
      section.pattern = clean_text(heading_.empty() ? name_ : name_ + ": " + heading_, 1000);
      section.content = clean_text(text_, memory::max_content_bytes);
      section.confidence = 1.0;
      sections_.push_back(std::move(section));
    }
    text_.clear();
  }

  std::vector<Knowledge> sections() && { return std::move(sections_); }

 private:
  std::string name_, heading_, text_;
  std::vector<Knowledge> sections_;
  bool fenced_ = false;
};

}  // namespace

std::vector<Knowledge> sections_of(const std::string& name, std::string_view markdown) {
  Cutter cutter(name);
  while (!markdown.empty()) {
    const auto line = markdown.substr(0, markdown.find('\n'));
    cutter.take(line);
    markdown.remove_prefix(std::min(markdown.size(), line.size() + 1));
  }
  cutter.finish();
  return std::move(cutter).sections();
}

}  // namespace comem::cli

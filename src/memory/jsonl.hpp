#pragma once
// Memories as lines of JSONL, for import and export. A memory that is exported and parsed again is equal to
// the one exported but for its version, which the importing store gives anew.

#include <comem/any_memory.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace comem::memory {

inline constexpr std::size_t max_line_bytes = 8u << 20;

/// What a line says. Plain data.
struct Line {
  Line() = default;
  std::string ns;                   ///< empty when the line names none
  AnyMemory memory;                 ///< its id may be empty; its totals (see export_line) filled
  std::optional<Milliseconds> ttl;  ///< "ttl_ms": from the import on; zero means never. Wins over expires_at
  bool has_expiry = false;  ///< the line says when it expires (no_expiry: never); else the importer decides
};

/// Fields: `text` (content), `kind` (episode, semantic, skill, or document, which is semantic), `id`, `ns`,
/// `speaker` (author), `session` (text or number; numbers become text), `turn`, `ts` (ISO 8601), `tags`,
/// `ttl_ms`, and all that export_line() writes; each may be left out but for the text. A `type` (episodic,
/// semantic, skill) allows any kind. Other fields are kept in Memory::extra. Of a name that stands twice the
/// last counts. Throws Error(invalid_argument) naming the field, or Error(limit_exceeded).
Line parse_line(std::string_view text);

/// One line, without its end. Unlike the stored JSON it names type and kind always, spreads `extra` over the
/// line where no field has that name, and carries the counters as totals in `counters` (accesses,
/// last_access_ms, executions, successes, duration_ms, validations, invalidations). imported_counters() in
/// memory/codec.hpp says how they count.
std::string export_line(const std::string& ns, const AnyMemory& memory);

}  // namespace comem::memory

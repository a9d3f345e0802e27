#pragma once
// What the library accepts: every bound on what callers hand in.

#include <comem/any_memory.hpp>
#include <comem/consolidate.hpp>
#include <comem/context.hpp>
#include <comem/options.hpp>
#include <comem/query.hpp>
#include <comem/step.hpp>

namespace comem::memory {

inline constexpr std::size_t max_content_bytes = 1u << 20;  ///< content, and each other long text
inline constexpr std::size_t max_short_bytes = 4096;        ///< author, kind, one tag, one tool
inline constexpr std::size_t max_list_items = 1024;         ///< tags, tools, actions, steps, sources
inline constexpr Milliseconds max_ttl = std::chrono::hours(24 * 365 * 100);

/// Each throws Error(invalid_argument) naming the field and the bound: over-long ids, invalid UTF-8 or NUL in
/// texts, numbers that are no numbers or out of range, malformed JSON in extra and params, a memory without
/// any text. Ids that the library fills in (of the memory, its agent and session) may be empty here.
void check(const AnyMemory& memory);
void check(const NewMemory& memory);
void check(const Step& step);
void check(const Query& query);
void check(const ContextRequest& request);
void check(const ConsolidateRequest& request);
/// Whether anything of it can be read or searched; check() wants it.
bool has_text(const AnyMemory& memory) noexcept;
void check_ttl(Milliseconds ttl);          ///< zero to max_ttl
void check_similarity(double similarity);  ///< of deduplicate(); zero where it is not asked for
void check(const Options& options);

}  // namespace comem::memory

#pragma once
// Memories, steps and sessions as JSON text, and back. The JSON holds what the author said, with id,
// created_at and expires_at, so that a value stands for itself; version and counters travel in the record
// around it (core/record.hpp), and where both say something the record is right.

#include <comem/any_memory.hpp>
#include <comem/session.hpp>
#include <comem/step.hpp>

#include <string>
#include <string_view>

#include "core/record.hpp"

namespace comem::memory {

/// Deterministic: equal memories give equal text. Fields of their default value are left out; JSON handed in
/// by callers (extra, params) is brought to its canonical form: names in order, no white space. Ids that are
/// not UTF-8 stand as {"hex": "..."}.
std::string to_json(const AnyMemory& memory);
std::string to_json(const Step& step);
std::string to_json(const Session& session);

/// A record with key, created_at, expires_at, writer, lookup, score and value filled; version and counters
/// are empty. `writer` is the agent that saves now; a created_at that is not set becomes `now`. Throws
/// Error(limit_exceeded), and Error(invalid_argument) for an id or namespace that is empty or over-long.
Record to_record(const std::string& ns, const AnyMemory& memory, const std::string& writer, TimePoint now,
                 std::size_t compression_threshold);
Record to_record(const std::string& ns, const Step& step, const std::string& agent, TimePoint expires_at,
                 std::size_t compression_threshold);
Record to_record(const std::string& ns, const Session& session, TimePoint expires_at,
                 std::size_t compression_threshold);

/// The counters that an imported memory brings: its totals as the share of a store named "import". So
/// importing a line twice, or on two stores that share, counts it once; later counts add to it. Empty where
/// all totals are zero.
CounterSet imported_counters(const AnyMemory& memory);

/// The live record's memory, with what the store keeps (id, type, version, times, counters). Reading is
/// hostile-proof: too deep or too many values (core/envelope.hpp), wrong JSON types, numbers out of range and
/// invalid UTF-8 give Error(corrupt) naming the record, never a crash. Missing fields have their default;
/// unknown fields are ignored.
AnyMemory memory_from_record(const Record& record);
Step step_from_record(const Record& record);
Session session_from_record(const Record& record);

/// Throws what the function above for the record's type would.
void check_readable(const Record& record);

}  // namespace comem::memory

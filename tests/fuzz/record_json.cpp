// A record's value (memory/codec.hpp) and a line of JSONL (memory/jsonl.hpp) out of one JSON text. Byte 0:
// the record's type; byte 1: whether the rest is the value itself, or JSON that is wrapped.

#include "core/envelope.hpp"
#include "memory/check.hpp"
#include "memory/codec.hpp"
#include "memory/jsonl.hpp"
#include "memory/quick_json.hpp"
#include "property.hpp"
#include "same_memory.hpp"

namespace comem::fuzz {
namespace {

constexpr TimePoint now{Milliseconds(1'700'000'000'000)};
constexpr std::size_t threshold = 64;

void check_step(const Record& record) {
  const auto step = memory::step_from_record(record);
  const auto again = memory::to_record("ns", step, "agent", no_expiry, threshold);
  require(fields(memory::step_from_record(again)) == fields(step),
          "a step that was read can be written and read again");
}

void check_session(const Record& record) {
  const auto session = memory::session_from_record(record);
  const auto again = memory::to_record("ns", session, no_expiry, threshold);
  const auto fields_of = [](const Session& s) { return std::tie(s.id, s.agent, s.previous, s.created_at); };
  require(fields_of(memory::session_from_record(again)) == fields_of(session),
          "a session that was read can be written and read again");
}

void check_memory(AnyMemory memory) {
  auto& shared = common(memory);
  if (shared.created_at == TimePoint{}) shared.created_at = now;
  const auto again = memory::memory_from_record(memory::to_record("ns", memory, "", now, threshold));
  require(same_memory(again, memory, false), "a memory that was read can be written and read again");
}

void check_value(const Record& record) {
  if (!accepts([&] { memory::check_readable(record); }, {errc::corrupt})) return;
  switch (record.key.type) {
    case MemoryType::working:
      return check_step(record);
    case MemoryType::session:
      return check_session(record);
    default:
      return check_memory(memory::memory_from_record(record));
  }
}

void check_line(std::string_view text) {
  memory::Line line;
  if (!accepts([&] { line = memory::parse_line(text); }, {errc::invalid_argument, errc::limit_exceeded}))
    return;
  memory::check(line.memory);
  const auto again = memory::parse_line(memory::export_line(line.ns, line.memory));
  require(again.ns == line.ns, "an exported line has its namespace");
  require(same_memory(again.memory, line.memory, true), "an exported line says the same memory");
  auto& shared = common(line.memory);
  if (shared.id.empty()) shared.id = "id";
  check_memory(line.memory);
  const auto counters = memory::imported_counters(line.memory);
  require(CounterSet::decode(counters.encode()) == counters, "its counters can be written and read again");
}

void check_parsers(std::string_view text) {
  const auto quick = memory::parse_quickly(text);
  if (!quick) return;
  require(nlohmann::json::accept(text), "the quick parser takes nothing that the careful one refuses");
  require(nlohmann::json::parse(text).dump() == quick->dump(), "both make the same tree");
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem;
  using namespace comem::fuzz;
  Input input(data, size);
  Record record;
  record.key = RecordKey("ns", static_cast<MemoryType>(input.byte() % 5), "id");
  const bool raw = input.byte() == 'r';
  record.value = raw ? std::string(input.rest()) : wrap_value(input.rest(), threshold);
  check_value(record);
  check_line(input.rest());
  check_parsers(input.rest());
  return 0;
}

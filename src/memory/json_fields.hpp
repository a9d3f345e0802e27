#pragma once
// Memories as JSON objects, and back. Private to the codec and to JSONL, since it needs the JSON library.

#include <comem/any_memory.hpp>
#include <comem/session.hpp>
#include <comem/step.hpp>

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace comem::memory {

using Json = nlohmann::json;  // its objects are ordered by name, which makes texts deterministic

/// Bounded in depth and number of values before anything is allocated. Throws Error(corrupt) for what is no
/// JSON and Error(limit_exceeded).
Json parse_json(std::string_view text);
/// Throws Error(invalid_argument) for text that is not UTF-8.
std::string dump_json(const Json& json);

/// A string of any bytes: itself where it is UTF-8, else {"hex": "..."}.
Json bytes_value(const std::string& bytes);

/// Everything but version and counters, as fields.hpp tells it.
Json fields_of(const AnyMemory& memory);
Json fields_of(const Step& step);
Json fields_of(const Session& session);

/// Takes fields out of an object. A field that is absent or null leaves the value as it is; one of a wrong
/// type throws Error(corrupt) naming it. What is left in the object was not known.
class FieldTaker {
 public:
  explicit FieldTaker(Json& object);

  Json take(const char* name);  ///< null when absent
  void text(const char* name, std::string& value);
  void bytes(const char* name, std::string& value);
  void flag(const char* name, bool& value);
  void fraction(const char* name, double& value);        ///< 0 to 1
  void count(const char* name, std::uint64_t& value);    ///< below 2^53
  void duration(const char* name, Milliseconds& value);  ///< milliseconds, not negative
  void time(const char* name, TimePoint& value);         ///< ISO 8601, empty for none, or milliseconds
  void texts(const char* name, std::vector<std::string>& values);

 private:
  Json& object_;
};

/// Takes the fields of a memory of this type out of `object`; its id, times and expiry as they stand there.
AnyMemory take_memory(Json& object, MemoryType type);
Step take_step(Json& object);
Session take_session(Json& object);

}  // namespace comem::memory

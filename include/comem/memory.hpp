#pragma once
// What every long-term memory has, whatever its type.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>
#include <comem/version.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace comem {

/// Plain data. Ids are strings of 1 to 256 bytes, any bytes; texts are UTF-8.
struct Memory {
  Memory() =
      default;  // not an aggregate: g++ 12 destroys aggregate temporaries in co_await expressions twice

  std::string id;
  MemoryType type = MemoryType::episodic;
  std::string kind;                  ///< what the author calls it: episode, semantic, skill, document
  std::string content;               ///< the text that is searched
  std::string agent;                 ///< id of the agent that saved it
  std::string author;                ///< who said it: a speaker, a committer; may be empty
  std::string session;               ///< id of the session it belongs to; may be empty
  std::optional<std::int64_t> turn;  ///< its place within the session, where the source numbers it
  std::vector<std::string> tags;
  double importance = 0.5;  ///< 0 to 1
  TimePoint time{};         ///< when it happened
  TimePoint created_at{};   ///< when it was saved
  TimePoint expires_at = no_expiry;
  std::string extra;  ///< further fields of an imported line: a JSON object, or empty

  // Kept by the store.
  Version version;
  std::uint64_t access_count = 0;
  TimePoint last_accessed{};
};

}  // namespace comem

#pragma once
// What the index knows of a memory.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace comem::search {

struct Document {
  Document() = default;

  MemoryType type = MemoryType::episodic;
  std::string id;
  std::string text;                  ///< what is searched; not kept by the index
  std::string caption;               ///< searched too; its words count half
  std::string session;               ///< empty: it has no neighbours
  std::optional<std::int64_t> turn;  ///< its place in the session; without one its time says it
  std::string agent, author;
  std::vector<std::string> tags;
  bool success = true;
  double confidence = 1.0;
  double composite = 0.0;  ///< breaks ties of relevance
  TimePoint time{};
  TimePoint expires_at = no_expiry;
};

}  // namespace comem::search

#pragma once
// The names of everything a namespace has in Redis.
//
// All keys of a namespace begin with its hash tag `{ns}:` and so lie in one cluster slot. Ids, names, agents,
// sessions and the namespace itself may hold any bytes; within a key each stands percent-encoded (escape()),
// so no part can contain a colon or a brace, no two different parts give one key, and nothing leaves the tag.

#include <comem/memory_type.hpp>

#include <string>
#include <string_view>

namespace comem::redis {

/// '%', '{', '}', ':' and control bytes as %XX; all other bytes as they are. Injective.
std::string escape(std::string_view part);

class Keys {
 public:
  explicit Keys(std::string_view ns) : prefix_("{" + escape(ns) + "}:") {}

  /// `{ns}:`
  const std::string& prefix() const noexcept { return prefix_; }
  /// Where the value of a record is; `lookup` counts only for working memory, whose keys name their agent.
  std::string value(MemoryType type, std::string_view id, std::string_view lookup) const;
  std::string index(MemoryType type) const;
  /// By what else a record is found: the episodes of a session, the skill of a name; empty for other types.
  std::string lookup(MemoryType type, std::string_view lookup) const;
  /// A hash: the metadata of every record (meta.hpp) by member.
  std::string metas() const { return prefix_ + "meta"; }
  std::string log() const { return prefix_ + "log"; }
  std::string expiry() const { return prefix_ + "expiry"; }
  std::string state() const { return prefix_ + "state"; }
  std::string channel(MemoryType type) const;

  /// `type:id`, the member of log, expiry and metas.
  static std::string member(MemoryType type, std::string_view id);

 private:
  std::string prefix_;
};

}  // namespace comem::redis

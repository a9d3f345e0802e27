#pragma once
// What a memory says, where others are asked whether they say the same.

#include <comem/any_memory.hpp>

#include <string>

#include "memory/wording.hpp"

namespace comem {

struct Statement {
  Statement() = default;
  explicit Statement(const AnyMemory& memory);

  std::string text;   ///< what the index is asked for
  std::string group;  ///< statements of different groups never say the same
  memory::Wording wording;

  bool says_the_same(const Statement& other, double similarity) const {
    return group == other.group && memory::say_the_same(wording, other.wording, similarity);
  }
};

}  // namespace comem

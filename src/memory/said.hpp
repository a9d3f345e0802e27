#pragma once
// Memories side by side: which of them say the same, and which disagree.

#include <comem/memory.hpp>

#include <string>
#include <vector>

#include "memory/wording.hpp"

namespace comem::memory {

/// From this similarity on two texts are taken to say the same, unless a caller says otherwise.
inline constexpr double usual_similarity = 0.85;

struct Said {
  Said() = default;
  Said(Wording wording_, const Memory& memory)
      : wording(std::move(wording_)),
        author(memory.author),
        id(memory.id),
        time(memory.time),
        created_at(memory.created_at) {}

  Wording wording;
  std::string author, id;
  TimePoint time{}, created_at{};
};

/// What happened later, else what was saved later; ids make it total.
bool is_newer(const Said& a, const Said& b) noexcept;

/// The places of `all` in groups, each in the order of its first member, and newest first within it. A member
/// belongs to the first of its group; what belongs to several groups joins the first one.
using Groups = std::vector<std::vector<std::size_t>>;

/// Those that say the same; of one author.
Groups repetitions(const std::vector<Said>& all);
/// Those that disagree; of one author, or of one who is not named.
Groups disagreements(const std::vector<Said>& all);

}  // namespace comem::memory

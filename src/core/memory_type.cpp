#include <comem/memory_type.hpp>

namespace comem {
namespace {
constexpr std::array<std::string_view, 5> names{"working", "episodic", "semantic", "skill", "session"};
}

std::string_view name_of(MemoryType type) noexcept {
  return names[static_cast<std::size_t>(type)];
}

std::optional<MemoryType> memory_type_from(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<MemoryType>(i);
  return std::nullopt;
}

}  // namespace comem

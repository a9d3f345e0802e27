#include <comem/stats.hpp>

namespace comem {

std::string_view name_of(RelayState state) noexcept {
  switch (state) {
    case RelayState::off:
      return "off";
    case RelayState::connecting:
      return "connecting";
    case RelayState::catching_up:
      return "catching up";
    case RelayState::up:
      return "up";
    case RelayState::suspect:
      return "suspect";
    case RelayState::down:
      return "down";
  }
  return "unknown";
}

}  // namespace comem

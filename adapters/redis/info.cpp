#include "adapters/redis/info.hpp"

#include <algorithm>

namespace comem::redis {

std::string_view info_field(std::string_view info, std::string_view name) noexcept {
  while (!info.empty()) {
    const auto end = std::min(info.find("\r\n"), info.size());
    const auto line = info.substr(0, end);
    if (line.size() > name.size() && line.substr(0, name.size()) == name && line[name.size()] == ':')
      return line.substr(name.size() + 1).substr(0, 256);
    info.remove_prefix(std::min(end + 2, info.size()));
  }
  return {};
}

}  // namespace comem::redis

#include "adapters/redis/keys.hpp"

#include <fmt/format.h>

namespace comem::redis {

std::string escape(std::string_view part) {
  std::string out;
  out.reserve(part.size());
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '%' || c == '{' || c == '}' || c == ':')
      out += fmt::format("%{:02X}", byte);
    else
      out += c;
  }
  return out;
}

std::string Keys::value(MemoryType type, std::string_view id, std::string_view lookup) const {
  if (type == MemoryType::working)
    return fmt::format("{}agent:{}:working:{}", prefix_, escape(lookup), escape(id));
  if (type == MemoryType::session) return fmt::format("{}session:{}", prefix_, escape(id));
  return fmt::format("{}memory:{}:{}", prefix_, name_of(type), escape(id));
}

std::string Keys::index(MemoryType type) const {
  return fmt::format("{}memory:{}:index:all", prefix_, name_of(type));
}

std::string Keys::lookup(MemoryType type, std::string_view lookup) const {
  if (lookup.empty()) return {};
  if (type == MemoryType::episodic) return fmt::format("{}session:{}:episodes", prefix_, escape(lookup));
  if (type == MemoryType::skill) return fmt::format("{}skill:name:{}", prefix_, escape(lookup));
  return {};
}

std::string Keys::channel(MemoryType type) const {
  return fmt::format("{}agent:memory:{}", prefix_, name_of(type));
}

std::string Keys::member(MemoryType type, std::string_view id) {
  return fmt::format("{}:{}", name_of(type), id);
}

}  // namespace comem::redis

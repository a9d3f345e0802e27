#include <comem/digest.hpp>

#include "core/sha1.hpp"

namespace comem {

std::uint64_t Digest::records() const noexcept {
  std::uint64_t all = 0;
  for (const auto& [type, digest] : types) all += digest.records;
  return all;
}

std::string Digest::hash() const {
  std::string text;
  for (const auto& [type, digest] : types) {
    text += name_of(type);
    text += ' ' + std::to_string(digest.records) + ' ' + digest.hash + '\n';
  }
  return sha1_hex(text).substr(0, 12);
}

}  // namespace comem

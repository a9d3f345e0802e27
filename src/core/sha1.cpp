#include "core/sha1.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace comem {
namespace {

// Before main(): OpenSSL keeps what it notes of errors for each thread, and never gives back that of a thread
// on which it was first used.
[[maybe_unused]] const int initialised = ::OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);

}  // namespace

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
  std::array<std::uint8_t, 20> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  return digest;
}

std::string sha1_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(40);
  for (const auto byte : sha1(bytes)) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace comem

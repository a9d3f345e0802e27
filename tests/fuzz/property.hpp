#pragma once
// What every fuzz target needs: to say that a property does not hold, and to cut its input into parts.

#include <comem/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace comem::fuzz {

/// Ends the process when a property does not hold, so that fuzzer and replay alike name the input.
inline void require(bool holds, const char* property) noexcept {
  if (holds) return;
  std::fprintf(stderr, "property does not hold: %s\n", property);
  std::abort();
}

/// Whether `work` ends without an Error. An Error with another code than those `allowed` is a finding, and so
/// is any other exception, which ends the process by itself.
template <class Work>
bool accepts(Work work, std::initializer_list<errc> allowed) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    const bool expected =
        std::any_of(allowed.begin(), allowed.end(), [&](errc code) { return error.code() == code; });
    if (!expected) std::fprintf(stderr, "unexpected Error: %s\n", error.what());
    require(expected, "an Error has one of the codes that the header names");
    require(error.what()[0] != '\0', "an Error says what is wrong");
    return false;
  }
}

/// The bytes of one run, taken from the front. Taking beyond the end gives zeros and empty texts.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  unsigned byte() noexcept { return rest_.empty() ? 0u : static_cast<unsigned char>(take(1)[0]); }
  std::string_view take(std::size_t bytes) noexcept {
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// A text behind a byte that says its length.
  std::string_view part() noexcept { return take(byte()); }
  /// The text up to `end`, which is taken too, or all that is left.
  std::string_view until(char end) noexcept {
    const auto taken = take(rest_.find(end));
    take(1);
    return taken;
  }
  std::string_view rest() const noexcept { return rest_; }
  bool empty() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace comem::fuzz

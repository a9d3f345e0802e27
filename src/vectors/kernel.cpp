#include "vectors/kernel.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace comem::vectors {
namespace {

// Sixteen sums side by side: a compiler may not reorder additions of floats, so the order is spelled out in a
// way that fits registers of 4, 8 and 16 numbers alike.
[[gnu::always_inline]] inline float dot_in_lanes(const float* a, const float* b, std::size_t size) noexcept {
  constexpr std::size_t lanes = 16;
  constexpr std::size_t chains = 2;  // so that an addition need not wait for the one before it
  std::array<std::array<float, lanes>, chains> sums{};
  std::size_t i = 0;
  for (; i + lanes * chains <= size; i += lanes * chains) {
    for (std::size_t chain = 0; chain < chains; ++chain)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        sums[chain][lane] += a[i + chain * lanes + lane] * b[i + chain * lanes + lane];
  }
  float total = 0;
  for (; i < size; ++i) total += a[i] * b[i];
  for (std::size_t width = lanes / 2; width != 0; width /= 2)
    for (std::size_t lane = 0; lane < width; ++lane)
      for (auto& sum : sums) sum[lane] += sum[lane + width];
  return total + sums[0][0] + sums[1][0];
}

using Dot = float (*)(const float*, const float*, std::size_t) noexcept;

float dot_plain(const float* a, const float* b, std::size_t size) noexcept {
  return dot_in_lanes(a, b, size);
}

// Chosen at run time and not by target_clones, whose resolvers run before the sanitizers are ready.
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("avx2,fma")]] float dot_avx2(const float* a, const float* b, std::size_t size) noexcept {
  return dot_in_lanes(a, b, size);
}

// g++ would else keep to 256 bits; clang has no such word, and needs none.
#if defined(__clang__)
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,fma")]]
#else
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,fma,prefer-vector-width=512")]]
#endif
float dot_avx512(const float* a, const float* b, std::size_t size) noexcept {
  return dot_in_lanes(a, b, size);
}

Dot choose() noexcept {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    return dot_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return dot_avx2;
  return dot_plain;
}
#else
Dot choose() noexcept {
  return dot_plain;
}
#endif

}  // namespace

float dot(const float* a, const float* b, std::size_t size) noexcept {
  static const Dot chosen = choose();
  return chosen(a, b, size);
}

void normalise(std::span<float> vector) noexcept {
  double squares = 0;
  for (const float value : vector) squares += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(squares);
  if (!(length > 0) || !std::isfinite(length)) {
    std::fill(vector.begin(), vector.end(), 0.0f);
    return;
  }
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / length);
}

}  // namespace comem::vectors

#include "core/ids.hpp"

#include <comem/error.hpp>

#include <array>
#include <cstdint>
#include <cstdio>
#include <random>

#include <fmt/format.h>

namespace comem {
namespace {

thread_local constinit std::uint64_t* seeded = nullptr;

/// The next number of a seeded thread: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
std::uint64_t next_seeded(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::uint64_t random64() {
  if (seeded != nullptr) return next_seeded(*seeded);
  // Seeded with 256 bits from the system for each thread, so that processes started together differ.
  thread_local std::mt19937_64 engine = [] {
    std::random_device device;
    std::array<unsigned, 8> words{};
    for (auto& word : words) word = device();
    std::seed_seq seed(words.begin(), words.end());
    return std::mt19937_64(seed);
  }();
  return engine();
}

}  // namespace

SeededIds::SeededIds(std::uint64_t seed) noexcept : state_(seed) {
  seeded = &state_;
}
SeededIds::~SeededIds() {
  seeded = nullptr;
}

std::string make_id(TimePoint now) {
  const auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count()) & 0xffff'ffff'ffffu;
  return fmt::format("{:012x}{:04x}{:016x}", ms, random64() & 0xffffu, random64());
}

std::string make_random_id() {
  return fmt::format("{:016x}", random64());
}

std::string id_from_name(std::string_view name) {
  // FNV-1a with 128 bits: http://www.isthe.com/chongo/tech/comp/fnv/
  __extension__ using Wide = unsigned __int128;
  constexpr Wide prime = (static_cast<Wide>(1) << 88) + 0x13b;
  Wide hash = (static_cast<Wide>(0x6c62272e07bb0142u) << 64) | 0x62b821756295c58du;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * prime;
  return fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(hash >> 64),
                     static_cast<std::uint64_t>(hash));
}

void check_id(std::string_view id, std::string_view what) {
  if (id.empty())
    throw Error(errc::invalid_argument, fmt::format("{} is empty; give 1 to {} bytes", what, max_id_bytes));
  if (id.size() > max_id_bytes)
    throw Error(errc::invalid_argument,
                fmt::format("{} has {} bytes; at most {} are allowed", what, id.size(), max_id_bytes));
}

}  // namespace comem

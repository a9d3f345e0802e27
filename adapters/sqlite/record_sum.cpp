#include "adapters/sqlite/record_sum.hpp"

#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <initializer_list>

#include "adapters/sqlite/queries.hpp"

namespace comem::sqlite {
namespace {

using Crc = std::uint32_t;

Crc extend(Crc crc, std::string_view bytes) {
  if (bytes.empty()) return crc;  // zlib takes a null pointer for a question
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  return static_cast<Crc>(crc32_z(crc, data, bytes.size()));
}

/// In a fixed order of bytes: files move between machines.
Crc extend(Crc crc, std::initializer_list<std::uint64_t> numbers) {
  std::array<char, 16 * 8> bytes{};
  std::size_t size = 0;
  for (const auto number : numbers)
    for (int shift = 0; shift < 64; shift += 8) bytes[size++] = static_cast<char>(number >> shift & 0xff);
  return extend(crc, std::string_view(bytes.data(), size));
}

/// As SQLite gives a number back: no number is NULL, and zero has lost its sign.
std::uint64_t bits_of(double score) {
  if (std::isnan(score)) return ~std::uint64_t{0};
  return score == 0.0 ? 0 : std::bit_cast<std::uint64_t>(score);
}

std::uint64_t bits_of(TimePoint time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

Crc content_sum(const Record& record) {
  const auto& version = record.version;
  // The lengths come first, so that no byte can pass from one text to the next unnoticed.
  Crc crc = extend(
      0, {static_cast<std::uint64_t>(number_of(record.key.type)), static_cast<std::uint64_t>(version.ms),
          version.counter, record.deleted ? 1u : 0u, bits_of(record.expires_at), bits_of(record.created_at),
          bits_of(record.score), record.key.ns.size(), record.key.id.size(), version.store.size(),
          record.writer.size(), record.lookup.size(), record.value.size()});
  for (const std::string_view text :
       {std::string_view(record.key.ns), std::string_view(record.key.id), std::string_view(version.store),
        std::string_view(record.writer), std::string_view(record.lookup), std::string_view(record.value)})
    crc = extend(crc, text);
  return crc;
}

}  // namespace

std::int64_t counters_sum(std::string_view counters) {
  return extend(0, counters);
}

std::int64_t record_sum(const Record& record, std::string_view counters) {
  const auto upper = static_cast<std::uint64_t>(counters_sum(counters));
  return static_cast<std::int64_t>(upper << 32 | content_sum(record));
}

}  // namespace comem::sqlite

#include "core/envelope.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>

namespace comem {
namespace {

constexpr char plain = '\x00';
constexpr char deflated = '\x01';

/// Empty when it would not become smaller than `json`.
std::string deflate_text(std::string_view json) {
  uLongf size = compressBound(static_cast<uLong>(json.size()));
  std::string out(1 + size, deflated);
  const int status =
      compress2(reinterpret_cast<Bytef*>(out.data() + 1), &size, reinterpret_cast<const Bytef*>(json.data()),
                static_cast<uLong>(json.size()), 1);
  if (status != Z_OK || size >= json.size()) return {};
  out.resize(1 + size);
  return out;
}

std::string inflate_text(std::string_view bytes) {
  const std::size_t limit = std::min(max_value_bytes, bytes.size() * max_compression_ratio + 64);
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw Error(errc::corrupt, "zlib could not be started");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t used = out.size();
    if (used > limit) break;
    out.resize(used + std::min(std::max<std::size_t>(bytes.size() * 4, 4096), limit + 1 - used));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    status = inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (status == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) status = Z_BUF_ERROR;
  }
  if (out.size() > limit)
    throw Error(errc::limit_exceeded, fmt::format("a compressed value unpacks to more than {} bytes", limit));
  if (status != Z_STREAM_END || stream.avail_in != 0)
    throw Error(errc::corrupt, "a compressed value is broken");
  return out;
}

}  // namespace

std::string wrap_value(std::string_view json, std::size_t threshold) {
  if (json.size() > max_value_bytes)
    throw Error(errc::limit_exceeded,
                fmt::format("a value has {} bytes; at most {} are allowed", json.size(), max_value_bytes));
  if (json.size() > threshold)
    if (auto out = deflate_text(json); !out.empty()) return out;
  std::string out;
  out.reserve(1 + json.size());
  out += plain;
  out += json;
  return out;
}

std::string unwrap_value(std::string_view bytes) {
  if (bytes.empty()) throw Error(errc::corrupt, "a value is empty");
  if (bytes.size() > max_value_bytes + 1)
    throw Error(errc::limit_exceeded, fmt::format("a value has {} bytes", bytes.size()));
  if (bytes[0] == plain) return std::string(bytes.substr(1));
  if (bytes[0] == deflated) return inflate_text(bytes.substr(1));
  throw Error(errc::corrupt, fmt::format("a value begins with the unknown flag 0x{:02x}",
                                         static_cast<unsigned char>(bytes[0])));
}

}  // namespace comem

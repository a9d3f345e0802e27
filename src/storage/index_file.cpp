#include "storage/index_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "search/bytes.hpp"

namespace comem::storage {
namespace {

// To be raised with every change of what is indexed, or how.
constexpr std::string_view format = "comem words 3";

// Four lanes of 64 bits, multiplied and turned: as fast as memory is read. Against damage, not against
// people.
std::uint64_t sum_of(std::string_view bytes) noexcept {
  constexpr std::uint64_t factor = 0x9E3779B97F4A7C15;
  constexpr std::size_t lane = 8;
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  std::size_t at = 0;
  for (std::size_t i = 0; at < bytes.size(); at += lane, i = (i + 1) % 4) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(lane, bytes.size() - at));
    lanes[i] = (lanes[i] ^ word) * factor;
    lanes[i] ^= lanes[i] >> 29;
  }
  std::uint64_t sum = bytes.size();
  for (const std::uint64_t one : lanes) sum = (sum ^ one) * factor;
  return sum;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<std::string> read_all(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::nullopt;
  struct stat about = {};
  std::string bytes;
  bool whole = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  if (whole) bytes.resize(static_cast<std::size_t>(about.st_size));
  for (std::size_t at = 0; whole && at < bytes.size();) {
    const ssize_t got = ::read(file, bytes.data() + at, bytes.size() - at);
    whole = got > 0;
    if (whole) at += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (!whole) return std::nullopt;
  return bytes;
}

}  // namespace

std::string index_file_of(const Store& store, const std::string& ns) {
  if (store.path().empty() || store.path() == ":memory:") return {};
  return fmt::format("{}.words-{:016x}", store.path(), sum_of(ns));
}

bool write_index_file(const std::string& path, const std::string& owner, const IndexImage& image) {
  search::ByteWriter head;
  head.put(format);
  head.put(owner);
  head.put(image.change);
  head.put(image.witnesses.size());
  for (const Witness& witness : image.witnesses) {
    head.put(witness.change);
    head.put(witness.version.ms);
    head.put(witness.version.counter);
    head.put(std::string_view(witness.version.store));
  }
  head.put(sum_of(image.words));
  head.put(image.words.size());
  std::string begin = std::move(head).take();
  search::ByteWriter sum;
  sum.put(sum_of(begin));
  begin.insert(0, std::move(sum).take());
  const std::string fresh = path + "." + make_random_id();
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return false;
  const bool written = write_all(file, begin) && write_all(file, image.words);
  if (::close(file) == 0 && written && std::rename(fresh.c_str(), path.c_str()) == 0) return true;
  ::unlink(fresh.c_str());
  return false;
}

std::optional<IndexImage> read_index_file(const std::string& path, const std::string& owner) {
  auto bytes = read_all(path);
  if (!bytes) return std::nullopt;
  search::ByteReader reader(*bytes);
  const auto sum = reader.get<std::uint64_t>();
  IndexImage image;
  if (reader.text() != format || reader.text() != owner) return std::nullopt;
  image.change = reader.get<std::uint64_t>();
  const auto witnesses = reader.get<std::size_t>();
  for (std::size_t i = 0; i < witnesses && !reader.failed(); ++i) {
    Witness& witness = image.witnesses.emplace_back();
    witness.change = reader.get<std::uint64_t>();
    witness.version.ms = reader.get<decltype(witness.version.ms)>();
    witness.version.counter = reader.get<decltype(witness.version.counter)>();
    witness.version.store = reader.text();
  }
  const auto sum_of_words = reader.get<std::uint64_t>();
  const auto size = reader.get<std::size_t>();
  if (reader.failed() || size > bytes->size()) return std::nullopt;
  const std::size_t begin = bytes->size() - size;
  if (sum_of(std::string_view(*bytes).substr(sizeof sum, begin - sizeof sum)) != sum) return std::nullopt;
  bytes->erase(0, begin);  // in place: it may be large
  image.words = std::move(*bytes);
  if (sum_of(image.words) != sum_of_words) return std::nullopt;
  return image;
}

bool goes_on_from(const IndexImage& image, const std::string& ns, ReadTransaction& tx) {
  if (image.witnesses.empty() || tx.last_change() < image.change) return false;
  const auto known = tx.changes(ns, image.witnesses.front().change - 1, image.witnesses.size());
  bool any = false;
  for (const Record& record : known) {
    if (record.change > image.change) break;
    const auto same =
        std::find_if(image.witnesses.begin(), image.witnesses.end(), [&](const Witness& witness) {
          return witness.change == record.change && witness.version == record.version;
        });
    if (same == image.witnesses.end()) return false;
    any = true;
  }
  return any;
}

}  // namespace comem::storage

#include "cli/line_reader.hpp"

#include <comem/error.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/interrupt.hpp"

namespace comem::cli {
namespace {

constexpr std::size_t chunk = 256u << 10;

int open_for_reading(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    throw Error(errc::invalid_argument, fmt::format("cannot read '{}': {}", path, std::strerror(errno)));
  struct stat status = {};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(descriptor);
    throw Error(errc::invalid_argument, fmt::format("'{}' is a directory; name a file of JSON lines", path));
  }
  return descriptor;
}

}  // namespace

LineReader::LineReader(int descriptor, std::size_t max_line) : descriptor_(descriptor), max_line_(max_line) {}

LineReader::LineReader(const std::string& path, std::size_t max_line)
    : descriptor_(open_for_reading(path)), owned_(path != "-"), max_line_(max_line) {}

LineReader::~LineReader() {
  if (owned_) ::close(descriptor_);
}

bool LineReader::fill(int timeout_ms) {
  pollfd waited[2] = {{descriptor_, POLLIN, 0}, {interrupt::descriptor(), POLLIN, 0}};
  const int ready = ::poll(waited, 2, timeout_ms);
  if (ready < 0 && errno != EINTR)
    throw Error(errc::unavailable, fmt::format("cannot wait for input: {}", std::strerror(errno)));
  if (ready <= 0 || waited[0].revents == 0) return false;
  buffer_.erase(0, position_);
  searched_ -= position_;
  position_ = 0;
  const auto held = buffer_.size();
  buffer_.resize(held + chunk);
  const auto count = ::read(descriptor_, buffer_.data() + held, chunk);
  const int reason = errno;
  buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0 && reason != EINTR && reason != EAGAIN)
    throw Error(errc::unavailable, fmt::format("cannot read the input: {}", std::strerror(reason)));
  if (count == 0) ended_ = true;
  if (count > 0) bytes_read_ += static_cast<std::size_t>(count);
  return count >= 0;
}

/// Of a line that is too long nothing is kept, so that memory stays bounded.
void LineReader::drop_if_too_long() {
  if (buffer_.size() - position_ <= max_line_) return;
  skipping_ = true;
  buffer_.clear();
  position_ = searched_ = 0;
}

std::optional<LineReader::Line> LineReader::take_line() {
  const auto end = buffer_.find('\n', searched_);
  const bool last = end == std::string::npos && ended_;
  if (end == std::string::npos && !last) {
    searched_ = buffer_.size();
    drop_if_too_long();
    return std::nullopt;
  }
  if (last && position_ == buffer_.size() && !skipping_) return std::nullopt;
  const auto stop = last ? buffer_.size() : end;
  Line line;
  line.number = ++number_;
  line.too_long = skipping_ || stop - position_ > max_line_;
  if (!line.too_long) line.text = buffer_.substr(position_, stop - position_);
  if (!line.text.empty() && line.text.back() == '\r') line.text.pop_back();
  position_ = searched_ = last ? stop : stop + 1;
  skipping_ = false;
  return line;
}

std::optional<LineReader::Line> LineReader::next() {
  for (;;) {
    if (interrupt::requested()) return std::nullopt;
    if (auto line = take_line()) return line;
    if (ended_) return std::nullopt;
    fill(-1);
  }
}

bool LineReader::ready() {
  for (;;) {
    if (ended_ || buffer_.find('\n', searched_) != std::string::npos) return true;
    searched_ = buffer_.size();
    drop_if_too_long();  // its end is still to come
    if (!fill(0)) return false;
  }
}

}  // namespace comem::cli

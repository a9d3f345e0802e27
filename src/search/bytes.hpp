#pragma once
// Plain values as bytes and back, for what only this machine reads again.

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace comem::search {

template <class T>
concept PlainValue = std::is_trivially_copyable_v<T>;

class ByteWriter {
 public:
  template <PlainValue T>
  void put(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(std::string_view text) {
    put(text.size());
    bytes_.append(text);
  }
  template <PlainValue T>
  void put_all(const std::vector<T>& values) {
    put(values.size());
    if (!values.empty())
      bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }

  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Never reads beyond the end: from the first value that is not there on, everything is zero and failed() is
/// true.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept : left_(bytes) {}

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return left_.empty() && !failed_; }

  template <PlainValue T>
  T get() {
    T value{};
    if (const auto bytes = some(sizeof value); bytes.size() == sizeof value)
      std::memcpy(static_cast<void*>(&value), bytes.data(), sizeof value);
    return value;
  }
  std::string_view text() { return some(get<std::size_t>()); }
  template <PlainValue T>
  std::vector<T> all() {
    const auto count = get<std::size_t>();
    if (count > left_.size() / sizeof(T)) {
      fail();
      return {};
    }
    std::vector<T> values(count);
    const auto bytes = some(count * sizeof(T));
    if (count > 0) std::memcpy(static_cast<void*>(values.data()), bytes.data(), bytes.size());
    return values;
  }

 private:
  void fail() noexcept {
    failed_ = true;
    left_ = {};
  }
  std::string_view some(std::size_t count) {
    if (count > left_.size()) {
      fail();
      return {};
    }
    const auto taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace comem::search

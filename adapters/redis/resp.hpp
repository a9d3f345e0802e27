#pragma once
// The Redis serialization protocol, versions 2 and 3: replies out of bytes as they arrive, commands into
// bytes. No I/O. Hostile-proof: whatever arrives, memory stays within RespLimits and nothing throws but
// bad_alloc.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace comem::redis {

/// One reply. `text` holds strings, errors and big numbers; `items` holds arrays, sets, pushes and, key after
/// value, maps. Attributes are skipped, verbatim strings lose their format tag.
struct Value {
  enum class Kind { null, text, error, integer, real, boolean, big_number, array, map, set, push };

  Value() = default;
  explicit Value(Kind k) : kind(k) {}
  Value(Kind k, std::string t) : kind(k), text(std::move(t)) {}

  bool is(Kind k) const noexcept { return kind == k; }
  bool is_error() const noexcept { return kind == Kind::error; }
  /// The value behind this key of a map (or, in RESP2, of an array of pairs); nullptr when there is none.
  const Value* find(std::string_view key) const noexcept;

  Kind kind = Kind::null;
  std::int64_t integer = 0;  ///< also 0 or 1 of a boolean
  double real = 0.0;
  std::string text;
  std::vector<Value> items;
};

/// Bounds on one reply. A reply beyond them breaks the stream.
struct RespLimits {
  RespLimits() = default;
  std::size_t line_bytes = 64u << 10;   ///< of a header, simple string or simple error
  std::size_t bulk_bytes = 16u << 20;   ///< of one bulk string
  std::size_t total_bytes = 64u << 20;  ///< of all strings of a reply
  std::size_t elements = 1u << 20;      ///< of all aggregates of a reply together
  std::size_t depth = 16;               ///< aggregates within aggregates
};

class RespDecoder {
 public:
  enum class Status { value, need_more, broken };

  explicit RespDecoder(RespLimits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);
  /// Takes the next complete reply. After `broken` nothing more can be had; error() says what was wrong.
  Status next(Value& out);
  const std::string& error() const noexcept { return error_; }
  /// Bytes of a reply were fed that is not complete, or was not taken yet.
  bool within_reply() const noexcept { return read_ < buffer_.size() || !stack_.empty() || bulk_type_ != 0; }

 private:
  struct Frame {
    Value value;
    std::size_t missing = 0;
    bool attribute = false;
  };
  enum class Step { done, need_more, broken };

  Step header();
  Step line(std::string_view& out);
  Step open_aggregate(char type, std::string_view count);
  Step open_bulk(char type, std::string_view size);
  Step body();
  Step scalar(char type, std::string_view text);
  Step complete(Value value);
  Step fail(std::string why);
  bool charge(std::size_t bytes);
  void reset_reply();

  RespLimits limits_;
  std::string buffer_;
  std::size_t read_ = 0;     // bytes of buffer_ already consumed
  std::size_t scanned_ = 0;  // bytes after read_ known to hold no line end
  std::vector<Frame> stack_;
  char bulk_type_ = 0;  // a bulk body is awaited when not 0
  std::size_t bulk_size_ = 0;
  std::size_t elements_ = 0, bytes_ = 0;
  bool ready_ = false;
  Value result_;
  std::string error_;
  bool broken_ = false;
};

/// Appends one command as an array of bulk strings.
void append_command(std::string& out, const std::vector<std::string_view>& words);

}  // namespace comem::redis

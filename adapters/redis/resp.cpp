#include "adapters/redis/resp.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "core/utf8.hpp"

namespace comem::redis {
namespace {

constexpr std::size_t compact_above = 64u << 10;

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, out);
  return error == std::errc{} && end == last && !text.empty();
}

bool is_big_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const Value* Value::find(std::string_view key) const noexcept {
  if (kind != Kind::map && kind != Kind::array) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i].kind == Kind::text && items[i].text == key) return &items[i + 1];
  return nullptr;
}

void RespDecoder::feed(std::string_view bytes) {
  if (broken_) return;
  // Moving the rest down only when much was consumed keeps feeding linear.
  if (read_ == buffer_.size() || read_ > compact_above) {
    buffer_.erase(0, read_);
    read_ = 0;
  }
  buffer_.append(bytes);
}

RespDecoder::Status RespDecoder::next(Value& out) {
  while (!broken_ && !ready_) {
    const Step step = bulk_type_ != 0 ? body() : header();
    if (step == Step::need_more) return Status::need_more;
  }
  if (broken_) return Status::broken;
  out = std::move(result_);
  reset_reply();
  return Status::value;
}

void RespDecoder::reset_reply() {
  result_ = Value();
  ready_ = false;
  elements_ = bytes_ = 0;
}

RespDecoder::Step RespDecoder::fail(std::string why) {
  broken_ = true;
  error_ = std::move(why);
  buffer_.clear();
  stack_.clear();
  return Step::broken;
}

bool RespDecoder::charge(std::size_t bytes) {
  bytes_ += bytes;
  return bytes_ <= limits_.total_bytes;
}

RespDecoder::Step RespDecoder::line(std::string_view& out) {
  const auto rest = std::string_view(buffer_).substr(read_);
  const auto end = rest.find_first_of("\r\n", scanned_);
  if (std::min(end, rest.size()) > limits_.line_bytes)
    return fail(fmt::format("a line has more than {} bytes", limits_.line_bytes));
  if (end == std::string_view::npos || (rest[end] == '\r' && end + 1 == rest.size())) {
    scanned_ = std::min(end, rest.size());
    return Step::need_more;
  }
  if (rest[end] != '\r' || rest[end + 1] != '\n') return fail("a line does not end with CR LF");
  out = rest.substr(0, end);
  read_ += end + 2;
  scanned_ = 0;
  return Step::done;
}

RespDecoder::Step RespDecoder::header() {
  std::string_view text;
  const Step step = line(text);
  if (step != Step::done) return step;
  if (text.empty()) return fail("a reply has no type");
  const char type = text[0];
  text.remove_prefix(1);
  switch (type) {
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      return open_aggregate(type, text);
    case '$':
    case '!':
    case '=':
      return open_bulk(type, text);
    case ';':
    case '.':
      return fail("streamed replies are not supported");
    default:
      return scalar(type, text);
  }
}

RespDecoder::Step RespDecoder::open_aggregate(char type, std::string_view count_text) {
  if (count_text == "?") return fail("streamed replies are not supported");
  std::int64_t count = 0;
  if (!parse_number(count_text, count) || count < -1 || (count == -1 && type != '*'))
    return fail(fmt::format("'{}' is no count of elements", printable(count_text)));
  if (count == -1) return complete(Value());
  if (type == '>' && !stack_.empty()) return fail("a push message stands within a reply");
  if (stack_.size() >= limits_.depth) return fail(fmt::format("a reply nests deeper than {}", limits_.depth));
  // The sum is bounded before anything is reserved, so that a count alone costs nothing. An aggregate counts
  // itself, or empty attributes would be free.
  const bool pairs = type == '%' || type == '|';
  const auto wanted = static_cast<std::uint64_t>(count);
  if (wanted > limits_.elements || elements_ + 1 + wanted * (pairs ? 2 : 1) > limits_.elements)
    return fail(fmt::format("a reply has more than {} elements", limits_.elements));
  const auto missing = static_cast<std::size_t>(wanted) * (pairs ? 2 : 1);
  elements_ += 1 + missing;
  Frame frame;
  frame.missing = missing;
  frame.attribute = type == '|';
  frame.value.kind = type == '%'   ? Value::Kind::map
                     : type == '~' ? Value::Kind::set
                     : type == '>' ? Value::Kind::push
                                   : Value::Kind::array;
  if (frame.missing != 0) {
    frame.value.items.reserve(std::min<std::size_t>(frame.missing, 64));
    stack_.push_back(std::move(frame));
    return Step::done;
  }
  return frame.attribute ? Step::done : complete(std::move(frame.value));
}

RespDecoder::Step RespDecoder::open_bulk(char type, std::string_view size_text) {
  if (size_text == "?") return fail("streamed replies are not supported");
  std::int64_t size = 0;
  if (!parse_number(size_text, size) || size < -1 || (size == -1 && type != '$'))
    return fail(fmt::format("'{}' is no size of a string", printable(size_text)));
  if (size == -1) return complete(Value());
  const auto wanted = static_cast<std::uint64_t>(size);
  if (wanted > limits_.bulk_bytes)
    return fail(fmt::format("a string has more than {} bytes", limits_.bulk_bytes));
  if (!charge(static_cast<std::size_t>(wanted)))
    return fail(fmt::format("a reply has more than {} bytes", limits_.total_bytes));
  bulk_type_ = type;
  bulk_size_ = static_cast<std::size_t>(wanted);
  return Step::done;
}

RespDecoder::Step RespDecoder::body() {
  const auto rest = std::string_view(buffer_).substr(read_);
  if (rest.size() < bulk_size_ + 2) return Step::need_more;
  if (rest.substr(bulk_size_, 2) != "\r\n") return fail("a string does not end with CR LF");
  auto text = rest.substr(0, bulk_size_);
  const char type = bulk_type_;
  bulk_type_ = 0;
  if (type == '=') {
    if (text.size() < 4 || text[3] != ':') return fail("a verbatim string has no format");
    text.remove_prefix(4);
  }
  Value value(type == '!' ? Value::Kind::error : Value::Kind::text, std::string(text));
  read_ += bulk_size_ + 2;
  return complete(std::move(value));
}

RespDecoder::Step RespDecoder::scalar(char type, std::string_view text) {
  if (!charge(text.size())) return fail(fmt::format("a reply has more than {} bytes", limits_.total_bytes));
  Value value;
  switch (type) {
    case '+':
      return complete(Value(Value::Kind::text, std::string(text)));
    case '-':
      return complete(Value(Value::Kind::error, std::string(text)));
    case ':':
      value.kind = Value::Kind::integer;
      if (!parse_number(text, value.integer)) return fail(fmt::format("'{}' is no integer", printable(text)));
      return complete(std::move(value));
    case ',':
      value.kind = Value::Kind::real;
      if (!parse_number(text, value.real)) return fail(fmt::format("'{}' is no number", printable(text)));
      return complete(std::move(value));
    case '#':
      if (text != "t" && text != "f") return fail(fmt::format("'{}' is no boolean", printable(text)));
      value.kind = Value::Kind::boolean;
      value.integer = text == "t" ? 1 : 0;
      return complete(std::move(value));
    case '(':
      if (!is_big_number(text)) return fail(fmt::format("'{}' is no big number", printable(text)));
      return complete(Value(Value::Kind::big_number, std::string(text)));
    case '_':
      if (!text.empty()) return fail("a null is not empty");
      return complete(Value());
    default:
      return fail(fmt::format("'{}' begins no reply", printable(std::string_view(&type, 1))));
  }
}

RespDecoder::Step RespDecoder::complete(Value value) {
  // A finished value finishes every aggregate of which it was the last element.
  while (!stack_.empty()) {
    auto& frame = stack_.back();
    frame.value.items.push_back(std::move(value));
    if (--frame.missing > 0) return Step::done;
    const bool attribute = frame.attribute;
    value = std::move(frame.value);
    stack_.pop_back();
    if (attribute) return Step::done;  // the value that it describes is still to come
  }
  result_ = std::move(value);
  ready_ = true;
  return Step::done;
}

namespace {

/// `$5\r\n` and the like.
void append_size(std::string& out, char type, std::size_t size) {
  std::array<char, 24> text{};
  text[0] = type;
  const auto end = std::to_chars(text.data() + 1, text.data() + text.size() - 2, size).ptr;
  end[0] = '\r';
  end[1] = '\n';
  out.append(text.data(), static_cast<std::size_t>(end + 2 - text.data()));
}

}  // namespace

void append_command(std::string& out, const std::vector<std::string_view>& words) {
  constexpr std::size_t frame = 12;  // of a word, at the most, where it is shorter than 100 KB
  std::size_t size = out.size() + frame;
  for (const auto word : words) size += word.size() + frame;
  if (size > out.capacity()) out.reserve(std::max(size, 2 * out.capacity()));
  append_size(out, '*', words.size());
  for (const auto word : words) {
    append_size(out, '$', word.size());
    out.append(word);
    out.append("\r\n", 2);
  }
}

}  // namespace comem::redis

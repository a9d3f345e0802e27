#pragma once
// The one error category of comem, and the exception that carries it.

#include <string>
#include <string_view>
#include <system_error>

namespace comem {

/// What went wrong, as far as a caller can act on it.
enum class errc {
  invalid_argument = 1,  ///< the caller's value is not acceptable; nothing was done
  rejected,              ///< the write was not applied
  unknown_outcome,       ///< the write may or may not have been applied; look before repeating it
  corrupt,               ///< a file, record or reply is not what it must be
  unsupported,           ///< made by a newer version, or not built in
  unavailable,           ///< a file or server could not be reached or opened
  timed_out,             ///< no answer within the deadline
  closed,                ///< the adapter, store or link was closed
  not_found,             ///< named by the caller, but not there
  limit_exceeded,        ///< a bound on size, count or depth was passed
};

const std::error_category& error_category() noexcept;
std::error_code make_error_code(errc code) noexcept;

/// What a caller cannot foresee. what() names the thing and the way out; server_text() is what a server said,
/// kept apart because it may hold user data and does not belong in logs.
class Error : public std::system_error {
 public:
  Error(errc code, const std::string& message)
      : std::system_error(make_error_code(code)), message_(message) {}
  Error(errc code, const std::string& message, std::string server_text)
      : std::system_error(make_error_code(code)), message_(message), server_text_(std::move(server_text)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& server_text() const noexcept { return server_text_; }

 private:
  std::string message_;
  std::string server_text_;
};

}  // namespace comem

template <>
struct std::is_error_code_enum<comem::errc> : std::true_type {};

#pragma once
// Why Redis cannot be used, in words that name the way out. No server text passes through: it may hold user
// data.

#include <string>
#include <string_view>
#include <system_error>

namespace comem::redis {

/// How far a connection had come.
enum class Stage { resolve, connect, tls, exchange };

/// What a failed system call means to whoever has to mend it.
std::string reason_for(Stage stage, const std::error_code& error);

/// What an error reply means, by its code word (the first word).
std::string reason_for_reply(std::string_view error);

/// The code word of an error reply ("NOAUTH", "OOM", ...), or "ERR" for what has none.
std::string_view code_of(std::string_view error) noexcept;

/// Whether this error says that the server (NOPERM: or this user) may have no command at all answered, so
/// that it may stand for any answer.
bool refuses_all(std::string_view error) noexcept;

/// Whether the connection can serve nobody after this reply, so that a new one must be made.
bool spoils_connection(std::string_view error) noexcept;

}  // namespace comem::redis

#pragma once
// The relay on Redis 6 or later, or Valkey: one link, one script a record, pages by sequence, hints by
// pub/sub.

#include <comem/options.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include "storage/relay.hpp"

namespace comem::redis {

/// A relay for redis_url, redis_username, redis_password, redis_ca_file and redis_timeout of the options,
/// which also give clock and log. Does not connect yet. `executor` must run its work on one thread or strand.
/// Throws Error(invalid_argument) for a malformed URL, a user name without a password or an unreadable
/// certificate file.
std::unique_ptr<storage::Relay> make_redis_relay(const Options& options,
                                                 boost::asio::any_io_executor executor);

}  // namespace comem::redis

#pragma once
// Replies of a Redis server, taken one by one out of a stream of bytes, so that exactly one can be lost or
// doubled. No I/O.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "adapters/redis/resp.hpp"

namespace comem::testing {

enum class Fate { pass, swallow, twice };

/// Decides over a reply. Push messages are not asked about and pass.
using Judge = std::function<Fate(const redis::Value& reply)>;

/// Passes `before` replies, gives the next `count` this fate, and passes the rest. Copies count together, so
/// that all connections of a proxy do; thread-safe.
Judge nth_replies(std::size_t before, std::size_t count, Fate fate);

/// Each reply is lost or doubled with this probability, in an order that the seed decides. Copies draw
/// together; for one proxy at a time.
Judge lies_by_chance(unsigned seed, unsigned percent);

/// One stream from its beginning. What is no RESP passes from there on.
class ReplyFilter {
 public:
  /// What of these bytes goes on. A reply that began before there was a judge passes; one that began under it
  /// is kept back until it is whole.
  std::string pass(std::string_view bytes, const Judge& judge);

 private:
  std::string decide(const redis::Value& reply, const Judge& judge);

  redis::RespDecoder decoder_;
  std::string kept_;      // of a reply that is to be judged
  bool within_ = false;   // a reply has begun
  bool judged_ = false;   // and is to be judged
  bool foreign_ = false;  // the stream is no RESP
};

}  // namespace comem::testing

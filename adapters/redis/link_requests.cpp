// What becomes of the requests of a link: queued, withdrawn, expired, finished.

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "adapters/redis/link_core.hpp"

namespace comem::redis {

namespace asio = boost::asio;

std::string LinkCore::full(std::size_t bytes) const {
  if (ending_) return "the link was closed";
  if (bytes > options_.max_bytes)
    return fmt::format("the request has {} bytes; at most {} are allowed", bytes, options_.max_bytes);
  if (requests_ >= options_.max_requests || bytes_ + bytes > options_.max_bytes)
    return fmt::format("{} requests with {} bytes wait for Redis already; try again later", requests_,
                       bytes_);
  return {};
}

asio::awaitable<Reply> LinkCore::request(Request request) {
  const auto self = shared_from_this();
  Reply refused;
  refused.reason = full(request.bytes_.size());
  if (request.commands_ == 0) refused.outcome = Reply::Outcome::answered;
  if (request.commands_ == 0 || !refused.reason.empty()) co_return refused;

  const auto timeout = request.timeout_ > Milliseconds{0} ? request.timeout_ : options_.request_timeout;
  const auto replies = request.commands_ + (request.seal_.empty() ? 0 : 1);
  const auto pending = std::make_shared<Pending>(Pending::Kind::request, std::move(request.bytes_), replies);
  pending->seal = std::move(request.seal_);
  pending->charged = pending->bytes.size();
  const bool impatient = request.patience_ > Milliseconds{0} && request.patience_ < timeout;
  pending->done.emplace(executor_, impatient ? request.patience_ : timeout);
  ++requests_;
  bytes_ += pending->charged;
  queued_.push_back(pending);
  writable_.cancel();

  boost::system::error_code woken;
  co_await pending->done->async_wait(asio::redirect_error(asio::use_awaitable, woken));
  if (!pending->finished && woken) {  // the caller gave up; what was sent is executed, but nobody listens
    withdraw(pending);
    throw boost::system::system_error(woken);
  }
  if (!pending->finished && impatient) leave(pending);
  if (!pending->finished) expire(pending);
  co_return std::move(pending->reply);
}

void LinkCore::withdraw(const PendingPtr& pending) {
  const auto place = std::find(queued_.begin(), queued_.end(), pending);
  if (place == queued_.end()) return;
  queued_.erase(place);
  finish(pending, Reply::Outcome::not_sent, "cancelled");
}

void LinkCore::leave(const PendingPtr& pending) {
  if (std::find(queued_.begin(), queued_.end(), pending) == queued_.end())
    finish(pending, Reply::Outcome::maybe_executed, "no answer within the time of the caller");
}

void LinkCore::expire(const PendingPtr& pending) {
  const auto place = std::find(queued_.begin(), queued_.end(), pending);
  if (place == queued_.end()) {
    drop("timed out: the server did not answer a request");
    return finish(pending, Reply::Outcome::maybe_executed, drop_reason_);
  }
  queued_.erase(place);
  const auto& why = machine_.reason();
  finish(pending, Reply::Outcome::not_sent, why.empty() ? "timed out before it could be sent" : why);
}

void LinkCore::finish(const PendingPtr& pending, Reply::Outcome outcome, const std::string& reason) {
  if (pending->kind != Pending::Kind::request || pending->finished) return;
  pending->finished = true;
  pending->reply.outcome = outcome;
  pending->reply.reason = reason;
  --requests_;
  bytes_ -= pending->charged;
  pending->done->cancel();
}

void LinkCore::fail_in_flight(const std::string& reason) {
  sending_.reset();
  urgent_.clear();
  const auto failed = std::move(in_flight_);
  in_flight_.clear();
  for (const auto& pending : failed) finish(pending, Reply::Outcome::maybe_executed, reason);
}

}  // namespace comem::redis

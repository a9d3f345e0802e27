#include "adapters/redis/link_core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace comem::redis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t read_bytes = 64u << 10;
/// A write that had to wait this long went on because the server took bytes: a sign of life, since the
/// buffers of this host are full at once when it takes none.
constexpr Milliseconds write_waited{5};
constexpr auto mixed_up =
    "the server's answers are out of step with what it was asked; one was lost or doubled on the way";

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

std::uint64_t seed_or_random(std::uint64_t seed) {
  return seed != 0 ? seed : std::random_device{}();
}

Login login_of(const Address& address) {
  Login login;
  login.username = address.username;
  login.password = address.password;
  login.db = address.db;
  return login;
}

}  // namespace

LinkCore::LinkCore(asio::any_io_executor executor, LinkOptions options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      tls_(options_.address.kind == Address::Kind::tls ? make_tls(options_.ca_file) : nullptr),
      machine_(login_of(options_.address), options_.times, seed_or_random(options_.seed)),
      writable_(executor_, SteadyTime::max()),
      watch_(executor_, SteadyTime::max()),
      backoff_(executor_, SteadyTime::max()),
      joined_(executor_, SteadyTime::max()) {}

// ---- The life of connections

void LinkCore::start() {
  if (running_ || ending_) return;
  running_ = true;
  auto task = run();
  asio::co_spawn(executor_, std::move(task), [self = shared_from_this()](const std::exception_ptr&) {
    self->running_ = false;
    self->end();
    self->joined_.cancel();
  });
}

asio::awaitable<void> LinkCore::run() {
  const auto self = shared_from_this();
  machine_.start(now());
  while (!ending_) {
    const auto transport = std::make_shared<Transport>(executor_, options_.address, tls_);
    transport_ = transport;
    drop_reason_.clear();
    ping_word_ = "comem-" + make_random_id();
    co_await serve(transport);
    transport->close();
    writable_.cancel();
    watch_.cancel();
    while (tasks_ > 0) co_await wait(joined_);
    transport_.reset();
    fail_in_flight(drop_reason_);
    machine_.on_failure(drop_reason_, now());
    if (!ending_) tell(LinkState::down, machine_.reason());
    co_await pause();
  }
  machine_.stop();
}

asio::awaitable<void> LinkCore::serve(TransportPtr transport) {
  spawn(watch(transport));
  const auto error = co_await transport->connect();
  if (transport->closed()) co_return;
  if (error) {
    drop(reason_for(transport->stage(), error));
    co_return;
  }
  urge(Pending::Kind::greeting, machine_.on_connected(now()), 0);
  watch_.cancel();
  spawn(write(transport));
  co_await read(transport);
}

asio::awaitable<void> LinkCore::pause() {
  while (!ending_ && machine_.phase() == LinkMachine::Phase::waiting) {
    backoff_.expires_at(machine_.next());
    co_await wait(backoff_);
    if (!ending_) machine_.on_time(now());
  }
}

asio::awaitable<void> LinkCore::wait(Timer& event) {
  boost::system::error_code ignored;
  co_await event.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void LinkCore::spawn(asio::awaitable<void> task) {
  ++tasks_;
  asio::co_spawn(executor_, std::move(task), [self = shared_from_this()](const std::exception_ptr& failed) {
    --self->tasks_;
    if (failed) self->drop("out of memory");
    self->joined_.cancel();
  });
}

asio::awaitable<void> LinkCore::watch(TransportPtr transport) {
  const auto self = shared_from_this();
  while (!transport->closed()) {
    watch_.expires_at(machine_.next());
    co_await wait(watch_);
    if (transport->closed()) co_return;
    const auto due = machine_.on_time(now());
    if (due == LinkMachine::Due::give_up) drop(machine_.reason_due());
    if (due == LinkMachine::Due::suspect) tell(LinkState::suspect, machine_.reason_suspect());
    if (due != LinkMachine::Due::ping) continue;
    std::string ping;
    append_command(ping, {"PING", ping_word_});
    urge(Pending::Kind::ping, std::move(ping), 1);
  }
}

void LinkCore::learn(const Value& info) {
  if (!info.is_error()) machine_.read_info(info.text);
}

void LinkCore::drop(std::string reason) {
  if (!transport_ || transport_->closed()) return;
  drop_reason_ = std::move(reason);
  transport_->close();
  fail_in_flight(drop_reason_);
  writable_.cancel();
  watch_.cancel();
}

void LinkCore::end() {
  ending_ = true;
  drop("the link was closed");
  const auto queued = std::move(queued_);
  queued_.clear();
  for (const auto& pending : queued) finish(pending, Reply::Outcome::not_sent, "the link was closed");
  backoff_.cancel();
}

void LinkCore::forget_callbacks() {
  options_.on_state = nullptr;
  options_.on_push = nullptr;
}

asio::awaitable<void> LinkCore::join() {
  const auto self = shared_from_this();
  while (running_) co_await wait(joined_);
}

void LinkCore::tell(LinkState state, const std::string& reason) {
  if (options_.on_state) options_.on_state(state, reason);
}

// ---- Reading

asio::awaitable<void> LinkCore::read(TransportPtr transport) {
  std::vector<char> buffer(read_bytes);
  RespDecoder decoder(options_.limits);
  while (!transport->closed()) {
    std::error_code error;
    const std::size_t size = co_await transport->read_some(asio::buffer(buffer), error);
    if (transport->closed()) co_return;
    if (error) {
      drop(reason_for(Stage::exchange, error));
      co_return;
    }
    decoder.feed(std::string_view(buffer.data(), size));
    Value value;
    bool alive = false;
    auto status = decoder.next(value);
    for (; status == RespDecoder::Status::value && !transport->closed(); status = decoder.next(value)) {
      // Messages may still come where requests no longer arrive, so they do not stand for an answer.
      const bool push = value.is(Value::Kind::push);
      const auto waited = in_flight_.size();
      on_value(std::move(value));
      alive = alive || !push || waited == 0 || in_flight_.size() < waited;
    }
    if (alive || decoder.within_reply()) on_alive();
    if (status == RespDecoder::Status::broken)
      drop(fmt::format("what answers there does not speak the Redis protocol ({})", decoder.error()));
  }
}

void LinkCore::on_alive() {
  const bool was_suspect = machine_.suspect();
  machine_.on_alive(now());
  if (was_suspect) tell(LinkState::up, {});
}

void LinkCore::owe(PendingPtr pending) {
  in_flight_.push_back(std::move(pending));
  machine_.on_owed(now());
  if (machine_.next() < watch_.expiry()) watch_.cancel();
}

void LinkCore::settle() {
  in_flight_.pop_front();
  if (in_flight_.empty()) machine_.on_settled();
}

void LinkCore::on_value(Value value) {
  if (value.is(Value::Kind::push)) return on_push(value);
  if (machine_.phase() == LinkMachine::Phase::greeting) return on_greeting(value);
  if (in_flight_.empty()) return drop("the server answered what nobody had asked");
  const auto pending = in_flight_.front();
  if (!fits(*pending, value)) return drop(mixed_up);
  if (pending->kind == Pending::Kind::request) pending->reply.values.push_back(std::move(value));
  if (--pending->missing > 0) return;
  settle();
  if (keeps_seal(*pending)) {
    pending->reply.server = machine_.identity();
    return finish(pending, Reply::Outcome::answered, {});
  }
  pending->reply.values.clear();
  drop(mixed_up);
  finish(pending, Reply::Outcome::maybe_executed, mixed_up);
}

bool LinkCore::keeps_seal(Pending& pending) const {
  if (pending.kind != Pending::Kind::request || pending.seal.empty()) return true;
  const Value last = std::move(pending.reply.values.back());
  pending.reply.values.pop_back();
  return last.is_error() ? refuses_all(last.text) : last.text == pending.seal;
}

bool LinkCore::fits(const Pending& pending, const Value& value) const {
  const bool pong = value.is(Value::Kind::text) && value.text == ping_word_;
  switch (pending.kind) {
    case Pending::Kind::ping:
      return pong || value.is_error();  // some users may not PING
    case Pending::Kind::subscribe:
      return value.is_error();  // else a push confirms it
    case Pending::Kind::greeting:
    case Pending::Kind::request:
      break;
  }
  return !pong;
}

void LinkCore::on_push(const Value& push) {
  if (push.items.empty()) return;
  // With RESP3 the answer to SUBSCRIBE is a push in the place of its reply; only a refusal is a reply.
  const bool confirms = push.items[0].text == "subscribe" && !in_flight_.empty() &&
                        in_flight_.front()->kind == Pending::Kind::subscribe;
  if (confirms) settle();
  if (machine_.phase() == LinkMachine::Phase::up && options_.on_push) options_.on_push(push);
}

void LinkCore::on_greeting(const Value& value) {
  auto more = machine_.on_greeting_reply(value, now());
  if (!more.empty()) urge(Pending::Kind::greeting, std::move(more), 0);
  if (machine_.phase() == LinkMachine::Phase::waiting) return drop(machine_.reason());
  if (machine_.phase() != LinkMachine::Phase::up) return;
  if (machine_.resp3())
    for (const auto& channel : channels_) urge_subscribe(channel);
  watch_.cancel();
  writable_.cancel();
  tell(LinkState::up, {});
}

// ---- Writing

asio::awaitable<void> LinkCore::write(TransportPtr transport) {
  const auto self = shared_from_this();
  std::string piece;
  while (!transport->closed()) {
    fill(piece);
    if (piece.empty()) {
      co_await wait(writable_);
      continue;
    }
    for (std::size_t done = 0; done < piece.size();) {
      const auto begun = now();
      std::error_code error;
      const auto rest = asio::buffer(piece.data() + done, piece.size() - done);
      const std::size_t size = co_await transport->write_some(rest, error);
      if (transport->closed()) co_return;
      if (error) {
        drop(reason_for(Stage::exchange, error));
        co_return;
      }
      done += size;
      if (now() - begun >= write_waited) on_alive();
    }
  }
}

void LinkCore::fill(std::string& piece) {
  piece.clear();
  while (piece.size() < options_.piece_bytes) {
    if (!sending_) {
      sending_ = next_to_send();
      sent_ = 0;
      if (!sending_) return;
      if (sending_->missing > 0) owe(sending_);
    }
    const auto part = std::min(options_.piece_bytes - piece.size(), sending_->bytes.size() - sent_);
    piece.append(sending_->bytes, sent_, part);
    sent_ += part;
    if (sent_ < sending_->bytes.size()) return;
    std::string().swap(sending_->bytes);
    sending_.reset();
  }
}

LinkCore::PendingPtr LinkCore::next_to_send() {
  auto& queue = urgent_.empty() ? queued_ : urgent_;
  const bool ready = !urgent_.empty() || machine_.phase() == LinkMachine::Phase::up;
  if (!ready || queue.empty()) return nullptr;
  auto next = std::move(queue.front());
  queue.pop_front();
  return next;
}

void LinkCore::urge(Pending::Kind kind, std::string bytes, std::size_t replies) {
  urgent_.push_back(std::make_shared<Pending>(kind, std::move(bytes), replies));
  writable_.cancel();
}

void LinkCore::urge_subscribe(const std::string& channel) {
  std::string bytes;
  append_command(bytes, {"SUBSCRIBE", channel});
  urge(Pending::Kind::subscribe, std::move(bytes), 1);
}

void LinkCore::subscribe(std::string channel) {
  const auto [place, fresh] = channels_.insert(std::move(channel));
  if (fresh && machine_.phase() == LinkMachine::Phase::up && machine_.resp3()) urge_subscribe(*place);
}

}  // namespace comem::redis

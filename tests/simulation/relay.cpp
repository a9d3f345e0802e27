#include "tests/simulation/relay.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace comem::simulation {

namespace asio = boost::asio;
using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;

namespace {

/// For traces.
std::string names_of(const std::vector<Record>& records) {
  std::string out;
  for (const auto& record : records)
    out += fmt::format(" {}:{}={}{}", name_of(record.key.type), record.key.id, describe(record.version),
                       record.deleted ? " forgotten" : "");
  return out;
}
constexpr std::size_t most_carried = 3;  // records within one message
constexpr Milliseconds least_back_off{50};
constexpr Milliseconds most_back_off{2000};
constexpr Milliseconds steady_connection{2000};

/// Who asked, so that the answer can be brought back; its relay may be gone by then.
struct Asker {
  SimulatedRelay* relay = nullptr;  // valid while its loop lives
  std::weak_ptr<Loop*> life;
  std::uint64_t connection = 0;
  std::uint64_t request = 0;
  std::size_t host = 0;
};

/// A push on its way. It outlives its sender: it may be carried out when nobody waits any more.
struct Push {
  Asker asker;
  std::vector<Record> records;
  TimePoint now{};
  std::string run_id;
};

using PushHandle = std::shared_ptr<const Push>;

/// Brings the answer back, as far as the relay that asked is still there.
template <class Deliver>
void answer(Network& network, const Asker& asker, Deliver deliver) {
  if (asker.life.expired()) return;
  network.to_client(asker.host, asker.relay->last_heard(), asker.life, std::move(deliver));
}

void reply_to(Network& network, const PushHandle& push, PushReply reply) {
  Random& random = network.random();
  const bool cut = push->records.size() > 1 && random.chance(network.mood.cut);
  if (cut) {
    const auto known = static_cast<std::ptrdiff_t>(random.below(push->records.size()));
    std::fill(reply.statuses.begin() + known, reply.statuses.end(), PushStatus::unknown);
    reply.position = Position();
  }
  const auto deliver = [push, reply, cut] {
    push->asker.relay->pushed(push->asker.connection, push->asker.request, reply, cut);
  };
  if (random.chance(network.mood.stray)) answer(network, push->asker, deliver);
  answer(network, push->asker, deliver);
}

/// At the server: a push is a pipeline of commands, and others' commands may come in between.
void carry_out(Timeline& timeline, Network& network, const PushHandle& push, PushReply reply) {
  Server& server = network.server();
  if (server.down || server.run_id() != push->run_id) return;
  Random& random = network.random();
  const std::size_t begin = reply.statuses.size();
  std::size_t end = push->records.size();
  if (end - begin > 1 && random.chance(0.2)) end = begin + 1 + random.below(end - begin - 1);
  bool applied = false, small = end - begin <= most_carried;
  std::vector<Record> carried;
  for (std::size_t i = begin; i < end; ++i) {
    const auto result = server.apply(push->records[i], push->now);
    reply.statuses.push_back(result.status);
    reply.position = result.position;
    reply.merged = reply.merged || result.merged;
    if (result.status == PushStatus::refused) reply.reason = "OOM";
    applied = applied || result.status == PushStatus::applied;
    small = small && (result.written || result.status != PushStatus::applied);
    if (result.written) carried.push_back(*result.written);
  }
  timeline.note("server: {} of push {} of connection {}, now at {}", end - begin, push->asker.request,
                push->asker.connection, reply.position.seq);
  storage::Hint hint(reply.position);
  if (small) hint.records = std::move(carried);
  if (applied) network.publish(push->records[0].key.ns, hint);
  if (end == push->records.size()) return reply_to(network, push, std::move(reply));
  timeline.after(Duration(random.between(5, 2'000)),
                 [&timeline, &network, push, reply] { carry_out(timeline, network, push, reply); });
}

}  // namespace

/// Leaves the caller waiting; pointers only, see core/run_on.hpp.
struct SimulatedRelay::Submit {
  Pending* pending;

  template <class Handler>
  void operator()(Handler&& handler) const {
    pending->answer.emplace(Answer::to(std::forward<Handler>(handler)));
  }
};

SimulatedRelay::SimulatedRelay(Timeline& timeline, const Loop& loop, Network& network, std::size_t host,
                               const Clock& clock, Milliseconds timeout, Ablation ablation)
    : timeline_(timeline),
      loop_(loop),
      network_(network),
      host_(host),
      clock_(clock),
      timeout_(timeout),
      ablation_(ablation),
      number_(network.add(*this)) {}

SimulatedRelay::~SimulatedRelay() {
  network_.remove(*this);
}

// ---- The connection

void SimulatedRelay::start(storage::RelayListener& listener) {
  listener_ = &listener;
  attempt();
}

void SimulatedRelay::attempt() {
  timeline_.after(network_.latency() * 2, loop_, [this] {
    if (listener_ == nullptr || connection_ != 0) return;
    if (network_.reaches(host_)) return connected();
    set_state(RelayState::down, "connection refused");
    const auto wait = std::chrono::duration_cast<Duration>(back_off_);
    back_off_ = std::min(back_off_ * 2, most_back_off);
    timeline_.after(Duration(network_.random().between(wait.count() / 2, wait.count())), loop_,
                    [this] { attempt(); });
  });
}

void SimulatedRelay::connected() {
  connection_ = network_.new_connection();
  run_id_ = network_.server().run_id();
  connected_at_ = timeline_.now();
  last_sent_ = last_heard_ = timeline_.now();
  pull_wanted_ = watched_;
  timeline_.note("host {} connection {} up", host_, connection_);
  set_state(RelayState::up, "");
}

void SimulatedRelay::set_state(RelayState state, const std::string& reason) {
  if (state == state_) return;
  state_ = state;
  if (listener_ != nullptr) listener_->on_relay_state(state, reason);
}

void SimulatedRelay::lose(std::uint64_t connection, const std::string& reason) {
  if (connection == 0 || connection != connection_) return;
  timeline_.note("host {} connection {} lost: {}", host_, connection, reason);
  connection_ = 0;
  const auto gone = std::exchange(pending_, {});
  for (const auto& [id, pending] : gone) {
    for (auto& status : pending->push.statuses)
      if (status == PushStatus::not_sent && pending->sent) status = PushStatus::unknown;
    pending->push.reason = reason;
    if (ablation_ == Ablation::unknown_is_applied)
      for (auto& status : pending->push.statuses)
        if (status == PushStatus::unknown) status = PushStatus::applied;
    if (pending->answer) pending->answer->give(nullptr);
  }
  set_state(RelayState::down, reason);
  if (timeline_.now() - connected_at_ >= steady_connection) back_off_ = least_back_off;
  const auto wait = std::chrono::duration_cast<Duration>(back_off_);
  back_off_ = std::min(back_off_ * 2, most_back_off);
  timeline_.after(Duration(network_.random().between(wait.count() / 2, wait.count())), loop_,
                  [this] { attempt(); });
}

asio::awaitable<void> SimulatedRelay::stop() {
  listener_ = nullptr;
  state_ = RelayState::off;
  lose(connection_, "the link was closed");
  state_ = RelayState::off;
  co_return;
}

void SimulatedRelay::hinted(std::uint64_t connection, const std::string& ns, storage::Hint hint) {
  if (connection != connection_ || listener_ == nullptr) return;
  pull_wanted_.insert(ns);
  hint_met_[ns] = hint.position;
  if (!hint.records.empty()) carried_to_[ns] = hint.position;
  timeline_.note("host {} hears of {} at {}{}", host_, ns, hint.position.seq, names_of(hint.records));
  listener_->on_relay_hint(ns, std::move(hint));
}

asio::awaitable<std::vector<Finding>> SimulatedRelay::diagnose() {
  co_return std::vector<Finding>();
}

// ---- Requests

asio::awaitable<void> SimulatedRelay::wait(std::shared_ptr<Pending> pending) {
  const Submit submit{pending.get()};
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(submit,
                                                                                         asio::use_awaitable);
}

void SimulatedRelay::expect_reply(std::uint64_t id) {
  timeline_.after(std::chrono::duration_cast<Duration>(timeout_), loop_, [this, id] {
    if (pending_.count(id) != 0) lose(connection_, "timed out");
  });
}

void SimulatedRelay::finish(std::uint64_t id) {
  const auto place = pending_.find(id);
  const auto pending = place->second;
  pending_.erase(place);
  pending->answer->give(nullptr);
}

asio::awaitable<PushReply> SimulatedRelay::push(std::string ns, std::vector<Record> records) {
  auto pending = std::make_shared<Pending>();
  pending->is_push = true;
  pending->push.statuses.assign(records.size(), PushStatus::not_sent);
  pending->push.reason = "the link is down";
  if (connection_ == 0) co_return pending->push;
  const std::uint64_t id = ++requests_;
  timeline_.note("host {} pushes {} of {} as {}{}", host_, records.size(), ns, id, names_of(records));
  pending_.emplace(id, pending);
  pending->sent = send_push(id, std::move(records));
  co_await wait(pending);
  co_return std::move(pending->push);
}

bool SimulatedRelay::send_push(std::uint64_t id, std::vector<Record> records) {
  auto push = std::make_shared<Push>();
  push->asker = Asker{this, loop_.life(), connection_, id, host_};
  push->records = std::move(records);
  push->now = clock_.now();
  push->run_id = run_id_;
  expect_reply(id);
  auto& timeline = timeline_;
  auto& network = network_;
  return network_.to_server(host_, last_sent_,
                            [&timeline, &network, push] { carry_out(timeline, network, push, {}); });
}

void SimulatedRelay::pushed(std::uint64_t connection, std::uint64_t id, PushReply reply, bool cut) {
  if (connection != connection_) return;
  auto place = pending_.find(id);
  if (place == pending_.end()) {
    // A reply that nobody waits for: the connection is out of step, and nothing on it can be believed.
    if (ablation_ != Ablation::stray_replies) return lose(connection, "an unexpected reply");
    place = std::find_if(pending_.begin(), pending_.end(),
                         [](const auto& entry) { return entry.second->is_push; });
    if (place == pending_.end()) return;
    reply.statuses.resize(place->second->push.statuses.size(), PushStatus::applied);
    timeline_.note("host {} takes the reply of {} for that of {}", host_, id, place->first);
    id = place->first;
  }
  if (cut && ablation_ == Ablation::unknown_is_applied)
    std::replace(reply.statuses.begin(), reply.statuses.end(), PushStatus::unknown, PushStatus::applied);
  place->second->push = std::move(reply);
  finish(id);
  if (cut) lose(connection, "reset in the middle of a reply");
}

template <class Reply>
asio::awaitable<Reply> SimulatedRelay::ask(std::function<Reply(Server&)> question) {
  auto reply = std::make_shared<Reply>();
  reply->reason = "no answer";
  if (connection_ == 0) co_return std::move(*reply);
  auto pending = std::make_shared<Pending>();
  const std::uint64_t id = ++requests_;
  pending_.emplace(id, pending);
  expect_reply(id);
  const Asker asker{this, loop_.life(), connection_, id, host_};
  auto at_server = [&network = network_, asker, run_id = run_id_, reply, question = std::move(question)] {
    Server& server = network.server();
    if (server.down || server.run_id() != run_id) return;
    const Reply said = question(server);
    answer(network, asker, [asker, reply, said] {
      asker.relay->answered(asker.connection, asker.request, [reply, said] { *reply = said; });
    });
  };
  network_.to_server(host_, last_sent_, std::move(at_server));
  co_await wait(pending);
  co_return std::move(*reply);
}

void SimulatedRelay::answered(std::uint64_t connection, std::uint64_t id, const Action& take) {
  if (connection != connection_ || pending_.count(id) == 0) return;  // a repeated one
  timeline_.note("host {} is answered {}", host_, id);
  take();
  finish(id);
}

asio::awaitable<PullReply> SimulatedRelay::pull(std::string ns, Position after, std::size_t limit) {
  PullReply reply;
  if (!wants_pull(ns, after)) {
    reply.answered = true;
    reply.position = std::move(after);
    co_return reply;
  }
  timeline_.note("host {} pulls {} after {}", host_, ns, after.seq);
  after = past_the_gap(ns, std::move(after));
  std::function<PullReply(Server&)> question = [ns, after, limit](Server& server) {
    return server.pull(ns, after, limit);
  };
  auto asking = ask(std::move(question));
  reply = co_await std::move(asking);
  if (!reply.answered || reply.more) pull_wanted_.insert(ns);
  timeline_.note("host {} got {} records up to {}{}", host_, reply.records.size(), reply.position.seq,
                 names_of(reply.records));
  co_return reply;
}

asio::awaitable<storage::DigestPage> SimulatedRelay::digest(std::string ns, Position after, TimePoint now) {
  return ask(std::function<storage::DigestPage(Server&)>(
      [ns, after, now](Server& server) { return server.digest(ns, after, now); }));
}

asio::awaitable<storage::HeadPage> SimulatedRelay::heads(std::string ns, Position after, TimePoint now,
                                                         DigestBuckets wanted) {
  return ask(std::function<storage::HeadPage(Server&)>(
      [ns, after, now, wanted](Server& server) { return server.heads(ns, after, now, wanted); }));
}

asio::awaitable<PullReply> SimulatedRelay::fetch(std::string ns, std::vector<RecordKey> keys) {
  return ask(
      std::function<PullReply(Server&)>([ns, keys](Server& server) { return server.fetch(ns, keys); }));
}

asio::awaitable<bool> SimulatedRelay::replicated(std::string, std::string, unsigned, Milliseconds) {
  co_return false;  // there is no replica
}

// ---- Ablations

bool SimulatedRelay::wants_pull(const std::string& ns, const Position& after) {
  return ablation_ != Ablation::no_heartbeat || after.epoch.empty() || pull_wanted_.erase(ns) != 0;
}

Position SimulatedRelay::past_the_gap(const std::string& ns, Position after) {
  if (ablation_ == Ablation::message_is_truth) {
    const auto carried = carried_to_.find(ns);
    if (carried != carried_to_.end() && carried->second.epoch == after.epoch)
      after.seq = std::max(after.seq, carried->second.seq);
  }
  if (ablation_ != Ablation::gap_ignored) return after;
  const auto hint = hint_met_.find(ns);
  if (hint != hint_met_.end() && hint->second.epoch == after.epoch && hint->second.seq > after.seq)
    after.seq = hint->second.seq - 1;
  return after;
}

}  // namespace comem::simulation

#include "tests/support/memory_relay.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace comem::testing {

namespace asio = boost::asio;
using storage::Position;
using storage::PullReply;
using storage::PushReply;
using storage::PushStatus;

namespace {
constexpr std::size_t digest_page = 100;
constexpr std::size_t most_carried = 3;  // records within one hint
}  // namespace

// ---- The server

MemoryServer::Space& MemoryServer::space(const std::string& ns) {
  auto& space = spaces_[ns];
  if (space.epoch.empty()) space.epoch = fmt::format("epoch{}", std::uint64_t{++epochs_});
  return space;
}

void MemoryServer::set_down(bool down, const std::string& reason) {
  down_ = down;
  down_reason_ = down ? reason : std::string();
  for (auto* relay : relays_) relay->tell_state();
}

void MemoryServer::lose_everything() {
  spaces_.clear();
}

void MemoryServer::restore(const Spaces& saved) {
  spaces_ = saved;
  for (auto& entry : spaces_) entry.second.epoch = fmt::format("epoch{}", std::uint64_t{++epochs_});
}

void MemoryServer::lose(const RecordKey& key) {
  space(key.ns).entries.erase({key.type, key.id});
}

void MemoryServer::evict(const RecordKey& key) {
  space(key.ns).entries.at({key.type, key.id}).gone = true;
}

bool MemoryServer::ask_for(const RecordKey& key) {
  auto& space = this->space(key.ns);
  auto& entry = space.entries.at({key.type, key.id});
  if (!entry.gone) return false;
  if (!entry.wanted) {
    entry.wanted = true;
    entry.seq = ++space.seq;
    publish(key.ns);
  }
  return true;
}

void MemoryServer::corrupt(const RecordKey& key, const std::string& value) {
  space(key.ns).entries.at({key.type, key.id}).record.value = value;
}

std::size_t MemoryServer::records(const std::string& ns) const {
  const auto place = spaces_.find(ns);
  return place == spaces_.end() ? 0 : place->second.entries.size();
}

const Record* MemoryServer::find(const RecordKey& key) const {
  const auto place = spaces_.find(key.ns);
  if (place == spaces_.end()) return nullptr;
  const auto entry = place->second.entries.find({key.type, key.id});
  return entry == place->second.entries.end() || entry->second.gone ? nullptr : &entry->second.record;
}

PushStatus MemoryServer::apply(const Record& record, bool& merged, bool& written) {
  written = false;
  if (refused_ids.count(record.key.id) != 0) return PushStatus::refused;
  auto& space = this->space(record.key.ns);
  auto& entry = space.entries[{record.key.type, record.key.id}];
  auto counters = entry.record.counters;
  const bool grew = counters.merge(record.counters);
  const bool newer = entry.seq == 0 || entry.gone || record.version > entry.record.version;
  if (!newer && !grew) return PushStatus::superseded;
  if (newer) {
    entry.record = record;
    entry.gone = entry.wanted = false;
    written = true;
  }
  CounterSet pushed = record.counters;
  merged = merged || pushed.merge(counters);
  entry.record.counters = std::move(counters);
  entry.record.change = 0;
  entry.seq = ++space.seq;
  return PushStatus::applied;
}

void MemoryServer::publish(const std::string& ns, const std::vector<Record>& carried) {
  if (drop_hints_ || down_) return;
  const auto& space = this->space(ns);
  storage::Hint hint(Position(space.epoch, space.seq));
  hint.records = carried;
  tell(ns, hint);
}

void MemoryServer::tell(const std::string& ns, const storage::Hint& hint) {
  for (auto* relay : relays_) relay->tell_hint(ns, hint);
}

// ---- The relay

MemoryRelay::MemoryRelay(std::shared_ptr<MemoryServer> server, asio::any_io_executor executor)
    : server_(std::move(server)),
      executor_(std::move(executor)),
      listener_(std::make_shared<storage::RelayListener*>(nullptr)) {}

MemoryRelay::~MemoryRelay() {
  *listener_ = nullptr;
  server_->relays_.erase(this);
}

void MemoryRelay::start(storage::RelayListener& listener) {
  *listener_ = &listener;
  server_->relays_.insert(this);
  tell_state();
}

void MemoryRelay::watch(const std::string& ns) {
  watched_.insert(ns);
}

void MemoryRelay::tell_state() {
  auto call = [listener = listener_, state = state(), reason = server_->down_reason_] {
    if (*listener) (*listener)->on_relay_state(state, reason);
  };
  asio::post(executor_, std::move(call));
}

void MemoryRelay::tell_hint(const std::string& ns, const storage::Hint& hint) {
  if (watched_.count(ns) == 0) return;
  auto call = [listener = listener_, ns, hint] {
    if (*listener) (*listener)->on_relay_hint(ns, hint);
  };
  asio::post(executor_, std::move(call));
}

asio::awaitable<PushReply> MemoryRelay::push(std::string ns, std::vector<Record> records) {
  co_await asio::post(executor_, asio::use_awaitable);
  PushReply reply;
  reply.statuses.assign(records.size(), PushStatus::not_sent);
  ++server_->pushes_;
  if (*listener_ == nullptr || server_->down_) {
    reply.reason = *listener_ == nullptr ? "the link was closed" : server_->down_reason_;
    co_return reply;
  }
  std::vector<Record> carried;
  bool small = records.size() <= most_carried;
  for (std::size_t i = 0; i < records.size(); ++i) {
    bool written = false;
    reply.statuses[i] = server_->apply(records[i], reply.merged, written);
    small = small && (written || reply.statuses[i] != PushStatus::applied);
    if (written) carried.push_back(*server_->find(records[i].key));
  }
  if (!small) carried.clear();
  if (std::count(reply.statuses.begin(), reply.statuses.end(), PushStatus::refused) != 0)
    reply.reason = "refused by the test";
  const auto applied = std::count(reply.statuses.begin(), reply.statuses.end(), PushStatus::applied);
  if (applied != 0) server_->publish(ns, carried);
  if (server_->lost_replies_ > 0) {
    --server_->lost_replies_;
    reply.statuses.assign(records.size(), PushStatus::unknown);
    reply.reason = "the reply was lost";
    co_return reply;
  }
  pushed_ += static_cast<std::uint64_t>(applied);
  const auto& space = server_->space(ns);
  reply.position = Position(space.epoch, space.seq);
  co_return reply;
}

std::string MemoryRelay::unusable() const {
  return *listener_ == nullptr ? "the link was closed" : server_->down_reason_;
}

std::vector<const MemoryServer::Entry*> MemoryServer::page(const std::string& ns, const Position& after,
                                                           std::size_t limit, Position& reached, bool& more) {
  const auto& space = this->space(ns);
  const std::uint64_t begin = after.epoch == space.epoch ? after.seq : 0;
  std::vector<const Entry*> found;
  for (const auto& [key, entry] : space.entries)
    if (entry.seq > begin) found.push_back(&entry);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->seq < b->seq; });
  more = found.size() > std::max<std::size_t>(limit, 1);
  if (more) found.resize(std::max<std::size_t>(limit, 1));
  reached = Position(space.epoch, more ? found.back()->seq : space.seq);
  return found;
}

asio::awaitable<PullReply> MemoryRelay::pull(std::string ns, Position after, std::size_t limit) {
  co_await asio::post(executor_, asio::use_awaitable);
  PullReply reply;
  ++server_->pulls_;
  reply.reason = unusable();
  if (!reply.reason.empty()) co_return reply;
  const auto found = server_->page(ns, after, limit, reply.position, reply.more);
  reply.answered = true;
  for (const auto* entry : found) {
    if (server_->ask_for(entry->record.key))
      reply.missing.push_back(entry->record.key);
    else
      reply.records.push_back(entry->record);
  }
  pulled_ += reply.records.size();
  co_return reply;
}

asio::awaitable<storage::DigestPage> MemoryRelay::digest(std::string ns, Position after, TimePoint now) {
  co_await asio::post(executor_, asio::use_awaitable);
  storage::DigestPage page;
  page.reason = unusable();
  if (!page.reason.empty()) co_return page;
  page.answered = true;
  for (const auto* entry : server_->page(ns, after, digest_page, page.position, page.more))
    if (!entry->gone && entry->record.live(now)) page.digest.add(entry->record);
  page.last = server_->space(ns).seq;
  co_return page;
}

asio::awaitable<storage::HeadPage> MemoryRelay::heads(std::string ns, Position after, TimePoint now,
                                                      DigestBuckets wanted) {
  co_await asio::post(executor_, asio::use_awaitable);
  storage::HeadPage page;
  page.reason = unusable();
  if (!page.reason.empty()) co_return page;
  page.answered = true;
  for (const auto* entry : server_->page(ns, after, digest_page, page.position, page.more)) {
    const auto& record = entry->record;
    if (entry->gone || record.expired(now)) continue;
    if (!wanted.empty() && wanted.count(digest_bucket(record.key)) == 0) continue;
    storage::Head head;
    head.key = record.key;
    head.version = record.version;
    head.hash = digest_hash(record);
    page.heads.push_back(std::move(head));
  }
  co_return page;
}

asio::awaitable<PullReply> MemoryRelay::fetch(std::string ns, std::vector<RecordKey> keys) {
  co_await asio::post(executor_, asio::use_awaitable);
  PullReply reply;
  reply.reason = unusable();
  if (!reply.reason.empty()) co_return reply;
  reply.answered = true;
  for (const auto& key : keys)
    if (const auto* record = server_->find(RecordKey(ns, key.type, key.id))) reply.records.push_back(*record);
  co_return reply;
}

asio::awaitable<bool> MemoryRelay::replicated(std::string ns, std::string epoch, unsigned replicas,
                                              Milliseconds) {
  co_await asio::post(executor_, asio::use_awaitable);
  co_return unusable().empty() && server_->space(ns).epoch == epoch && server_->replicas >= replicas;
}

asio::awaitable<std::vector<Finding>> MemoryRelay::diagnose() {
  std::vector<Finding> findings(1);
  findings[0].subject = "redis";
  findings[0].text = server_->down_ ? server_->down_reason_ : "in memory";
  findings[0].severity = server_->down_ ? Finding::Severity::error : Finding::Severity::ok;
  if (server_->down_) findings[0].remedy = "call set_down(false)";
  co_return findings;
}

asio::awaitable<void> MemoryRelay::stop() {
  *listener_ = nullptr;
  server_->relays_.erase(this);
  co_return;
}

RelayStats MemoryRelay::stats() const {
  RelayStats stats;
  stats.state = state();
  stats.reason = server_->down_reason_;
  stats.endpoint = "memory";
  stats.server = "memory";
  stats.pushed = pushed_;
  stats.pulled = pulled_;
  return stats;
}

RelayState MemoryRelay::state() const noexcept {
  return server_->down_ ? RelayState::down : RelayState::up;
}

}  // namespace comem::testing

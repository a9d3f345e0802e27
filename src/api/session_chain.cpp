#include "api/session_chain.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <optional>

#include "api/adapter_impl.hpp"
#include "api/run.hpp"
#include "core/ids.hpp"
#include "memory/codec.hpp"
#include "storage/merge.hpp"

namespace comem {

using storage::ReadTransaction;
using storage::WriteTransaction;

namespace {

constexpr std::size_t max_links = 1000;

std::optional<Session> read_session(ReadTransaction& tx, const std::string& ns, const std::string& id,
                                    TimePoint now) {
  if (id.empty()) return std::nullopt;
  const auto record = tx.get(RecordKey(ns, MemoryType::session, id));
  if (!record || !record->live(now)) return std::nullopt;
  try {
    return memory::session_from_record(*record);
  } catch (const Error&) {  // a link that cannot be read ends the chain
    return std::nullopt;
  }
}

/// A session's record; its lookup is the session before it, so that successors can be found.
Record session_record(const std::string& ns, const Session& session, Milliseconds ttl,
                      std::size_t threshold) {
  const TimePoint expires = ttl == Milliseconds::zero() ? no_expiry : session.created_at + ttl;
  Record record = memory::to_record(ns, session, expires, threshold);
  record.lookup = session.previous;
  return record;
}

}  // namespace

std::vector<Session> session_chain(ReadTransaction& tx, const std::string& ns, const Session& last,
                                   TimePoint now) {
  std::vector<Session> chain{last};
  std::set<std::string> seen{last.id};
  while (chain.size() < max_links && seen.insert(chain.back().previous).second) {
    auto previous = read_session(tx, ns, chain.back().previous, now);
    if (!previous) break;
    chain.push_back(std::move(*previous));
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

std::set<std::string> linked_sessions(ReadTransaction& tx, const std::string& ns, const std::string& id,
                                      TimePoint now) {
  std::set<std::string> linked{id};
  std::vector<std::string> open{id};
  while (!open.empty() && linked.size() < max_links) {
    const std::string current = std::move(open.back());
    open.pop_back();
    const auto visit = [&](const std::string& other) {
      if (!other.empty() && linked.insert(other).second) open.push_back(other);
    };
    if (const auto session = read_session(tx, ns, current, now)) visit(session->previous);
    for (const auto& record : tx.find(ns, MemoryType::session, current, now, max_links)) visit(record.key.id);
  }
  return linked;
}

std::string RedisMemoryAdapter::Impl::session_id() const {
  const std::lock_guard lock(mutex_);
  return session_.id;
}

Milliseconds RedisMemoryAdapter::Impl::session_ttl() const {
  // A session must not die before the memories that name it.
  const auto lives = {options_.episodic_ttl, options_.semantic_ttl, options_.skill_ttl};
  const bool forever =
      std::any_of(lives.begin(), lives.end(), [](Milliseconds t) { return t == Milliseconds::zero(); });
  return forever ? Milliseconds::zero() : std::max(lives);
}

MemoryWrites::Also RedisMemoryAdapter::Impl::session_writer() const {
  Session session;
  {
    const std::lock_guard lock(mutex_);
    if (session_saved_) return nullptr;
    session = session_;
  }
  return [session, ns = options_.ns, ttl = session_ttl(), threshold = options_.compression_threshold](
             WriteTransaction& tx, std::vector<storage::Touched>& touched) {
    // Whoever wrote it first, perhaps before a restart, was right: it may know what the session was rotated
    // from.
    const auto existing = tx.get(RecordKey(ns, MemoryType::session, session.id));
    if (existing && !existing->deleted) return;
    const Record record = session_record(ns, session, ttl, threshold);
    const auto applied = storage::put_local(tx, record, existing);
    if (applied.changed()) touched.emplace_back(record.key, applied.change);
  };
}

void RedisMemoryAdapter::Impl::session_written() {
  const std::lock_guard lock(mutex_);
  session_saved_ = true;  // right for a session that was rotated into meanwhile, too: rotation writes it
}

awaitable<std::string> RedisMemoryAdapter::Impl::rotate_session() {
  check_open();
  Session next;
  next.id = make_id(now());
  next.agent = options_.agent_id;
  next.created_at = now();
  next.previous = session_id();
  auto write_current = session_writer();
  auto touched = std::make_shared<std::vector<storage::Touched>>();
  storage::WriteFunction write = [next, write_current, touched, ns = options_.ns, ttl = session_ttl(),
                                  threshold = options_.compression_threshold](WriteTransaction& tx) {
    touched->clear();
    if (write_current) write_current(tx, *touched);
    const Record record = session_record(ns, next, ttl, threshold);
    const auto applied = storage::put_local(tx, record, std::nullopt);
    touched->emplace_back(record.key, applied.change);
  };
  co_await engine_->commit(options_.ns, std::move(write), options_.level, touched);
  const std::lock_guard lock(mutex_);
  session_ = next;
  session_saved_ = true;
  co_return next.id;
}

awaitable<std::vector<Session>> RedisMemoryAdapter::Impl::session_history() {
  check_open();
  Session current;
  {
    const std::lock_guard lock(mutex_);
    current = session_;
  }
  std::function<std::vector<Session>(ReadTransaction&)> look = [current, ns = options_.ns,
                                                                at = now()](ReadTransaction& tx) {
    // The store may know more of a session that was given by its id: what it was rotated from.
    const auto stored = read_session(tx, ns, current.id, at);
    return session_chain(tx, ns, stored ? *stored : current, at);
  };
  std::vector<Session> chain = co_await read_value(*engine_, std::move(look));
  co_return chain;
}

}  // namespace comem

#include "tests/support/memory_store.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "core/hybrid_clock.hpp"
#include "core/ids.hpp"
#include "storage/queued_rows.hpp"

namespace comem::testing {
namespace {

using storage::Counts;
using storage::OutboxRow;
using storage::Position;

struct Queued {
  std::uint64_t change = 0;
  std::string origin;
};

struct Data {
  std::map<RecordKey, Record> records;
  std::map<RecordKey, Queued> outbox;
  std::map<std::string, Position> positions;
  std::map<std::string, TimePoint> in_step;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, TimePoint>> operations;
  std::uint64_t change = 0;
  Version stamped;
};

/// Writes note how to undo themselves, newest last.
using Undo = std::vector<std::function<void()>>;

class Transaction final : public storage::WriteTransaction {
 public:
  Transaction(Data& data, const Clock& clock, std::string store, std::string process)
      : data_(data), clock_(clock), store_(std::move(store)), process_(std::move(process)) {}

  std::optional<Record> get(const RecordKey& key) override {
    const auto found = data_.records.find(key);
    if (found == data_.records.end()) return std::nullopt;
    return found->second;
  }

  std::vector<Record> find(const std::string& ns, MemoryType type, const std::string& lookup, TimePoint now,
                           std::size_t limit) override {
    auto found = select([&](const Record& r) { return in(r, ns, type) && r.lookup == lookup && r.live(now); },
                        [](const Record& a, const Record& b) {
                          return std::tie(a.created_at, a.key.id) > std::tie(b.created_at, b.key.id);
                        });
    return cut(std::move(found), limit);
  }

  std::vector<Record> list(const std::string& ns, MemoryType type, const std::string& after_id, TimePoint now,
                           std::size_t limit) override {
    auto found =
        select([&](const Record& r) { return in(r, ns, type) && r.key.id > after_id && r.live(now); },
               [](const Record& a, const Record& b) { return a.key.id < b.key.id; });
    return cut(std::move(found), limit);
  }

  std::vector<Record> newest(const std::string& ns, const std::vector<MemoryType>& types, TimePoint now,
                             std::size_t limit) override {
    auto found = select(
        [&](const Record& r) {
          return r.key.ns == ns && std::find(types.begin(), types.end(), r.key.type) != types.end() &&
                 r.live(now);
        },
        [](const Record& a, const Record& b) { return a.change > b.change; });
    return cut(std::move(found), limit);
  }

  std::uint64_t last_change() override { return data_.change; }

  std::vector<Record> changes(const std::string& ns, std::uint64_t after, std::size_t limit) override {
    auto found = select([&](const Record& r) { return r.key.ns == ns && r.change > after; },
                        [](const Record& a, const Record& b) { return a.change < b.change; });
    return cut(std::move(found), limit);
  }

  std::vector<OutboxRow> outbox(const std::string& ns, std::uint64_t after, const std::string& origin,
                                std::uint64_t others_through, std::size_t limit) override {
    std::vector<OutboxRow> rows;
    for (const auto& [key, queued] : data_.outbox) {
      const bool wanted = origin.empty() || queued.origin == origin || queued.change <= others_through;
      if (key.ns != ns || queued.change <= after || !wanted) continue;
      OutboxRow row;
      row.record = data_.records.at(key);
      row.change = queued.change;
      rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.change < b.change; });
    return cut(std::move(rows), limit);
  }

  std::uint64_t first_of_others(const std::string& ns, const std::string& origin) override {
    std::uint64_t first = 0;
    for (const auto& [key, queued] : data_.outbox)
      if (key.ns == ns && queued.origin != origin && (first == 0 || queued.change < first))
        first = queued.change;
    return first;
  }

  std::uint64_t unshared(const std::string& ns) override {
    return static_cast<std::uint64_t>(std::count_if(data_.outbox.begin(), data_.outbox.end(),
                                                    [&](const auto& row) { return row.first.ns == ns; }));
  }

  Position position(const std::string& ns) override {
    const auto found = data_.positions.find(ns);
    return found == data_.positions.end() ? Position() : found->second;
  }

  Counts counts(const std::string& ns, TimePoint now) override {
    Counts counts;
    for (const auto& [key, record] : data_.records) {
      if (key.ns != ns) continue;
      if (record.deleted) ++counts.tombstones;
      if (record.live(now)) ++counts.live[key.type];
    }
    counts.unshared = unshared(ns);
    return counts;
  }

  TimePoint in_step_at(const std::string& ns) override {
    const auto found = data_.in_step.find(ns);
    return found == data_.in_step.end() ? TimePoint() : found->second;
  }

  std::optional<std::string> operation(const std::string& ns, const std::string& id, TimePoint now) override {
    const auto found = data_.operations.find({ns, id});
    if (found == data_.operations.end() || found->second.second <= now) return std::nullopt;
    return found->second.first;
  }

  Version stamp(const Version& seen) override {
    restore_later(data_.stamped);
    data_.stamped = next_version(clock_.now(), data_.stamped, seen, store_);
    return data_.stamped;
  }

  std::uint64_t put(const Record& record, bool share) override {
    restore_later(data_.change);
    restore_later(data_.records, record.key);
    const auto change = ++data_.change;
    auto& stored = data_.records[record.key] = record;
    stored.change = change;
    if (share) queue(record.key, change);
    if (share) queued_.add(record, change);
    return change;
  }

  void count(const Record& record, bool share) override {
    const auto stored = data_.records.find(record.key);
    if (stored == data_.records.end()) return;
    restore_later(data_.records, record.key);
    stored->second.counters = record.counters;
    if (!share) return;
    restore_later(data_.change);
    queue(record.key, ++data_.change);
    queued_.add_other(record.key.ns);
  }

  void acknowledge(const RecordKey& key, std::uint64_t change) override {
    const auto queued = data_.outbox.find(key);
    if (queued == data_.outbox.end() || queued->second.change > change) return;
    restore_later(data_.outbox, key);
    data_.outbox.erase(key);
  }

  void share_all(const std::string& ns) override {
    restore_later(data_.change);
    for (const auto& record : changes(ns, 0, data_.records.size())) queue(record.key, ++data_.change);
    queued_.add_all(ns);
  }

  void share(const RecordKey& key) override {
    if (data_.records.count(key) == 0) return;
    restore_later(data_.change);
    queue(key, ++data_.change);
    queued_.add_other(key.ns);
  }

  void set_in_step_at(const std::string& ns, TimePoint time) override {
    restore_later(data_.in_step, ns);
    data_.in_step[ns] = time;
  }

  void note_operation(const std::string& ns, const std::string& id, const std::string& answer,
                      TimePoint expires_at) override {
    const std::pair<std::string, std::string> key(ns, id);
    restore_later(data_.operations, key);
    data_.operations[key] = {answer, expires_at};
  }

  void set_position(const std::string& ns, const Position& position) override {
    restore_later(data_.positions, ns);
    data_.positions[ns] = position;
  }

  std::size_t purge(TimePoint before, std::size_t limit) override {
    const auto waits = [this](const Record& r) {
      return storage::outlives_expiry(r) && data_.outbox.count(r.key) != 0 &&
             !position(r.key.ns).epoch.empty();
    };
    auto expired = select(
        [&](const Record& r) { return r.expires_at != no_expiry && r.expires_at < before && !waits(r); },
        [](const Record& a, const Record& b) { return a.expires_at < b.expires_at; });
    expired = cut(std::move(expired), limit);
    for (const auto& record : expired) {
      restore_later(data_.records, record.key);
      restore_later(data_.outbox, record.key);
      data_.records.erase(record.key);
      data_.outbox.erase(record.key);
    }
    std::vector<std::pair<std::string, std::string>> ended;
    for (const auto& [key, kept] : data_.operations)
      if (kept.second < before && expired.size() + ended.size() < limit) ended.push_back(key);
    for (const auto& key : ended) {
      restore_later(data_.operations, key);
      data_.operations.erase(key);
    }
    return expired.size() + ended.size();
  }

  void undo() {
    for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
  }
  std::vector<storage::Queued> queued() { return queued_.committed(data_.change); }

 private:
  static bool in(const Record& record, const std::string& ns, MemoryType type) {
    return record.key.ns == ns && record.key.type == type;
  }

  template <class Wanted, class Before>
  std::vector<Record> select(Wanted wanted, Before before) const {
    std::vector<Record> found;
    for (const auto& [key, record] : data_.records)
      if (wanted(record)) found.push_back(record);
    std::sort(found.begin(), found.end(), before);
    return found;
  }

  static std::vector<Record> cut(std::vector<Record> records, std::size_t limit) {
    if (records.size() > limit) records.resize(limit);
    return records;
  }

  static std::vector<OutboxRow> cut(std::vector<OutboxRow> rows, std::size_t limit) {
    std::size_t wanted = 0;
    for (std::size_t bytes = 0; wanted < std::min(rows.size(), limit) && bytes < storage::outbox_page_bytes;
         ++wanted)
      bytes += rows[wanted].record.value.size();
    rows.resize(wanted);
    return rows;
  }

  void queue(const RecordKey& key, std::uint64_t change) {
    restore_later(data_.outbox, key);
    data_.outbox[key] = Queued{change, process_};
  }

  template <class Value>
  void restore_later(Value& value) {
    undo_.push_back([&value, old = value] { value = old; });
  }

  template <class Key, class Value>
  void restore_later(std::map<Key, Value>& map, const Key& key) {
    const auto found = map.find(key);
    if (found == map.end())
      undo_.push_back([&map, key] { map.erase(key); });
    else
      undo_.push_back([&map, key, old = found->second] { map[key] = old; });
  }

  Data& data_;
  const Clock& clock_;
  std::string store_;
  std::string process_;
  Undo undo_;
  storage::QueuedRows queued_;
};

}  // namespace

struct MemoryStore::Shared {
  explicit Shared(const Clock& clock_) : clock(clock_) {}
  const Clock& clock;
  const std::string store_id = make_random_id();
  std::mutex mutex;
  Data data;
};

MemoryStore::MemoryStore(const Clock& clock) : MemoryStore(std::make_shared<Shared>(clock)) {}
MemoryStore::MemoryStore(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)), process_id_(make_random_id()) {}
MemoryStore::~MemoryStore() = default;

std::unique_ptr<MemoryStore> MemoryStore::sibling() const {
  return std::unique_ptr<MemoryStore>(new MemoryStore(shared_));
}

void MemoryStore::fail_next_write(errc code) {
  failure_ = code;
}

void MemoryStore::check_open() const {
  if (closed_) throw Error(errc::closed, "the store in memory is closed");
}

boost::asio::awaitable<void> MemoryStore::read(storage::ReadFunction function) {
  check_open();
  ++reads_;
  co_await boost::asio::post(boost::asio::use_awaitable);
  const std::lock_guard lock(shared_->mutex);
  Transaction transaction(shared_->data, shared_->clock, shared_->store_id, process_id_);
  function(transaction);
}

boost::asio::awaitable<void> MemoryStore::write(storage::WriteFunction function, storage::Durability) {
  check_open();
  co_await boost::asio::post(boost::asio::use_awaitable);
  if (failure_) throw Error(*std::exchange(failure_, std::nullopt), "the test wants this write to fail");
  std::vector<storage::Queued> queued;
  {
    const std::lock_guard lock(shared_->mutex);
    queued = commit(function);
  }
  if (told_queued_ && tells_ && !queued.empty()) told_queued_(std::move(queued));
}

std::vector<storage::Queued> MemoryStore::commit(const storage::WriteFunction& function) {
  // Twice, the first time in vain: what a function hands out must not depend on how often it runs.
  for (const bool in_vain : {true, false}) {
    Transaction transaction(shared_->data, shared_->clock, shared_->store_id, process_id_);
    try {
      function(transaction);
    } catch (...) {
      transaction.undo();
      throw;
    }
    if (!in_vain) return transaction.queued();
    transaction.undo();
  }
  return {};
}

boost::asio::awaitable<void> MemoryStore::sync(std::uint64_t) {
  check_open();
  if (syncs_fail_) throw Error(errc::rejected, "the test wants syncs to fail");
  co_return;
}

std::uint64_t MemoryStore::data_version(storage::ReadTransaction& read) {
  return read.last_change();
}

boost::asio::awaitable<std::vector<Finding>> MemoryStore::diagnose() {
  Finding finding;
  finding.subject = "database";
  finding.text = "kept in memory";
  std::vector<Finding> findings{finding};
  co_return findings;
}

const std::string& MemoryStore::store_id() const noexcept {
  return shared_->store_id;
}
void MemoryStore::close() noexcept {
  closed_ = true;
}

}  // namespace comem::testing

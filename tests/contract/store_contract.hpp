#pragma once
// What the tests of stores share: a clock to set, a way to call a store from a plain function, records to
// write.

#include <comem/clock.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "storage/store.hpp"

namespace comem::testing {

inline constexpr TimePoint test_start{std::chrono::milliseconds(1'700'000'000'000)};

class SettableClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(Milliseconds(ms_.load())); }
  SteadyTime steady() const override { return SteadyTime(Milliseconds(ms_.load())); }
  void set(TimePoint time) { ms_ = time.time_since_epoch().count(); }
  void advance(Milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{test_start.time_since_epoch().count()};
};

/// Runs one coroutine to its end on an io_context of its own, which must then run dry.
inline void run(boost::asio::awaitable<void> work) {
  boost::asio::io_context context;
  std::optional<std::exception_ptr> outcome;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) { outcome = error; });
  context.run_for(std::chrono::seconds(60));
  REQUIRE(outcome.has_value());
  CHECK(context.stopped());
  if (*outcome) std::rethrow_exception(*outcome);
}

inline void write(storage::Store& store, storage::WriteFunction function,
                  storage::Durability durability = storage::Durability::process) {
  run(store.write(std::move(function), durability));
}

inline void read(storage::Store& store, storage::ReadFunction function) {
  run(store.read(std::move(function)));
}

inline boost::asio::awaitable<void> diagnose_into(storage::Store& store, std::vector<Finding>& findings) {
  auto found = co_await store.diagnose();
  findings = std::move(found);
}

inline std::vector<Finding> diagnose(storage::Store& store) {
  std::vector<Finding> findings;
  run(diagnose_into(store, findings));
  return findings;
}

/// What `question` answers inside a read.
template <class Question>
auto ask(storage::Store& store, Question question) {
  std::optional<decltype(question(std::declval<storage::ReadTransaction&>()))> answer;
  read(store, [&](storage::ReadTransaction& r) { answer = question(r); });
  return *answer;
}

inline Record make_record(std::string id, MemoryType type = MemoryType::episodic, std::string ns = "n") {
  Record record;
  record.key = RecordKey(std::move(ns), type, std::move(id));
  record.created_at = test_start;
  record.value = "value of " + record.key.id;
  return record;
}

/// Puts one record and answers its change number.
inline std::uint64_t put(storage::Store& store, const Record& record, bool share = false) {
  std::uint64_t change = 0;
  write(store, [&](storage::WriteTransaction& w) { change = w.put(record, share); });
  return change;
}

inline std::string ids_of(const std::vector<Record>& records) {
  std::string ids;
  for (const auto& record : records) ids += (ids.empty() ? "" : " ") + record.key.id;
  return ids;
}

inline std::string ids_of(const std::vector<storage::OutboxRow>& rows) {
  std::string ids;
  for (const auto& row : rows) ids += (ids.empty() ? "" : " ") + row.record.key.id;
  return ids;
}

}  // namespace comem::testing

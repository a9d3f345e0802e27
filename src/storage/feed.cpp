#include "storage/feed.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <utility>

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr Milliseconds poll_interval{50};
constexpr std::size_t page = 256;

Change change_of(const Record& record) {
  Change change;
  change.kind = record.deleted ? Change::Kind::forgotten : Change::Kind::saved;
  change.type = record.key.type;
  change.id = record.key.id;
  change.agent = record.writer;
  change.version = record.version;
  return change;
}

}  // namespace

asio::awaitable<bool> Feed::add(std::shared_ptr<ChangeQueue> queue) {
  std::uint64_t last = 0;
  ReadFunction read = [&last](ReadTransaction& tx) { last = tx.last_change(); };
  co_await store_.read(std::move(read));
  if (listeners_.empty()) delivered_ = last;
  listeners_.emplace_back(std::move(queue), last);
  if (!running_) running_ = scope_.spawn(run());
  changed_.notify();
  co_return running_;
}

void Feed::close() {
  for (auto& listener : listeners_) listener.queue->close();
  changed_.notify();
}

asio::awaitable<void> Feed::run() {
  for (;;) {
    std::erase_if(listeners_, [](const Listener& listener) { return listener.queue->closed(); });
    if (listeners_.empty() || scope_.cancelled()) break;
    try {
      co_await deliver();
      troubled_ = false;
    } catch (const std::exception& error) {  // streams go on when the store does
      if (!std::exchange(troubled_, true)) on_trouble_(error.what());
    }
    const SteadyTime look_again = clock_.steady() + poll_interval;
    co_await changed_.wait(look_again);
  }
  running_ = false;
}

asio::awaitable<void> Feed::deliver() {
  std::vector<Record> records;
  do {
    ReadFunction read = [&](ReadTransaction& tx) { records = tx.changes(ns_, delivered_, page); };
    co_await store_.read(std::move(read));
    for (const auto& record : records) {
      for (const auto& listener : listeners_)
        if (record.change > listener.after && listener.queue->wants(record))
          listener.queue->push(change_of(record));
      delivered_ = record.change;
    }
  } while (records.size() == page);
}

}  // namespace comem::storage

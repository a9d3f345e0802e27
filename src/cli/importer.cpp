#include "cli/importer.hpp"

#include <comem/error.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace comem::cli {

namespace asio = boost::asio;

namespace {

/// A batch of large memories is written before it has many members.
constexpr std::size_t max_batch_bytes = 8u << 20;
constexpr std::size_t most_looked_up = 1000;
constexpr std::size_t turn = 50;  // memories that are gathered before what is being written may go on

bool concerns_the_memory(const Error& error) {
  return error.code() == make_error_code(errc::invalid_argument) ||
         error.code() == make_error_code(errc::limit_exceeded);
}

bool is_over(const Memory& memory) {
  return memory.expires_at != no_expiry && memory.expires_at <= std::chrono::system_clock::now();
}

}  // namespace

Importer::Importer(boost::asio::any_io_executor executor, Namespaces& namespaces, std::size_t batch,
                   Acknowledge acknowledge, Refuse refuse)
    : namespaces_(namespaces),
      batch_size_(batch),
      acknowledge_(std::move(acknowledge)),
      refuse_(std::move(refuse)),
      scope_(std::move(executor), [](const std::string&) {}) {}

void Importer::refuse(std::size_t place, const std::string& reason) {
  ++report_.bad;
  refuse_(place, reason);
}

awaitable<void> Importer::add(Incoming incoming) {
  if (is_over(common(incoming.memory))) {
    ++report_.expired;
    co_return;
  }
  batch_bytes_ += common(incoming.memory).content.size() + 512;
  batch_.emplace_back(std::move(incoming));
  if (batch_.size() % turn == 0 && !writing_.empty()) co_await asio::post(asio::use_awaitable);
  if (batch_.size() >= batch_size_ || batch_bytes_ >= max_batch_bytes) co_await begin_writing();
}

awaitable<void> Importer::finish() {
  if (!batch_.empty()) co_await begin_writing();
  co_await settle();
}

awaitable<void> Importer::join() {
  co_await scope_.join();
}

awaitable<void> Importer::begin_writing() {
  co_await settle();
  writing_ = std::exchange(batch_, {});
  batch_bytes_ = 0;
  scope_.spawn(write_batch());
  co_await asio::post(asio::use_awaitable);  // to the store with it, before the next one is gathered
}

/// Returns when the batch that is being written is, and tells what became of it.
awaitable<void> Importer::settle() {
  co_await scope_.join();
  if (failure_) std::rethrow_exception(failure_);
  for (const auto& item : std::exchange(writing_, {})) {
    if (!item.refused.empty()) {
      refuse(item.place, item.refused);
      continue;
    }
    const auto& result = item.result;
    ++(!result.changed ? report_.unchanged : result.replaced ? report_.updated : report_.added);
    acknowledge_(result.id);
  }
}

awaitable<void> Importer::write_batch() {
  std::map<std::string, std::vector<std::size_t>> by_namespace;
  for (std::size_t i = 0; i < writing_.size(); ++i) by_namespace[writing_[i].ns].push_back(i);
  try {
    for (auto& [ns, places] : by_namespace) co_await write(ns, std::move(places));
  } catch (...) {
    failure_ = std::current_exception();
  }
}

awaitable<void> Importer::write(std::string ns, std::vector<std::size_t> places) {
  std::string refused;
  RedisMemoryAdapter* adapter = nullptr;
  try {
    adapter = co_await namespaces_.of(std::move(ns));
  } catch (const Error& error) {
    if (!concerns_the_memory(error)) throw;
    refused = error.what();
  }
  if (adapter == nullptr) {  // the namespace itself is not acceptable
    for (const auto place : places) writing_[place].refused = refused;
    co_return;
  }
  co_await keep_created(adapter, places);
  std::vector<AnyMemory> memories;
  memories.reserve(places.size());
  for (const auto place : places) memories.push_back(writing_[place].memory);
  bool one_by_one = false;
  try {
    const auto results = co_await adapter->put_many(std::move(memories));
    for (std::size_t i = 0; i < places.size(); ++i) writing_[places[i]].result = results.at(i);
  } catch (const Error& error) {
    if (!concerns_the_memory(error)) throw;
    one_by_one = true;  // nothing was saved; find out which ones are not acceptable
  }
  if (one_by_one) co_await write_each(adapter, std::move(places));
}

/// Gives memories whose created_at is a guess that of the memory which the store holds.
awaitable<void> Importer::keep_created(RedisMemoryAdapter* adapter, std::vector<std::size_t> places) {
  std::erase_if(places, [this](std::size_t place) { return !writing_[place].created_guessed; });
  for (std::size_t first = 0; first < places.size(); first += most_looked_up) {
    const auto count = std::min(most_looked_up, places.size() - first);
    std::vector<std::string> ids;
    for (std::size_t i = first; i < first + count; ++i) ids.push_back(common(writing_[places[i]].memory).id);
    const auto found = co_await adapter->get_many(std::move(ids));
    for (std::size_t i = 0; i < count; ++i) {
      auto& memory = common(writing_[places[first + i]].memory);
      const auto& held = found.at(i);
      if (held && common(*held).type == memory.type) memory.created_at = common(*held).created_at;
    }
  }
}

awaitable<void> Importer::write_each(RedisMemoryAdapter* adapter, std::vector<std::size_t> places) {
  for (const auto place : places) {
    auto& item = writing_[place];
    std::vector<AnyMemory> one;
    one.push_back(std::move(item.memory));
    try {
      const auto results = co_await adapter->put_many(std::move(one));
      item.result = results.at(0);
    } catch (const Error& error) {
      if (!concerns_the_memory(error)) throw;
      item.refused = error.what();
    }
  }
}

}  // namespace comem::cli

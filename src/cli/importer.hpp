#pragma once
// Bulk import: many memories of many namespaces, in batches of bounded size.

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/namespaces.hpp"
#include "core/task_scope.hpp"

namespace comem::cli {

/// A memory on its way into the store.
struct Incoming {
  Incoming(std::string ns_, AnyMemory memory_, std::size_t place_)
      : ns(std::move(ns_)), memory(std::move(memory_)), place(place_) {}

  std::string ns;
  AnyMemory memory;
  std::size_t place;
  /// Its created_at is a guess: that of a memory which the store holds already is kept.
  bool created_guessed = false;
};

struct ImportReport {
  ImportReport() = default;
  std::size_t added = 0;      ///< the store held none of that id, or none that was live
  std::size_t updated = 0;    ///< the store held another one
  std::size_t unchanged = 0;  ///< the store held exactly this
  std::size_t expired = 0;    ///< over before they came, and left out
  std::size_t bad = 0;

  std::size_t taken() const noexcept { return added + updated + unchanged + expired + bad; }
};

/// While a batch is written the next one is gathered. All functions belong to the executor.
class Importer {
 public:
  /// Called with each id, in the order of arrival, once its memory is acknowledged.
  using Acknowledge = std::function<void(const std::string& id)>;
  /// Called with the place of a memory that the store does not accept, and the reason.
  using Refuse = std::function<void(std::size_t place, const std::string& reason)>;

  Importer(boost::asio::any_io_executor executor, Namespaces& namespaces, std::size_t batch,
           Acknowledge acknowledge, Refuse refuse);

  /// Takes one memory; begins to write the batch when it is full. Throws Error for what is wrong with the
  /// store.
  awaitable<void> add(Incoming incoming);
  /// Writes what is left, and returns when everything is written.
  awaitable<void> finish();
  /// Returns when nothing is being written; to be called before the importer goes. Says nothing of failures.
  awaitable<void> join();
  void refuse(std::size_t place, const std::string& reason);

  const ImportReport& report() const noexcept { return report_; }
  bool empty() const noexcept { return batch_.empty() && writing_.empty(); }

 private:
  struct Item : Incoming {
    explicit Item(Incoming incoming) : Incoming(std::move(incoming)) {}
    WriteResult result;
    std::string refused;  ///< why; empty when it was accepted
  };

  awaitable<void> begin_writing();
  awaitable<void> settle();
  awaitable<void> write_batch();
  awaitable<void> write(std::string ns, std::vector<std::size_t> places);
  awaitable<void> keep_created(RedisMemoryAdapter* adapter, std::vector<std::size_t> places);
  awaitable<void> write_each(RedisMemoryAdapter* adapter, std::vector<std::size_t> places);

  Namespaces& namespaces_;
  std::size_t batch_size_;
  Acknowledge acknowledge_;
  Refuse refuse_;
  std::vector<Item> batch_;  // being gathered
  std::size_t batch_bytes_ = 0;
  std::vector<Item> writing_;   // the batch before
  std::exception_ptr failure_;  // of writing it
  ImportReport report_;
  TaskScope scope_;
};

}  // namespace comem::cli

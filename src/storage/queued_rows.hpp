#pragma once
// Collects what a transaction puts into the outbox, for stores to tell of (Store::on_queued()).

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "storage/store.hpp"

namespace comem::storage {

class QueuedRows {
 public:
  /// A record that was put, under this change number.
  void add(const Record& record, std::uint64_t change) {
    Queued& queued = of(record.key.ns);
    if (!queued.whole() || queued.rows.size() >= most_listed) return leave(queued, 1);
    OutboxRow& row = queued.rows.emplace_back();
    row.record = record;
    row.record.change = change;
    row.change = change;
  }
  /// A record whose values are not at hand.
  void add_other(const std::string& ns) { leave(of(ns), 1); }
  void add_all(const std::string& ns) { of(ns).all = true; }
  /// What a function has queued, behind what others have.
  void add(QueuedRows other) {
    for (auto& more : other.all_) {
      Queued& queued = of(more.ns);
      queued.others += more.others;
      queued.all = queued.all || more.all;
      if (!queued.whole() || queued.rows.size() + more.rows.size() > most_listed)
        leave(queued, more.rows.size());
      else
        std::move(more.rows.begin(), more.rows.end(), std::back_inserter(queued.rows));
    }
  }
  bool empty() const noexcept { return all_.empty(); }
  /// All of it, once it was committed with this change as the last one.
  std::vector<Queued> committed(std::uint64_t change) {
    for (auto& queued : all_) queued.through = change;
    return std::exchange(all_, {});
  }

  /// The same once it is not known whether it was committed.
  std::vector<Queued> in_doubt(std::uint64_t change) {
    for (auto& queued : all_) queued.unlist();
    return committed(change);
  }

 private:
  // Of more rows the writing thread makes no copies, since another one reads them as fast beside it.
  static constexpr std::size_t most_listed = 64;

  static void leave(Queued& queued, std::size_t more) {
    queued.unlist();
    queued.others += more;
  }
  Queued& of(const std::string& ns) {
    const auto place =
        std::find_if(all_.begin(), all_.end(), [&](const Queued& queued) { return queued.ns == ns; });
    if (place != all_.end()) return *place;
    all_.emplace_back().ns = ns;
    return all_.back();
  }

  std::vector<Queued> all_;  // one for each namespace: mostly there is one
};

}  // namespace comem::storage

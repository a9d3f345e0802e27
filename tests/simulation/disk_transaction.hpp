#pragma once
// A transaction on the content of a simulated disk.

#include <string>
#include <utility>

#include "storage/queued_rows.hpp"
#include "tests/simulation/disk.hpp"

namespace comem::simulation {

class DiskTransaction final : public storage::WriteTransaction {
 public:
  DiskTransaction(DiskContent& content, const Clock& clock, const std::string& store,
                  const std::string& process, Ablation ablation, bool by_sync)
      : content_(content),
        clock_(clock),
        store_(store),
        process_(process),
        ablation_(ablation),
        by_sync_(by_sync) {}

  std::optional<Record> get(const RecordKey& key) override;
  std::vector<Record> find(const std::string& ns, MemoryType type, const std::string& lookup, TimePoint now,
                           std::size_t limit) override;
  std::vector<Record> list(const std::string& ns, MemoryType type, const std::string& after_id, TimePoint now,
                           std::size_t limit) override;
  std::vector<Record> newest(const std::string& ns, const std::vector<MemoryType>& types, TimePoint now,
                             std::size_t limit) override;
  std::uint64_t last_change() override { return content_.change; }
  std::vector<Record> changes(const std::string& ns, std::uint64_t after, std::size_t limit) override;
  std::vector<storage::OutboxRow> outbox(const std::string& ns, std::uint64_t after,
                                         const std::string& origin, std::uint64_t others_through,
                                         std::size_t limit) override;
  std::uint64_t first_of_others(const std::string& ns, const std::string& origin) override;
  std::uint64_t unshared(const std::string& ns) override;
  storage::Position position(const std::string& ns) override;
  storage::Counts counts(const std::string& ns, TimePoint now) override;

  TimePoint in_step_at(const std::string& ns) override;
  std::optional<std::string> operation(const std::string& ns, const std::string& id, TimePoint now) override;

  Version stamp(const Version& seen) override;
  std::uint64_t put(const Record& record, bool share) override;
  void count(const Record& record, bool share) override;
  void acknowledge(const RecordKey& key, std::uint64_t change) override;
  void share_all(const std::string& ns) override;
  void share(const RecordKey& key) override;
  void set_in_step_at(const std::string& ns, TimePoint time) override;
  void note_operation(const std::string& ns, const std::string& id, const std::string& answer,
                      TimePoint expires_at) override;
  void set_position(const std::string& ns, const storage::Position& position) override;
  std::size_t purge(TimePoint before, std::size_t limit) override;

  void undo();
  Undo take_undo() { return std::move(undo_); }
  std::vector<storage::Queued> queued() { return queued_.committed(content_.change); }
  const std::map<std::string, storage::Position>& positions_set() const noexcept { return positions_set_; }

 private:
  template <class Wanted, class Before>
  std::vector<Record> select(Wanted wanted, Before before, std::size_t limit) const;
  /// Whether purge() leaves this expired record alone.
  bool waits(const Record& record) const;
  void queue(const RecordKey& key, std::uint64_t change);
  void drop(const RecordKey& key);
  template <class Value>
  void restore_later(Value& value);
  template <class Key, class Value>
  void restore_later(std::map<Key, Value>& map, const Key& key);

  DiskContent& content_;
  const Clock& clock_;
  const std::string& store_;
  const std::string& process_;
  const Ablation ablation_;
  const bool by_sync_;
  Undo undo_;
  storage::QueuedRows queued_;
  std::map<std::string, storage::Position> positions_set_;
};

}  // namespace comem::simulation

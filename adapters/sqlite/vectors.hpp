#pragma once
// The vectors of the storage port as SQL over one connection.

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite/queries.hpp"
#include "storage/vector_store.hpp"

namespace comem::sqlite {

/// Drops the marks of a record, and vectors that nothing else points to: what is forgotten leaves nothing
/// behind.
void forget_vectors(Connection& connection, std::int64_t record);

/// Vectors whose bytes are not what was written, of all models.
struct ExaminedVectors {
  std::uint64_t vectors = 0;
  std::uint64_t damaged = 0;
};
ExaminedVectors examine_vectors(Connection& connection);

class SqliteVectors final : public storage::VectorWrites {
 public:
  /// Whatever a write throws is noted in `failure` too.
  SqliteVectors(Queries& queries, std::exception_ptr& failure) noexcept
      : queries_(queries), failure_(failure) {}

  std::optional<storage::VectorModel> model(const std::string& name) override;
  std::vector<storage::VectorRow> marked(const std::string& ns, std::int64_t model, std::uint64_t sequence,
                                         std::size_t limit) override;
  std::vector<Record> unmarked(const std::string& ns, std::int64_t model, std::uint64_t change, TimePoint now,
                               std::size_t limit) override;
  std::optional<storage::Vector> vector_of(std::int64_t model, const std::string& text) override;
  storage::VectorCounts vector_counts(const std::string& ns, std::int64_t model, TimePoint now) override;

  storage::VectorModel open_model(const std::string& name, std::size_t dimensions, TimePoint now) override;
  void keep(std::int64_t model, const std::string& text, const storage::Vector& values) override;
  void mark(std::int64_t model, const RecordKey& key, std::uint64_t change, const std::string& text) override;
  void unmark(std::int64_t model, const std::string& text) override;
  bool claim(std::int64_t model, const std::string& ns, const std::string& claimant, TimePoint now,
             TimePoint until) override;
  void release(std::int64_t model, const std::string& ns, const std::string& claimant) override;
  std::size_t purge_vectors(TimePoint before, std::size_t limit) override;

 private:
  template <class Work>
  auto guarded(Work work);
  void drop_all(std::int64_t model);

  Queries& queries_;
  std::exception_ptr& failure_;
};

}  // namespace comem::sqlite

#pragma once
// The part of the store's port that keeps vectors: which text a record was embedded with, and the vector of
// each text, once for all records that have it. Vectors are local: nothing here is shared or counts as a
// change.
//
// A vector belongs to a model, a named space. Records point to texts by the hash of the text; what points is
// called a mark and carries the record's change number, so that a record that was written again is known to
// need a look.

#include <comem/clock.hpp>
#include <comem/memory_type.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record.hpp"

namespace comem::storage {

using Vector = std::vector<float>;

inline constexpr std::chrono::hours longest_claim{1};

/// A model as the store knows it.
struct VectorModel {
  VectorModel() = default;
  std::int64_t key = 0;
  std::size_t dimensions = 0;    ///< of every vector kept of it; 0: none is kept yet
  std::uint64_t sequence = 0;    ///< of the last mark; grows with each
  std::uint64_t generation = 0;  ///< grows when all vectors of the model were dropped
};

/// A mark with its vector.
struct VectorRow {
  VectorRow() = default;
  MemoryType type = MemoryType::episodic;
  std::string id;
  std::string text;  ///< hash of the embedded text; empty: there was nothing to embed, and there is no vector
  std::uint64_t sequence = 0;
  Vector values;  ///< empty too where the stored bytes are damaged
};

struct VectorCounts {
  VectorCounts() = default;
  std::uint64_t held = 0;     ///< live memories with a vector
  std::uint64_t missing = 0;  ///< live memories whose text, as it is now, was not embedded yet
};

/// Valid as the transaction that it comes from. A namespace or model that is not there has no rows.
class VectorReads {
 public:
  virtual ~VectorReads() = default;
  virtual std::optional<VectorModel> model(const std::string& name) = 0;
  /// Marks of the namespace after `sequence`, in the order of sequence.
  virtual std::vector<VectorRow> marked(const std::string& ns, std::int64_t model, std::uint64_t sequence,
                                        std::size_t limit) = 0;
  /// Live long-term records of the namespace that were last changed after `change` and have no mark of their
  /// last change, in the order of change. Unreadable ones are left out. Without a model: all of them.
  virtual std::vector<Record> unmarked(const std::string& ns, std::int64_t model, std::uint64_t change,
                                       TimePoint now, std::size_t limit) = 0;
  /// Nothing where the text was not embedded, or its bytes are damaged.
  virtual std::optional<Vector> vector_of(std::int64_t model, const std::string& text) = 0;
  virtual VectorCounts vector_counts(const std::string& ns, std::int64_t model, TimePoint now) = 0;
};

class VectorWrites : public VectorReads {
 public:
  /// The model of this name, for vectors of `dimensions` numbers, made where it is not there. Where vectors
  /// of another length are kept, the model behind the name is another one now: all its vectors and marks are
  /// dropped, and it has a higher generation. Notes that it is in use.
  virtual VectorModel open_model(const std::string& name, std::size_t dimensions, TimePoint now) = 0;
  virtual void keep(std::int64_t model, const std::string& text, const Vector& values) = 0;
  /// Says that the record, in the state of its change `change`, has this text (empty: nothing to embed).
  /// Nothing when the record was written again since, or is not live. A vector that no record points to any
  /// more goes.
  virtual void mark(std::int64_t model, const RecordKey& key, std::uint64_t change,
                    const std::string& text) = 0;
  /// Drops a vector, and the marks that point to it: the records are unmarked again.
  virtual void unmark(std::int64_t model, const std::string& text) = 0;
  /// Takes the sole right to have the namespace's texts embedded, until `until`, or keeps it longer:
  /// processes on one store would pay for the same texts otherwise. Nothing and false while another claimant
  /// holds it. A claim further ahead than longest_claim was made by another clock, and does not hold.
  virtual bool claim(std::int64_t model, const std::string& ns, const std::string& claimant, TimePoint now,
                     TimePoint until) = 0;
  /// Ends a claim of this claimant; nothing where it has none.
  virtual void release(std::int64_t model, const std::string& ns, const std::string& claimant) = 0;
  /// Drops up to `limit` marks of models that nobody opened since `before`, with their vectors, and vectors
  /// that nothing points to. Answers how many rows went.
  virtual std::size_t purge_vectors(TimePoint before, std::size_t limit) = 0;
};

}  // namespace comem::storage

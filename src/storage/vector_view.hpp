#pragma once
// The vectors of one namespace in memory, kept exact from the store: beside the index of words, which tells
// it of every record that it takes in.

#include <comem/any_memory.hpp>
#include <comem/query.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "search/document.hpp"
#include "storage/vector_store.hpp"
#include "vectors/arm_trust.hpp"
#include "vectors/vector_index.hpp"

namespace comem::storage {

class ReadTransaction;

/// A memory found by its vector.
struct NearMemory {
  NearMemory() = default;
  MemoryType type = MemoryType::episodic;
  std::string id;
  float similarity = 0;  ///< cosine, above zero
};

/// Thread-safe; used on the store's reader threads.
class VectorView {
 public:
  /// What a refresh finds out; called without a lock.
  struct Events {
    Events() = default;
    std::function<void(std::vector<std::string> texts)> damaged;  ///< hashes of texts with damaged vectors
    std::function<void()> improvable;                             ///< improve() has something to do
  };

  /// `graph_from`: see vectors::VectorIndex.
  VectorView(std::string ns, std::string model, Events events,
             std::size_t graph_from = vectors::VectorIndex::usual_graph_from)
      : ns_(std::move(ns)), model_(std::move(model)), events_(std::move(events)), graph_from_(graph_from) {}

  /// The index of words has taken in this record, or found that it is gone. Its text is not kept.
  void taken(const AnyMemory& memory, search::Document document);
  void removed(MemoryType type, const std::string& id);
  void drop_expired(TimePoint now);

  /// Takes in what was embedded since. To be called after the index of words was refreshed in `tx`.
  void refresh(ReadTransaction& tx);

  /// Works for about `time` on what makes searches faster, in small steps that searches do not wait for.
  /// Answers whether there is more to do. For one caller at a time.
  bool improve(Milliseconds time);

  /// The `limit` memories most like `query` that pass the filters, best first. Nothing when the length of
  /// `query` is not that of the vectors. Where there are very many, a few of them may be missed.
  std::vector<NearMemory> search(const std::vector<float>& query, const Query& filters,
                                 const std::set<std::string>& sessions, TimePoint now,
                                 std::size_t limit) const;

  /// Learns how far vectors can be trusted in this namespace from what both arms found for a query without
  /// filters; numbers are of any kind.
  void observe(std::span<const vectors::Ranked> words, std::span<const vectors::Ranked> vectors) const;
  /// The weight of the arm of words in a fusion.
  double words_weight() const;

  /// Vectors held.
  std::size_t size() const;
  /// Whether searches use a graph.
  bool has_graph() const;
  /// The length of the vectors held; 0 before the first.
  std::size_t dimensions() const;

 private:
  struct Entry {
    search::Document document;  // id empty: free
    std::string text;           // hash of what is embedded
  };
  struct Key {
    MemoryType type;
    std::string id;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<std::string>()(key.id) * 31 + static_cast<std::size_t>(key.type);
    }
  };

  void begin_anew(const VectorModel& model);
  bool begin_draft();
  bool extend_draft();
  void take_marked(VectorReads& reads, const VectorModel& model);
  void take(const VectorRow& row, std::size_t dimensions);
  void drop(std::uint32_t number);

  const std::string ns_;
  const std::string model_;
  const Events events_;
  const std::size_t graph_from_;
  mutable std::shared_mutex mutex_;
  std::vector<Entry> entries_;                           // guarded by mutex_; by number
  std::vector<std::uint32_t> free_;                      // guarded by mutex_
  std::unordered_map<Key, std::uint32_t, Hash> places_;  // guarded by mutex_
  std::unique_ptr<vectors::VectorIndex> index_;          // guarded by mutex_; made with the first vector
  std::uint64_t generation_ = 0;                         // guarded by mutex_
  std::shared_ptr<vectors::VectorIndex::Draft> draft_;   // of improve()'s caller
  std::uint64_t draft_of_ = 0;                           // the generation it is of; improve()'s caller's
  std::vector<std::string> damaged_;                     // guarded by mutex_; not told of yet
  mutable std::mutex trusting_;
  mutable vectors::ArmTrust trust_;         // guarded by trusting_
  std::atomic<std::uint64_t> sequence_{0};  // everything marked up to here was taken in
};

}  // namespace comem::storage

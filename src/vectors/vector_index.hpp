#pragma once
// Vectors of one length, searched by comparing with each of them, and beyond a size by a graph.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "vectors/graph.hpp"
#include "vectors/nearest.hpp"
#include "vectors/rows.hpp"

namespace comem::vectors {

/// Not thread-safe: one writer or several readers at a time (the owner locks). Vectors are kept at unit
/// length.
///
/// A graph is drafted aside, by readers, while searches go on without it:
///
///     if (index.wants_draft()) draft = index.begin_draft();   // as writer
///     while (index.extend(*draft)) {}                         // as reader, a row at a time
///     index.adopt(std::move(draft));                          // as writer
///
/// Vectors that come later are compared one by one until grow() has taken them in.
class VectorIndex {
 public:
  /// `graph_from`: numbers held (vectors times dimensions) from which on there is a graph; 0: never.
  /// docs/embeddings.md has the figures behind the default.
  explicit VectorIndex(std::size_t dimensions, std::size_t graph_from = usual_graph_from)
      : rows_(dimensions), graph_from_(graph_from) {}

  /// Adds the vector of this number, or replaces it. `vector` has dimensions() numbers.
  void set(std::uint32_t number, std::span<const float> vector) { rows_.set(number, vector); }
  void remove(std::uint32_t number);
  bool holds(std::uint32_t number) const { return rows_.holds(number); }

  /// The `limit` admitted vectors most like `query` (unit length), those with a cosine above zero, best
  /// first; equal ones by number. Exact without a graph: O(size). With one it may miss a few percent of
  /// them, but where the filter admits few it is exact again.
  std::vector<Near> search(std::span<const float> query, std::size_t limit, const Admits& admits) const;

  std::size_t size() const noexcept { return rows_.size(); }
  std::size_t dimensions() const noexcept { return rows_.dimensions(); }
  bool has_graph() const noexcept { return graph_ != nullptr; }

  static constexpr std::size_t usual_graph_from = 16'000'000;

  struct Draft;
  /// Whether it is large enough for a graph and has none, or one of which too much was removed, and nobody
  /// drafts one.
  bool wants_draft() const noexcept;
  /// Drops the graph there was. The draft must be adopted, or the index go.
  std::shared_ptr<Draft> begin_draft();
  /// Answers whether there is more to take in.
  bool extend(Draft& draft) const;
  void adopt(std::shared_ptr<Draft> draft);
  /// Takes a vector into the graph, as writer.
  void grow();
  /// Whether a draft or grow() would make searches faster.
  bool improvable() const noexcept { return wants_draft() || (graph_ && taken_in_ < rows_.places()); }

 private:
  /// False where the graph is of no help.
  bool by_graph(std::span<const float> query, std::size_t limit, const Admits& admits,
                Nearest& nearest) const;
  /// Compares with every row from this place on.
  void scan(std::uint32_t from, std::span<const float> query, const Admits& admits, Nearest& nearest) const;
  bool large() const noexcept { return graph_from_ != 0 && size() * dimensions() >= graph_from_; }

  Rows rows_;
  const std::size_t graph_from_;
  std::unique_ptr<Graph> graph_;
  std::uint32_t taken_in_ = 0;  // places below it are in the graph, or nobody's
  bool drafting_ = false;
};

/// A graph that is not in use yet.
struct VectorIndex::Draft {
  explicit Draft(const Rows& rows) : graph(std::make_unique<Graph>(rows)) {}
  std::unique_ptr<Graph> graph;
  std::uint32_t next = 0;  // place
};

}  // namespace comem::vectors

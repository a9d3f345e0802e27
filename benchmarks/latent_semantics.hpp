#pragma once
// Latent semantic analysis (Deerwester et al. 1990): texts as combinations of the directions in which the
// words of a collection vary together.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace comem::bench {

/// How often terms stand in which text of a collection.
class TermTable {
 public:
  using Row = std::vector<std::pair<std::uint32_t, float>>;  // term, weight

  void add(const std::vector<std::string>& terms);
  /// Inverse document frequency; 0 for a term that no text has.
  double rarity(const std::string& term) const;

  /// A text's terms, each log(1 + count) * rarity, as a row of unit length; unknown terms are left out.
  Row row_of(const std::vector<std::string>& terms) const;
  std::vector<Row> rows() const;
  std::size_t terms() const noexcept { return numbers_.size(); }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::size_t> texts_with_;  // by term
  std::vector<std::vector<std::string>> texts_;
};

class LatentSemantics {
 public:
  /// The best `dimensions` directions, by subspace iteration.
  explicit LatentSemantics(TermTable table, std::size_t dimensions = 128);

  std::vector<float> vector_of(const std::vector<std::string>& terms) const;

 private:
  void make_orthonormal();

  TermTable table_;
  std::size_t dimensions_;
  std::vector<float> basis_;  // a row for each term
};

}  // namespace comem::bench

#include "benchmarks/latent_semantics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <utility>

namespace comem::bench {
namespace {

constexpr int iterations = 6;

double dot(const float* a, const float* b, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return static_cast<double>(sum);
}

/// Makes the `count` rows of a matrix orthonormal (modified Gram-Schmidt).
void orthonormalise(std::vector<float>& matrix, std::size_t count) {
  const std::size_t size = matrix.size() / count;
  for (std::size_t i = 0; i < count; ++i) {
    float* row = matrix.data() + i * size;
    for (std::size_t former = 0; former < i; ++former) {
      const float* other = matrix.data() + former * size;
      const auto shared = static_cast<float>(dot(other, row, size));
      for (std::size_t c = 0; c < size; ++c) row[c] -= shared * other[c];
    }
    const auto length = static_cast<float>(std::sqrt(dot(row, row, size)));
    if (length > 0)
      for (std::size_t c = 0; c < size; ++c) row[c] /= length;
  }
}

/// Rows become columns.
std::vector<float> turned(const std::vector<float>& matrix, std::size_t rows) {
  const std::size_t columns = matrix.size() / std::max<std::size_t>(rows, 1);
  std::vector<float> made(matrix.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) made[c * rows + r] = matrix[r * columns + c];
  return made;
}

}  // namespace

void TermTable::add(const std::vector<std::string>& terms) {
  for (const auto& term : std::set<std::string>(terms.begin(), terms.end())) {
    const auto number = numbers_.try_emplace(term, static_cast<std::uint32_t>(numbers_.size())).first->second;
    texts_with_.resize(numbers_.size());
    ++texts_with_[number];
  }
  texts_.push_back(terms);
}

double TermTable::rarity(const std::string& term) const {
  const auto found = numbers_.find(term);
  if (found == numbers_.end()) return 0;
  return std::log((static_cast<double>(texts_.size()) + 1) / static_cast<double>(texts_with_[found->second]));
}

TermTable::Row TermTable::row_of(const std::vector<std::string>& terms) const {
  std::map<std::string, int> counts;
  for (const auto& term : terms)
    if (numbers_.count(term) != 0) ++counts[term];
  Row row;
  double squares = 0;
  for (const auto& [term, count] : counts) {
    const double weight = std::log(1.0 + count) * rarity(term);
    row.emplace_back(numbers_.at(term), static_cast<float>(weight));
    squares += weight * weight;
  }
  for (auto& [term, weight] : row) weight /= static_cast<float>(std::sqrt(std::max(squares, 1e-9)));
  return row;
}

std::vector<TermTable::Row> TermTable::rows() const {
  std::vector<Row> rows;
  for (const auto& text : texts_) rows.push_back(row_of(text));
  return rows;
}

LatentSemantics::LatentSemantics(TermTable table, std::size_t dimensions)
    : table_(std::move(table)), dimensions_(dimensions), basis_(table_.terms() * dimensions) {
  std::mt19937_64 random(1);
  for (auto& value : basis_) value = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-53 - 0.5);
  const auto rows = table_.rows();
  for (int i = 0; i < iterations; ++i) {
    make_orthonormal();
    std::vector<float> next(basis_.size());
    for (const auto& row : rows) {  // next += row' * (row * basis)
      std::vector<float> projected(dimensions_);
      for (const auto& [term, weight] : row)
        for (std::size_t d = 0; d < dimensions_; ++d) projected[d] += weight * basis_[term * dimensions_ + d];
      for (const auto& [term, weight] : row)
        for (std::size_t d = 0; d < dimensions_; ++d) next[term * dimensions_ + d] += weight * projected[d];
    }
    basis_ = std::move(next);
  }
  make_orthonormal();
}

void LatentSemantics::make_orthonormal() {
  auto directions = turned(basis_, table_.terms());
  orthonormalise(directions, dimensions_);
  basis_ = turned(directions, dimensions_);
}

std::vector<float> LatentSemantics::vector_of(const std::vector<std::string>& terms) const {
  std::vector<float> values(dimensions_);
  for (const auto& [term, weight] : table_.row_of(terms))
    for (std::size_t d = 0; d < dimensions_; ++d) values[d] += weight * basis_[term * dimensions_ + d];
  return values;
}

}  // namespace comem::bench

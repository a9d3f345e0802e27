#include "search/ranking.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace comem::search {
namespace {

constexpr float k1 = 0.8f;
constexpr float b = 0.75f;
constexpr std::size_t floor_length = 25;

// Exact even while entries of removed documents are about, so that a score depends on the documents held
// alone.
std::size_t documents_with(const PostingList& list, const DocumentTable& documents) {
  if (documents.removed() == 0) return list.size();
  std::size_t count = 0;
  list.for_each([&](DocumentNumber number, std::uint32_t) { count += documents.holds(number) ? 1 : 0; });
  return count;
}

}  // namespace

float length_norm(std::size_t length) noexcept {
  const std::size_t counted = std::max(length, floor_length);
  return 1 - b + b * static_cast<float>(counted) / static_cast<float>(floor_length);
}

std::vector<float> bm25(const std::vector<const PostingList*>& lists, const DocumentTable& documents) {
  std::vector<float> scores(documents.end(), 0.0f);
  const auto total = static_cast<double>(documents.size());
  for (const PostingList* list : lists) {
    const auto with = static_cast<double>(documents_with(*list, documents));
    const auto weight = static_cast<float>(std::log1p((total - with + 0.5) / (with + 0.5))) * (k1 + 1);
    list->for_each([&](DocumentNumber number, std::uint32_t count) {
      if (!documents.holds(number)) return;
      const auto frequency = static_cast<float>(count);
      scores[number] += weight * frequency / (frequency + k1 * documents.norm(number));
    });
  }
  return scores;
}

}  // namespace comem::search

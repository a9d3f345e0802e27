#include "vectors/graph.hpp"

#include <cstring>

// Under a name of ours, and without its choice of instructions at compile time: a program that uses another
// release of the header must not share its functions with us.
#define hnswlib comem_hnswlib
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include "vectors/kernel.hpp"

namespace comem::vectors {
namespace {

// The values of the paper for high recall at some cost of building.
constexpr std::size_t links = 16;
constexpr std::size_t breadth_of_building = 100;
constexpr std::size_t least_breadth = 128;  // of a search

/// The library keeps a pointer for each row, not a second copy of its numbers.
class Space final : public hnswlib::SpaceInterface<float> {
 public:
  explicit Space(std::size_t dimensions) : dimensions_(dimensions) {}
  std::size_t get_data_size() override { return sizeof(const float*); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &dimensions_; }

 private:
  static const float* row(const void* bytes) {
    const float* pointer = nullptr;
    std::memcpy(&pointer, bytes, sizeof pointer);
    return pointer;
  }
  static float distance(const void* a, const void* b, const void* dimensions) {
    return 1.0f - dot(row(a), row(b), *static_cast<const std::size_t*>(dimensions));
  }

  std::size_t dimensions_;
};

}  // namespace

class Graph::Impl {
 public:
  explicit Impl(const Rows& rows_)
      : rows(rows_), space(rows_.dimensions()), graph(&space, first_size, links, breadth_of_building) {
    graph.setEf(least_breadth);
  }

  static constexpr std::size_t first_size = 1024;
  const Rows& rows;
  Space space;
  hnswlib::HierarchicalNSW<float> graph;
};

Graph::Graph(const Rows& rows) : impl_(std::make_unique<Impl>(rows)) {}

Graph::~Graph() = default;

void Graph::add(std::uint32_t place) {
  auto& graph = impl_->graph;
  if (size() == graph.max_elements_) graph.resizeIndex(size() + size() / 2);
  const float* row = impl_->rows.at(place).data();
  graph.addPoint(&row, place);
}

std::vector<std::uint32_t> Graph::near(std::span<const float> query, std::size_t count) const {
  const float* row = query.data();
  auto found = impl_->graph.searchKnn(&row, count);
  std::vector<std::uint32_t> places;
  places.reserve(found.size());
  for (; !found.empty(); found.pop()) places.push_back(static_cast<std::uint32_t>(found.top().second));
  return places;
}

std::size_t Graph::size() const noexcept {
  return impl_->graph.cur_element_count;
}

}  // namespace comem::vectors

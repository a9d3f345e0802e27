#pragma once
// Inner products of vectors of floats, by the widest instructions that the processor has.

#include <cstddef>
#include <span>

namespace comem::vectors {

/// a[0] * b[0] + ... + a[size - 1] * b[size - 1], added in an order that differs between processors.
float dot(const float* a, const float* b, std::size_t size) noexcept;

/// Divides by the Euclidean length. A vector without one (all zero, or not finite) becomes all zero: it is
/// like no other.
void normalise(std::span<float> vector) noexcept;

}  // namespace comem::vectors

#pragma once
// Vectors from an embedding service over HTTP: batches, retries, connections kept open.

#include <comem/options.hpp>

#include <memory>

namespace comem::embedding {

/// The provider of the options' service. Connects when it is first asked. Throws Error(invalid_argument) for
/// an address or certificate file that cannot be used. For use on one thread or strand, which must outlive
/// it.
std::shared_ptr<EmbeddingProvider> make_http_provider(const Options& options);

}  // namespace comem::embedding

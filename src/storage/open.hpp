#pragma once
// What adapters/open.cpp builds: the only bridge from the house to its adapters.

#include <comem/options.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include "storage/relay.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// Opens, and creates where it does not exist, the database of the options. Blocking. Throws Error.
std::unique_ptr<Store> open_store(const Options& options);

/// A relay for the options' Redis; nullptr for Backend::sqlite. Does not connect yet. Throws
/// Error(invalid_argument) for a malformed URL. `executor` must run its work on one thread or strand.
std::unique_ptr<Relay> open_relay(const Options& options, boost::asio::any_io_executor executor);

/// What turns texts into vectors, as the options say; nullptr where they want none. Throws
/// Error(invalid_argument) for an address or certificate file that cannot be used.
std::shared_ptr<EmbeddingProvider> open_embedding(const Options& options);

/// What of the options makes two adapters share one store, one link and one source of
/// vectors. Without secrets.
std::string share_key(const Options& options);

}  // namespace comem::storage

// Builds what src/storage/open.hpp declares: the only place that knows both the house and its adapters.

#include "storage/open.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "adapters/embedding/http_provider.hpp"
#include "adapters/redis/redis_relay.hpp"
#include "adapters/redis/url.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "core/log.hpp"
#include "core/sha1.hpp"

namespace comem::storage {

std::unique_ptr<Store> open_store(const Options& options) {
  sqlite::SqliteOptions sqlite;
  sqlite.path = options.database;
  sqlite.reader_threads = options.reader_threads;
  sqlite.clock = options.clock;
  sqlite.set_aside_corrupt = options.set_aside_corrupt;
  sqlite.log = options.log ? options.log : default_log_sink();
  return sqlite::open_sqlite_store(sqlite);
}

std::unique_ptr<Relay> open_relay(const Options& options, boost::asio::any_io_executor executor) {
  if (options.backend != Backend::redis) return nullptr;
  return redis::make_redis_relay(options, std::move(executor));
}

std::shared_ptr<EmbeddingProvider> open_embedding(const Options& options) {
  if (options.embedding_provider) return options.embedding_provider;
  if (options.embedding == EmbeddingApi::off) return nullptr;
  return embedding::make_http_provider(options);
}

namespace {

/// Adapters with different sources of vectors must not answer with each other's.
std::string embedding_key(const Options& options) {
  if (options.embedding_provider)
    return fmt::format("\n{}", static_cast<const void*>(options.embedding_provider.get()));
  if (options.embedding == EmbeddingApi::off) return {};
  const auto all = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", static_cast<int>(options.embedding),
                               options.embedding_url, options.embedding_model, options.embedding_api_key,
                               options.embedding_ca_file, options.embedding_dimensions,
                               options.embedding_query_prefix, options.embedding_document_prefix);
  return "\n" + sha1_hex(all);
}

}  // namespace

std::string share_key(const Options& options) {
  std::error_code ignored;  // a path that does not exist yet is as good as any
  std::string key = std::filesystem::weakly_canonical(options.database, ignored).string();
  key += embedding_key(options);
  if (options.backend != Backend::redis) return key;
  const redis::Address address = redis::parse_url(options.redis_url);
  const std::string& user = options.redis_username.empty() ? address.username : options.redis_username;
  return fmt::format("{}\n{}\n{}", key, address.endpoint(), user);
}

}  // namespace comem::storage

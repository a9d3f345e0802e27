#include <comem/error.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "core/ids.hpp"
#include "memory/check.hpp"

namespace comem::memory {
namespace {

constexpr std::size_t max_path_bytes = 4096;
constexpr Milliseconds max_deadline = std::chrono::minutes(10);
constexpr Milliseconds one_ms{1};

[[noreturn]] void refuse_option(const std::string& message) {
  throw Error(errc::invalid_argument, message);
}

void check_range(std::size_t value, std::size_t low, std::size_t high, std::string_view what) {
  if (value < low || value > high)
    refuse_option(fmt::format("option {} is {}; it must be from {} to {}", what, value, low, high));
}

void check_duration(Milliseconds value, Milliseconds low, Milliseconds high, std::string_view what,
                    std::string_view bounds) {
  if (value < low || value > high)
    refuse_option(fmt::format("option {} is {} ms; it must be {}", what, value.count(), bounds));
}

/// A time to live; zero means never.
void check_life(Milliseconds value, std::string_view what) {
  check_duration(value, Milliseconds{}, max_ttl, what, "from 1 ms to 100 years, or 0 for never");
}

void check_deadline(Milliseconds value, Milliseconds low, std::string_view what) {
  check_duration(value, low, max_deadline, what, fmt::format("from {} ms to 10 minutes", low.count()));
}

/// A string that goes to the operating system or the server; its value may be secret and is not repeated.
void check_plain(const std::string& value, std::string_view what) {
  if (value.size() > max_path_bytes)
    refuse_option(
        fmt::format("option {} has {} bytes; at most {} are allowed", what, value.size(), max_path_bytes));
  if (value.find('\0') != std::string::npos)
    refuse_option(fmt::format("option {} contains a NUL byte", what));
}

void check_connection(const Options& options) {
  if (options.backend != Backend::sqlite && options.backend != Backend::redis)
    refuse_option("option backend is neither sqlite nor redis");
  if (options.stemming != Stemming::english && options.stemming != Stemming::none)
    refuse_option("option stemming is neither english nor none");
  if (options.database.empty()) refuse_option("option database is empty; give a path, or :memory:");
  check_plain(options.database, "database");
  if (options.backend == Backend::redis && options.redis_url.empty())
    refuse_option(
        "option redis_url is empty; give one like redis://localhost:6379/0, or choose backend sqlite");
  check_plain(options.redis_url, "redis_url");
  check_plain(options.redis_username, "redis_username");
  check_plain(options.redis_password, "redis_password");
  check_plain(options.redis_ca_file, "redis_ca_file");
}

bool prints(unsigned char c) {
  return c > ' ' && c < 0x7f;
}

void check_embedding(const Options& options) {
  if (options.embedding < EmbeddingApi::off || options.embedding > EmbeddingApi::ollama)
    refuse_option("option embedding is none of off, openai and ollama");
  check_plain(options.embedding_url, "embedding_url");
  check_plain(options.embedding_model, "embedding_model");
  check_plain(options.embedding_api_key, "embedding_api_key");
  check_plain(options.embedding_ca_file, "embedding_ca_file");
  check_plain(options.embedding_query_prefix, "embedding_query_prefix");
  check_plain(options.embedding_document_prefix, "embedding_document_prefix");
  const auto& key = options.embedding_api_key;  // it becomes a part of an HTTP header
  if (!std::all_of(key.begin(), key.end(), prints))
    refuse_option(
        "option embedding_api_key holds characters that no key has; look for a line break at its end");
  check_range(options.embedding_dimensions, 0, 65'536, "embedding_dimensions");
  check_deadline(options.embedding_timeout, one_ms, "embedding_timeout");
  check_deadline(options.embedding_query_wait, Milliseconds{}, "embedding_query_wait");
  if (options.embedding_provider) {
    check_id(options.embedding_provider->model(), "the model of embedding_provider");
  } else if (options.embedding != EmbeddingApi::off) {
    check_id(options.embedding_model, "option embedding_model");
  }
}

void check_times(const Options& options) {
  check_deadline(options.share_deadline, Milliseconds{}, "share_deadline");
  check_deadline(options.startup_wait, Milliseconds{}, "startup_wait");
  check_deadline(options.redis_timeout, one_ms, "redis_timeout");
  check_deadline(options.batch_delay, Milliseconds{}, "batch_delay");
  check_life(options.working_ttl, "working_ttl");
  check_life(options.episodic_ttl, "episodic_ttl");
  check_life(options.semantic_ttl, "semantic_ttl");
  check_life(options.skill_ttl, "skill_ttl");
  // A tombstone that never expires would let the store grow with every deletion.
  check_duration(options.tombstone_ttl, one_ms, max_ttl, "tombstone_ttl", "from 1 ms to 100 years");
  check_duration(options.operation_ttl, one_ms, max_ttl, "operation_ttl", "from 1 ms to 100 years");
  check_duration(options.consolidate_interval, Milliseconds{}, max_ttl, "consolidate_interval",
                 "from 1 ms to 100 years, or 0 for only when asked");
}

}  // namespace

void check(const Options& options) {
  check_connection(options);
  check_id(options.ns, "option ns");
  check_id(options.agent_id, "option agent_id");
  if (!options.session_id.empty()) check_id(options.session_id, "option session_id");
  if (options.level < Level::local || options.level > Level::replicated)
    refuse_option("option level is none of local, durable, shared and replicated");
  check_range(options.replicas, 1, 1000, "replicas");
  check_times(options);
  check_embedding(options);
  check_range(options.working_capacity, 1, max_list_items, "working_capacity");
  check_range(options.batch_size, 1, 10'000, "batch_size");
  check_range(options.reader_threads, 1, 64, "reader_threads");
  check_range(options.subscription_capacity, 1, 1'000'000, "subscription_capacity");
}

}  // namespace comem::memory

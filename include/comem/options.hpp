#pragma once
// How an adapter is set up.

#include <comem/clock.hpp>
#include <comem/embedding.hpp>
#include <comem/log.hpp>
#include <comem/write.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace comem {

enum class Backend {
  sqlite,  ///< this store alone
  redis,   ///< this store, shared through Redis or Valkey
};

/// The protocol of an embedding service.
enum class EmbeddingApi {
  off,     ///< search by words alone
  openai,  ///< POST /v1/embeddings, as OpenAI and many servers have it
  ollama,  ///< POST /api/embed
};

/// How words are brought together in search.
enum class Stemming {
  english,  ///< words by their stems; stop words, synonyms and families of words as in English
  none,     ///< words as they are written, but for case and accents; for other languages
};

/// Plain data; create_memory_adapter() checks it. Adapters of one process that name the same database file
/// and the same Redis share one store and one link; all store-wide options are then those of the first.
struct Options {
  Options() = default;

  /// From the environment (see README, "Configuration"). Throws Error(invalid_argument) naming the variable.
  static Options from_environment();

  Backend backend = Backend::sqlite;
  std::string database =
      "comem.db";  ///< path, or ":memory:" for a store of its own that ends with the adapter
  std::string redis_url =
      "redis://localhost:6379/0";  ///< redis://, rediss:// or unix://; used by Backend::redis
  std::string redis_username;      ///< overrides that of the URL
  std::string redis_password;      ///< overrides that of the URL; never logged
  std::string redis_ca_file;       ///< rediss://: certificates to trust; empty: those of the system

  std::string ns = "default";      ///< namespace, 1 to 256 bytes
  std::string agent_id = "agent";  ///< 1 to 256 bytes; unique per agent, stable over its restarts
  std::string session_id;          ///< empty: a new session

  Level level = Level::durable;      ///< of writes that do not say otherwise
  Milliseconds share_deadline{250};  ///< of a call at Level::shared or replicated; Redis has a fifth at least
  unsigned replicas = 1;             ///< of Redis that must hold a write of Level::replicated; at least 1
  Milliseconds startup_wait{250};    ///< how long creation waits for Redis to be caught up with
  Milliseconds redis_timeout{5000};  ///< after which an unanswered request closes its connection

  Milliseconds working_ttl = std::chrono::hours(1);
  Milliseconds episodic_ttl = std::chrono::hours(24 * 30);
  Milliseconds semantic_ttl = std::chrono::hours(24 * 90);
  Milliseconds skill_ttl = std::chrono::hours(24 * 180);
  Milliseconds tombstone_ttl = std::chrono::hours(24 * 30);
  Milliseconds operation_ttl = std::chrono::hours(24);  ///< how long operation ids are known

  std::size_t working_capacity = 50;         ///< steps kept per agent
  std::size_t compression_threshold = 1024;  ///< bytes above which a value is compressed
  std::size_t batch_size = 100;              ///< records that are shared in one go
  Milliseconds batch_delay{100};             ///< longest wait of a record for its batch to fill
  std::size_t reader_threads = 2;            ///< SQLite connections that read
  std::size_t subscription_capacity = 1024;  ///< changes that wait for a slow subscriber
  /// A database that is damaged is renamed to "<path>.corrupt-<UTC time>", its log with it, never deleted,
  /// and a new one begun, which Redis then fills. Not a file that is no comem database, nor one of a newer
  /// comem.
  bool set_aside_corrupt = false;
  Stemming stemming = Stemming::english;  ///< of everything in the store; each process has its own index
  /// The words of a namespace are kept in a file beside the database ("<path>.words-..."), readable for its
  /// owner alone, so that a large store is searched at once when it is opened. Forgotten memories leave it
  /// when it is written next. No vectors are in it. Where there is none yet, the first search reads all
  /// memories, on up to eight threads.
  bool keep_index = true;
  bool track_access = true;              ///< count reads and hits (feeds the utility score)
  Milliseconds consolidate_interval{0};  ///< zero: only when asked

  /// Vectors add to search what words do not find. Of one text equal vectors are asked for once and kept in
  /// the database; they are not shared through Redis.
  EmbeddingApi embedding = EmbeddingApi::off;
  std::string embedding_url;               ///< http:// or https://; empty: the usual place of the service
  std::string embedding_model;             ///< as the service names it; needed where embedding is not off
  std::string embedding_api_key;           ///< sent as a bearer token; never logged
  std::string embedding_ca_file;           ///< https://: certificates to trust; empty: those of the system
  std::size_t embedding_dimensions = 0;    ///< asked of the service; 0: what the model gives
  std::string embedding_query_prefix;      ///< put before what is searched for, where the model wants it
  std::string embedding_document_prefix;   ///< put before what is remembered
  Milliseconds embedding_timeout{30000};   ///< for one batch of memories
  Milliseconds embedding_query_wait{300};  ///< how long a search waits for its vector before it goes without
  /// A provider of your own, which stands above the options of the service, those from `embedding` on. Must
  /// not own an adapter.
  std::shared_ptr<EmbeddingProvider> embedding_provider;

  LogSink log;                   ///< empty: warnings and errors to standard error
  const Clock* clock = nullptr;  ///< nullptr: the system's; must outlive every adapter
};

}  // namespace comem

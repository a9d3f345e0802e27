#pragma once
// What turns texts into vectors: a service over HTTP (Options::embedding), or a provider of your own
// (Options::embedding_provider).

#include <comem/clock.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace comem {

/// Many models embed what is searched for differently from what is searched.
enum class EmbeddingKind { document, query };

enum class EmbeddingOutcome {
  ok,             ///< one vector a text
  unavailable,    ///< not now: nobody answered in time, or the service is overloaded; worth another try later
  refused,        ///< not these texts: one of them is not acceptable
  misconfigured,  ///< not with this address, model or key; the reason says what to look at
};

/// A request for vectors. Built with setters, never as an aggregate (see README, "Build and link").
class EmbeddingRequest {
 public:
  EmbeddingRequest(std::vector<std::string> texts_, EmbeddingKind kind_, Milliseconds deadline_)
      : texts(std::move(texts_)), kind(kind_), deadline(deadline_) {}
  std::vector<std::string> texts;  ///< UTF-8, none of them empty
  EmbeddingKind kind;
  Milliseconds deadline;  ///< for the whole request; an answer that comes later is of no use
};

struct EmbeddingReply {
  EmbeddingReply() = default;
  EmbeddingOutcome outcome = EmbeddingOutcome::ok;
  std::vector<std::vector<float>>
      vectors;  ///< in the order of the texts, all of one length; need no unit length
  Milliseconds retry_after{
      0};              ///< when not ok: how long the service asked to be left alone; 0: it did not say
  std::string reason;  ///< when not ok: what failed and what to do, naming the address; no secrets, no texts
};

/// A source of vectors. comem calls it on a thread that it keeps for this alone, several requests may be
/// under way at a time. embed() must not block that thread for long, and must end soon when it is cancelled
/// (terminal cancellation). What it throws counts as unavailable.
class EmbeddingProvider {
 public:
  EmbeddingProvider() = default;
  EmbeddingProvider(const EmbeddingProvider&) = delete;
  EmbeddingProvider& operator=(const EmbeddingProvider&) = delete;
  virtual ~EmbeddingProvider() = default;

  /// Names the space of the document vectors: model, and whatever else decides which vectors can be compared.
  /// Stored vectors of another name are not used. Constant; 1 to 256 bytes.
  virtual std::string model() const = 0;
  /// Where the vectors come from, for people: an address without secrets.
  virtual std::string endpoint() const = 0;
  virtual boost::asio::awaitable<EmbeddingReply> embed(EmbeddingRequest request) = 0;
};

}  // namespace comem

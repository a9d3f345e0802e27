#include "adapters/embedding/http_provider.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>
#include <span>

#include <fmt/format.h>

#include "adapters/embedding/batches.hpp"
#include "adapters/embedding/bodies.hpp"
#include "adapters/embedding/http_connection.hpp"
#include "core/sha1.hpp"
#include "core/utf8.hpp"

namespace comem::embedding {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_idle = 4;
constexpr std::size_t longest_name = 256;

/// Everything that decides whether two document vectors can be compared.
std::string name_of_space(const Options& options) {
  std::string name = fmt::format("{}:{}", options.embedding == EmbeddingApi::ollama ? "ollama" : "openai",
                                 options.embedding_model);
  if (options.embedding_dimensions != 0) name += fmt::format("/{}", options.embedding_dimensions);
  if (!options.embedding_document_prefix.empty())
    name += "#" + sha1_hex(options.embedding_document_prefix).substr(0, 12);
  return name.size() <= longest_name ? name : "model:" + sha1_hex(name);
}

class HttpProvider final : public EmbeddingProvider {
 public:
  explicit HttpProvider(const Options& options)
      : api_(options.embedding),
        url_(endpoint_of(options.embedding, options.embedding_url)),
        where_(url_.shown()),
        space_(name_of_space(options)),
        key_(options.embedding_api_key),
        query_prefix_(options.embedding_query_prefix),
        document_prefix_(options.embedding_document_prefix) {
    body_.api = options.embedding;
    body_.model = options.embedding_model;
    body_.dimensions = options.embedding_dimensions;
    if (url_.tls) trust_ = std::make_shared<TlsTrust>(options.embedding_ca_file);
  }

  std::string model() const override { return space_; }
  std::string endpoint() const override { return where_; }

  asio::awaitable<EmbeddingReply> embed(EmbeddingRequest request) override {
    const SteadyTime deadline = std::chrono::steady_clock::now() + request.deadline;
    for (auto& text : request.texts) text = std::string(cut_utf8(text, longest_text));
    EmbeddingReply all;
    const std::span<const std::string> texts(request.texts);
    std::size_t first = 0;
    for (const auto size : batch_sizes(texts)) {
      auto part = embed_batch(texts.subspan(first, size), request.kind, deadline);
      EmbeddingReply reply = co_await std::move(part);
      if (reply.outcome != EmbeddingOutcome::ok) co_return reply;
      for (auto& vector : reply.vectors) all.vectors.push_back(std::move(vector));
      first += size;
    }
    co_return all;
  }

 private:
  using Texts = std::span<const std::string>;

  asio::awaitable<EmbeddingReply> embed_batch(Texts texts, EmbeddingKind kind, SteadyTime deadline) {
    BodyOptions options = body_;
    options.prefix = kind == EmbeddingKind::query ? query_prefix_ : document_prefix_;
    const std::string body = make_body(options, texts);
    // Somebody waits for the vector of a query: it comes at once, or the search goes on without it.
    for (unsigned number = kind == EmbeddingKind::query ? most_attempts : 1;; ++number) {
      HttpAnswer answer = co_await exchange(body, deadline);
      const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
      const Verdict verdict = judge(answer.attempt, number, left, random(), where_);
      if (verdict.outcome == EmbeddingOutcome::ok) co_return read(answer.body, texts.size());
      if (!verdict.pause) {
        EmbeddingReply reply = failed(verdict.outcome, verdict.reason);
        reply.retry_after = verdict.retry_after;
        co_return reply;
      }
      const auto executor = co_await asio::this_coro::executor;
      asio::steady_timer pause(executor, *verdict.pause);
      co_await pause.async_wait(asio::use_awaitable);
    }
  }

  /// One request and its answer; a second at once where the connection turns out to have been closed.
  asio::awaitable<HttpAnswer> exchange(const std::string& body, SteadyTime deadline) {
    const auto executor = co_await asio::this_coro::executor;
    for (;;) {
      std::unique_ptr<HttpConnection> connection = take_idle();
      if (!connection) connection = std::make_unique<HttpConnection>(executor, url_, trust_);
      HttpRequest request(body, key_);
      auto posted = connection->post(std::move(request), deadline);
      HttpAnswer answer = co_await std::move(posted);
      if (connection->reusable() && idle_.size() < most_idle) idle_.push_back(std::move(connection));
      if (!answer.stale) co_return answer;
    }
  }

  std::unique_ptr<HttpConnection> take_idle() {
    if (idle_.empty()) return nullptr;
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  EmbeddingReply read(const std::string& body, std::size_t count) const {
    EmbeddingReply reply;
    std::string problem;
    reply.vectors = parse_body(api_, body, count, problem);
    if (reply.vectors.empty())
      return failed(
          EmbeddingOutcome::unavailable,
          fmt::format("{} answered 200, but not with {} vectors: {}; check embedding_url and the kind "
                      "of service",
                      where_, count, problem));
    const auto given = reply.vectors.front().size();
    if (body_.dimensions != 0 && given != body_.dimensions)
      return failed(EmbeddingOutcome::misconfigured,
                    fmt::format("{} gives vectors of {} numbers, not the {} asked for; correct "
                                "embedding_dimensions, or leave it at 0",
                                where_, given, body_.dimensions));
    return reply;
  }

  static EmbeddingReply failed(EmbeddingOutcome outcome, std::string reason) {
    EmbeddingReply reply;
    reply.outcome = outcome;
    reply.reason = std::move(reason);
    return reply;
  }

  double random() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }

  const EmbeddingApi api_;
  const HttpUrl url_;
  const std::string where_;
  const std::string space_;
  const std::string key_;
  const std::string query_prefix_;
  const std::string document_prefix_;
  BodyOptions body_;
  std::shared_ptr<TlsTrust> trust_;
  std::mt19937 random_{std::random_device{}()};
  std::vector<std::unique_ptr<HttpConnection>> idle_;
};

}  // namespace

std::shared_ptr<EmbeddingProvider> make_http_provider(const Options& options) {
  return std::make_shared<HttpProvider>(options);
}

}  // namespace comem::embedding

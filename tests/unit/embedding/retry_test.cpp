#include "adapters/embedding/retry.hpp"

#include <doctest/doctest.h>

namespace comem::embedding {
namespace {

constexpr Milliseconds plenty{60'000};

Verdict verdict(unsigned status, unsigned number = 1, Milliseconds left = plenty,
                std::string retry_after = {}) {
  Attempt attempt;
  attempt.status = status;
  attempt.trouble = "no connection";
  attempt.retry_after = std::move(retry_after);
  return judge(attempt, number, left, 1.0, "http://h/v1/embeddings");
}

TEST_CASE("what passes by itself is tried again, ever later, and not for ever") {
  for (const unsigned status : {0u, 408u, 429u, 500u, 502u, 503u, 504u, 529u}) {
    CAPTURE(status);
    CHECK(verdict(status).pause == Milliseconds(250));
    CHECK(verdict(status, 2).pause == Milliseconds(500));
    CHECK(verdict(status, 3).pause == Milliseconds(1000));
    CHECK_FALSE(verdict(status, most_attempts).pause);
    CHECK(verdict(status).outcome == EmbeddingOutcome::unavailable);
  }
}

TEST_CASE("pauses are spread, and end before the deadline") {
  Attempt attempt;
  attempt.status = 500;
  CHECK(judge(attempt, 1, plenty, 0.0, "h").pause == Milliseconds(125));
  CHECK_FALSE(verdict(500, 1, Milliseconds(250)).pause);
  CHECK(verdict(500, 1, Milliseconds(251)).pause);
}

TEST_CASE("a service says itself how long it wants to be left alone, within bounds") {
  CHECK(verdict(429, 1, plenty, "2").pause == Milliseconds(2000));
  CHECK(verdict(429, 1, plenty, "0").pause == Milliseconds(250));
  CHECK_FALSE(verdict(429, 1, plenty, "3600").pause);
  CHECK(verdict(429, 1, plenty, "3600").retry_after == std::chrono::hours(1));
  CHECK(verdict(429, most_attempts, plenty, "5").retry_after == std::chrono::seconds(5));
  CHECK(verdict(429).retry_after == Milliseconds(0));
  CHECK_FALSE(verdict(503, 1, Milliseconds(1500), "2").pause);
  CHECK(verdict(429, 1, plenty, "Wed, 21 Oct 2015 07:28:00 GMT").pause == Milliseconds(250));
  CHECK_FALSE(parse_retry_after("-1"));
  CHECK_FALSE(parse_retry_after("99999999999999"));
}

TEST_CASE("what will not pass is said at once, with what to look at") {
  CHECK(verdict(400).outcome == EmbeddingOutcome::refused);
  CHECK(verdict(413).outcome == EmbeddingOutcome::refused);
  for (const unsigned status : {301u, 401u, 403u, 404u}) {
    CHECK(verdict(status).outcome == EmbeddingOutcome::misconfigured);
    CHECK_FALSE(verdict(status).pause);
  }
  CHECK(verdict(401).reason == "http://h/v1/embeddings answered 401: check embedding_api_key");
  CHECK(verdict(200).outcome == EmbeddingOutcome::ok);
  Attempt attempt;
  attempt.trouble = "no TLS";
  attempt.retriable = false;
  const auto given_up = judge(attempt, 1, plenty, 1.0, "https://h");
  CHECK(given_up.outcome == EmbeddingOutcome::misconfigured);
  CHECK(given_up.reason == "https://h: no TLS");
  CHECK_FALSE(given_up.pause);
}

}  // namespace
}  // namespace comem::embedding

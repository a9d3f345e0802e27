#include "adapters/embedding/retry.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace comem::embedding {
namespace {

bool passing(const Attempt& attempt) {
  switch (attempt.status) {
    case 0:
      return attempt.retriable;
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return attempt.status >= 520 && attempt.status < 600;
  }
}

EmbeddingOutcome outcome_of(const Attempt& attempt) {
  if (attempt.status == 200) return EmbeddingOutcome::ok;
  if (attempt.status == 0)
    return attempt.retriable ? EmbeddingOutcome::unavailable : EmbeddingOutcome::misconfigured;
  if (passing(attempt) || attempt.status >= 500) return EmbeddingOutcome::unavailable;
  if (attempt.status == 400 || attempt.status == 413 || attempt.status == 422)
    return EmbeddingOutcome::refused;
  return EmbeddingOutcome::misconfigured;
}

std::string_view advice(unsigned status) {
  switch (status) {
    case 400:
    case 422:
      return "it does not accept the request; check embedding_model and embedding_dimensions, and whether a "
             "text "
             "is too long for the model";
    case 401:
    case 403:
      return "check embedding_api_key";
    case 404:
    case 405:
      return "check embedding_url and embedding_model, and that the service has the model";
    case 413:
      return "a text is too long for it";
    case 429:
      return "it limits the rate of requests; it is asked again later";
    default:
      break;
  }
  if (status >= 300 && status < 400) return "it redirects, which is not followed; give its final address";
  if (status >= 500) return "it is in trouble; it is asked again later, see its log";
  return "check embedding_url";
}

std::string reason_of(const Attempt& attempt, std::string_view where) {
  if (attempt.status == 0) return fmt::format("{}: {}", where, attempt.trouble);
  return fmt::format("{} answered {}: {}", where, attempt.status, advice(attempt.status));
}

Milliseconds backoff(unsigned number, double random) {
  const auto doubled = first_pause.count() << std::min(number - 1, 10u);
  const auto longest = static_cast<double>(std::min<std::int64_t>(doubled, longest_pause.count()));
  return Milliseconds(static_cast<std::int64_t>(longest * (0.5 + 0.5 * std::clamp(random, 0.0, 1.0))));
}

}  // namespace

std::optional<Milliseconds> parse_retry_after(std::string_view value) {
  std::uint32_t seconds = 0;
  const auto* last = value.data() + value.size();
  const auto [end, error] = std::from_chars(value.data(), last, seconds);
  if (value.empty() || error != std::errc{} || end != last) return std::nullopt;
  return Milliseconds(std::int64_t{seconds} * 1000);
}

Verdict judge(const Attempt& attempt, unsigned number, Milliseconds left, double random,
              std::string_view where) {
  Verdict verdict;
  verdict.outcome = outcome_of(attempt);
  if (verdict.outcome == EmbeddingOutcome::ok) return verdict;
  verdict.reason = reason_of(attempt, where);
  verdict.retry_after = parse_retry_after(attempt.retry_after).value_or(Milliseconds(0));
  if (!passing(attempt) || number >= most_attempts) return verdict;
  const Milliseconds pause = std::max(backoff(number, random), verdict.retry_after);
  if (pause > longest_retry_after || pause >= left) return verdict;
  verdict.pause = pause;
  return verdict;
}

}  // namespace comem::embedding

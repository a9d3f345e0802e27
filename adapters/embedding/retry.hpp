#pragma once
// What to make of one attempt to get vectors: done, again after a pause, or an answer to give up with. Pure.

#include <comem/clock.hpp>
#include <comem/embedding.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace comem::embedding {

/// What became of one HTTP exchange. `status` 0: there was no answer, and `trouble` says why in words.
struct Attempt {
  Attempt() = default;
  unsigned status = 0;
  std::string trouble;
  std::string retry_after;  ///< the header, where there was one
  bool retriable = true;    ///< of an exchange without an answer: whether another try may do better
};

struct Verdict {
  Verdict() = default;
  EmbeddingOutcome outcome = EmbeddingOutcome::ok;  ///< what to answer where there is no further try
  std::optional<Milliseconds> pause;                ///< before the next try
  Milliseconds retry_after{0};                      ///< what the service asked for
  std::string reason;                               ///< when not ok
};

inline constexpr unsigned most_attempts = 4;
inline constexpr Milliseconds first_pause{250};
inline constexpr Milliseconds longest_pause{8000};
/// For a service that asks for a longer pause nobody waits; whoever calls comes back later.
inline constexpr Milliseconds longest_retry_after{30000};

/// The pause that a Retry-After header asks for in seconds; nothing for a date or what is no number.
std::optional<Milliseconds> parse_retry_after(std::string_view value);

/// `number`: of this attempt, from 1. `left`: until the deadline. `random`: from 0 to 1, spreads the pauses
/// of many clients. `where`: the address, without secrets.
Verdict judge(const Attempt& attempt, unsigned number, Milliseconds left, double random,
              std::string_view where);

}  // namespace comem::embedding

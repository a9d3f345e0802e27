#pragma once
// Texts that are written from steps: the story of an episode, its summary, the working context.

#include <comem/episode.hpp>

#include <string>
#include <vector>

namespace comem::memory {

/// About four bytes of UTF-8 a token, rounded up.
std::size_t estimate_tokens(std::string_view text) noexcept;

/// Fills what the author left out: content (prompt, outcome, steps), summary (at most about 100 tokens),
/// tools_used (the distinct actions of the steps, in order), steps, time.
void complete(Episode& episode, const std::vector<Step>& steps, TimePoint now);

/// The newest `detailed` steps in full, older ones summarised: successful ones as a selection of their
/// important actions, failed ones with their observation. Empty without steps.
std::string working_context(const std::vector<Step>& steps, std::size_t detailed);

}  // namespace comem::memory

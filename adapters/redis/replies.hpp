#pragma once
// What the answers of Redis mean: what became of a pushed record, a page of the change log, a hint. No I/O,
// and nothing is trusted: whoever answers may be anybody.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/resp.hpp"
#include "storage/relay.hpp"

namespace comem::redis {

/// Whether this is the answer to the command that was given the nonce: no other has it. One that is an error
/// has no room for a nonce; the seal of its request vouches for it (Request::sealed()).
bool is_answer_to(const Value& value, std::string_view nonce) noexcept;

/// The answer to one command of a push that is no error, for as many records as it pushed. `server` names who
/// answered, here and below (LinkMachine::identity()).
struct PushAnswer {
  PushAnswer() = default;
  std::vector<storage::PushStatus> statuses;  ///< all unknown: the answer is malformed
  storage::Position position;                 ///< of the namespace after it; empty when unknown
  bool merged = false;                        ///< see storage::PushReply
  std::string refusal;                        ///< the server's words on a record that is refused
};
PushAnswer read_push_answer(const Value& value, std::size_t records, std::string_view server);

/// The answer to a pull that is no error. `answered` is false and `reason` set when it is malformed as a
/// whole; entries that are no records of ours are counted as skipped.
storage::PullReply read_page(const std::string& ns, const Value& value, std::string_view server);

/// The answers to digest and heads, on the same terms.
storage::DigestPage read_digest(const Value& value, std::string_view server);
storage::HeadPage read_heads(const std::string& ns, const Value& value, std::string_view server);

/// Whether a page says that there is more and yet reaches no further than where it began: whoever believed it
/// would ask for ever.
template <class Page>
bool stands_still(const Page& page, const storage::Position& after) noexcept {
  const std::uint64_t begin = page.position.epoch == after.epoch ? after.seq : 0;
  return page.answered && page.more && page.position.seq <= begin;
}

/// The answer to a fetch of `asked` keys.
struct FetchAnswer {
  FetchAnswer() = default;
  std::size_t looked_at = 0;  ///< of the keys, from the first; zero when the answer is malformed
  std::vector<Record> records;
};
FetchAnswer read_fetch(const std::string& ns, const Value& value, std::size_t asked);

/// From INFO replication: where the stream of this server ends, and how many replicas hold it up to there.
std::optional<std::uint64_t> stream_end(const Value& info);
std::size_t replicas_at(const Value& info, std::uint64_t place);

/// A message of a namespace's channels: "epoch seq", and for each record that it carries
/// " #member #metadata #value membermetadatavalue" (#x: the bytes of x). Nothing for what is not ours; where
/// a record is not ours, the message carries none.
std::optional<storage::Hint> read_hint(const std::string& ns, std::string_view text, std::string_view server);

}  // namespace comem::redis

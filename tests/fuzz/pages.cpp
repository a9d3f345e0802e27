// What Redis answers to questions for digests, heads and single records, and about its replicas
// (adapters/redis/replies.hpp). Byte 0 says what the rest is: a stream of RESP, or one of these in lines.

#include "adapters/redis/replies.hpp"
#include "adapters/redis/wire.hpp"
#include "core/ids.hpp"
#include "property.hpp"
#include "redis_values.hpp"

namespace comem::fuzz {
namespace {

const std::string ns = "n{s}";
const std::string server = "9f.run";
constexpr std::uint64_t hash_end = std::uint64_t{1} << 48;

template <class Page>
bool check_head(const Page& page) {
  require(page.answered == page.reason.empty(), "a page is answered or says why not");
  require(page.answered == !page.position.epoch.empty(), "only an answer has a position");
  if (!page.answered) return false;
  require(!redis::epoch_within(page.position.epoch, server).empty(), "the epoch is one of this server");
  return true;
}

void check_digest(const Value& value) {
  const auto page = redis::read_digest(value, server);
  if (!check_head(page)) return require(page.digest == RecordDigest(), "no answer has no digest");
  for (const auto& [bucket, sum] : page.digest.buckets())
    require(bucket.second < digest_buckets && sum.count > 0 && sum.hash < hash_end, "a sum is bounded");
  require(page.digest.difference(page.digest).empty(), "a digest is equal to itself");
}

void check_heads(const Value& value) {
  const auto page = redis::read_heads(ns, value, server);
  if (!check_head(page)) return require(page.heads.empty(), "no answer has no heads");
  require(page.heads.size() <= value.items.back().items.size(), "no head is made up");
  for (const auto& head : page.heads) {
    require(head.key.ns == ns && !head.key.id.empty() && head.key.id.size() <= max_id_bytes,
            "a head has a key of this namespace");
    require(head.version.ms >= 0 && !head.version.store.empty() && head.hash < hash_end, "a head is one");
  }
}

void check_fetch(const Value& value) {
  for (const std::size_t asked : {0u, 1u, 3u}) {
    const auto answer = redis::read_fetch(ns, value, asked);
    require(answer.looked_at <= asked, "no more keys are looked at than were asked for");
    require(answer.looked_at > 0 || answer.records.empty(), "a malformed answer has no records");
    for (const auto& record : answer.records)
      require(record.key.ns == ns && !record.version.store.empty(), "a record has a key and a version");
  }
}

void check_replication(const Value& info) {
  const auto end = redis::stream_end(info);
  require(!end || *end < (std::uint64_t{1} << 53), "a place in the stream is exact");
  std::size_t before = redis::replicas_at(info, 0);
  require(before <= 100, "replicas are bounded");
  for (const std::uint64_t place :
       {std::uint64_t{1}, std::uint64_t{1000}, end.value_or(5000), ~std::uint64_t{0}}) {
    const auto count = redis::replicas_at(info, place);
    require(count <= redis::replicas_at(info, 0), "no more replicas hold more of the stream");
    if (place == ~std::uint64_t{0}) require(count == 0, "and none holds all that could ever be");
  }
}

void check_all(const Value& value) {
  check_digest(value);
  check_heads(value);
  check_fetch(value);
  check_replication(value);
}

/// Lines "epoch", "last", "reached", "more", then one an entry, whose fields `kinds` says: t a text, n a
/// number.
Value page_of(Input input, std::string_view kinds) {
  std::vector<Value> page{text("nonce")};
  for (int i = 0; i < 3; ++i) page.push_back(text(input.until('\n')));
  page.push_back(number(input.until('\n')));
  std::vector<Value> entries;
  while (!input.empty()) {
    std::vector<Value> entry;
    for (const auto field : fields_of(input.until('\n'))) {
      const char kind = kinds[std::min(entry.size(), kinds.size() - 1)];
      entry.push_back(kind == 'n' ? number(field) : text(field));
    }
    entries.push_back(list(std::move(entry)));
  }
  page.push_back(list(std::move(entries)));
  return list(std::move(page));
}

/// A line that says how many keys were looked at, then a record a line.
Value fetch_of(Input input) {
  std::vector<Value> answer{text("nonce"), number(input.until('\n'))}, records;
  while (!input.empty()) records.push_back(record_of(input.until('\n')));
  answer.push_back(list(std::move(records)));
  return list(std::move(answer));
}

}  // namespace
}  // namespace comem::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comem::fuzz;
  Input input(data, size);
  switch (input.byte()) {
    case 'd':
      check_all(page_of(input, "tnn"));
      break;
    case 'h':
      check_all(page_of(input, "ttttn"));
      break;
    case 'f':
      check_all(fetch_of(input));
      break;
    case 'i':
      check_all(text(input.rest()));
      break;
    default:
      for (const auto& value : values_of(input.rest())) check_all(value);
      break;
  }
  return 0;
}

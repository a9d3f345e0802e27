// The small pieces below every write: the envelope of a value, the checksum of a row, versions, the Redis
// protocol.

#include <benchmark/benchmark.h>

#include "adapters/redis/resp.hpp"
#include "adapters/sqlite/record_sum.hpp"
#include "benchmarks/payload.hpp"
#include "core/envelope.hpp"
#include "core/hybrid_clock.hpp"

namespace {

using namespace comem;

std::string value_of_words(std::size_t words) {
  return "{\"text\": \"" + bench::Words(1).text(words) + "\"}";
}

void wrap(benchmark::State& state) {
  const auto json = value_of_words(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(wrap_value(json, 1024));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK(wrap)->Arg(90)->Arg(1000);  // below and above the threshold of compression

void unwrap(benchmark::State& state) {
  const auto json = value_of_words(static_cast<std::size_t>(state.range(0)));
  const auto bytes = wrap_value(json, 1024);
  for (auto _ : state) benchmark::DoNotOptimize(unwrap_value(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}
BENCHMARK(unwrap)->Arg(90)->Arg(1000);

void sum_of_row(benchmark::State& state) {
  Record record;
  record.key = RecordKey("default", MemoryType::episodic, "0123456789abcdef");
  record.version = Version{1'700'000'000'000, 0, "0123456789abcdef"};
  record.value = wrap_value(value_of_words(static_cast<std::size_t>(state.range(0))), 1024);
  for (auto _ : state) benchmark::DoNotOptimize(sqlite::record_sum(record, "a0123456789abcdef=12"));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(record.value.size()));
}
BENCHMARK(sum_of_row)->Arg(90);

void stamp_version(benchmark::State& state) {
  const std::string store = "0123456789abcdef";
  const TimePoint now{Milliseconds{1'700'000'000'000}};
  Version last;
  for (auto _ : state) {
    last = next_version(now, last, Version{}, store);
    benchmark::DoNotOptimize(last);
  }
}
BENCHMARK(stamp_version);

void encode_command(benchmark::State& state) {
  const auto value = value_of_words(90);
  std::string out;
  for (auto _ : state) {
    out.clear();
    redis::append_command(
        out, {"EVALSHA", "0123456789abcdef0123456789abcdef01234567", "1", "{default}:log", value});
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(encode_command);

void decode_replies(benchmark::State& state) {
  const auto value = value_of_words(90);
  std::string replies;
  for (int i = 0; i < 100; ++i)
    replies += "*3\r\n:" + std::to_string(i) + "\r\n+OK\r\n$" + std::to_string(value.size()) + "\r\n" +
               value + "\r\n";
  for (auto _ : state) {
    redis::RespDecoder decoder;
    decoder.feed(replies);
    redis::Value reply;
    while (decoder.next(reply) == redis::RespDecoder::Status::value) benchmark::DoNotOptimize(reply);
  }
  state.SetItemsProcessed(state.iterations() * 100);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(replies.size()));
}
BENCHMARK(decode_replies);

}  // namespace

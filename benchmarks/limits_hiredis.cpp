// The limits of Redis, over another client than ours.

#include <hiredis/hiredis.h>

#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include "benchmarks/limits.hpp"

namespace comem::bench {
namespace {

struct Free {
  void operator()(redisContext* context) const { redisFree(context); }
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, Free>;
using Reply = std::unique_ptr<redisReply, Free>;

Context connect(const LimitSettings& settings) {
  Context context(redisConnect(settings.host.c_str(), settings.port));
  if (!context || context->err != 0) throw std::runtime_error("Redis cannot be reached");
  return context;
}

Reply next(redisContext* context) {
  void* reply = nullptr;
  if (redisGetReply(context, &reply) != REDIS_OK || reply == nullptr)
    throw std::runtime_error("Redis went away");
  return Reply(static_cast<redisReply*>(reply));
}

}  // namespace

Measurement measure_pubsub(const LimitSettings& settings) {
  const Context publisher = connect(settings), subscriber = connect(settings);
  redisAppendCommand(subscriber.get(), "SUBSCRIBE comem-limits");
  next(subscriber.get());
  const std::string message(64, 'm');
  Measurement measured;
  measured.start();
  for (std::size_t i = 0; i < settings.n; ++i) {
    const auto begin = Steady::now();
    redisAppendCommand(publisher.get(), "PUBLISH comem-limits %b", message.data(), message.size());
    int sent = 0;
    while (sent == 0)
      if (redisBufferWrite(publisher.get(), &sent) != REDIS_OK) throw std::runtime_error("Redis went away");
    next(subscriber.get());
    measured.add(ms_between(begin, Steady::now()));
    next(publisher.get());
  }
  measured.stop();
  return measured;
}

Measurement measure_pipeline(const LimitSettings& settings) {
  constexpr std::size_t depth = 100;
  const Context context = connect(settings);
  const std::string value(settings.bytes, 'v');
  Measurement measured;
  measured.start();
  for (std::size_t i = 0; i < settings.n; i += depth) {
    const auto begin = Steady::now();
    for (std::size_t k = i; k < i + depth; ++k) {
      const auto key = fmt::format("comem-limits:{}", k % 100'000);
      redisAppendCommand(context.get(), "SET %b %b", key.data(), key.size(), value.data(), value.size());
    }
    for (std::size_t k = 0; k < depth; ++k) next(context.get());
    for (std::size_t k = 0; k < depth; ++k) measured.add(ms_between(begin, Steady::now()) / depth);
  }
  measured.stop();
  return measured;
}

}  // namespace comem::bench

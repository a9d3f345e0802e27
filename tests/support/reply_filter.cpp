#include "tests/support/reply_filter.hpp"

#include <atomic>
#include <memory>
#include <random>
#include <utility>

namespace comem::testing {

Judge nth_replies(std::size_t before, std::size_t count, Fate fate) {
  auto seen = std::make_shared<std::atomic<std::size_t>>(0);
  return [seen, before, count, fate](const redis::Value&) {
    const std::size_t at = (*seen)++;
    return at >= before && at - before < count ? fate : Fate::pass;
  };
}

Judge lies_by_chance(unsigned seed, unsigned percent) {
  auto random = std::make_shared<std::mt19937>(seed);
  return [random, percent](const redis::Value&) {
    std::uniform_int_distribution<unsigned> draw(0, 99);
    if (draw(*random) >= percent) return Fate::pass;
    return draw(*random) < 50 ? Fate::swallow : Fate::twice;
  };
}

std::string ReplyFilter::pass(std::string_view bytes, const Judge& judge) {
  std::string out;
  for (const char byte : bytes) {
    if (!within_) judged_ = judge && !foreign_;
    within_ = true;
    (judged_ ? kept_ : out) += byte;
    if (foreign_) continue;
    // A byte at a time, since the decoder does not tell where in its bytes a reply ended.
    decoder_.feed(std::string_view(&byte, 1));
    redis::Value reply;
    const auto status = decoder_.next(reply);
    if (status == redis::RespDecoder::Status::need_more) continue;
    foreign_ = status == redis::RespDecoder::Status::broken;
    out += judged_ && !foreign_ ? decide(reply, judge) : std::exchange(kept_, {});
    kept_.clear();
    within_ = false;
  }
  return out;
}

std::string ReplyFilter::decide(const redis::Value& reply, const Judge& judge) {
  if (!judge || reply.is(redis::Value::Kind::push)) return kept_;
  switch (judge(reply)) {
    case Fate::pass:
      break;
    case Fate::swallow:
      return {};
    case Fate::twice:
      return kept_ + kept_;
  }
  return kept_;
}

}  // namespace comem::testing

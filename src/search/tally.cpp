#include "search/tally.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace comem::search {
namespace {

constexpr DocumentNumber reach = Neighbours::reach;
constexpr std::size_t width = HearingWeights::width;  // of what a document is heard in: reach, itself, reach
constexpr std::size_t room = 16;                      // before the first document and behind the last
constexpr std::uint8_t now = 1, ever = 2;             // which terms a block hears
static_assert(width == 12 && width >= 2 * reach + 1 && room >= width);

/// What a document is heard with by those around it, by how they stand (Neighbours::line): zero where the
/// session ends.
using ByLine = std::array<std::array<float, width>, Neighbours::lines>;

ByLine by_line(const HearingWeights& weights) noexcept {
  ByLine all{};
  for (std::size_t line = 0; line < all.size(); ++line) {
    const std::size_t before = weights.neighbours ? line / (reach + 1) : 0;
    const std::size_t after = weights.neighbours ? line % (reach + 1) : 0;
    for (std::size_t to = reach - before; to <= reach + after; ++to) all[line][to] = weights.of[to];
  }
  return all;
}

/// Turns what the blocks hear into scores, keeps the highest, and leaves zeros behind.
struct TakeIn {
  const BlockNumber* blocks;
  std::size_t count;
  float* loudness;  // of the first document
  float* scores;
  float* most;
  float weight, half_way;
};

using Four [[gnu::vector_size(16)]] = float;

[[gnu::always_inline]] inline void add_four(float* to, float loudness, const float* with) noexcept {
  Four sum, weights;
  std::memcpy(&sum, to, sizeof sum);
  std::memcpy(&weights, with, sizeof weights);
  sum += loudness * weights;
  std::memcpy(to, &sum, sizeof sum);
}

using Eight [[gnu::vector_size(32)]] = float;

[[gnu::always_inline]] inline void load(Eight& to, const float* from) noexcept {
  std::memcpy(&to, from, sizeof to);
}

[[gnu::always_inline]] inline void take_in_eight(float* heard, float* scores, const TakeIn& all,
                                                 Eight& sum) noexcept {
  Eight h;
  load(h, heard);
  load(sum, scores);
  sum += all.weight * h / (h + all.half_way);
  std::memcpy(scores, &sum, sizeof sum);
  std::memset(heard, 0, sizeof h);
}

[[gnu::always_inline]] inline void take_in_blocks(const TakeIn& all) noexcept {
  static_assert(block_size == 16);
  for (std::size_t i = 0; i < all.count; ++i) {
    const std::size_t first = std::size_t{all.blocks[i]} * block_size;
    Eight low, high;
    take_in_eight(all.loudness + first, all.scores + first, all, low);
    take_in_eight(all.loudness + first + 8, all.scores + first + 8, all, high);
    Eight most = low > high ? low : high;
    Eight other = __builtin_shufflevector(most, most, 4, 5, 6, 7, 0, 1, 2, 3);
    most = most > other ? most : other;
    other = __builtin_shufflevector(most, most, 2, 3, 0, 1, 6, 7, 4, 5);
    most = most > other ? most : other;
    all.most[all.blocks[i]] = most[0] > most[1] ? most[0] : most[1];
  }
}

using TakeInBlocks = void (*)(const TakeIn&) noexcept;

void take_in_plain(const TakeIn& all) noexcept {
  take_in_blocks(all);
}

// Without fused multiplication, which rounds once where others round twice: all machines rank alike.
#if defined(__x86_64__) && defined(__GNUC__)
[[gnu::target("avx2")]] void take_in_avx2(const TakeIn& all) noexcept {
  take_in_blocks(all);
}

TakeInBlocks choose() noexcept {
  return __builtin_cpu_supports("avx2") ? take_in_avx2 : take_in_plain;
}
#else
TakeInBlocks choose() noexcept {
  return take_in_plain;
}
#endif

}  // namespace

/// Adds up what is heard of one term.
class Tally::Listening {
 public:
  Listening(Tally& tally, const DocumentTable& documents, const Neighbours& neighbours,
            const HearingWeights& weights) noexcept
      : tally_(tally),
        loudness_(tally.loudness_.data() + room),
        documents_(documents),
        neighbours_(neighbours),
        weights_(weights),
        by_line_(by_line(weights)) {}

  [[gnu::always_inline]] void operator()(const Sought::Heard& heard) {
    const DocumentNumber number = heard.document;
    const std::uint8_t line = neighbours_.line(number);
    if (line == Neighbours::scattered_line && weights_.neighbours) {
      hear_apart(heard);
    } else {
      const auto& with = by_line_[line == Neighbours::scattered_line ? 0 : line];
      float* const to = loudness_ + number - reach;
      add_four(to, heard.loudness, with.data());
      add_four(to + 4, heard.loudness, with.data() + 4);
      add_four(to + 8, heard.loudness, with.data() + 8);
      const BlockNumber last = block_of(number + reach);
      if (last != last_) {  // numbers ascend, so else both are marked
        mark(block_of(number - std::min(number, reach)));
        mark(last);
        last_ = last;
      }
    }
    if (heard.own != heard.loudness) loudness_[number] += (heard.own - heard.loudness) * full_weight;
    if (heard.asked > 0 && weights_.neighbours) answer(heard);
  }

 private:
  void mark(BlockNumber block) {
    if (block >= tally_.hears_.size() || (tally_.hears_[block] & now) != 0) return;
    tally_.hears_[block] |= now;
    tally_.heard_now_.push_back(block);
  }

  // By its neighbours one by one, wherever they are.
  void hear_apart(const Sought::Heard& heard) {
    loudness_[heard.document] += heard.loudness * full_weight;
    mark(block_of(heard.document));
    const auto walk = [&](int step, auto next) {
      DocumentNumber other = heard.document;
      for (int away = 1; away <= static_cast<int>(reach); ++away) {
        other = next(other);
        if (other == Neighbours::none) return;
        loudness_[other] += heard.loudness * weights_.at(away * step);
        mark(block_of(other));
      }
    };
    walk(-1, [&](DocumentNumber other) { return neighbours_.before(other); });
    walk(1, [&](DocumentNumber other) { return neighbours_.after(other); });
  }

  void answer(const Sought::Heard& heard) {
    const DocumentNumber next = neighbours_.after(heard.document);
    if (next == Neighbours::none || documents_.author(next) == documents_.author(heard.document)) return;
    loudness_[next] += heard.asked * weights_.answer;
  }

  Tally& tally_;
  float* const loudness_;
  const DocumentTable& documents_;
  const Neighbours& neighbours_;
  const HearingWeights& weights_;
  const ByLine by_line_;
  BlockNumber last_ = 0xFFFFFFFF;  // marked, as all before it that are heard
};

void Tally::begin(DocumentNumber end) {
  for (const BlockNumber block : heard_ever_) {
    const auto first = scores_.begin() + static_cast<std::ptrdiff_t>(block) * block_size;
    std::fill(first, first + block_size, 0.0f);
    most_[block] = 0;
    hears_[block] = 0;
  }
  heard_ever_.clear();
  const BlockNumber blocks = blocks_below(end);
  loudness_.resize(std::size_t{blocks} * block_size + 2 * room);
  scores_.resize(std::size_t{blocks} * block_size);
  most_.resize(blocks);
  hears_.resize(blocks);
}

void Tally::meet(DocumentNumber number) {
  constexpr float met = 1e-20f;
  const BlockNumber block = block_of(number);
  scores_[number] = met;
  most_[block] = met;
  note(block);
}

void Tally::note(BlockNumber block) {
  if ((hears_[block] & ever) != 0) return;
  hears_[block] |= ever;
  heard_ever_.push_back(block);
}

void Tally::add(const Sought& term, const Saturation& saturation, const DocumentTable& documents,
                const Neighbours& neighbours, const HearingWeights& weights) {
  Listening listening(*this, documents, neighbours, weights);
  term.for_each(documents, [&](const Sought::Heard& heard) { listening(heard); });
  take_in(saturation);
}

void Tally::add_in(const std::vector<DocumentRange>& ranges, const Sought& term, const Saturation& saturation,
                   const DocumentTable& documents, const Neighbours& neighbours,
                   const HearingWeights& weights) {
  Listening listening(*this, documents, neighbours, weights);
  term.for_each_in(ranges, documents, [&](const Sought::Heard& heard) { listening(heard); });
  take_in(saturation);
}

void Tally::take_in(const Saturation& saturation) {
  static const TakeInBlocks chosen = choose();
  chosen({heard_now_.data(), heard_now_.size(), loudness_.data() + room, scores_.data(), most_.data(),
          saturation.weight, saturation.half_way});
  for (const BlockNumber block : heard_now_) {
    hears_[block] &= ever;
    if (most_[block] > 0) note(block);
  }
  heard_now_.clear();
}

}  // namespace comem::search

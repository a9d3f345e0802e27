#include "storage/vector_filler.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "memory/codec.hpp"
#include "memory/embedded_text.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page_records = 64;
constexpr std::size_t purge_page = 500;
constexpr std::size_t most_refused = 100'000;
constexpr Milliseconds poll_interval{2000};  // other processes on the file write without a word
constexpr Milliseconds first_pause{1000};
constexpr Milliseconds longest_pause{30000};
constexpr Milliseconds refused_interval{600'000};
constexpr Milliseconds purge_interval{3600'000};
constexpr auto unused_model = std::chrono::hours(24 * 7);

/// What is wrong with vectors of a provider that says it is fine; empty when nothing is.
std::string problem_of(const std::vector<Vector>& vectors, std::size_t count) {
  if (vectors.size() != count) return fmt::format("{} vectors for {} texts", vectors.size(), count);
  for (const auto& vector : vectors) {
    if (vector.empty() || vector.size() != vectors.front().size()) return "vectors of different lengths";
    if (!std::all_of(vector.begin(), vector.end(), [](float value) { return std::isfinite(value); }))
      return "vectors with numbers that are not finite";
  }
  return {};
}

}  // namespace

/// What was read of some records, and what comes of it.
struct VectorFiller::Page {
  struct Item {
    RecordKey key;
    std::uint64_t change = 0;
    std::string text;  // cleared once it is embedded
    std::string hash;
    bool known = false;  // the store has its vector
    bool skip = false;   // the provider does not take it
    Vector vector;
  };
  std::vector<Item> items;
  std::int64_t model = 0;
  std::uint64_t generation = 0;
  bool full = false;
};

VectorFiller::VectorFiller(asio::any_io_executor executor, EmbeddingProvider& provider,
                           const Options& options, Store& store, Note note)
    : provider_(provider),
      model_(provider.model()),
      clock_(*options.clock),
      timeout_(options.embedding_timeout),
      store_(store),
      note_(std::move(note)),
      wake_(executor),
      rested_(executor) {}

void VectorFiller::add(const std::string& ns) {
  if (done_.try_emplace(ns, 0).second) wake_.notify();
}

void VectorFiller::notify() {
  wake_.notify();
}

void VectorFiller::provider_is_back() {
  if (pause_ == Milliseconds(0)) return;
  pause_ = Milliseconds(0);
  not_before_ = SteadyTime();
  wake_.notify();
}

void VectorFiller::mend(std::vector<std::string> texts) {
  damaged_.insert(damaged_.end(), std::make_move_iterator(texts.begin()),
                  std::make_move_iterator(texts.end()));
  wake_.notify();
}

void VectorFiller::begin_anew() {
  for (auto& [ns, change] : done_) change = 0;
  swept_.clear();
}

asio::awaitable<void> VectorFiller::run() {
  again_at_ = clock_.steady() + refused_interval;
  purge_at_ = clock_.steady();
  for (;;) {
    std::string trouble;
    resting_ = false;
    try {
      if (clock_.steady() >= not_before_) co_await sweep();
    } catch (const Error& error) {
      if (error.code() == make_error_code(errc::closed)) co_return;
      trouble = error.what();
    }
    if (!trouble.empty()) {  // of the store; it says so to whoever writes, too
      not_before_ = clock_.steady() + longest_pause;
      note_(EmbeddingOutcome::unavailable, trouble, 0);
    }
    resting_ = true;
    rested_.notify();
    const SteadyTime next = std::max(not_before_, clock_.steady() + poll_interval);
    co_await wake_.wait(next);
  }
}

asio::awaitable<void> VectorFiller::sweep() {
  if (!refused_.empty() && clock_.steady() >= again_at_) {
    refused_.clear();
    begin_anew();
    again_at_ = clock_.steady() + refused_interval;
  }
  if (!damaged_.empty()) co_await mend_damaged();
  if (suspect_) co_await check_model();
  const bool news = co_await changed();
  std::vector<std::string> spaces;
  for (const auto& [ns, change] : done_)
    if (news || swept_.count(ns) == 0) spaces.push_back(ns);
  for (const auto& ns : spaces) {
    bool more = true;
    while (more && clock_.steady() >= not_before_) more = co_await fill_page(ns);
    if (clock_.steady() >= not_before_) swept_.insert(ns);
  }
  if (clock_.steady() < not_before_) {
    seen_change_ = ~std::uint64_t{0};  // something is left: look again whatever the store says
    co_return;
  }
  if (clock_.steady() >= purge_at_) co_await purge();
}

/// Whether anything was written since this was last asked.
asio::awaitable<bool> VectorFiller::changed() {
  std::uint64_t last = 0;
  ReadFunction read = [&last](ReadTransaction& tx) { last = tx.last_change(); };
  co_await store_.read(std::move(read));
  co_return std::exchange(seen_change_, last) != last;
}

asio::awaitable<bool> VectorFiller::fill_page(std::string ns) {
  auto page = std::make_shared<Page>();
  std::uint64_t& done = done_[ns];
  ReadFunction read = [page, ns, after = done, name = model_, now = clock_.now()](ReadTransaction& tx) {
    VectorReads* vectors = tx.vectors();
    if (vectors == nullptr) return;
    const auto model = vectors->model(name);
    if (model) {
      page->model = model->key;
      page->generation = model->generation;
    }
    const auto records = vectors->unmarked(ns, page->model, after, now, page_records);
    page->full = records.size() == page_records;
    for (const auto& record : records) {
      Page::Item item;
      item.key = record.key;
      item.change = record.change;
      try {
        item.text = memory::embedded_text(memory::memory_from_record(record));
      } catch (const Error&) {  // what cannot be read has no text
      }
      item.hash = memory::hash_of_text(item.text);
      item.known = model && !item.hash.empty() && vectors->vector_of(model->key, item.hash).has_value();
      page->items.push_back(std::move(item));
    }
  };
  co_await store_.read(std::move(read));
  if (page->items.empty()) co_return false;
  co_await embed(page);
  if (clock_.steady() < not_before_) co_return false;
  co_await keep(page);
  if (page->generation != generation_) {  // all vectors were dropped, by us or by another process
    generation_ = page->generation;
    begin_anew();
    co_return true;
  }
  done = page->items.back().change;
  co_return page->full;
}

asio::awaitable<EmbeddingReply> VectorFiller::ask(std::vector<std::string> texts) {
  EmbeddingReply reply;
  const std::size_t count = texts.size();
  try {
    EmbeddingRequest request(std::move(texts), EmbeddingKind::document, timeout_);
    auto asked = provider_.embed(std::move(request));
    reply = co_await std::move(asked);
  } catch (const std::exception& error) {
    reply.outcome = EmbeddingOutcome::unavailable;
    reply.reason = fmt::format("{}: {}", provider_.endpoint(), error.what());
  }
  if (reply.outcome != EmbeddingOutcome::ok) co_return reply;
  const std::string problem = problem_of(reply.vectors, count);
  if (!problem.empty()) {
    reply.outcome = EmbeddingOutcome::unavailable;
    reply.reason = fmt::format("{} gave {}; check the embedding provider", provider_.endpoint(), problem);
  }
  co_return reply;
}

/// Asks for the vectors of the page's texts, each text once.
asio::awaitable<void> VectorFiller::embed(std::shared_ptr<Page> page) {
  std::map<std::string, std::size_t> places;  // of hashes among the texts
  std::vector<std::string> texts;
  for (auto& item : page->items) {
    item.skip = refused_.count(item.hash) != 0;
    if (item.hash.empty() || item.known || item.skip) continue;
    if (places.try_emplace(item.hash, texts.size()).second) texts.push_back(item.text);
  }
  if (texts.empty()) co_return;
  const std::size_t count = texts.size();
  auto asked = ask(std::move(texts));
  EmbeddingReply reply = co_await std::move(asked);
  if (reply.outcome == EmbeddingOutcome::refused) {
    co_await embed_each(page);
    co_return;
  }
  if (reply.outcome != EmbeddingOutcome::ok) {
    failed(reply);
    co_return;
  }
  for (auto& item : page->items)
    if (const auto place = places.find(item.hash); place != places.end())
      item.vector = reply.vectors[place->second];
  pause_ = Milliseconds(0);
  note_(EmbeddingOutcome::ok, {}, count);
}

/// One of several texts was refused: finds out which.
asio::awaitable<void> VectorFiller::embed_each(std::shared_ptr<Page> page) {
  for (auto& item : page->items) {
    if (item.hash.empty() || item.known || item.skip) continue;
    std::vector<std::string> one;
    one.push_back(item.text);
    auto asked = ask(std::move(one));
    EmbeddingReply reply = co_await std::move(asked);
    if (reply.outcome == EmbeddingOutcome::ok) {
      item.vector = std::move(reply.vectors.front());
      note_(EmbeddingOutcome::ok, {}, 1);
    } else if (reply.outcome == EmbeddingOutcome::refused) {
      item.skip = true;
      if (refused_.size() < most_refused) refused_.insert(item.hash);
      note_(EmbeddingOutcome::refused, reply.reason, 0);
    } else {
      failed(reply);
      co_return;
    }
  }
}

void VectorFiller::failed(const EmbeddingReply& reply) {
  pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
  if (reply.outcome == EmbeddingOutcome::misconfigured) pause_ = longest_pause;
  not_before_ = clock_.steady() + pause_;
  note_(reply.outcome, reply.reason, 0);
}

asio::awaitable<void> VectorFiller::keep(std::shared_ptr<Page> page) {
  WriteFunction write = [page, read_at = page->generation, name = model_,
                         now = clock_.now()](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    if (vectors == nullptr) return;
    std::size_t dimensions = 0;
    for (const auto& item : page->items) dimensions = std::max(dimensions, item.vector.size());
    const VectorModel model = vectors->open_model(name, dimensions, now);
    // Vectors that were found in the store are gone if it turns out to hold those of another model.
    const bool anew = page->model != 0 && model.generation != read_at;
    page->generation = model.generation;
    for (const auto& item : page->items) {
      if (item.skip || (item.known && anew)) continue;
      if (!item.vector.empty()) vectors->keep(model.key, item.hash, item.vector);
      if (item.hash.empty() || item.known || !item.vector.empty())
        vectors->mark(model.key, item.key, item.change, item.hash);
    }
  };
  co_await store_.write(std::move(write), Durability::process);
}

asio::awaitable<void> VectorFiller::mend_damaged() {
  WriteFunction write = [texts = std::exchange(damaged_, {}), name = model_](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    const auto model = vectors == nullptr ? std::nullopt : vectors->model(name);
    if (!model) return;
    for (const auto& text : texts) {
      const auto held = vectors->vector_of(model->key, text);
      if (!held || held->size() != model->dimensions) vectors->unmark(model->key, text);
    }
  };
  co_await store_.write(std::move(write), Durability::process);
  begin_anew();
}

/// Asks for the vector of some text, to see its length. A length other than that of the stored vectors makes
/// the store drop them; then all are embedded again.
asio::awaitable<void> VectorFiller::check_model() {
  std::vector<std::string> probe;
  probe.emplace_back("comem");
  auto asked = ask(std::move(probe));
  EmbeddingReply reply = co_await std::move(asked);
  if (reply.outcome != EmbeddingOutcome::ok) {
    failed(reply);
    co_return;
  }
  suspect_ = false;
  std::uint64_t generation = generation_;
  WriteFunction write = [&generation, size = reply.vectors.front().size(), name = model_,
                         now = clock_.now()](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    if (vectors != nullptr) generation = vectors->open_model(name, size, now).generation;
  };
  co_await store_.write(std::move(write), Durability::process);
  if (std::exchange(generation_, generation) == generation) co_return;
  begin_anew();
}

/// Vectors of models that nobody has used for long go; that this one is in use is noted.
asio::awaitable<void> VectorFiller::purge() {
  std::size_t purged = 0;
  WriteFunction write = [&purged, name = model_, now = clock_.now()](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    if (vectors == nullptr || !vectors->model(name)) return;
    vectors->open_model(name, 0, now);
    purged = vectors->purge_vectors(now - unused_model, purge_page);
  };
  co_await store_.write(std::move(write), Durability::process);
  if (purged < purge_page) purge_at_ = clock_.steady() + purge_interval;
}

asio::awaitable<bool> VectorFiller::complete(std::string ns) {
  std::uint64_t last = 0;
  ReadFunction read = [&last](ReadTransaction& tx) { last = tx.last_change(); };
  co_await store_.read(std::move(read));
  const bool all = resting_ && seen_change_ == last && swept_.count(ns) != 0;
  co_return all;
}

}  // namespace comem::storage

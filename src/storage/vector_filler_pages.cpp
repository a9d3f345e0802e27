// One page of memories without vectors: read, claimed, embedded, written.

#include <comem/error.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "memory/codec.hpp"
#include "memory/embedded_text.hpp"
#include "storage/vector_filler.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t page_records = 64;
constexpr std::size_t most_refused = 100'000;
constexpr Milliseconds first_pause{1000};

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
    /// Whether its vector must be asked for.
    bool wanted() const noexcept { return !hash.empty() && !known && !skip && vector.empty(); }

    RecordKey key;
    std::uint64_t change = 0;
    std::string text;  // cleared once it is embedded
    std::string hash;
    bool known = false;  // the store has its vector
    bool skip = false;   // the provider does not take it
    Vector vector;
  };
  bool wanting() const {
    return std::any_of(items.begin(), items.end(), [](const Item& item) { return item.wanted(); });
  }

  std::string ns;
  std::vector<Item> items;
  std::int64_t model = 0;
  std::uint64_t generation = 0;
  bool full = false;
  bool left = false;  // to another process
};

asio::awaitable<bool> VectorFiller::fill_page(std::string ns) {
  auto page = std::make_shared<Page>();
  page->ns = ns;
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
  if (page->items.empty()) {  // the page before was full, and the last
    co_await release();
    co_return false;
  }
  for (auto& item : page->items) item.skip = refused_.count(item.hash) != 0;
  co_await embed(page);
  if (clock_.steady() < not_before_) {
    co_await release();  // another process may have a provider that works
    co_return false;
  }
  if (page->left) {
    left_.insert(ns);
    co_return false;
  }
  co_await keep(page);
  if (page->generation != generation_) {  // all vectors were dropped, by us or by another process
    generation_ = page->generation;
    begin_anew();
    co_return true;
  }
  done = page->items.back().change;
  co_return page->full;
}

/// Makes the namespace this process's to embed, for as long as one request may take. What another process did
/// between the look at the page and the claim is not done again.
asio::awaitable<void> VectorFiller::claim(std::shared_ptr<Page> page) {
  const bool anew = claimed_.count(page->ns) == 0;
  WriteFunction write = [page, anew, claimant = claimant_, name = model_, now = clock_.now(),
                         until = clock_.now() + longest_request_](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    page->left = false;
    if (vectors == nullptr) return;
    const VectorModel model = vectors->open_model(name, 0, now);
    page->left = !vectors->claim(model.key, page->ns, claimant, now, until);
    if (!anew || page->left || model.generation != page->generation) return;
    for (auto& item : page->items)
      if (item.wanted()) item.known = vectors->vector_of(model.key, item.hash).has_value();
    page->model = model.key;
  };
  co_await store_.write(std::move(write), Durability::process);
  if (page->left)
    claimed_.erase(page->ns);
  else
    claimed_.insert(page->ns);
}

asio::awaitable<void> VectorFiller::release() {
  if (claimed_.empty()) co_return;
  WriteFunction write = [claimed = std::exchange(claimed_, {}), claimant = claimant_,
                         name = model_](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    const auto model = vectors == nullptr ? std::nullopt : vectors->model(name);
    if (!model) return;
    for (const auto& ns : claimed) vectors->release(model->key, ns, claimant);
  };
  try {
    co_await store_.write(std::move(write), Durability::process);
  } catch (const Error&) {  // claims end by themselves, too
  }
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
  if (!page->wanting()) co_return;
  co_await claim(page);
  if (page->left) co_return;
  std::map<std::string, std::size_t> places;  // of hashes among the texts
  std::vector<std::string> texts;
  for (const auto& item : page->items)
    if (item.wanted() && places.try_emplace(item.hash, texts.size()).second) texts.push_back(item.text);
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
    if (!item.wanted()) continue;
    co_await claim(page);
    if (page->left) co_return;
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
  not_before_ = clock_.steady() + std::max(pause_, std::min(reply.retry_after, longest_retry_after));
  note_(reply.outcome, reply.reason, 0);
}

asio::awaitable<void> VectorFiller::keep(std::shared_ptr<Page> page) {
  WriteFunction write = [page, read_at = page->generation, name = model_, claimant = claimant_,
                         now = clock_.now()](WriteTransaction& tx) {
    VectorWrites* vectors = tx.vector_writes();
    if (vectors == nullptr) return;
    std::size_t dimensions = 0;
    for (const auto& item : page->items) dimensions = std::max(dimensions, item.vector.size());
    const VectorModel model = vectors->open_model(name, dimensions, now);
    // Vectors that were found in the store are gone if it turns out to hold those of another model.
    const bool anew = page->model != 0 && model.generation != read_at;
    page->generation = model.generation;
    if (!page->full) vectors->release(model.key, page->ns, claimant);
    for (const auto& item : page->items) {
      if (item.skip || (item.known && anew)) continue;
      if (!item.vector.empty()) vectors->keep(model.key, item.hash, item.vector);
      if (item.hash.empty() || item.known || !item.vector.empty())
        vectors->mark(model.key, item.key, item.change, item.hash);
    }
  };
  co_await store_.write(std::move(write), Durability::process);
  if (!page->full) claimed_.erase(page->ns);
}

}  // namespace comem::storage

#include "storage/vector_filler.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/ids.hpp"

namespace comem::storage {

namespace asio = boost::asio;

namespace {

constexpr std::size_t purge_page = 500;
constexpr Milliseconds poll_interval{2000};  // other processes on the file write without a word
constexpr Milliseconds claim_interval{500};  // while another process embeds
constexpr Milliseconds claim_slack{5000};    // to read and write a page, beside asking for its vectors
constexpr Milliseconds refused_interval{600'000};
constexpr Milliseconds purge_interval{3600'000};
constexpr auto unused_model = std::chrono::hours(24 * 7);

}  // namespace

VectorFiller::VectorFiller(asio::any_io_executor executor, EmbeddingProvider& provider,
                           const Options& options, Store& store, Note note)
    : provider_(provider),
      model_(provider.model()),
      clock_(*options.clock),
      timeout_(options.embedding_timeout),
      longest_request_(std::min<Milliseconds>(timeout_ + claim_slack, longest_claim)),
      store_(store),
      note_(std::move(note)),
      claimant_(make_random_id()),
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
    const SteadyTime next =
        std::max(not_before_, clock_.steady() + (left_.empty() ? poll_interval : claim_interval));
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
  left_.clear();
  for (const auto& ns : spaces) {
    bool more = true;
    while (more && clock_.steady() >= not_before_) more = co_await fill_page(ns);
    if (clock_.steady() >= not_before_ && left_.count(ns) == 0) swept_.insert(ns);
  }
  if (clock_.steady() < not_before_ || !left_.empty()) {
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

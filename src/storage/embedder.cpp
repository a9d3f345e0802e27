#include "storage/embedder.hpp"

#include <comem/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/run_on.hpp"
#include "core/utf8.hpp"
#include "memory/embedded_text.hpp"
#include "vectors/kernel.hpp"

namespace comem::storage {

namespace asio = boost::asio;
using vectors::Breaker;
using vectors::SharedVector;

namespace {

constexpr std::size_t cached_queries = 512;
constexpr std::size_t most_flights = 16;
constexpr Milliseconds improving_slice{5};     // after which others have their turn on the thread
constexpr Milliseconds longest_query{10'000};  // what comes later is of use to nobody

bool usable(const EmbeddingReply& reply) {
  return reply.outcome == EmbeddingOutcome::ok && reply.vectors.size() == 1 &&
         !reply.vectors.front().empty() &&
         std::all_of(reply.vectors.front().begin(), reply.vectors.front().end(),
                     [](float value) { return std::isfinite(value); });
}

}  // namespace

Embedder::Embedder(std::shared_ptr<EmbeddingProvider> provider, const Options& options, Store& store)
    : model_(provider->model()),
      clock_(*options.clock),
      query_wait_(options.embedding_query_wait),
      query_timeout_(std::min(options.embedding_timeout, longest_query)),
      log_(options.log),
      queries_(cached_queries),
      provider_(std::move(provider)),
      work_(service_.get_executor()),
      call_ended_(service_.get_executor()),
      filler_(service_.get_executor(), *provider_, options, store,
              [this](EmbeddingOutcome outcome, const std::string& reason, std::size_t embedded) {
                note(outcome, reason);
                const std::lock_guard lock(mutex_);
                stats_.embedded += embedded;
                if (outcome == EmbeddingOutcome::refused) ++stats_.refused;
              }),
      scope_(service_.get_executor(), [log = options.log](const std::string& why) {
        if (log) log(LogLevel::error, fmt::format("embedding ended: {}", why));
      }) {
  stats_.on = true;
  stats_.model = model_;
  stats_.endpoint = provider_->endpoint();
  asio::post(service_, [this] { scope_.spawn(filler_.run()); });
  thread_ = std::thread([this] { service_.run(); });
}

Embedder::~Embedder() {
  close();
}

void Embedder::fill(const std::string& ns) {
  asio::post(service_, [this, ns] { filler_.add(ns); });
}

void Embedder::written() {
  asio::post(service_, [this] { filler_.notify(); });
}

void Embedder::mend(std::vector<std::string> texts) {
  asio::post(service_, [this, texts = std::move(texts)]() mutable { filler_.mend(std::move(texts)); });
}

void Embedder::improve(VectorView& view) {
  asio::post(service_, [this, &view] {
    if (improving_.insert(&view).second) scope_.spawn(improve_in_slices(&view));
  });
}

asio::awaitable<void> Embedder::improve_in_slices(VectorView* view) {
  while (!closed_.load(std::memory_order_acquire) && view->improve(improving_slice))
    co_await asio::post(service_, asio::use_awaitable);
  improving_.erase(view);
}

void Embedder::suspect_model() {
  asio::post(service_, [this] {
    filler_.suspect_model();
    filler_.notify();
  });
}

SharedVector Embedder::cached(const std::string& text) {
  const std::lock_guard lock(mutex_);
  auto vector = queries_.find(text);
  if (vector) ++stats_.queries;
  return vector;
}

bool Embedder::enter() {
  const std::lock_guard lock(mutex_);
  if (closed_.load(std::memory_order_acquire)) return false;
  ++calls_;
  return true;
}

template <class T>
asio::awaitable<T> Embedder::on_thread(asio::awaitable<T> task) {
  std::function<void()> on_end = [this] {
    {
      const std::lock_guard lock(mutex_);
      --calls_;
    }
    call_ended_.notify();
  };
  T result = co_await run_on(service_.get_executor(), std::move(task), std::move(on_end));
  co_return result;
}

asio::awaitable<SharedVector> Embedder::query_vector(std::string text) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) co_return nullptr;
  SharedVector vector = cached(text);
  if (vector) co_return vector;
  auto leave = Breaker::Leave::none;
  if (enter()) {
    const std::lock_guard lock(mutex_);
    leave = breaker_.ask(now());
    if (leave == Breaker::Leave::none) --calls_;
  }
  if (leave != Breaker::Leave::none) {
    const SteadyTime until = leave == Breaker::Leave::wait ? now() + query_wait_ : SteadyTime();
    auto task = answer(std::move(text), until);
    vector = co_await on_thread(std::move(task));
  }
  const std::lock_guard lock(mutex_);
  ++(vector ? stats_.queries : stats_.queries_without);
  co_return vector;
}

std::shared_ptr<Embedder::Flight> Embedder::flight_of(const std::string& text) {
  if (const auto found = flights_.find(text); found != flights_.end()) return found->second;
  if (flights_.size() >= most_flights) return nullptr;
  auto flight = std::make_shared<Flight>(service_.get_executor());
  flights_.emplace(text, flight);
  if (scope_.spawn(fetch(text, flight))) return flight;
  flights_.erase(text);
  return nullptr;
}

/// The answer of a request for this text, new or under way, if it comes in time.
asio::awaitable<SharedVector> Embedder::answer(std::string text, SteadyTime until) {
  const std::shared_ptr<Flight> flight = flight_of(text);
  if (!flight) co_return nullptr;
  while (!flight->done && !closed_.load(std::memory_order_acquire) && now() < until)
    co_await flight->landed.wait(until);
  co_return flight->vector;
}

asio::awaitable<void> Embedder::fetch(std::string text, std::shared_ptr<Flight> flight) {
  const SteadyTime begun = now();
  EmbeddingReply reply;
  try {
    std::vector<std::string> texts;
    texts.emplace_back(cut_utf8(text, memory::most_embedded_bytes));
    EmbeddingRequest request(std::move(texts), EmbeddingKind::query, query_timeout_);
    auto asked = provider_->embed(std::move(request));
    reply = co_await std::move(asked);
  } catch (const std::exception& error) {
    reply.outcome = EmbeddingOutcome::unavailable;
    reply.reason = fmt::format("{}: {}", provider_->endpoint(), error.what());
  }
  landed(text, *flight, reply, begun);
}

void Embedder::landed(const std::string& text, Flight& flight, const EmbeddingReply& reply,
                      SteadyTime begun) {
  flights_.erase(text);
  flight.done = true;
  const bool useful = usable(reply);
  if (useful) {
    auto vector = std::make_shared<std::vector<float>>(reply.vectors.front());
    vectors::normalise(*vector);
    flight.vector = std::move(vector);
    filler_.provider_is_back();
  }
  {
    const std::lock_guard lock(mutex_);
    if (useful) queries_.put(text, flight.vector);
    if (useful && now() - begun <= query_wait_)
      breaker_.succeeded();
    else
      breaker_.failed(now());
  }
  flight.landed.notify();
  if (!closed_.load(std::memory_order_acquire))
    note(useful ? EmbeddingOutcome::ok : std::max(reply.outcome, EmbeddingOutcome::unavailable),
         useful || !reply.reason.empty()
             ? reply.reason
             : fmt::format("{} gave no vector for a query", provider_->endpoint()));
}

void Embedder::note(EmbeddingOutcome outcome, const std::string& reason) {
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    const bool working = outcome == EmbeddingOutcome::ok || outcome == EmbeddingOutcome::refused;
    if (!reason.empty()) stats_.last_error = reason;
    news = stats_.working && !working;
    stats_.working = working;
  }
  if (news && log_)
    log_(LogLevel::warning, fmt::format("no vectors for now, search goes by words: {}", reason));
}

asio::awaitable<bool> Embedder::filled(std::string ns, SteadyTime deadline) {
  if (!enter()) co_return false;
  auto task = wait_filled(std::move(ns), deadline);
  const bool done = co_await on_thread(std::move(task));
  co_return done;
}

asio::awaitable<bool> Embedder::wait_filled(std::string ns, SteadyTime deadline) {
  filler_.add(ns);
  filler_.notify();
  for (;;) {
    const bool complete = co_await filler_.complete(ns);
    if (complete) co_return true;
    if (closed_.load(std::memory_order_acquire) || now() >= deadline) co_return false;
    filler_.notify();
    co_await filler_.rested().wait(deadline);
  }
}

EmbeddingStats Embedder::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

asio::awaitable<void> Embedder::end() {
  for (auto& [text, flight] : flights_) flight->landed.notify();
  filler_.rested().notify();
  scope_.cancel();
  co_await scope_.join();
  co_await filler_.release();
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (calls_ == 0) break;
    }
    co_await call_ended_.wait();
  }
  service_.stop();  // a name lookup under way is not waited for
}

void Embedder::close() noexcept {
  const std::lock_guard one(ending_);
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closed_.store(true, std::memory_order_release);
  }
  asio::co_spawn(service_, end(), [this](std::exception_ptr error) {
    if (error && log_) log_(LogLevel::error, "embedding did not end as it should");
  });
  work_.reset();
  thread_.join();
}

}  // namespace comem::storage

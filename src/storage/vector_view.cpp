#include "storage/vector_view.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

#include "memory/embedded_text.hpp"
#include "storage/store.hpp"
#include "storage/vector_filter.hpp"

namespace comem::storage {
namespace {

constexpr std::size_t page = 500;
constexpr std::size_t most_damaged = 1000;

}  // namespace

void VectorView::taken(const AnyMemory& memory, search::Document document) {
  std::string text = memory::hash_of_text(memory::embedded_text(memory));
  document.text = std::string();
  document.caption = std::string();
  const std::unique_lock lock(mutex_);
  const auto [place, fresh] = places_.try_emplace(Key{document.type, document.id}, 0);
  if (fresh) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(entries_.size()));
      entries_.emplace_back();
    }
    place->second = free_.back();
    free_.pop_back();
  }
  Entry& entry = entries_[place->second];
  if (index_ && entry.text != text) index_->remove(place->second);  // until the new text is embedded
  entry.document = std::move(document);
  entry.text = std::move(text);
}

void VectorView::removed(MemoryType type, const std::string& id) {
  const std::unique_lock lock(mutex_);
  const auto place = places_.find(Key{type, id});
  if (place != places_.end()) drop(place->second);
}

void VectorView::drop(std::uint32_t number) {
  Entry& entry = entries_[number];
  places_.erase(Key{entry.document.type, entry.document.id});
  if (index_) index_->remove(number);
  entry = Entry();
  free_.push_back(number);
}

void VectorView::drop_expired(TimePoint now) {
  const std::unique_lock lock(mutex_);
  for (std::uint32_t number = 0; number < entries_.size(); ++number) {
    const auto& document = entries_[number].document;
    if (!document.id.empty() && document.expires_at != no_expiry && document.expires_at < now) drop(number);
  }
}

void VectorView::begin_anew(const VectorModel& model) {
  index_.reset();
  generation_ = model.generation;
  sequence_ = 0;
}

void VectorView::refresh(ReadTransaction& tx) {
  VectorReads* reads = tx.vectors();
  if (reads == nullptr) return;
  const auto model = reads->model(model_);
  if (!model || model->sequence <= sequence_.load(std::memory_order_acquire)) return;
  std::vector<std::string> damaged;
  bool improvable = false;
  {
    const std::unique_lock lock(mutex_);
    if (model->generation < generation_) return;  // a snapshot of before
    if (model->generation > generation_) begin_anew(*model);
    take_marked(*reads, *model);
    damaged.swap(damaged_);
    improvable = index_ && index_->improvable();
  }
  if (!damaged.empty() && events_.damaged) events_.damaged(std::move(damaged));
  if (improvable && events_.improvable) events_.improvable();
}

void VectorView::take_marked(VectorReads& reads, const VectorModel& model) {
  for (;;) {
    const auto rows = reads.marked(ns_, model.key, sequence_, page);
    for (const auto& row : rows) take(row, model.dimensions);
    if (!rows.empty()) sequence_ = rows.back().sequence;
    if (rows.size() < page) break;
  }
  // Marks of other namespaces count too. Another thread may have come further.
  if (model.sequence > sequence_) sequence_.store(model.sequence, std::memory_order_release);
}

void VectorView::take(const VectorRow& row, std::size_t dimensions) {
  const auto place = places_.find(Key{row.type, row.id});
  if (place == places_.end() || row.text.empty()) return;
  if (entries_[place->second].text != row.text)
    return;  // it has another text by now, and a later mark will come
  if (row.values.size() != dimensions || dimensions == 0) {
    if (damaged_.size() < most_damaged) damaged_.push_back(row.text);
    return;
  }
  if (!index_) index_ = std::make_unique<vectors::VectorIndex>(dimensions, graph_from_);
  if (index_->dimensions() == dimensions) index_->set(place->second, row.values);
}

bool VectorView::improve(Milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (draft_ ? extend_draft() : begin_draft())
    if (std::chrono::steady_clock::now() >= until) return true;
  return false;
}

/// Or takes a vector into the graph that there is. Answers whether there was anything to do.
bool VectorView::begin_draft() {
  const std::unique_lock lock(mutex_);
  if (!index_ || !index_->improvable()) return false;
  if (index_->wants_draft()) {
    draft_ = index_->begin_draft();
    draft_of_ = generation_;
  } else {
    index_->grow();
  }
  return true;
}

/// Answers true: whether anything is left, begin_draft() finds out.
bool VectorView::extend_draft() {
  {
    const std::shared_lock lock(mutex_);
    const bool current = index_ && draft_of_ == generation_;
    if (!current) {  // what it points to is gone
      draft_.reset();
      return true;
    }
    if (index_->extend(*draft_)) return true;
  }
  const std::unique_lock lock(mutex_);
  if (index_ && draft_of_ == generation_) index_->adopt(std::move(draft_));
  draft_.reset();
  return true;
}

std::vector<NearMemory> VectorView::search(const std::vector<float>& query, const Query& filters,
                                           const std::set<std::string>& sessions, TimePoint now,
                                           std::size_t limit) const {
  const std::shared_lock lock(mutex_);
  if (!index_ || index_->dimensions() != query.size()) return {};
  const vectors::Admits admits = [&](std::uint32_t number) {
    return passes(entries_[number].document, filters, sessions, now);
  };
  std::vector<NearMemory> found;
  for (const auto& one : index_->search(query, limit, admits)) {
    const auto& document = entries_[one.number].document;
    NearMemory near;
    near.type = document.type;
    near.id = document.id;
    near.similarity = one.similarity;
    found.push_back(std::move(near));
  }
  return found;
}

void VectorView::observe(std::span<const vectors::Ranked> words,
                         std::span<const vectors::Ranked> vectors) const {
  const std::size_t documents = size();
  const std::lock_guard lock(trusting_);
  trust_.observe(words, vectors, documents);
}

double VectorView::words_weight() const {
  const std::lock_guard lock(trusting_);
  return trust_.words_weight();
}

std::size_t VectorView::size() const {
  const std::shared_lock lock(mutex_);
  return index_ ? index_->size() : 0;
}

bool VectorView::has_graph() const {
  const std::shared_lock lock(mutex_);
  return index_ && index_->has_graph();
}

std::size_t VectorView::dimensions() const {
  const std::shared_lock lock(mutex_);
  return index_ ? index_->dimensions() : 0;
}

}  // namespace comem::storage

#include "storage/index_view.hpp"

#include <comem/error.hpp>

#include <algorithm>
#include <mutex>

#include "memory/codec.hpp"
#include "memory/scoring.hpp"

namespace comem::storage {
namespace {

constexpr std::size_t page = 1000;

bool searchable(MemoryType type) {
  return std::find(long_term_types.begin(), long_term_types.end(), type) != long_term_types.end();
}

void append(std::string& text, const std::string& part) {
  if (part.empty()) return;
  if (!text.empty()) text += '\n';
  text += part;
}

/// Everything of a memory that is searched. What repeats the content is left out: it would only count words
/// twice.
std::string searched_text(const AnyMemory& memory) {
  std::string text = common(memory).content;
  const auto append_new = [&](const std::string& part) {
    if (text.find(part) == std::string::npos) append(text, part);
  };
  if (const auto* episode = std::get_if<Episode>(&memory)) {
    append_new(episode->task_prompt);
    append_new(episode->outcome);
  } else if (const auto* knowledge = std::get_if<Knowledge>(&memory)) {
    append_new(knowledge->pattern);
    append_new(knowledge->context);
  } else if (const auto* skill = std::get_if<Skill>(&memory)) {
    append_new(skill->name);
    append_new(skill->description);
    for (const auto& action : skill->actions) append_new(action.action);
  }
  for (const auto& tag : common(memory).tags) append_new(tag);
  return text;
}

search::Document document_of(const AnyMemory& memory, const Record& record, TimePoint now) {
  const Memory& base = common(memory);
  search::Document document;
  document.type = record.key.type;
  document.id = record.key.id;
  document.text = searched_text(memory);
  document.session = base.session;
  document.turn = base.turn;
  document.agent = base.agent;
  document.author = base.author;
  document.tags = base.tags;
  document.time = base.time;
  document.expires_at = record.expires_at;
  document.composite = memory::composite(memory, now);
  if (const auto* episode = std::get_if<Episode>(&memory)) document.success = episode->success;
  if (const auto* knowledge = std::get_if<Knowledge>(&memory))
    document.confidence = knowledge->effective_confidence();
  return document;
}

}  // namespace

std::vector<search::Match> IndexView::search(ReadTransaction& tx, const Query& query,
                                             const std::set<std::string>& sessions, TimePoint now) {
  refresh(tx, now);
  std::shared_lock lock(mutex_);
  return index_.search(query, sessions, now);
}

void IndexView::refresh(ReadTransaction& tx, TimePoint now) {
  const auto version = store_.data_version(tx);
  if (seen_version_.load(std::memory_order_acquire) == version) return;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopped_.load(std::memory_order_relaxed)) throw Error(errc::closed, "the store is closed");
    const auto records = tx.changes(ns_, change_, page);
    for (const auto& record : records) take(record, now);
    if (!records.empty()) change_ = records.back().change;
    if (records.size() < page) break;
  }
  seen_version_.store(version, std::memory_order_release);
}

void IndexView::take(const Record& record, TimePoint now) {
  if (!searchable(record.key.type)) return;
  if (!record.live(now)) {
    index_.remove(record.key.type, record.key.id);
    return;
  }
  try {
    const auto memory = memory::memory_from_record(record);
    index_.upsert(document_of(memory, record, now));
  } catch (const Error&) {  // a value that cannot be read is found nowhere, and disturbs nobody
    unreadable_.fetch_add(1, std::memory_order_relaxed);
    index_.remove(record.key.type, record.key.id);
  }
}

void IndexView::drop_expired(TimePoint now) {
  std::unique_lock lock(mutex_);
  index_.drop_expired(now);
}

std::size_t IndexView::documents() const {
  std::shared_lock lock(mutex_);
  return index_.size();
}

std::size_t IndexView::terms() const {
  std::shared_lock lock(mutex_);
  return index_.terms();
}

}  // namespace comem::storage

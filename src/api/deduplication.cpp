#include "api/deduplication.hpp"

#include <comem/error.hpp>

#include <algorithm>

#include "memory/codec.hpp"

namespace comem {

using storage::ReadTransaction;
using storage::WriteTransaction;

namespace {

constexpr std::size_t changes_page = 256;
constexpr std::size_t most_candidates = 256;  // the last ones saved; many share all words but a name

/// What a record says; nothing for one that is dead, cannot be read or is no memory to compare.
std::optional<Statement> statement_of(const std::optional<Record>& record, TimePoint now) {
  std::optional<Statement> statement;
  if (!record || !record->live(now)) return statement;
  if (record->key.type != MemoryType::episodic && record->key.type != MemoryType::semantic) return statement;
  try {
    statement.emplace(memory::memory_from_record(*record));
  } catch (const Error&) {  // diagnose() tells of it
  }
  return statement;
}

std::optional<Record> readable(ReadTransaction& tx, const RecordKey& key) {
  try {
    return tx.get(key);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<RecordKey> standing_one(ReadTransaction& tx, const storage::IndexView& index,
                                      const MemoryDraft& draft, const std::string& ns, TimePoint now) {
  const MemoryType type = draft.record.key.type;
  const auto ids = index.sharing(draft.says->text, draft.similarity, type, now);
  std::size_t looked_at = 0;
  for (auto id = ids.rbegin(); id != ids.rend() && looked_at < most_candidates; ++id, ++looked_at) {
    RecordKey key(ns, type, *id);
    if (key == draft.record.key) continue;
    const auto statement = statement_of(readable(tx, key), now);
    if (statement && draft.says->says_the_same(*statement, draft.similarity)) return key;
  }
  return std::nullopt;
}

}  // namespace

Alike look_for(ReadTransaction& tx, storage::IndexView& index, const std::vector<MemoryDraft>& drafts,
               const std::string& ns, TimePoint now) {
  index.refresh(tx, now);
  Alike alike;
  alike.change = tx.last_change();
  for (const auto& draft : drafts) {
    auto& standing = alike.standing.emplace_back();
    if (draft.says) standing = standing_one(tx, index, draft, ns, now);
  }
  return alike;
}

std::optional<Record> Deduplication::still_standing(WriteTransaction& tx, const MemoryDraft& draft,
                                                    const RecordKey& key) const {
  auto record = readable(tx, key);
  const auto statement = statement_of(record, now_);
  if (!statement || !draft.says->says_the_same(*statement, draft.similarity)) return std::nullopt;
  return record;
}

void Deduplication::take_changes(WriteTransaction& tx) {
  for (;;) {
    const auto records = tx.changes(ns_, change_, changes_page);
    for (const auto& record : records) {
      change_ = record.change;
      newcomers_.erase(record.key);
      if (auto statement = statement_of(record, now_)) newcomers_.emplace(record.key, std::move(*statement));
    }
    if (records.size() < changes_page) return;
  }
}

std::optional<Record> Deduplication::standing(WriteTransaction& tx, const MemoryDraft& draft,
                                              std::size_t place) {
  if (!draft.says || draft.says->wording.empty()) return std::nullopt;
  if (!draft.fresh) {
    const auto named = readable(tx, draft.record.key);
    if (named && named->live(now_)) return std::nullopt;
  }
  if (const auto& key = alike_.standing.at(place))
    if (auto record = still_standing(tx, draft, *key)) return record;
  take_changes(tx);
  for (const auto& [key, statement] : newcomers_) {
    if (key.type != draft.record.key.type || !draft.says->says_the_same(statement, draft.similarity))
      continue;
    if (auto record = readable(tx, key)) return record;
  }
  return std::nullopt;
}

}  // namespace comem

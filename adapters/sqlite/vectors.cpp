#include "adapters/sqlite/vectors.hpp"

#include <sqlite3.h>
#include <zlib.h>

#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <utility>

namespace comem::sqlite {

using storage::Vector;
using storage::VectorCounts;
using storage::VectorModel;
using storage::VectorRow;

namespace {

constexpr auto sql_model = "SELECT key, dimensions, sequence, generation FROM vector_models WHERE name = ?";
constexpr auto sql_add_model =
    "INSERT INTO vector_models(name, dimensions, sequence, generation, used_at) VALUES(?, ?, 0, 0, ?)";
constexpr auto sql_use_model = "UPDATE vector_models SET dimensions = ?, used_at = ? WHERE key = ?";
constexpr auto sql_renew_model =
    "UPDATE vector_models SET dimensions = 0, generation = generation + 1 WHERE key = ?";
constexpr auto sql_next = "UPDATE vector_models SET sequence = sequence + 1 WHERE key = ? RETURNING sequence";
constexpr auto sql_marked =
    "SELECT r.type, r.id, m.text, m.sequence, v.sum, v.numbers FROM vector_marks m INDEXED BY "
    "vector_marks_by_sequence CROSS JOIN records r ON r.key = m.record LEFT JOIN vectors v INDEXED BY "
    "vectors_by_text ON v.model = m.model AND v.text = m.text "
    "WHERE m.model = ? AND m.ns = ? AND m.sequence > ? ORDER BY m.sequence LIMIT ?";
constexpr auto sql_vector =
    "SELECT sum, numbers FROM vectors INDEXED BY vectors_by_text WHERE model = ? AND text = ?";
constexpr auto sql_keep =
    "INSERT INTO vectors(model, text, sum, numbers) VALUES(?, ?, ?, ?) "
    "ON CONFLICT(model, text) DO UPDATE SET sum = excluded.sum, numbers = excluded.numbers";
constexpr auto sql_state =
    "SELECT key, change, deleted FROM records INDEXED BY records_by_id WHERE ns = ? AND type = ? AND id = ?";
constexpr auto sql_text = "SELECT text FROM vector_marks WHERE record = ? AND model = ?";
constexpr auto sql_mark =
    "INSERT OR REPLACE INTO vector_marks(record, model, ns, sequence, change, text) VALUES(?, ?, ?, ?, ?, ?)";
constexpr auto sql_marks_of = "SELECT model, text FROM vector_marks WHERE record = ?";
constexpr auto sql_unmark_record = "DELETE FROM vector_marks WHERE record = ?";
constexpr auto sql_unmark_text = "DELETE FROM vector_marks WHERE model = ? AND text = ?";
constexpr auto sql_drop_unused =
    "DELETE FROM vectors WHERE model = ?1 AND text = ?2 AND NOT EXISTS (SELECT 1 FROM vector_marks m INDEXED "
    "BY "
    "vector_marks_by_text WHERE m.model = ?1 AND m.text = ?2)";
constexpr auto sql_drop_marks = "DELETE FROM vector_marks WHERE model = ?";
constexpr auto sql_drop_vectors = "DELETE FROM vectors WHERE model = ?";
// Live memories of one namespace; their vectors, and those that wait for one.
constexpr auto sql_held =
    "SELECT count(*) FROM vector_marks m INDEXED BY vector_marks_by_sequence CROSS JOIN records r ON r.key = "
    "m.record WHERE m.model = ? AND m.ns = ? AND m.text <> x'' AND r.change = m.change AND r.deleted = 0 "
    "AND (r.expires_at = 0 OR r.expires_at > ?)";
constexpr auto sql_missing =
    "SELECT count(*) FROM records r INDEXED BY records_by_change WHERE ns = ? AND type BETWEEN 1 AND 3 AND "
    "deleted = 0 AND (expires_at = 0 OR expires_at > ?) AND NOT EXISTS (SELECT 1 FROM vector_marks m WHERE "
    "m.record = r.key AND m.model = ? AND m.change = r.change)";
// Any claim that ended, or that another clock made (see longest_claim), gives way.
constexpr auto sql_claim =
    "INSERT INTO vector_claims(model, ns, claimant, until) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(model, ns) DO "
    "UPDATE SET claimant = excluded.claimant, until = excluded.until WHERE claimant = excluded.claimant OR "
    "until <= ?5 OR until > ?6";
constexpr auto sql_release = "DELETE FROM vector_claims WHERE model = ? AND ns = ? AND claimant = ?";
constexpr auto sql_old_model = "SELECT key FROM vector_models WHERE used_at < ? LIMIT 1";
constexpr auto sql_purge_marks =
    "DELETE FROM vector_marks WHERE (record, model) IN (SELECT record, model FROM vector_marks INDEXED BY "
    "vector_marks_by_text WHERE model = ? LIMIT ?)";
constexpr auto sql_drop_claims = "DELETE FROM vector_claims WHERE model = ?";
constexpr auto sql_drop_model = "DELETE FROM vector_models WHERE key = ?";
constexpr auto sql_purge_unused =
    "DELETE FROM vectors WHERE rowid IN (SELECT v.rowid FROM vectors v INDEXED BY vectors_by_text WHERE NOT "
    "EXISTS "
    "(SELECT 1 FROM vector_marks m INDEXED BY vector_marks_by_text WHERE m.model = v.model AND m.text = "
    "v.text) "
    "LIMIT ?)";
constexpr auto sql_examine = "SELECT text, sum, numbers FROM vectors";

/// IEEE numbers of 32 bits, the lowest byte first: files move between machines.
std::string bytes_of(const Vector& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  if (values.empty()) return bytes;
  std::memcpy(bytes.data(), values.data(), bytes.size());
  if constexpr (std::endian::native == std::endian::big)
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float))
      std::reverse(bytes.data() + i, bytes.data() + i + sizeof(float));
  return bytes;
}

Vector numbers_of(std::string bytes) {
  Vector values(bytes.size() / sizeof(float));
  if constexpr (std::endian::native == std::endian::big)
    for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float))
      std::reverse(bytes.data() + i, bytes.data() + i + sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

/// Of the text too, so that a vector cannot pass for another text's.
std::int64_t sum_of(std::string_view text, std::string_view bytes) {
  auto sum = crc32_z(0, nullptr, 0);
  for (const auto part : {text, bytes})
    if (!part.empty()) sum = crc32_z(sum, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  return static_cast<std::int64_t>(sum);
}

std::optional<Vector> checked(const Statement& row, int column, std::string_view text) {
  if (row.null(column)) return std::nullopt;
  auto bytes = row.bytes(column + 1);
  if (bytes.empty() || bytes.size() % sizeof(float) != 0 || row.integer(column) != sum_of(text, bytes))
    return std::nullopt;
  return numbers_of(std::move(bytes));
}

std::optional<MemoryType> long_term(std::int64_t number) {
  for (const auto type : long_term_types)
    if (number_of(type) == number) return type;
  return std::nullopt;
}

void drop_unused(Connection& connection, std::int64_t model, const std::string& text) {
  if (text.empty()) return;
  connection.prepare(sql_drop_unused).bind(model).bind(std::string_view(text)).run();
}

std::size_t changed(Connection& connection) {
  return static_cast<std::size_t>(sqlite3_changes64(connection.handle()));
}

}  // namespace

void forget_vectors(Connection& connection, std::int64_t record) {
  std::vector<std::pair<std::int64_t, std::string>> texts;
  {
    auto statement = connection.prepare(sql_marks_of);
    statement.bind(record);
    while (statement.step()) texts.emplace_back(statement.integer(0), statement.bytes(1));
  }
  if (texts.empty()) return;
  connection.prepare(sql_unmark_record).bind(record).run();
  for (const auto& [model, text] : texts) drop_unused(connection, model, text);
}

ExaminedVectors examine_vectors(Connection& connection) {
  ExaminedVectors found;
  auto statement = connection.prepare(sql_examine);
  while (statement.step()) {
    ++found.vectors;
    if (!checked(statement, 1, statement.bytes(0))) ++found.damaged;
  }
  return found;
}

template <class Work>
auto SqliteVectors::guarded(Work work) {
  if (failure_) std::rethrow_exception(failure_);
  try {
    return work();
  } catch (...) {
    failure_ = std::current_exception();
    throw;
  }
}

std::optional<VectorModel> SqliteVectors::model(const std::string& name) {
  auto statement = queries_.connection().prepare(sql_model);
  statement.bind(std::string_view(name));
  if (!statement.step()) return std::nullopt;
  VectorModel model;
  model.key = statement.integer(0);
  model.dimensions = static_cast<std::size_t>(statement.number(1));
  model.sequence = statement.number(2);
  model.generation = statement.number(3);
  return model;
}

std::vector<VectorRow> SqliteVectors::marked(const std::string& ns, std::int64_t model,
                                             std::uint64_t sequence, std::size_t limit) {
  std::vector<VectorRow> rows;
  const auto key = queries_.namespace_key(ns);
  if (!key) return rows;
  auto statement = queries_.connection().prepare(sql_marked);
  statement.bind(model).bind(*key).bind(sequence).bind(row_limit(limit));
  while (statement.step()) {
    VectorRow row;
    row.type = long_term(statement.integer(0)).value_or(MemoryType::working);
    row.id = statement.bytes(1);
    row.text = statement.bytes(2);
    row.sequence = statement.number(3);
    row.values = checked(statement, 4, row.text).value_or(Vector());
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Record> SqliteVectors::unmarked(const std::string& ns, std::int64_t model, std::uint64_t change,
                                            TimePoint now, std::size_t limit) {
  return queries_.unmarked(ns, model, change, now, limit);
}

std::optional<Vector> SqliteVectors::vector_of(std::int64_t model, const std::string& text) {
  auto statement = queries_.connection().prepare(sql_vector);
  statement.bind(model).bind(std::string_view(text));
  if (!statement.step()) return std::nullopt;
  return checked(statement, 0, text);
}

VectorCounts SqliteVectors::vector_counts(const std::string& ns, std::int64_t model, TimePoint now) {
  VectorCounts counts;
  const auto key = queries_.namespace_key(ns);
  if (!key) return counts;
  auto held = queries_.connection().prepare(sql_held);
  held.bind(model).bind(*key).bind(now);
  if (held.step()) counts.held = held.number(0);
  auto missing = queries_.connection().prepare(sql_missing);
  missing.bind(*key).bind(now).bind(model);
  if (missing.step()) counts.missing = missing.number(0);
  return counts;
}

VectorModel SqliteVectors::open_model(const std::string& name, std::size_t dimensions, TimePoint now) {
  return guarded([&] {
    auto& connection = queries_.connection();
    auto known = model(name);
    if (!known) {
      connection.prepare(sql_add_model)
          .bind(std::string_view(name))
          .bind(static_cast<std::uint64_t>(dimensions))
          .bind(now)
          .run();
      return *model(name);
    }
    if (dimensions != 0 && known->dimensions != 0 && known->dimensions != dimensions) drop_all(known->key);
    const auto kept = dimensions != 0 ? dimensions : known->dimensions;
    connection.prepare(sql_use_model).bind(static_cast<std::uint64_t>(kept)).bind(now).bind(known->key).run();
    return *model(name);
  });
}

void SqliteVectors::drop_all(std::int64_t model) {
  auto& connection = queries_.connection();
  connection.prepare(sql_drop_marks).bind(model).run();
  connection.prepare(sql_drop_vectors).bind(model).run();
  connection.prepare(sql_renew_model).bind(model).run();
}

void SqliteVectors::keep(std::int64_t model, const std::string& text, const Vector& values) {
  guarded([&] {
    const auto bytes = bytes_of(values);
    auto statement = queries_.connection().prepare(sql_keep);
    statement.bind(model).bind(std::string_view(text)).bind(sum_of(text, bytes));
    statement.bind(std::string_view(bytes)).run();
  });
}

void SqliteVectors::mark(std::int64_t model, const RecordKey& key, std::uint64_t change,
                         const std::string& text) {
  guarded([&] {
    auto& connection = queries_.connection();
    const auto ns = queries_.namespace_key(key.ns);
    if (!ns) return drop_unused(connection, model, text);
    std::int64_t record = 0;
    {
      auto state = connection.prepare(sql_state);
      state.bind(*ns).bind(number_of(key.type)).bind(std::string_view(key.id));
      if (!state.step() || state.number(1) != change || state.integer(2) != 0)
        return drop_unused(connection, model, text);
      record = state.integer(0);
    }
    std::string former;
    {
      auto statement = connection.prepare(sql_text);
      statement.bind(record).bind(model);
      if (statement.step()) former = statement.bytes(0);
    }
    std::uint64_t sequence = 0;
    {
      auto next = connection.prepare(sql_next);
      next.bind(model);
      if (!next.step()) return;  // the model was purged meanwhile
      sequence = next.number(0);
    }
    connection.prepare(sql_mark)
        .bind(record)
        .bind(model)
        .bind(*ns)
        .bind(sequence)
        .bind(change)
        .bind(std::string_view(text))
        .run();
    if (former != text) drop_unused(connection, model, former);
  });
}

void SqliteVectors::unmark(std::int64_t model, const std::string& text) {
  guarded([&] {
    auto& connection = queries_.connection();
    connection.prepare(sql_unmark_text).bind(model).bind(std::string_view(text)).run();
    drop_unused(connection, model, text);
  });
}

bool SqliteVectors::claim(std::int64_t model, const std::string& ns, const std::string& claimant,
                          TimePoint now, TimePoint until) {
  return guarded([&] {
    const auto key = queries_.namespace_key(ns);
    if (!key) return false;
    auto& connection = queries_.connection();
    auto statement = connection.prepare(sql_claim);
    statement.bind(model).bind(*key).bind(std::string_view(claimant)).bind(until).bind(now);
    statement.bind(now + storage::longest_claim).run();
    return changed(connection) == 1;
  });
}

void SqliteVectors::release(std::int64_t model, const std::string& ns, const std::string& claimant) {
  guarded([&] {
    const auto key = queries_.namespace_key(ns);
    if (!key) return;
    queries_.connection().prepare(sql_release).bind(model).bind(*key).bind(std::string_view(claimant)).run();
  });
}

std::size_t SqliteVectors::purge_vectors(TimePoint before, std::size_t limit) {
  return guarded([&] {
    auto& connection = queries_.connection();
    std::optional<std::int64_t> old;
    {
      auto statement = connection.prepare(sql_old_model);
      statement.bind(before);
      if (statement.step()) old = statement.integer(0);
    }
    std::size_t purged = 0;
    if (old) {
      connection.prepare(sql_purge_marks).bind(*old).bind(row_limit(limit)).run();
      purged = changed(connection);
      if (purged == 0) {
        connection.prepare(sql_drop_claims).bind(*old).run();
        connection.prepare(sql_drop_model).bind(*old).run();
      }
    }
    connection.prepare(sql_purge_unused).bind(row_limit(limit)).run();
    return purged + changed(connection);
  });
}

}  // namespace comem::sqlite

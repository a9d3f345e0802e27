#include "adapters/sqlite/schema.hpp"

#include <array>

#include <fmt/format.h>

#include "core/ids.hpp"

namespace comem::sqlite {
namespace {

struct Migration {
  const char* wing;  ///< each wing counts its own versions, so that wings grow independently
  int version;
  const char* sql;
};

// Text that comes from outside (ids, namespaces, lookups) is BLOB: any byte is allowed, order is bytewise.
// The value stands last, since a row is read up to the last column wanted and long values spill to other
// pages.
constexpr std::array migrations{
    Migration{"records", 1, R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE clock(one INTEGER PRIMARY KEY CHECK (one = 1), change INTEGER NOT NULL, ms INTEGER NOT NULL,
  counter INTEGER NOT NULL);
INSERT INTO clock VALUES(1, 0, 0, 0);

CREATE TABLE namespaces(key INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);

CREATE TABLE records(key INTEGER PRIMARY KEY, ns INTEGER NOT NULL, type INTEGER NOT NULL, id BLOB NOT NULL,
  change INTEGER NOT NULL, version_ms INTEGER NOT NULL, version_counter INTEGER NOT NULL, version_store BLOB NOT NULL,
  deleted INTEGER NOT NULL, expires_at INTEGER NOT NULL, created_at INTEGER NOT NULL, writer BLOB NOT NULL,
  lookup BLOB NOT NULL, score REAL, counters BLOB NOT NULL, value BLOB NOT NULL);
CREATE UNIQUE INDEX records_by_id ON records(ns, type, id);
CREATE INDEX records_by_change ON records(ns, change, type, deleted, expires_at);
CREATE INDEX records_by_lookup ON records(ns, type, lookup, created_at, id) WHERE lookup <> x'' AND deleted = 0;
CREATE INDEX records_by_expiry ON records(expires_at) WHERE expires_at <> 0;

CREATE TABLE outbox(record INTEGER PRIMARY KEY, ns INTEGER NOT NULL, change INTEGER NOT NULL, origin BLOB NOT NULL,
  queued_at INTEGER NOT NULL);
CREATE INDEX outbox_by_change ON outbox(ns, change);

CREATE TABLE positions(ns INTEGER PRIMARY KEY, epoch BLOB NOT NULL, seq INTEGER NOT NULL);
)sql"},
    // The checksum (record_sum.hpp) is NULL in rows of version 1 until they are written again.
    Migration{"records", 2, R"sql(
ALTER TABLE records ADD COLUMN sum INTEGER;

ALTER TABLE positions ADD COLUMN in_step_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE operations(ns INTEGER NOT NULL, id BLOB NOT NULL, answer BLOB NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY(ns, id)) WITHOUT ROWID;
CREATE INDEX operations_by_expiry ON operations(expires_at);
)sql"},
    // A mark says which text a record was embedded with; a vector belongs to a text, whoever has it. Local:
    // nothing of this is shared.
    Migration{"vectors", 1, R"sql(
CREATE TABLE vector_models(key INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, dimensions INTEGER NOT NULL,
  sequence INTEGER NOT NULL, generation INTEGER NOT NULL, used_at INTEGER NOT NULL);

CREATE TABLE vector_marks(record INTEGER NOT NULL, model INTEGER NOT NULL, ns INTEGER NOT NULL,
  sequence INTEGER NOT NULL, change INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY(record, model)) WITHOUT ROWID;
CREATE UNIQUE INDEX vector_marks_by_sequence ON vector_marks(model, ns, sequence);
CREATE INDEX vector_marks_by_text ON vector_marks(model, text);

CREATE TABLE vectors(model INTEGER NOT NULL, text BLOB NOT NULL, sum INTEGER NOT NULL, numbers BLOB NOT NULL);
CREATE UNIQUE INDEX vectors_by_text ON vectors(model, text);
)sql"},
    // Which process on the file has a namespace's texts embedded.
    Migration{"vectors", 2, R"sql(
CREATE TABLE vector_claims(model INTEGER NOT NULL, ns INTEGER NOT NULL, claimant BLOB NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY(model, ns)) WITHOUT ROWID;
)sql"},
};

}  // namespace

void migrate(Connection& connection) {
  connection.execute(
      "CREATE TABLE IF NOT EXISTS migrations(wing TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
  for (const auto& migration : migrations) {
    const auto asked =
        fmt::format("SELECT coalesce(max(version), 0) FROM migrations WHERE wing = '{}'", migration.wing);
    if (connection.ask_integer(asked.c_str()) >= migration.version) continue;
    connection.execute(migration.sql);
    const auto noted =
        fmt::format("INSERT OR REPLACE INTO migrations VALUES('{}', {})", migration.wing, migration.version);
    connection.execute(noted.c_str());
  }
  connection.execute(fmt::format("PRAGMA application_id = {}", application_id).c_str());
  connection.execute(fmt::format("PRAGMA user_version = {}", schema_version).c_str());
}

void fill_new(Connection& connection, TimePoint now) {
  const auto id = make_random_id();
  connection.prepare("INSERT INTO meta VALUES('store_id', ?)").bind(std::string_view(id)).run();
  connection.prepare("INSERT INTO meta VALUES('created_at', ?)").bind(now).run();
}

bool is_complete(Connection& connection) {
  constexpr auto expected =
      "SELECT count(*) FROM sqlite_schema WHERE name IN ('migrations', 'meta', 'clock', 'namespaces', "
      "'records', "
      "'records_by_id', 'records_by_change', 'records_by_lookup', 'records_by_expiry', 'outbox', "
      "'outbox_by_change', "
      "'positions', 'operations', 'operations_by_expiry', 'vector_models', 'vector_marks', "
      "'vector_marks_by_sequence', 'vector_marks_by_text', 'vectors', 'vectors_by_text', 'vector_claims')";
  constexpr auto added =
      "SELECT (SELECT count(*) FROM pragma_table_info('records') WHERE name = 'sum') + "
      "(SELECT count(*) FROM pragma_table_info('positions') WHERE name = 'in_step_at')";
  return connection.ask_integer(expected) == 21 && connection.ask_integer(added) == 2 &&
         connection.ask_integer("SELECT count(*) FROM clock") == 1 &&
         connection.ask_integer("SELECT count(*) FROM meta WHERE name = 'store_id'") == 1;
}

}  // namespace comem::sqlite

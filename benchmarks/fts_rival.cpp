#include "benchmarks/fts_rival.hpp"

#include <sqlite3.h>

#include <sstream>
#include <stdexcept>

#include "benchmarks/measurement.hpp"

namespace comem::bench {
namespace {

void bind(sqlite3_stmt* statement, const std::string& text) {
  sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

std::string any_of(const std::string& query) {
  std::istringstream in(query);
  std::string match;
  for (std::string word; in >> word;) match += (match.empty() ? "\"" : " OR \"") + word + '"';
  return match;
}

}  // namespace

void FtsRival::Close::operator()(sqlite3* db) const noexcept {
  sqlite3_close(db);
}
void FtsRival::Close::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

bool FtsRival::available() {
  return sqlite3_compileoption_used("ENABLE_FTS5") != 0;
}

void FtsRival::run(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string("FTS5: ") + sqlite3_errmsg(db_.get()));
}

FtsRival::Statement FtsRival::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db_.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(std::string("FTS5: ") + sqlite3_errmsg(db_.get()));
  return Statement(statement);
}

FtsRival::FtsRival(const std::vector<std::string>& texts) {
  sqlite3* db = nullptr;
  const int opened = sqlite3_open(":memory:", &db);
  db_.reset(db);
  if (opened != SQLITE_OK) throw std::runtime_error("FTS5: no database in memory");
  run("create virtual table memories using fts5(text, tokenize = 'porter unicode61')");
  const auto begin = Steady::now();
  run("begin");
  const Statement insert = prepare("insert into memories(text) values (?)");
  for (const std::string& text : texts) {
    bind(insert.get(), text);
    if (sqlite3_step(insert.get()) != SQLITE_DONE) throw std::runtime_error("FTS5: a row was refused");
    sqlite3_reset(insert.get());
  }
  run("commit");
  seconds_ = ms_between(begin, Steady::now()) / 1000;
  run("insert into memories(memories) values ('optimize')");
  search_ = prepare("select rowid from memories where memories match ? order by bm25(memories) limit 10");
}

std::vector<std::int64_t> FtsRival::search(const std::string& query) {
  const std::string match = any_of(query);
  bind(search_.get(), match);
  std::vector<std::int64_t> rows;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(search_.get())) == SQLITE_ROW)
    rows.push_back(sqlite3_column_int64(search_.get(), 0));
  sqlite3_reset(search_.get());
  if (step != SQLITE_DONE) throw std::runtime_error("FTS5: a search failed");
  return rows;
}

}  // namespace comem::bench

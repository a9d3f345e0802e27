#include <comem/error.hpp>
#include <comem/memory_type.hpp>

#include <ostream>
#include <set>

#include <doctest/doctest.h>

using namespace comem;

TEST_CASE("every code has its own message in the one category") {
  std::set<std::string> messages;
  for (int code = 1; code <= static_cast<int>(errc::limit_exceeded); ++code)
    messages.insert(error_category().message(code));
  CHECK(messages.size() == 10);
  CHECK_FALSE(messages.contains(error_category().message(0)));
  CHECK(error_category().message(-5) == "unknown error");
  CHECK(std::string(error_category().name()) == "comem");
  const std::error_code code = errc::closed;
  CHECK(code.category() == error_category());
  CHECK(code == errc::closed);
  CHECK(code != errc::rejected);
}

TEST_CASE("an error says what its author said, and keeps the server's words apart") {
  const Error error(errc::unavailable, "Redis refused the password; set REDIS_PASSWORD", "WRONGPASS secret");
  CHECK(std::string(error.what()) == "Redis refused the password; set REDIS_PASSWORD");
  CHECK(error.server_text() == "WRONGPASS secret");
  CHECK(error.code() == errc::unavailable);
  CHECK(Error(errc::closed, "x").server_text().empty());
}

TEST_CASE("memory types have names") {
  for (const auto type : {MemoryType::working, MemoryType::episodic, MemoryType::semantic, MemoryType::skill,
                          MemoryType::session})
    CHECK(memory_type_from(name_of(type)) == type);
  CHECK(name_of(MemoryType::episodic) == "episodic");
  for (const auto* name : {"", "Episodic", "episode", "skills", "skil"})
    CHECK_FALSE(memory_type_from(name).has_value());
}

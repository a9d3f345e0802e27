#include <comem/error.hpp>

#include <set>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "core/ids.hpp"

using namespace comem;

TEST_CASE("ids are 32 hex digits, unique, and order by age") {
  std::set<std::string> ids;
  for (int i = 0; i < 10'000; ++i) ids.insert(make_id(TimePoint(Milliseconds(1'700'000'000'000))));
  CHECK(ids.size() == 10'000);
  for (const auto& id : ids) {
    REQUIRE(id.size() == 32);
    REQUIRE(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
  CHECK(make_id(TimePoint(Milliseconds(1'700'000'000'000))) <
        make_id(TimePoint(Milliseconds(1'700'000'000'001))));
  CHECK(make_id(TimePoint{}) < make_id(TimePoint(Milliseconds(1))));
}

TEST_CASE("ids of several threads differ") {
  std::vector<std::set<std::string>> ids(4);
  std::vector<std::thread> threads;
  for (auto& own : ids)
    threads.emplace_back([&own] {
      for (int i = 0; i < 500; ++i) own.insert(make_random_id());
    });
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& own : ids) all.insert(own.begin(), own.end());
  CHECK(all.size() == 2000);
  CHECK(all.begin()->size() == 16);
}

TEST_CASE("an id from a name is FNV-1a") {
  CHECK(id_from_name("") == "6c62272e07bb014262b821756295c58d");
  CHECK(id_from_name("a") == "d228cb696f1a8caf78912b704e4a8964");
  CHECK(id_from_name("foobar") == "343e1662793c64bf6f0d3597ba446f18");
  CHECK(id_from_name(std::string("\0", 1)) != id_from_name(""));
}

TEST_CASE("ids have 1 to 256 bytes of any kind") {
  CHECK_NOTHROW(check_id(std::string(256, '\xff'), "id"));
  CHECK_NOTHROW(check_id(std::string(1, '\0'), "id"));
  CHECK_THROWS_WITH_AS(check_id("", "agent"), "agent is empty; give 1 to 256 bytes", Error);
  CHECK_THROWS_WITH_AS(check_id(std::string(257, 'a'), "agent"),
                       "agent has 257 bytes; at most 256 are allowed", Error);
}

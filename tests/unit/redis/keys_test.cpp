#include "adapters/redis/keys.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

namespace comem::redis {
namespace {

TEST_CASE("keys: the layout that others rely on") {
  const Keys keys("default");
  CHECK(keys.value(MemoryType::working, "s1", "a1") == "{default}:agent:a1:working:s1");
  CHECK(keys.value(MemoryType::episodic, "e1", "x") == "{default}:memory:episodic:e1");
  CHECK(keys.value(MemoryType::skill, "k1", "x") == "{default}:memory:skill:k1");
  CHECK(keys.value(MemoryType::session, "s1", "") == "{default}:session:s1");
  CHECK(keys.lookup(MemoryType::episodic, "s1") == "{default}:session:s1:episodes");
  CHECK(keys.lookup(MemoryType::skill, "n") == "{default}:skill:name:n");
  CHECK(keys.lookup(MemoryType::working, "n").empty());
  CHECK(keys.lookup(MemoryType::episodic, "").empty());
  CHECK(keys.index(MemoryType::semantic) == "{default}:memory:semantic:index:all");
  CHECK(keys.metas() == "{default}:meta");
  CHECK(keys.log() == "{default}:log");
  CHECK(keys.channel(MemoryType::episodic) == "{default}:agent:memory:episodic");
  CHECK(Keys::member(MemoryType::skill, "a:b") == "skill:a:b");
}

TEST_CASE("keys: nothing leaves its part") {
  CHECK(escape("a{b}c:d%e\n\x7f") == "a%7Bb%7Dc%3Ad%25e%0A%7F");
  CHECK(escape(std::string("\0", 1)) == "%00");
  CHECK(escape("\xc3\xa9\xff") == "\xc3\xa9\xff");
  CHECK(Keys("a}:b").prefix() == "{a%7D%3Ab}:");
}

TEST_CASE("keys: no two things share a key") {
  std::mt19937 random(11);
  const std::string alphabet = "ab{}:%7B3A\n";
  const auto any = [&] {
    std::string out(1 + random() % 3, ' ');
    for (auto& c : out) c = alphabet[random() % alphabet.size()];
    return out;
  };
  std::map<std::string, std::string> owners;  // key -> what it is the key of
  const auto claim = [&](const std::string& key, const std::string& owner) {
    const auto [place, fresh] = owners.emplace(key, owner);
    CHECK_MESSAGE(place->second == owner, key);
  };
  const auto tuple = [](std::initializer_list<std::string> parts) {
    std::string out;
    for (const auto& part : parts) out += std::to_string(part.size()) + "," + part;
    return out;
  };
  for (int i = 0; i < 20000; ++i) {
    const auto ns = any(), id = any(), lookup = any();
    const Keys keys(ns);
    for (const auto type : {MemoryType::working, MemoryType::episodic, MemoryType::semantic,
                            MemoryType::skill, MemoryType::session}) {
      const std::string name(name_of(type));
      const auto agent = type == MemoryType::working ? lookup : "";
      claim(keys.value(type, id, lookup), tuple({"value", ns, name, id, agent}));
      claim(keys.index(type), tuple({"index", ns, name}));
      const auto by = keys.lookup(type, lookup);
      if (!by.empty()) claim(by, tuple({"lookup", ns, name, lookup}));
    }
    claim(keys.metas(), tuple({"metas", ns}));
    claim(keys.log(), tuple({"log", ns}));
    claim(keys.expiry(), tuple({"expiry", ns}));
    claim(keys.state(), tuple({"state", ns}));
  }
}

}  // namespace
}  // namespace comem::redis

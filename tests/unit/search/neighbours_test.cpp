#include "search/neighbours.hpp"

#include <doctest/doctest.h>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

namespace {

Document of_session(std::string id, std::string session, std::optional<std::int64_t> turn, int time = 0) {
  Document made = document(std::move(id), "", time);
  made.session = std::move(session);
  made.turn = turn;
  return made;
}

class World {
 public:
  void add(const Document& document) {
    const auto number = documents.add(document);
    documents.describe(number, 1, {});
    neighbours.add(number);
  }
  void remove(const char* id) {
    const auto number = documents.find(MemoryType::episodic, id).value();
    neighbours.remove(number);
    documents.remove(number);
  }

  /// From this one on to the end of its session.
  Ids from(const char* id) const {
    Ids ids;
    auto number = documents.find(MemoryType::episodic, id).value();
    DocumentNumber before = neighbours.before(number);
    for (; number != Neighbours::none; number = neighbours.after(number)) {
      CHECK(neighbours.before(number) == before);
      ids.push_back(documents.facts(number).id);
      before = number;
    }
    return ids;
  }
  bool scattered(const char* id) const {
    return neighbours.scattered(documents.find(MemoryType::episodic, id).value());
  }

  DocumentTable documents;
  Neighbours neighbours{documents};
};

}  // namespace

TEST_CASE("neighbours stand by turn, whenever they came") {
  World world;
  world.add(of_session("c", "s", 3, 1));
  world.add(of_session("a", "s", 1, 3));
  world.add(of_session("other", "t", 2));
  world.add(of_session("b", "s", 2, 2));
  CHECK(world.from("a") == Ids{"a", "b", "c"});
  CHECK(world.from("other") == Ids{"other"});
  CHECK(world.neighbours.sessions() == 2);
}

TEST_CASE("without turns by time, then by id; the two kinds are no neighbours") {
  World world;
  world.add(of_session("late", "s", std::nullopt, 9));
  world.add(of_session("z", "s", std::nullopt, 5));
  world.add(of_session("y", "s", std::nullopt, 5));
  world.add(of_session("numbered", "s", 7, 6));
  CHECK(world.from("y") == Ids{"y", "z", "late"});
  CHECK(world.from("numbered") == Ids{"numbered"});
}

TEST_CASE("what has no session has no neighbours") {
  World world;
  world.add(of_session("a", "", 1));
  world.add(of_session("b", "", 2));
  CHECK(world.from("a") == Ids{"a"});
  CHECK(world.neighbours.sessions() == 0);
}

TEST_CASE("who is removed leaves no gap, and an empty session is none") {
  World world;
  for (const char* id : {"a", "b", "c"}) world.add(of_session(id, "s", id[0]));
  world.remove("b");
  CHECK(world.from("a") == Ids{"a", "c"});
  world.add(of_session("b", "s", 'b'));
  CHECK(world.from("a") == Ids{"a", "b", "c"});
  for (const char* id : {"a", "c", "b"}) world.remove(id);
  CHECK(world.neighbours.sessions() == 0);
}

TEST_CASE("numbers that do not follow are known within reach, and forgotten when mended") {
  World world;
  for (int i = 0; i < 20; ++i) world.add(of_session(std::string(1, static_cast<char>('a' + i)), "s", i));
  CHECK_FALSE(world.scattered("j"));
  world.remove("j");
  for (const char* id : {"e", "i", "k", "o"}) CHECK(world.scattered(id));
  for (const char* id : {"d", "p"}) CHECK_FALSE(world.scattered(id));
  world.documents.compact();
  world.neighbours.rebuild();
  CHECK(world.from("i").front() == "i");
  for (const char* id : {"e", "i", "k", "o"}) CHECK_FALSE(world.scattered(id));
}

// Several threads make one index.
#include "storage/index_parts.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>

using namespace comem;
using namespace comem::storage;

namespace {

constexpr int pages = 40, page_size = 25;

IndexParts::Page page_of(int number) {
  IndexParts::Page page(page_size);
  for (int i = 0; i < page_size; ++i)
    page[static_cast<std::size_t>(i)].key.id = std::to_string(number) + '-' + std::to_string(i);
  return page;
}

search::Document document_of(const Record& record) {
  search::Document document;
  document.id = record.key.id;
  document.text = "the lake of " + record.key.id;
  return document;
}

void take(const IndexParts::Page& page, search::Index& index) {
  for (const Record& record : page) index.upsert(document_of(record));
}

}  // namespace

TEST_CASE("every page is in the index, and what was there before stays") {
  search::Index index;
  search::Document before;
  before.id = "before";
  before.text = "a lake";
  index.upsert(before);
  IndexParts parts({}, take);
  for (int i = 0; i < pages; ++i) CHECK(parts.add(page_of(i)));
  parts.finish();
  parts.absorb_into(index);
  CHECK(index.size() == pages * page_size + 1);
  CHECK(index.search(Query("lake").with_limit(5000), {}, TimePoint()).size() == index.size());
  for (const char* id : {"0-0", "0-24", "39-0", "39-24"}) {
    const auto found = index.search(Query("lake of " + std::string(id)).with_limit(1), {}, TimePoint());
    REQUIRE(found.size() == 1);
    CHECK(found.front().id == id);
  }
}

TEST_CASE("what a thread throws comes out, and no more pages are wanted") {
  IndexParts parts({},
                   [](const IndexParts::Page&, search::Index&) { throw std::runtime_error("no memory"); });
  while (parts.add(page_of(0))) {
  }
  CHECK_THROWS_WITH(parts.finish(), "no memory");
}

TEST_CASE("who gives up in between leaves no thread behind") {
  std::atomic<int> begun{0}, ended{0};
  {
    IndexParts parts({}, [&](const IndexParts::Page& page, search::Index& index) {
      ++begun;
      take(page, index);
      ++ended;
    });
    for (int i = 0; i < pages; ++i) parts.add(page_of(i));
  }
  CHECK(begun > 0);
  CHECK(begun == ended);
}

TEST_CASE("nothing added is nothing absorbed") {
  search::Index index;
  IndexParts parts({}, take);
  parts.finish();
  parts.absorb_into(index);
  CHECK(index.size() == 0);
}

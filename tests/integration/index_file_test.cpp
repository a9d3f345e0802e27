// The file of words beside the database: read where it is right, and never believed where it is not.

#include <comem/comem.hpp>
#include <comem/embedding.hpp>
#include <comem/error.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/sqlite_files.hpp"
#include "tests/integration/sqlite_raw.hpp"
#include "tests/support/run.hpp"

using namespace comem;
using namespace comem::testing;

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr int enough = 2500;  // memories that are worth a file

struct Place {
  Place() {
    options.database = directory.file("memory.db");
    options.level = Level::local;
    options.log = [](LogLevel, std::string_view) {};
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory.path())) {
      if (entry.path().filename().string().find(".words-") != std::string::npos)
        found.push_back(entry.path());
    }
    return found;
  }
  Directory directory;
  Options options;
};

struct Found {
  std::size_t documents = 0;
  std::vector<std::string> ids;
};

awaitable<void> fill(Options options, int first, int count, std::string more) {
  auto memory = co_await create_memory_adapter(options);
  std::vector<AnyMemory> all;
  for (int i = first; i < first + count; ++i) {
    Episode one;
    one.id = "m" + std::to_string(i);
    one.content = "number" + std::to_string(i) + " stands in line " + std::to_string(i % 7) + more;
    all.emplace_back(one);
  }
  co_await memory.put_many(std::move(all));
  Query query("line");
  co_await memory.search(std::move(query));
  co_await memory.close();
}

awaitable<void> forget(Options options, std::string id) {
  auto memory = co_await create_memory_adapter(options);
  co_await memory.forget(std::move(id));
  co_await memory.close();
}

awaitable<void> search(Options options, std::string text, Found* found) {
  auto memory = co_await create_memory_adapter(options);
  Query query(std::move(text));
  const auto hits = co_await memory.search(std::move(query));
  found->ids.clear();
  for (const auto& hit : hits) found->ids.push_back(common(hit.memory).id);
  const Stats stats = co_await memory.stats();
  found->documents = stats.index_documents;
  co_await memory.close();
}

Found found_by(const Options& options, const std::string& text) {
  asio::io_context loop;
  Found found;
  run(loop, search(options, text, &found));
  return found;
}

void filled(const Place& place, int first = 0, int count = enough, const std::string& more = {}) {
  asio::io_context loop;
  run(loop, fill(place.options, first, count, more));
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a store is searched from its file of words, which nobody else can read") {
  Place place;
  filled(place);
  const auto files = place.files();
  REQUIRE(files.size() == 1);
  struct stat about {};
  REQUIRE(::stat(files[0].c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  // Memories that cannot be read any more are still among the words: so these came from the file.
  execute(place.options.database,
          "UPDATE records SET value = x'ff' "
          "WHERE substr(id, 1, 1) = x'6d' AND CAST(CAST(substr(id, 2) AS TEXT) AS INTEGER) < 2000");
  CHECK(found_by(place.options, "number2400").ids == Ids{"m2400"});
  CHECK(found_by(place.options, "line").documents == enough);
  fs::remove(files[0]);
  CHECK(found_by(place.options, "line").documents == enough - 2000);
}

TEST_CASE("few but long memories used to be read again by every process") {
  std::string more;
  for (int i = 0; i < 20'000; ++i) more += ' ' + std::to_string(i * 7919);
  Place place;
  place.options.compression_threshold = 1u << 20;
  filled(place, 0, 5, more);
  CHECK(place.files().empty());
  filled(place, 5, 10, more);
  CHECK(place.files().size() == 1);
}

TEST_CASE("what was written and forgotten after the file counts") {
  Place place;
  filled(place);
  filled(place, enough, 5);
  asio::io_context loop;
  run(loop, forget(place.options, "m17"));
  CHECK(found_by(place.options, "number2503").ids == Ids{"m2503"});
  CHECK(found_by(place.options, "number17").ids.empty());
  CHECK(found_by(place.options, "line").documents == enough + 4);
}

/// Knows that a certain memory is meant by a word that it does not have.
class OneMeaning final : public EmbeddingProvider {
 public:
  std::string model() const override { return "one meaning"; }
  std::string endpoint() const override { return "within the test"; }
  awaitable<EmbeddingReply> embed(EmbeddingRequest request) override {
    EmbeddingReply reply;
    for (const auto& text : request.texts) {
      const bool meant = text.starts_with("number2400 ") || text == "zweitausendvierhundert";
      reply.vectors.push_back(meant ? std::vector<float>{1, 0} : std::vector<float>{0, 1});
    }
    co_return reply;
  }
};

awaitable<void> embed_all(Options options) {
  auto memory = co_await create_memory_adapter(options);
  co_await memory.wait_for_vectors();
  co_await memory.close();
}

TEST_CASE("with vectors too a store is searched from its file of words") {
  Place place;
  place.options.embedding_provider = std::make_shared<OneMeaning>();
  filled(place);
  REQUIRE(place.files().size() == 1);
  asio::io_context loop;
  run(loop, embed_all(place.options));
  execute(place.options.database,
          "UPDATE records SET value = x'ff' "
          "WHERE substr(id, 1, 1) = x'6d' AND CAST(CAST(substr(id, 2) AS TEXT) AS INTEGER) < 2000");
  CHECK(found_by(place.options, "line").documents == enough);
  const Found found = found_by(place.options, "zweitausendvierhundert");
  REQUIRE_FALSE(found.ids.empty());
  CHECK(found.ids.front() == "m2400");
}

TEST_CASE("a damaged file of words is passed over") {
  Place place;
  filled(place);
  const auto files = place.files();
  REQUIRE(files.size() == 1);
  const auto size = fs::file_size(files[0]);
  for (const auto place_of_damage : {std::uintmax_t{9}, std::uintmax_t{40}, size / 2, size - 1}) {
    CAPTURE(place_of_damage);
    {
      std::fstream file(files[0], std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(place_of_damage));
      const char byte = static_cast<char>(file.get());
      file.seekp(static_cast<std::streamoff>(place_of_damage));
      file.put(static_cast<char>(byte ^ 0x20));
    }
    const Found found = found_by(place.options, "number1234");
    CHECK(found.ids == Ids{"m1234"});
    CHECK(found.documents == enough);  // and the file is written anew
  }
  fs::resize_file(files[0], size / 3);
  CHECK(found_by(place.options, "number77").ids == Ids{"m77"});
}

TEST_CASE("an older copy of the database that was put back and written to is another history") {
  Place place;
  filled(place, 0, 100);
  const std::string copy = place.directory.file("copy.db");
  fs::copy_file(place.options.database, copy);
  filled(place, 100, enough);
  REQUIRE(place.files().size() == 1);
  for (const char* rest : {"-wal", "-shm"}) fs::remove(place.options.database + rest);
  fs::copy_file(copy, place.options.database, fs::copy_options::overwrite_existing);
  const std::string kept = place.directory.file("kept");
  fs::copy_file(place.files()[0], kept);
  filled(place, 10'000, enough + 50);
  fs::copy_file(kept, place.files()[0], fs::copy_options::overwrite_existing);
  const Found found = found_by(place.options, "number10007");
  CHECK(found.ids == Ids{"m10007"});
  CHECK(found.documents == 100 + enough + 50);
  CHECK(found_by(place.options, "number150").ids.empty());
}

TEST_CASE("a file older than a tombstone that is gone does not bring back what it deleted") {
  Place place;
  filled(place);
  REQUIRE(place.files().size() == 1);
  asio::io_context loop;
  run(loop, forget(place.options, "m30"));
  execute(place.options.database, "DELETE FROM records WHERE deleted = 1");
  CHECK(found_by(place.options, "line").documents == enough - 1);
}

TEST_CASE("no file is written where none is wanted") {
  Place place;
  place.options.keep_index = false;
  filled(place);
  CHECK(place.files().empty());
}

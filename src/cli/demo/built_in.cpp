// The texts of a demo that finds no repository.

#include "cli/demo/sources.hpp"

namespace comem::cli {
namespace {

struct Text {
  const char* id;
  const char* author;
  const char* text;
};

constexpr Text texts[] = {
    {"built-in-1", "ada",
     "The nightly build broke because the linker ran out of memory; fewer parallel jobs mended it."},
    {"built-in-2", "ada",
     "Release 2.4 was rolled back: the migration locked the orders table for nine minutes."},
    {"built-in-3", "ben",
     "The payment provider answers 429 above one hundred requests a minute; we wait and try again."},
    {"built-in-4", "ben",
     "Customers asked for invoices in French; templates are chosen by the locale of the account."},
    {"built-in-5", "cy",
     "The flaky login test waited for a fixed second; now it waits for the event itself."},
    {"built-in-6", "cy",
     "Search became slow after the index outgrew the page cache; a smaller tokenizer table helped."},
    {"built-in-7", "dee", "Certificates of the staging cluster are renewed by hand every March."},
    {"built-in-8", "dee",
     "The backup is restored into a scratch database each Sunday, and a checksum is compared."},
};

}  // namespace

std::vector<AnyMemory> built_in_memories() {
  std::vector<AnyMemory> memories;
  for (const auto& text : texts) {
    Episode episode;
    episode.id = text.id;
    episode.author = text.author;
    episode.content = text.text;
    memories.emplace_back(std::move(episode));
  }
  return memories;
}

}  // namespace comem::cli

// How words are brought together: by English stems, or not at all.
#include <doctest/doctest.h>

#include "documents_for_tests.hpp"

using namespace comem;
using namespace comem::search;

namespace {

Index without_stemming() {
  Parameters parameters;
  parameters.stemming = Stemming::none;
  return Index(parameters);
}

}  // namespace

TEST_CASE("without stemming words are found as they are written, but for case and accents") {
  Index none = without_stemming();
  Index english;
  for (Index* index : {&none, &english}) {
    index->upsert(document("run", "Running shoes"));
    index->upsert(document("cafe", "Caf\u00c9 am Markt"));
  }
  CHECK(found(none, Query("running")) == Ids{"run"});
  CHECK(found(none, Query("runs")).empty());
  CHECK(found(english, Query("runs")) == Ids{"run"});
  CHECK(found(none, Query("cafe")) == Ids{"cafe"});
}

TEST_CASE("without stemming no word is a stop word") {
  Index none = without_stemming();
  none.upsert(document("was", "was macht die Katze"));
  none.upsert(document("other", "die Katze schlaeft"));
  CHECK(found(none, Query("was Katze")).front() == "was");
  CHECK(found(none, Query("was")) == Ids{"was"});
}

TEST_CASE("without stemming there are neither synonyms nor families of words, but slips of the fingers") {
  Index none = without_stemming();
  none.upsert(document("a", "photographic journey"));
  none.upsert(document("b", "Geburtstag gefeiert"));
  CHECK(found(none, Query("trip")).empty());
  CHECK(found(none, Query("Gebutrstag")) == Ids{"b"});
}

#include "storage/outbox_page.hpp"

namespace comem::storage {

namespace {
constexpr Milliseconds foreign_grace{1000};  // rows of other processes are theirs to push for this long
}

OutboxPage read_outbox(ReadTransaction& tx, const std::string& ns, std::uint64_t after,
                       const std::string& process, Foreign foreign, TimePoint now, std::size_t limit) {
  const TimePoint stale = foreign == Foreign::none ? no_expiry : TimePoint::max();
  const auto young = [&](const OutboxRow& row) {
    return row.origin != process && row.queued_at >= now - foreign_grace && row.queued_at <= now;
  };
  OutboxPage page;
  page.through = after;
  do {
    page.rows = tx.outbox(ns, page.through, process, stale, limit);
    page.more = is_cut(page.rows, limit);
    if (!page.rows.empty()) page.through = page.rows.back().change;
    if (foreign == Foreign::old) std::erase_if(page.rows, young);
  } while (page.rows.empty() && page.more);
  return page;
}

}  // namespace comem::storage

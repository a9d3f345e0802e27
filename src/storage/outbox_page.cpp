#include "storage/outbox_page.hpp"

namespace comem::storage {

OutboxPage read_outbox(ReadTransaction& tx, const std::string& ns, std::uint64_t after,
                       const std::string& process, std::uint64_t others_through, std::size_t limit) {
  OutboxPage page;
  page.rows = tx.outbox(ns, after, process, others_through, limit);
  page.more = is_cut(page.rows, limit);
  page.through = page.more ? page.rows.back().change : tx.last_change();
  return page;
}

}  // namespace comem::storage

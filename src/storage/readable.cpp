#include "storage/readable.hpp"

#include <comem/error.hpp>

#include "memory/codec.hpp"

namespace comem::storage {

std::size_t drop_unreadable(std::vector<Record>& records) {
  const auto unreadable = [](const Record& record) {
    if (record.deleted) return false;
    try {
      memory::check_readable(record);
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  return std::erase_if(records, unreadable);
}

}  // namespace comem::storage

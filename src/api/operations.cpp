#include "api/operations.hpp"

#include <comem/error.hpp>

#include <sstream>

#include <fmt/format.h>

#include "core/utf8.hpp"

namespace comem {
namespace {

// "<ms> <counter> <store> <flags> <id>"; the id comes last, since it may hold any bytes.
std::string encode(const WriteResult& result) {
  const auto& version = result.version;
  return fmt::format(
      "{} {} {} {} {}", version.ms, version.counter, version.store.empty() ? "-" : version.store,
      (result.changed ? 1 : 0) + (result.duplicate ? 2 : 0) + (result.replaced ? 4 : 0), result.id);
}

WriteResult decode(const std::string& text, const std::string& operation) {
  WriteResult result;
  std::istringstream in(text);
  auto& version = result.version;
  int flags = 0;
  in >> version.ms >> version.counter >> version.store >> flags;
  result.changed = (flags & 1) != 0;
  result.duplicate = (flags & 2) != 0;
  result.replaced = (flags & 4) != 0;
  if (!in || in.get() != ' ')
    throw Error(errc::corrupt, fmt::format("what operation '{}' answered before cannot be read; use another "
                                           "operation id",
                                           printable(operation)));
  if (version.store == "-") version.store.clear();
  result.id = text.substr(static_cast<std::size_t>(in.tellg()));
  result.repeated = true;
  return result;
}

}  // namespace

WriteResult Operations::once(storage::WriteTransaction& tx, const std::string& operation, TimePoint now,
                             const std::function<WriteResult()>& work) const {
  if (operation.empty()) return work();
  if (const auto known = tx.operation(ns_, operation, now)) return decode(*known, operation);
  WriteResult result = work();
  tx.note_operation(ns_, operation, encode(result), now + keep_);
  return result;
}

}  // namespace comem

#pragma once
// The metadata of a record as Redis keeps it: everything but key and value, in one text.
//
//   ms counter deleted expires_at created_at score #store #writer #lookup shares storewriterlookup
//
// #x is the size of x in bytes, so that names may hold any; deleted is 0 or 1; shares are the counters'
// (CounterSet::encode()) or nothing. All texts of a namespace stand in one hash, by member (Keys::metas()):
// a batch reads and writes them with one command each. The scripts read them by the same rules
// (script_parts.cpp).

#include <string>
#include <string_view>

#include "core/record.hpp"

namespace comem::redis {

/// Longer texts are nobody's.
inline constexpr std::size_t max_meta_bytes = 1u << 20;

/// Times before 1970 and scores that are no numbers go out as zero.
std::string encode_meta(const Record& record);

/// Fills in all but key and value. False, and `record` in any state, for what no comem can have written.
bool decode_meta(std::string_view text, Record& record);

}  // namespace comem::redis

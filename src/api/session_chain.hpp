#pragma once
// How sessions hang together: each names the one before it.

#include <comem/session.hpp>

#include <set>
#include <string>
#include <vector>

#include "storage/store.hpp"

namespace comem {

/// The sessions that lead to `last`, oldest first, `last` included. A chain that bites its tail is cut there;
/// at most 1,000 sessions are followed.
std::vector<Session> session_chain(storage::ReadTransaction& tx, const std::string& ns, const Session& last,
                                   TimePoint now);

/// `id`, the sessions it was rotated from, and those that were rotated from it, near or far.
std::set<std::string> linked_sessions(storage::ReadTransaction& tx, const std::string& ns,
                                      const std::string& id, TimePoint now);

}  // namespace comem

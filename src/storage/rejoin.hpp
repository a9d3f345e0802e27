#pragma once
// What a store does that was away from its relay for so long that others no longer keep the tombstones of
// what they deleted meanwhile: it must not bring such records back.

#include <comem/clock.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>

#include "storage/relay.hpp"
#include "storage/store.hpp"

namespace comem::storage {

/// Whether tombstones may have been dropped since the store was last in step. A tenth of their time is kept
/// back for clocks that differ. A store that was never in step has nothing that others could have deleted.
bool away_too_long(TimePoint in_step_at, TimePoint now, Milliseconds tombstone_ttl) noexcept;

/// How often "in step" is written down.
Milliseconds in_step_interval(Milliseconds tombstone_ttl) noexcept;

/// Replaces every record that the relay lacks, and that does not wait to be shared, by a tombstone which
/// expires at once and stands below every version; then notes that the store is in step. To be called when
/// everything that the relay holds in `epoch` was pulled. Answers false, to be tried again later, when the
/// relay did not tell all that it holds. Repeating it is harmless. Throws as Store::write().
boost::asio::awaitable<bool> drop_what_relay_lacks(std::string ns, std::string epoch, Store& store,
                                                   Relay& relay, const Clock& clock);

}  // namespace comem::storage

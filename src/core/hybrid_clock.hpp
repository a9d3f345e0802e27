#pragma once
// The hybrid logical clock that stamps versions.

#include <comem/clock.hpp>
#include <comem/version.hpp>

namespace comem {

/// The version for a write at wall time `now`: after `previous` (the last stamp of this store) and after
/// `seen` (the version that the write replaces), however far the wall clock was set back. Pure.
Version next_version(TimePoint now, const Version& previous, const Version& seen, const std::string& store);

}  // namespace comem

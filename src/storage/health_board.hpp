#pragma once
// Where the parts of an engine report their health, and others read it or wait for its changes.

#include <comem/clock.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/health.hpp"

namespace comem::storage {

/// Thread-safe.
class HealthBoard {
 public:
  explicit HealthBoard(const Clock& clock) : clock_(clock) {}

  void link(RelayState state, const std::string& reason);
  void caught_up(const std::string& ns, bool yes);
  void trouble(const std::string& ns, const std::string& words);

  Health now() const;
  /// A queue that holds the health of now and is given every later one.
  std::shared_ptr<HealthQueue> watch();
  /// Ends all queues.
  void close();

 private:
  void tell();

  const Clock& clock_;
  mutable std::mutex mutex_;
  HealthMachine machine_;                            // guarded by mutex_
  std::vector<std::weak_ptr<HealthQueue>> watches_;  // guarded by mutex_
  bool closed_ = false;                              // guarded by mutex_
};

}  // namespace comem::storage

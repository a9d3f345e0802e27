#pragma once
// One health out of the state of the link and of every namespace that is shared over it.
//
//   connecting -> catching up -> up <-> suspect
//        ^            |          |        |
//        +--- down <--+----------+--------+      (a link that comes back catches up first)

#include <comem/health.hpp>

#include <map>
#include <set>
#include <string>

#include "core/mailbox.hpp"

namespace comem {

class HealthQueue : public Mailbox<Health> {
 public:
  using Mailbox::Mailbox;
};

namespace storage {

/// A state machine without I/O. Functions that answer bool: whether the health is another one now.
class HealthMachine {
 public:
  /// Of the link: connecting, up, suspect or down; off when it was closed.
  bool link(RelayState state, std::string reason, TimePoint now);
  /// Whether a namespace has taken in all that the relay held when the link came up.
  bool caught_up(const std::string& ns, bool yes, TimePoint now);
  /// What the relay refuses of a namespace, in words; empty when nothing.
  bool trouble(const std::string& ns, const std::string& words, TimePoint now);

  const Health& now() const noexcept { return health_; }

 private:
  bool update(TimePoint now);

  RelayState link_ = RelayState::off;
  std::string link_reason_;
  std::set<std::string> behind_;
  std::map<std::string, std::string> troubles_;
  Health health_;
};

}  // namespace storage
}  // namespace comem

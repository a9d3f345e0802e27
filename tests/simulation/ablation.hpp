#pragma once
// Mechanisms of the sync engine that the simulation can break, from outside: each must be noticed.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace comem::simulation {

enum class Ablation {
  none,
  outbox_only,           ///< after a loss only the outbox is shared, not what was shared before
  early_cursor,          ///< the position is committed before the records that it covers
  cursor_apart,          ///< the position is kept outside the transaction of its records
  drop_tombstones,       ///< a tombstone goes as soon as it is shared
  wall_clock,            ///< versions are the wall clock alone
  no_server_identity,    ///< the run id is stripped from the epoch
  no_heartbeat,          ///< pulls follow hints only
  counters_overwritten,  ///< Redis takes counters as they come instead of merging them
  unknown_is_applied,    ///< the outbox is trimmed before Redis has answered
  no_check_in_redis,     ///< Redis takes older versions too
  no_check_on_pull,      ///< a store takes older versions too
  expiry_is_deletion,    ///< what Redis let expire or evicted is deleted in the stores
  message_is_truth,      ///< what came with a hint, and what lies before it, is never pulled
  gap_ignored,           ///< a hint leads to what it names, not to what came before
  stray_replies,         ///< a reply is taken for the oldest request that waits, whosoever's it is
  unsynced_push,         ///< records are shared before they are safe from a loss of power
  no_takeover,           ///< rows of a process that died wait until its host begins another one
  no_rejoin,             ///< a store that was away for too long goes on as if it had not been
};

struct AblationName {
  Ablation ablation;
  std::string_view name;
  std::string_view meaning;
  std::uint64_t first = 1;  ///< seed from which on it is soon noticed
};

inline constexpr std::array ablations{
    AblationName{Ablation::outbox_only, "outbox-only",
                 "after a loss of Redis only the outbox is shared again"},
    AblationName{Ablation::early_cursor, "early-cursor", "the position is committed before its records"},
    AblationName{Ablation::cursor_apart, "cursor-apart", "the position survives the loss of its records"},
    AblationName{Ablation::drop_tombstones, "drop-tombstones", "tombstones are dropped once shared"},
    AblationName{Ablation::wall_clock, "wall-clock", "versions are the wall clock alone"},
    AblationName{Ablation::no_server_identity, "no-server-identity", "the server's run id is ignored"},
    AblationName{Ablation::no_heartbeat, "no-heartbeat", "pulls follow hints only"},
    AblationName{Ablation::counters_overwritten, "counters-overwritten", "Redis overwrites counters"},
    AblationName{Ablation::unknown_is_applied, "unknown-is-applied", "a lost reply counts as success"},
    AblationName{Ablation::no_check_in_redis, "no-check-in-redis", "Redis takes older versions"},
    AblationName{Ablation::no_check_on_pull, "no-check-on-pull", "a pull brings back older versions"},
    AblationName{Ablation::expiry_is_deletion, "expiry-is-deletion", "what Redis let expire is deleted"},
    AblationName{Ablation::gap_ignored, "gap-ignored", "only the change that a hint names is pulled"},
    AblationName{Ablation::message_is_truth, "message-is-truth",
                 "a hint that carries records moves the position to it"},
    AblationName{Ablation::stray_replies, "stray-replies", "replies are not matched with requests"},
    AblationName{Ablation::unsynced_push, "unsynced-push",
                 "records are shared before they are synced to disk"},
    AblationName{Ablation::no_takeover, "no-takeover", "rows of a dead process are left to it", 323919546},
    AblationName{Ablation::no_rejoin, "no-rejoin", "a store away for too long drops nothing"},
};

inline std::optional<AblationName> ablation_named(std::string_view name) {
  for (const auto& entry : ablations)
    if (entry.name == name) return entry;
  return std::nullopt;
}

}  // namespace comem::simulation

#pragma once
// Operations that their callers name, so that a repetition is known for what it is.

#include <comem/clock.hpp>
#include <comem/write.hpp>

#include <functional>
#include <string>

#include "storage/store.hpp"

namespace comem {

/// Of one namespace. Copies are alike.
class Operations {
 public:
  Operations(std::string ns, Milliseconds keep) : ns_(std::move(ns)), keep_(keep) {}

  /// Runs `work` and notes its answer under the operation's id in the same transaction; for an operation that
  /// is known already, answers what was noted. Without an id, just runs it.
  WriteResult once(storage::WriteTransaction& tx, const std::string& operation, TimePoint now,
                   const std::function<WriteResult()>& work) const;

 private:
  std::string ns_;
  Milliseconds keep_;
};

}  // namespace comem

#pragma once
// One engine for all adapters of the process that name the same store and the same Redis.

#include <comem/options.hpp>

#include <memory>

#include "storage/engine.hpp"

namespace comem::storage {

/// A user's hold on an engine. Copies count as further users. Thread-safe as a shared_ptr is.
class EngineHold {
 public:
  /// The engine of these options, opened where nobody has it open yet. Blocking; throws what opening a store
  /// throws.
  static EngineHold open(Options options);

  EngineHold(const EngineHold& other);
  EngineHold(EngineHold&& other) noexcept = default;
  EngineHold& operator=(const EngineHold&) = delete;
  EngineHold& operator=(EngineHold&&) = delete;
  ~EngineHold();

  Engine& operator*() const noexcept { return *engine_; }
  Engine* operator->() const noexcept { return engine_.get(); }

  /// Gives the hold up; true when it was the last, whose user then closes the engine. Nobody can join it any
  /// more.
  bool release() noexcept;

 private:
  explicit EngineHold(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  std::shared_ptr<Engine> engine_;
  bool counted_ = true;
};

}  // namespace comem::storage

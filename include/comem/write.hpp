#pragma once
// How safely a write is kept, and what became of it.

#include <comem/clock.hpp>
#include <comem/memory.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace comem {

/// How far a write must have come before its caller is answered.
enum class Level {
  local,       ///< committed by SQLite; survives a killed process
  durable,     ///< and synced to disk; survives power loss
  shared,      ///< and accepted by Redis, or `pending` when Redis does not answer within the share deadline
  replicated,  ///< and held by Options::replicas replicas of that Redis, or `pending`
};

enum class Outcome {
  ok,
  pending,  ///< safe in this store at level durable; it will be shared when there is a Redis that can be
            ///< reached
};

/// What became of a write. Plain data.
struct WriteResult {
  WriteResult() = default;

  std::string id;
  Version version;
  Outcome outcome = Outcome::ok;
  bool changed = true;     ///< false when the store held exactly this already, or there was nothing to remove
  bool replaced = false;   ///< of a memory saved or updated: a live one stood there before, this or another
  bool duplicate = false;  ///< another memory says the same: id and version are its own, nothing was added
  bool repeated = false;   ///< this operation was carried out before: the rest is what it answered then
};

/// How a write is carried out whose call has no request object. Every setter is optional.
class WriteOptions {
 public:
  WriteOptions() = default;
  /// The default is the adapter's level.
  WriteOptions& level(Level value) {
    level_ = value;
    return *this;
  }
  /// See NewMemoryOf::operation().
  WriteOptions& operation(std::string id) {
    operation_ = std::move(id);
    return *this;
  }

  std::optional<Level> level() const noexcept { return level_; }
  const std::string& operation() const noexcept { return operation_; }

 private:
  std::optional<Level> level_;
  std::string operation_;
};

/// What the requests that save a memory have in common. Every setter is optional.
template <class Self, class Kind>
class NewMemoryOf {
 public:
  /// Saves under this id (1 to 256 bytes) instead of a new one; an existing memory of that id is replaced.
  Self& id(std::string value) {
    memory_.id = std::move(value);
    return self();
  }
  Self& kind(std::string value) {
    memory_.kind = std::move(value);
    return self();
  }
  Self& author(std::string value) {
    memory_.author = std::move(value);
    return self();
  }
  /// The default is the adapter's current session.
  Self& session(std::string value) {
    memory_.session = std::move(value);
    return self();
  }
  Self& turn(std::int64_t value) {
    memory_.turn = value;
    return self();
  }
  Self& tag(std::string value) {
    memory_.tags.push_back(std::move(value));
    return self();
  }
  Self& tags(std::vector<std::string> values) {
    memory_.tags = std::move(values);
    return self();
  }
  /// 0 to 1.
  Self& importance(double value) {
    memory_.importance = value;
    return self();
  }
  /// When it happened; the default is now.
  Self& time(TimePoint value) {
    memory_.time = value;
    return self();
  }
  /// The default is the type's time to live from the options; zero means that it never expires.
  Self& ttl(Milliseconds value) {
    ttl_ = value;
    return self();
  }
  /// A JSON object of further fields, kept and exported as it is.
  Self& extra(std::string json) {
    memory_.extra = std::move(json);
    return self();
  }
  /// The default is the adapter's level.
  Self& level(Level value) {
    level_ = value;
    return self();
  }

  /// An id of the caller's choice (at most 256 bytes) for this very write. A call that is repeated with it,
  /// after an error with unknown outcome for instance, is not applied again on this store: the first answer
  /// is given, marked `repeated`. Known for Options::operation_ttl. Ids are those of one namespace, whatever
  /// the call.
  Self& operation(std::string id) {
    operation_ = std::move(id);
    return self();
  }

  const Kind& memory() const noexcept { return memory_; }
  const std::string& operation() const noexcept { return operation_; }
  std::optional<Milliseconds> ttl() const noexcept { return ttl_; }
  std::optional<Level> level() const noexcept { return level_; }

 protected:
  Kind memory_;

 private:
  Self& self() noexcept { return static_cast<Self&>(*this); }

  std::optional<Milliseconds> ttl_;
  std::optional<Level> level_;
  std::string operation_;
};

}  // namespace comem

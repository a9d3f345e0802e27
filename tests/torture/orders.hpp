#pragma once
// What a driver may ask of an agent on its standard input.

#include <comem/adapter.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <string>
#include <vector>

#include "tests/torture/shifted_clock.hpp"
#include "tests/torture/writers.hpp"

namespace comem::torture {

/// One order a line; each is answered by lines on standard output, the last of which is a single dot.
/// - `dump PREFIX`: every memory whose id begins so, "TYPE ID MS COUNTER STORE TOKEN", and every skill,
/// "skill
///   NAME EXECUTIONS SUCCESSES".
/// - `sum`: count and hash of all that a dump would list, equal on stores that hold the same.
/// - `digest`: the library's own digest of the store: "digest COUNT HASH".
/// - `flush MS`: "flushed 1", or 0 when the deadline passed.
/// - `stats`: lines "NAME VALUE"; the longest call is then measured anew.
/// - `memory`: lines "NAME VALUE", bytes and counts of what could grow; before that the allocator gives back
///   what nobody uses.
/// - `pause`, `resume [COUNT]`, `write COUNT`: the last is answered when COUNT attempts are over.
/// - `retry SKILL TOKEN`: counts an execution under this operation id, which may have been done already.
/// - `clock MS`: the wall clock jumps to the system's time + MS.
/// - `diagnose`: a line for everything that is not in order.
/// - `quit`: closes the memory; the process then ends.
/// An order that fails is answered by "error WHY".
class Orders {
 public:
  Orders(boost::asio::io_context& context, RedisMemoryAdapter& memory, Writers& writers, ShiftedClock& clock);

  /// Returns after `quit`, or when standard input ends.
  awaitable<void> serve();

 private:
  awaitable<void> answer(std::string line);
  awaitable<void> obey(std::vector<std::string> words);
  awaitable<void> dump(std::string prefix);
  awaitable<void> sum();
  awaitable<void> digest();
  awaitable<void> add_lines(MemoryType type, std::string prefix);
  awaitable<void> stats();
  awaitable<void> memory();
  awaitable<void> diagnose();
  void say(const std::string& line);
  void send();

  boost::asio::posix::stream_descriptor input_;
  RedisMemoryAdapter& memory_;
  Writers& writers_;
  ShiftedClock& clock_;
  std::string out_;
  bool quit_ = false;
};

}  // namespace comem::torture

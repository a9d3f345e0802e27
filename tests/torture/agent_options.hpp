#pragma once
// The command line of comem_torture_agent.

#include <comem/options.hpp>

#include <cstdint>
#include <string>

namespace comem::torture {

/// What the process writes, how fast, and what it lies about.
struct AgentOptions {
  AgentOptions() = default;

  Options memory;
  std::string acknowledgements;  ///< file that attempts and acknowledgements are appended to
  std::string prefix = "a";      ///< of every id that this process makes up
  std::uint64_t seed = 1;
  int writers = 8;                  ///< calls in flight; 0: only answers orders
  double rate = 0;                  ///< effects a second of the whole process; 0: as fast as it can
  std::int64_t count = -1;          ///< attempts before it pauses by itself; -1: no bound
  std::uint64_t ids = 0;            ///< 0: each save has a new id; else saves return to this many ids
  std::size_t padding = 80;         ///< bytes of text beside the token
  std::int64_t clock_shift_ms = 0;  ///< the wall clock that the memory is given is off by this
  bool paused = false;              ///< writes only after `resume`
  bool own_only = false;            ///< writes no shared ids and counts no executions
  bool searches = false;            ///< reads and searches now and then
  bool one_arena = false;  ///< all threads allocate from one arena, so that RSS follows what is in use
  bool acknowledges_early = false;  ///< lies: acknowledges before the call; the driver must find out
};

/// Throws std::invalid_argument that names what it cannot read.
AgentOptions parse_agent_options(int argc, char** argv);

}  // namespace comem::torture

#pragma once
// The coroutines of an agent that write without end and keep account of it.

#include <comem/adapter.hpp>
#include <comem/error.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <deque>
#include <random>
#include <string>

#include "core/signal.hpp"
#include "tests/torture/agent_options.hpp"
#include "tests/torture/ledger_file.hpp"

namespace comem::torture {

/// Names of the skills whose executions all agents count, and of the ids that all agents write.
inline constexpr int shared_skills = 4;
inline constexpr int shared_ids = 16;

/// The text of a memory: its token, and filler that depends on the token alone.
std::string text_of(const std::string& token, std::size_t padding);
/// The token of a text, or "broken" when its filler is not that of its token.
std::string token_of(const std::string& text);

/// All functions belong to the context's one thread. Must outlive the context's run.
class Writers {
 public:
  Writers(boost::asio::io_context& context, RedisMemoryAdapter& memory, const AgentOptions& options,
          LedgerFile& ledger);

  /// Spawns them; they pause at once when the options say so.
  void start();
  /// Lets them attempt `count` effects more, or endlessly many when negative.
  void resume(std::int64_t count);
  /// Returns when nothing is in flight.
  awaitable<void> pause();
  /// Returns when the attempts that were allowed are over.
  awaitable<void> idle();
  /// They end after their current call.
  void stop();

  struct Totals {
    std::uint64_t attempts = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t pending = 0;
    std::uint64_t failed = 0;
    std::int64_t longest_us = 0;  ///< longest call since it was last asked for
    std::string last_error;
  };
  Totals take_totals();

 private:
  enum class Kind : char { save = 's', update = 'u', forget = 'f', execute = 'x' };
  struct Attempt;

  awaitable<void> run(int number);
  awaitable<void> write_one();
  awaitable<void> look();
  Attempt choose();
  std::string new_token();
  awaitable<WriteResult> call(Kind kind, std::string id, std::string token);
  awaitable<WriteResult> update(std::string id, std::string token);
  void note(const Attempt& attempt, const WriteResult& result);
  void note_failure(const Attempt& attempt, const Error& error);

  boost::asio::io_context& context_;
  RedisMemoryAdapter& memory_;
  const AgentOptions& options_;
  LedgerFile& ledger_;
  Signal changed_;
  std::mt19937_64 random_;
  std::deque<std::string> recent_;  // own ids that were saved and not forgotten
  std::uint64_t tokens_ = 0;
  std::uint64_t saves_ = 0;
  std::int64_t allowed_;
  int in_flight_ = 0;
  bool stopped_ = false;
  Totals totals_;
};

}  // namespace comem::torture

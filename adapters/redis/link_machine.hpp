#pragma once
// What a link to Redis does next: connect, greet, stay, notice a dead server, wait and try again. Decisions
// only: time and randomness come in, commands go out as bytes, and the owner does the I/O (link.cpp).
//
//   idle -> connecting -> greeting -> up (<-> suspect)
//             ^   any failure: waiting (50 ms to 2 s, jittered)  -> connecting
//
// Greeting: HELLO 3 with user, password and name; a server that knows no HELLO gets AUTH and stays with
// RESP2. Then SELECT, INFO server and INFO replication (who is it, and of which history?) and PING (is it
// loading?).

#include <comem/clock.hpp>

#include <cstdint>
#include <deque>
#include <random>
#include <string>

#include "adapters/redis/resp.hpp"

namespace comem::redis {

struct LinkTimes {
  LinkTimes() = default;
  Milliseconds connect{2000};   ///< to resolve, connect and shake hands
  Milliseconds greeting{1900};  ///< for the answers of the greeting
  Milliseconds silence{900};    ///< without a byte from the server, after which it is asked (PING)
  Milliseconds ping{1000};      ///< more of it, after which it is held to be dead
  Milliseconds suspicion{300};  ///< without a byte although something is owed, after which it may be dead
  Milliseconds glance{50};      ///< by which a wake-up may be late before we look again instead of suspecting
  Milliseconds late{500};       ///< by which a wake-up may be late before the silence is held to be our own
  Milliseconds backoff_min{50};
  Milliseconds backoff_max{2000};
  Milliseconds proven{2000};  ///< time up after which failures begin to count anew
};

struct Login {
  Login() = default;
  std::string username;
  std::string password;
  unsigned db = 0;
  std::string client_name = "comem";
};

class LinkMachine {
 public:
  enum class Phase { idle, connecting, greeting, up, waiting, stopped };
  enum class Due { nothing, connect, ping, suspect, give_up };

  LinkMachine(Login login, LinkTimes times, std::uint64_t seed);

  void start(SteadyTime now);
  /// The connection stands: answers the first commands to send.
  std::string on_connected(SteadyTime now);
  /// A reply during the greeting: answers further commands to send. The phase is up afterwards, greeting
  /// still, or waiting when the server turned the greeting down.
  std::string on_greeting_reply(const Value& reply, SteadyTime now);
  /// The server gave a sign of life: it is no longer suspect.
  void on_alive(SteadyTime now) noexcept;
  /// Something was sent that must be answered; nothing more has to be.
  void on_owed(SteadyTime now) noexcept;
  void on_settled() noexcept { owed_ = false; }
  /// The connection failed, or was closed on purpose; `reason` in words.
  void on_failure(std::string reason, SteadyTime now);
  void stop() noexcept { phase_ = Phase::stopped; }

  /// What the time has brought: connect again, send a PING, hold the server suspect (reason_suspect()), or
  /// give the connection up (reason_due() says why).
  Due on_time(SteadyTime now);
  /// When on_time() has something to say; time_point::max() for never.
  SteadyTime next() const noexcept;
  std::string reason_due() const;
  std::string reason_suspect() const;

  Phase phase() const noexcept { return phase_; }
  /// Why it is not up; empty when it is, and before the first attempt has ended.
  const std::string& reason() const noexcept { return reason_; }
  /// Up, but it owes an answer and has been silent for longer than it should.
  bool suspect() const noexcept { return phase_ == Phase::up && suspect_; }
  bool resp3() const noexcept { return resp3_; }
  const std::string& server_name() const noexcept { return server_name_; }        ///< "redis" or "valkey"
  const std::string& server_version() const noexcept { return server_version_; }  ///< "7.0.15"
  /// "run id.replication id": the server process, and the history of its data, which changes when it was
  /// made a replica of another one and promoted again. What the user may not know (INFO forbidden) is empty.
  std::string identity() const { return run_id_ + "." + replication_id_; }
  /// A section of INFO, in the greeting or later; what it does not name stays as it was.
  void read_info(std::string_view info);
  std::uint64_t connections() const noexcept { return connections_; }  ///< times it came up

 private:
  enum class Step { hello, auth, set_name, select, info, ping };  // info: a section of it

  Due on_silence(SteadyTime now);
  void ask(std::string& out, Step step, const std::vector<std::string_view>& words);
  void ask_rest(std::string& out);
  std::string on_hello(const Value& reply, SteadyTime now);

  Login login_;
  LinkTimes times_;
  std::minstd_rand random_;
  Phase phase_ = Phase::idle;
  std::deque<Step> steps_;
  SteadyTime deadline_{};  // connecting, greeting: give up; waiting: connect
  SteadyTime alive_{};
  SteadyTime up_since_{};
  bool pinged_ = false;
  SteadyTime pinged_at_{};
  bool owed_ = false, suspect_ = false;
  SteadyTime suspect_at_{};  // owed: when the server becomes suspect unless it says something
  unsigned failures_ = 0;
  bool resp3_ = false;
  std::string reason_, server_name_, server_version_, run_id_, replication_id_;
  std::uint64_t connections_ = 0;
};

}  // namespace comem::redis

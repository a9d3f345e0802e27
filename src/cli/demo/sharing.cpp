#include "cli/demo/sharing.hpp"

#include <comem/error.hpp>

#include <fmt/format.h>

#include <charconv>

#include "cli/demo/private_server.hpp"

namespace comem::cli {
namespace {

constexpr int patience_ms = 8000;

/// An agent in a process of its own (see agent_process.cpp).
class Agent {
 public:
  Agent(const std::string& name, const std::string& directory, const std::string& url)
      : process_({own_program(), "agent-process", "--db", directory + "/" + name + ".db", "--redis", url,
                  "--agent", name, "--namespace", "team"},
                 directory + "/" + name + ".log") {}

  void tell(const std::string& order) { process_.send(order); }
  /// The next answer; empty when none comes in time.
  std::string answer() { return process_.receive(Milliseconds(patience_ms + 1000)).value_or(""); }
  std::string ask(const std::string& order) {
    tell(order);
    return answer();
  }
  bool saved(const std::string& text) { return ask("save " + text).starts_with("saved "); }
  bool finds(const std::string& words) {
    const auto found = ask("find " + words);
    return found.starts_with("found ") && !found.starts_with("found 0");
  }
  bool leave() {
    process_.close_input();
    return process_.wait_for(Milliseconds(5000)) == 0;
  }

 private:
  Process process_;
};

std::string await_words(const std::string& words) {
  return fmt::format("await {} {}", patience_ms, words);
}

bool link_is(Agent& agent, const char* state) {
  return agent.ask(fmt::format("link {} {}", state, patience_ms)) == "yes";
}

void share_one(Agent& ada, Agent& ben, Report& report) {
  ben.tell(await_words("heliotrope"));
  const Stopwatch watch;
  ada.tell("save The heliotrope cluster needs the larger disks");
  const bool seen = ben.answer().starts_with("seen ");
  const auto took = watch.ms();
  const auto saved = ada.answer();
  report.expect(seen && saved.starts_with("saved "),
                fmt::format("ada saved; ben's search finds it {:.1f} ms after the save began", took));
}

void work_apart(Agent& ada, Agent& ben, PrivateServer& server, Report& report) {
  const Stopwatch watch;
  server.kill();
  const bool noticed = link_is(ada, "down") && link_is(ben, "down");
  report.expect(noticed, fmt::format("the server is killed; both agents know after {:.0f} ms", watch.ms()));
  const Stopwatch working;
  const bool saved = ada.saved("While alone ada learned about quokka latency") &&
                     ben.saved("While alone ben measured the wombat throughput");
  const bool found = ada.finds("quokka") && ben.finds("wombat") && ben.finds("heliotrope");
  report.expect(
      saved && found,
      fmt::format("both go on saving and finding: two saves and three searches in {:.1f} ms", working.ms()));
}

void meet_again(Agent& ada, Agent& ben, PrivateServer& server, Report& report) {
  server.restart();
  const Stopwatch watch;
  ada.tell(await_words("wombat"));
  ben.tell(await_words("quokka"));
  const bool seen_by_ada = ada.answer().starts_with("seen ");
  const bool seen_by_ben = ben.answer().starts_with("seen ");
  report.expect(
      seen_by_ada && seen_by_ben,
      fmt::format("the server is back, empty; {:.0f} ms later each finds what the other saved meanwhile",
                  watch.ms()));
  const auto flush = fmt::format("flush {}", patience_ms);
  const bool shared = ada.ask(flush) == "yes" && ben.ask(flush) == "yes";
  report.expect(shared, "nothing is left to share");
}

void compare(Agent& ada, Agent& ben, Report& report) {
  const auto digest = fmt::format("digest {}", patience_ms);
  const auto of_ada = ada.ask(digest);
  const auto of_ben = ben.ask(digest);
  const auto hash = of_ada.substr(0, of_ada.find(' '));
  report.expect(of_ada == of_ben && of_ada.ends_with(" equal"),
                fmt::format("both stores and Redis hold the same: digest {}", hash));
}

}  // namespace

void show_sharing(const std::string& server_program, const std::string& directory, Report& report) {
  report.heading("5. Two agents, two files, one Redis");
  PrivateServer server(server_program, directory);
  report.say(fmt::format("{} on {}, for this demo alone", server_program, server.url()));
  Agent ada("ada", directory, server.url());
  Agent ben("ben", directory, server.url());
  const bool ready = ada.answer() == "ready" && ben.answer() == "ready";
  const bool linked = ready && link_is(ada, "up") && link_is(ben, "up");
  if (!report.expect(linked, "two agent processes are up and linked")) return;
  share_one(ada, ben, report);
  work_apart(ada, ben, server, report);
  meet_again(ada, ben, server, report);
  compare(ada, ben, report);
  const bool left = ada.leave() && ben.leave();
  report.expect(left, "both agents left in order");
}

}  // namespace comem::cli

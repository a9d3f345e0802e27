#include "tests/simulation/network.hpp"

#include <algorithm>

#include "tests/simulation/relay.hpp"

namespace comem::simulation {

Duration Network::latency() {
  return Duration(random_.between(50, mood.slowest.count()));
}

Duration Network::in_order(Duration delay, SteadyTime& last) const {
  if (!mood.in_order) return delay;
  last = std::max(last, timeline_.now() + delay);
  return std::chrono::ceil<Duration>(last - timeline_.now());
}

bool Network::to_server(std::size_t host, SteadyTime& last, Action action) {
  if (cut_off(host) || random_.chance(mood.lost)) return false;
  if (random_.chance(mood.late)) {
    timeline_.after(Duration(random_.between(300'000, 8'000'000)), std::move(action));
    return true;
  }
  // What is under way when the host is cut off is lost.
  Action arrive = [this, host, action = std::move(action)] {
    if (!cut_off(host)) action();
  };
  if (random_.chance(mood.twice)) timeline_.after(Duration(random_.between(50, 3'000'000)), arrive);
  timeline_.after(in_order(latency(), last), std::move(arrive));
  return true;
}

void Network::to_client(std::size_t host, SteadyTime& last, const std::weak_ptr<Loop*>& loop, Action action) {
  if (cut_off(host) || random_.chance(mood.lost)) return;
  if (random_.chance(mood.late))
    return timeline_.after(Duration(random_.between(300'000, 8'000'000)), loop, std::move(action));
  Action arrive = [this, host, action = std::move(action)] {
    if (!cut_off(host)) action();
  };
  timeline_.after(in_order(latency(), last), loop, std::move(arrive));
}

void Network::publish(const std::string& ns, const storage::Hint& hint) {
  for (auto* relay : relays_) {
    if (!relay->listens_to(ns) || cut_off(relay->host()) || random_.chance(mood.hint_lost)) continue;
    const std::uint64_t connection = relay->connection();
    const int times = random_.chance(mood.twice) ? 2 : 1;
    for (int i = 0; i < times; ++i) {
      Duration delay = latency();
      if (random_.chance(mood.late)) delay = Duration(random_.between(300'000, 5'000'000));
      timeline_.after(delay, relay->life(), [this, relay, connection, ns, hint] {
        if (!cut_off(relay->host())) relay->hinted(connection, ns, hint);
      });
    }
  }
}

void Network::partition(std::size_t host, bool on) {
  if (!on) {
    partitioned_.erase(host);
    return;
  }
  partitioned_.insert(host);
  for (auto* relay : relays_) {
    if (relay->host() != host) continue;
    // Nothing is heard any more, and a question gets no answer.
    const std::uint64_t connection = relay->connection();
    timeline_.after(Duration(random_.between(950'000, 1'900'000)), relay->life(), [this, relay, connection] {
      if (cut_off(relay->host())) relay->lose(connection, "timed out");
    });
  }
}

void Network::break_connections(const std::string& reason) {
  for (auto* relay : relays_) {
    const std::uint64_t connection = relay->connection();
    Duration delay = latency();
    if (cut_off(relay->host())) delay = Duration(random_.between(950'000, 1'900'000));
    timeline_.after(delay, relay->life(), [relay, connection, reason] { relay->lose(connection, reason); });
  }
}

}  // namespace comem::simulation

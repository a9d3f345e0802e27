#include "tests/simulation/world.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace comem::simulation {

namespace {

constexpr std::uint64_t most_events = 400'000;  // of one phase; a healthy one has thousands
constexpr Duration look_every{100'000};
constexpr Duration grace{300'000};  // latencies of a healed network, and the look itself

constexpr std::array types{MemoryType::episodic, MemoryType::semantic, MemoryType::skill};

std::string value_of(std::uint64_t deed) {
  return std::string(1, '\0') + fmt::format("{{\"text\":\"{0}\",\"content\":\"{0}\",\"name\":\"n\"}}", deed);
}

}  // namespace

Verdict simulate(std::uint64_t seed, Ablation ablation, std::function<void(const std::string&)> trace) {
  World world(seed, ablation, std::move(trace));
  return world.run();
}

World::World(std::uint64_t seed, Ablation ablation, std::function<void(const std::string&)> trace)
    : ids_(seed ^ 0x5eed'1d5u),
      random_(seed),
      plan_(random_),
      timeline_(std::move(trace)),
      ablation_(ablation),
      surroundings_{timeline_, network_, ledger_, namespaces_, Options(), ablation, Milliseconds(0)} {
  for (std::size_t i = 0; i < plan_.namespaces; ++i) namespaces_.push_back(fmt::format("ns{}", i));
  surroundings_.options.redis_timeout = plan_.timeout;
  // What a sync engine reports is expected here.
  surroundings_.options.log = [this](LogLevel, std::string_view text) { timeline_.note("log: {}", text); };
  if (plan_.absence) surroundings_.options.tombstone_ttl = std::chrono::hours(48);
  network_.mood = plan_.network;
  server_.on_ask = [this](const std::string& ns, const storage::Position& position) {
    network_.publish(ns, storage::Hint(position));
  };
}

World::~World() = default;

Verdict World::run() {
  begin();
  work();
  sleep();
  heal();
  settle();
  check();
  Verdict verdict;
  verdict.hash = timeline_.hash();
  verdict.events = timeline_.events();
  verdict.time = timeline_.elapsed();
  verdict.convergence = convergence_;
  verdict.broken = ledger_.broken_promises();
  return verdict;
}

// ---- Phases

void World::begin() {
  for (std::size_t i = 0; i < plan_.hosts; ++i) {
    hosts_.push_back(std::make_unique<Host>(surroundings_, i));
    if (plan_.clocks && random_.chance(0.5))
      hosts_[i]->clock.set_error(Milliseconds(random_.between(-60'000, 60'000)));
    surroundings_.largest_error = std::max(surroundings_.largest_error, hosts_[i]->clock.error());
    const auto running = 1 + random_.below(plan_.processes);
    for (std::size_t p = 0; p < running; ++p)
      timeline_.after(Duration(random_.between(0, 500'000)), [this, i, p] { start(i, p); });
  }
}

void World::work() {
  for (std::size_t i = 0; i < plan_.deeds; ++i) timeline_.after(moment(), [this] { act(); });
  for (std::size_t i = 0; i < plan_.incidents; ++i) timeline_.after(moment(), [this] { incident(); });
  if (plan_.losses) timeline_.after(moment(), [this] { snapshot_ = server_.spaces(); });
  advance(plan_.active);
}

/// Everything is off for some hours, then works on.
void World::sleep() {
  if (plan_.absence) return be_absent();
  if (plan_.night.count() == 0) return;
  sleep_for(plan_.night);
  for (std::size_t i = 0; i < plan_.hosts; ++i)
    timeline_.after(Duration(random_.between(0, 3'000'000)), [this, i] { start(i, 0); });
  work();
}

void World::sleep_for(Milliseconds time) {
  for_each_process([this](std::size_t host, std::size_t process) { close(host, process); });
  asleep_ = true;
  advance(time);
  asleep_ = false;
}

/// One host is off while the others work, and until they have dropped the tombstones of what they forgot.
void World::be_absent() {
  // What it has not shared it shares when it is back, even if others have forgotten that record meanwhile.
  mend();
  advance(std::chrono::seconds(8));
  network_.mood = plan_.network;
  absent_ = random_.below(hosts_.size());
  for (std::size_t p = 0; p < 2; ++p) close(*absent_, p);
  work();
  // A deletion that was never shared would be dropped with its tombstone, and what it deleted would come
  // back.
  mend();
  advance(std::chrono::seconds(8));
  sleep_for(plan_.night);
  for (const auto& host : hosts_) {
    start(host->number, 0);
    if (!host->processes[0]) continue;
    Deed purge;
    purge.kind = Deed::Kind::purge;
    host->processes[0]->act(std::move(purge));
  }
  // Redis drops dead tombstones when something is written to it.
  for (int i = 0; i < 12; ++i) timeline_.after(Duration(1'000'000 + 100'000 * i), [this] { act(); });
  advance(std::chrono::seconds(4));
  timeline_.note("host {} comes back", *absent_);
  const std::size_t back = *absent_;
  absent_.reset();
  start(back, 0);
  work();
}

void World::mend() {
  server_.down = false;
  server_.refusing = false;
  const auto slowest = network_.mood.slowest;
  network_.mood = NetworkMood();
  network_.mood.slowest = slowest;
  for (auto& host : hosts_) {
    network_.partition(host->number, false);
    host->mood.rejected = host->mood.unknown = 0;
    host->mood.slowness = Duration(0);
    host->clock.set_error(Milliseconds(0));
    start(host->number, 0);
  }
}

void World::heal() {
  healed_ = true;
  timeline_.note("healing");
  mend();
}

void World::settle() {
  std::map<std::uint64_t, std::uint64_t> marks;  // of each relay the requests that it had sent
  for (const auto* relay : relays()) marks[relay->number()] = relay->requests();
  const auto reached = [&] {
    const auto alive = relays();
    return std::all_of(alive.begin(), alive.end(), [&](const SimulatedRelay* relay) {
      const auto mark = marks.find(relay->number());
      return mark == marks.end() || (relay->connection() != 0 && relay->oldest_request() > mark->second);
    });
  };
  // What was under way at the healing may still have to be given up.
  for (int i = 0; i < 120 && !reached(); ++i) advance(look_every);
  if (!reached()) ledger_.broken("a host does not reach Redis again");

  const auto connections = [this] {
    std::set<std::pair<const SimulatedRelay*, std::uint64_t>> out;
    for (const auto* relay : relays()) out.emplace(relay, relay->connection());
    return out;
  };
  SteadyTime begin = timeline_.now();
  auto connected = connections();
  const auto bound = Duration(3'000'000) + Duration(backlog() * 1'000'000 / 2'000) + grace;
  timeline_.note("everybody reaches Redis");
  while (!converged() && timeline_.now() < begin + bound) {
    advance(look_every);
    // A process that was about to start again, or that meets a reply of before the healing, comes later.
    const bool all_there = std::all_of(hosts_.begin(), hosts_.end(), [](const auto& host) {
      return std::any_of(host->processes.begin(), host->processes.end(),
                         [](const auto& p) { return p != nullptr; });
    });
    if (auto now = connections(); now != connected || !all_there) {
      connected = std::move(now);
      begin = timeline_.now();
    }
  }
  convergence_ = std::chrono::duration_cast<Duration>(timeline_.now() - begin);
  if (converged()) return;
  for (int i = 0; i < 600 && !converged(); ++i) advance(look_every);
  const auto later = std::chrono::duration_cast<Milliseconds>(timeline_.now() - begin);
  ledger_.broken(converged() ? fmt::format("converged only after {} ms", later.count())
                             : "not converged after one minute");
}

void World::check() {
  // Let what is late arrive, then look whether everything rests.
  advance(Duration(8'500'000));
  std::uint64_t requests = 0;
  std::uint64_t syncs = 0;
  for (const auto* relay : relays()) {
    requests += relay->requests();
    syncs += namespaces_.size();
  }
  const std::uint64_t applied = server_.applied();
  advance(Duration(4'000'000));
  for (const auto* relay : relays()) requests -= relay->requests();
  const auto asked = static_cast<std::uint64_t>(-static_cast<std::int64_t>(requests));
  if (server_.applied() != applied)
    ledger_.broken("endless traffic: Redis takes writes long after the last one");
  if (asked > 4 * syncs)
    ledger_.broken(fmt::format("endless traffic: {} requests in 4 s for {} namespaces", asked, syncs));

  std::vector<std::map<RecordKey, Record>> stores;
  std::vector<std::string> ids;
  for (const auto& host : hosts_) {
    if (!host->disk.content().outbox.empty())
      ledger_.broken(fmt::format("the outbox of host {} is not empty", host->number));
    stores.push_back(host->disk.content().records);
    ids.push_back(host->disk.store_id());
  }
  ledger_.settled(stores, ids, surroundings_.latest());
  for (const auto& host : hosts_)
    for (const auto& [key, record] : host->disk.content().records)
      timeline_.note("host {} holds {} {}{}{} {}", host->number, describe(key), describe(record.version),
                     record.deleted ? " forgotten" : "",
                     record.expired(surroundings_.latest()) ? " expired" : "", record.counters.encode());
  for_each_process([this](std::size_t host, std::size_t process) { close(host, process); });
  advance(Duration(6'000'000));
  for_each_process([this](std::size_t host, std::size_t) {
    ledger_.broken(fmt::format("a process of host {} does not end", host));
  });
}

bool World::advance(Duration time) {
  const bool ended = timeline_.run_for(time, most_events);
  if (!ended) ledger_.broken("endless traffic: too many events");
  return ended;
}

bool World::converged() const {
  const auto& first = hosts_[0]->disk.content().records;
  const TimePoint latest = surroundings_.latest();
  const auto mortal = [latest](const Record& record) {
    return record.expires_at != no_expiry && record.expires_at <= latest;
  };
  const auto same = [](const Record& a, const Record& b) {
    return a.version == b.version && a.value == b.value && a.counters == b.counters;
  };
  for (const auto& host : hosts_) {
    const auto& content = host->disk.content();
    if (!content.outbox.empty()) return false;
    for (const auto& key : ledger_.keys()) {
      const auto here = first.find(key);
      const auto there = content.records.find(key);
      // As a digest has it: what is forgotten is like what was never there. settled() looks at tombstones.
      const bool is_here = here != first.end() && !here->second.deleted;
      const bool is_there = there != content.records.end() && !there->second.deleted;
      if ((is_here && mortal(here->second)) || (is_there && mortal(there->second))) continue;
      if (is_here != is_there || (is_here && !same(here->second, there->second))) return false;
    }
  }
  return true;
}

std::size_t World::backlog() const {
  std::size_t rows = 0;
  for (const auto& host : hosts_) rows += host->disk.content().outbox.size();
  return rows;
}

// ---- Agents

Deed World::make_deed() {
  Deed deed;
  const std::size_t number = random_.below(plan_.keys);
  const std::string& ns = random_.pick(namespaces_);
  deed.key = RecordKey(ns, types[number % types.size()], fmt::format("k{}", number));
  const bool mortal = static_cast<double>(number * 37 % 100) < plan_.mortal * 100;
  deed.durable = !random_.chance(plan_.local);
  deed.shared = deed.durable && random_.chance(0.2);
  const auto choice = random_.below(100);
  if (choice < 45) {
    deed.kind = Deed::Kind::put;
    deed.value = value_of(++deeds_);
    constexpr std::array<std::int64_t, 4> lives{3'000, 600'000, 7'200'000, 18'000'000};
    if (mortal) deed.time_to_live = Milliseconds(lives[number % lives.size()]);
  } else if (choice < 60) {
    deed.kind = Deed::Kind::forget;
  } else if (choice < 78) {
    // Counts of a record that may expire, or be dropped once forgotten, end with it: here sooner, there
    // later.
    const bool ends = mortal || plan_.absence;
    deed.kind = ends ? Deed::Kind::read : random_.chance(0.6) ? Deed::Kind::execute : Deed::Kind::access;
  } else if (choice < 97) {
    deed.kind = Deed::Kind::read;
  } else {
    deed.kind = Deed::Kind::purge;
  }
  return deed;
}

void World::act() {
  auto& host = *random_.pick(hosts_);
  Deed deed = make_deed();
  auto& process = host.processes[random_.below(host.processes.size())];
  auto& acting = process ? process : host.processes[0];
  if (!acting) return;
  timeline_.note("host {} does {} to {}", host.number, static_cast<int>(deed.kind), describe(deed.key));
  acting->act(std::move(deed));
}

// ---- Processes

template <class Function>
void World::for_each_process(Function function) const {
  for (const auto& host : hosts_)
    for (std::size_t p = 0; p < host->processes.size(); ++p)
      if (host->processes[p]) function(host->number, p);
}

std::vector<SimulatedRelay const*> World::relays() const {
  std::vector<SimulatedRelay const*> found;
  for (const auto& host : hosts_)
    for (const auto& process : host->processes)
      if (process) found.push_back(&process->relay());
  return found;
}

void World::start(std::size_t host, std::size_t process) {
  auto& place = hosts_[host]->processes[process];
  if (place || asleep_ || absent_ == host) return;
  timeline_.note("host {} process {} starts", host, process);
  place = std::make_unique<Process>(surroundings_, *hosts_[host], random_.fork());
  place->start();
}

void World::kill(std::size_t host, std::size_t process) {
  auto& place = hosts_[host]->processes[process];
  if (!place) return;
  timeline_.note("host {} process {} is killed", host, process);
  place->crash();
  place.reset();
  if (!healed_) timeline_.after(some_time(), [this, host, process] { start(host, process); });
}

void World::power_failure(std::size_t host) {
  // That something was shared is not synced to disk at once. Undone on a host that then stays away for too
  // long, it makes an old write look like one that was never shared, and such a host shares those.
  if (plan_.absence) return;
  timeline_.note("host {} loses power", host);
  for (auto& process : hosts_[host]->processes) {
    if (!process) continue;
    process->lose_power();
    process.reset();
  }
  hosts_[host]->disk.lose_power(random_);
  timeline_.after(some_time(), [this, host] { start(host, 0); });
}

void World::close(std::size_t host, std::size_t process) {
  auto& place = hosts_[host]->processes[process];
  if (!place) return;
  timeline_.note("host {} process {} closes", host, process);
  place->close();
  await_end(host, process, 100);
}

void World::await_end(std::size_t host, std::size_t process, int patience) {
  auto& place = hosts_[host]->processes[process];
  if (!place || patience == 0) return;
  if (place->ended()) {
    place.reset();
    return;
  }
  timeline_.after(Duration(50'000),
                  [this, host, process, patience] { await_end(host, process, patience - 1); });
}

// ---- Faults

void World::incident() {
  const std::size_t host = random_.below(hosts_.size());
  const std::size_t process = random_.below(2);
  if (plan_.power && random_.chance(0.25)) return power_failure(host);
  switch (random_.below(10)) {
    case 0:
      return partition(host, some_time());
    case 1:
      return server_goes(some_time());
    case 2:
    case 3:
      if (plan_.losses) return server_loses();
      return partition(host, some_time());
    case 4:
      return kill(host, process);
    case 5:
      if (plan_.power) return power_failure(host);
      return kill(host, process);
    case 6:
      if (plan_.disks) return spoil_disk(*hosts_[host], some_time());
      return;
    case 7:
      if (plan_.clocks) return jump_clock(*hosts_[host]);
      return;
    case 8:
      close(host, process);
      timeline_.after(some_time() + Duration(500'000), [this, host, process] { start(host, process); });
      return;
    default:
      server_.refusing = true;
      timeline_.note("Redis refuses writes");
      timeline_.after(some_time(), [this] { server_.refusing = false; });
      return;
  }
}

void World::jump_clock(Host& host) {
  constexpr std::array<std::int64_t, 4> jumps{-7'200'000, 7'200'000, -1'500, 1'500};
  host.clock.set_error(Milliseconds(random_.pick(jumps)));
  timeline_.note("host {} clock is wrong by {} ms", host.number, host.clock.error().count());
  surroundings_.largest_error = std::max(surroundings_.largest_error, host.clock.error());
}

void World::partition(std::size_t host, Duration time) {
  timeline_.note("host {} is cut off", host);
  network_.partition(host, true);
  timeline_.after(time, [this, host] { network_.partition(host, false); });
}

void World::server_goes(Duration time) {
  timeline_.note("Redis goes");
  server_.down = true;
  network_.break_connections("connection reset");
  timeline_.after(time, [this] {
    if (!server_.down) return;
    timeline_.note("Redis comes back");
    server_.down = false;
    server_.restart(server_.spaces());
  });
}

void World::server_loses() {
  switch (random_.below(5)) {
    case 4: {
      const std::string ns = random_.pick(namespaces_);
      const std::size_t which = random_.below(plan_.keys);
      timeline_.note("Redis evicts a value of {}", ns);
      return server_.evict(ns, which);
    }
    case 0:
      timeline_.note("Redis is flushed");
      return server_.flush();
    case 1:
      timeline_.note("Redis restarts empty");
      server_.restart({});
      return network_.break_connections("connection reset");
    case 2:
      timeline_.note("Redis loses a namespace's state");
      return server_.lose_state(random_.pick(namespaces_));
    case 3:
    default:
      timeline_.note("Redis fails over to an older state");
      server_.restart(snapshot_);
      return network_.break_connections("connection reset");
  }
}

void World::spoil_disk(Host& host, Duration time) {
  timeline_.note("host {} disk fails", host.number);
  host.mood.rejected = random_.chance(0.7) ? 0.3 : 1.0;
  host.mood.unknown = 0.3;
  host.mood.slowness = Duration(random_.chance(0.3) ? 100'000 : 0);
  timeline_.after(time, [&host] { host.mood = DiskMood(); });
}

}  // namespace comem::simulation

"""Redis fails and loses data while agents write: killed, emptied, stale, replaced, frozen, evicting."""

import os
import random
import shutil
import signal
import time

from agents import Gone, ask_all
from figures import say
from group import Group, kill_and_reap
from ledger import Broken
from servers import SERVERS, Forwarder, Redis

ROUNDS_A_GROUP = 10
LEVELS = ("local", "durable", "shared")  # of the writers of the first store, the second, ...
TWO_HOURS_MS = 7200000


class Losing:
    """A group of stores, each with one writer, and what may happen to their Redis."""

    def __init__(self, directory, figures, context, chance):
        self.directory, self.figures, self.chance = directory, figures, chance
        self.program = chance.choice(SERVERS)
        self.servers = 0
        self.slept = None  # the writer that was stopped in this round: its calls took as long as that
        self.redis = self._new_redis()
        self.forwarder = Forwarder(self.redis.port)
        self.group = Group(directory, figures, context, self.forwarder.url, len(LEVELS), 0, rate=500)
        self.may_lose_host = chance.random() < 0.4
        if self.may_lose_host:
            self.group.ledger.doubtful = (self.group.stores[-1].name,)
        for number in range(len(LEVELS)):
            self._start_writer(number)

    def _new_redis(self):
        self.servers += 1
        return Redis(os.path.join(self.directory, f"redis-{self.servers}"), self.program)

    def _start_writer(self, number):
        store = self.group.stores[number]
        more = {"own_only": True} if store.name in self.group.ledger.doubtful else {}
        store.writers = [self.group.start_writer(store, level=LEVELS[number], paused=True, **more)]

    def _while_writing(self, least=0.05, most=0.3):
        time.sleep(self.chance.uniform(least, most))

    # What may happen. Each returns with a Redis that answers.

    def nothing(self):
        self._while_writing()

    def killed_back_empty(self):
        self.redis.kill()
        self.redis.drop_snapshot()
        self._while_writing(0, 0.4)
        self.redis.start()

    def killed_back_from_snapshot(self):
        self.redis.command("SAVE")
        self._while_writing()
        self.redis.kill()
        self._while_writing(0, 0.2)
        self.redis.start()
        self.redis.drop_snapshot()

    def flushall(self):
        self.redis.command("FLUSHALL")

    def flushdb(self):
        self.redis.command("FLUSHDB")

    def flushed_twice(self):
        self.redis.command("FLUSHALL")
        self._while_writing(0.005, 0.1)
        self.redis.command("FLUSHALL")

    def stale_replica_promoted(self):
        replica = self._new_redis()
        path = Forwarder(self.redis.port)
        replica.command("REPLICAOF", "127.0.0.1", path.port)
        deadline = time.monotonic() + 10
        while replica.info("master_link_status") != "up":
            if time.monotonic() > deadline:
                raise RuntimeError("the replica does not follow")
            time.sleep(0.01)
        self._while_writing(0, 0.1)
        path.close()  # from here on it falls behind
        self._while_writing()
        replica.command("REPLICAOF", "NO", "ONE")
        self.forwarder.lead_to(replica.port)
        self.redis.kill()
        self.redis = replica

    def replaced_by_an_empty_one(self):
        other = self._new_redis()
        self.forwarder.lead_to(other.port)
        self._while_writing()
        self.redis.kill()
        self.redis = other

    def evicting(self):
        """One store is asleep meanwhile: what is evicted before it wakes, it can get from the others alone."""
        store = self.chance.choice(self.group.stores)
        self.slept = store.writers[0]
        asleep = [store.checker, self.slept]
        for agent in asleep:
            agent.process.send_signal(signal.SIGSTOP)
        self._while_writing(0.1, 0.3)
        self._evict()
        for agent in asleep:
            agent.process.send_signal(signal.SIGCONT)

    def _evict(self):
        self.redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        used = int(self.redis.info("used_memory"))
        self.redis.command("CONFIG", "SET", "maxmemory", int(used * self.chance.uniform(0.5, 0.98)))
        self._while_writing(0.2, 0.6)
        self.redis.command("CONFIG", "SET", "maxmemory", 0)
        self.redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")

    def frozen(self):
        self.redis.freeze()
        self._while_writing(0.3, 2.5)
        self.redis.thaw()

    def connections_cut(self):
        for _ in range(5):
            self.forwarder.cut()
            self._while_writing(0.01, 0.1)

    def host_lost(self):
        """The last host is gone with its file; another one takes its place. What it had shared is still there."""
        store = self.group.stores[-1]
        writer = store.writers[0]
        kill_and_reap([writer, store.checker])
        self.figures.count("kills", 2)
        self.group.take_in(writer)
        for ending in ("", "-wal", "-shm"):
            if os.path.exists(writer.database + ending):
                os.remove(writer.database + ending)
        self.group.start_checker(store)
        self._start_writer(len(LEVELS) - 1)

    LOSSES = {"killed, back empty": killed_back_empty, "killed, back from an old snapshot": killed_back_from_snapshot,
              "FLUSHALL": flushall, "FLUSHDB": flushdb, "FLUSHALL twice": flushed_twice,
              "stale replica promoted": stale_replica_promoted, "replaced by an empty one": replaced_by_an_empty_one,
              "evicting": evicting}
    FAULTS = {"none": nothing, "frozen": frozen, "connections cut": connections_cut}
    HOST_LOST = {"host lost": host_lost}

    def kill_in_the_middle(self):
        """A writer dies while its store makes good for the loss; its successor goes on."""
        number = self.chance.randrange(len(LEVELS))
        store = self.group.stores[number]
        everybody = self.chance.random() < 0.5
        kill_and_reap(store.writers + ([store.checker] if everybody else []))
        self.figures.count("kills", 2 if everybody else 1)
        if everybody:
            self.group.start_checker(store)
        writer = store.writers[0]
        self._start_writer(number)
        self.group.check_dead(store, writer)

    def jump(self):
        agent = self.chance.choice(self.group.writers() + self.group.checkers())
        agent.ask(f"clock {self.chance.choice([-TWO_HOURS_MS, 0, TWO_HOURS_MS])}")

    def round(self, name):
        fault = {**self.LOSSES, **self.FAULTS, **self.HOST_LOST}[name]
        killing = self.chance.random() < 0.25
        if self.chance.random() < 0.3:
            self.jump()
        self.slept = None
        self.group.resume()
        self._while_writing(0.1, 0.3)
        fault(self)
        self._while_writing(0, 0.3)
        if killing:
            self.kill_in_the_middle()
        waited = self.group.settle(within=20)
        if waited is None:
            raise RuntimeError(f"the stores do not agree after: {name}")
        self.figures.sample("settled after Redis failed, s", waited)
        self._note_calls(name)
        if name in self.HOST_LOST:
            self.figures.count("hosts lost")
        if name in self.LOSSES:
            self.figures.count("losses")
            self.figures.count(f"loss {name}")

    def _note_calls(self, name):
        for writer, level in zip(self.group.writers(), LEVELS):
            if writer is self.slept:
                continue
            longest = int(writer.stats()["longest_us"])
            if longest > 0:  # a successor of a killed writer has not called yet
                self.figures.call(name, level, longest / 1e6)

    def finish(self):
        ask_all(self.group.checkers(), "flush 5000")
        self.group.diagnose()
        self.group.end()

    def close(self):
        self.group.abandon()
        self.forwarder.close()
        self.redis.kill()


def run(directory, figures, seed, seconds, only=None, lane=0):
    """Rounds until the time is over; of one kind if named."""
    until = time.monotonic() + seconds
    number = 0
    names = [only] if only else list(Losing.LOSSES) * 3 + list(Losing.FAULTS)
    while time.monotonic() < until:
        chance = random.Random(f"{seed} losses {lane} {number}")
        place = os.path.join(directory, f"losses-{lane}-{number}")
        context = f"part losses, seed {seed}, lane {lane}, group {number}"
        losing = Losing(place, figures, context, chance)
        history = []
        try:
            while len(history) < ROUNDS_A_GROUP and time.monotonic() < until and not losing.group.failed:
                history.append(chance.choice(names + list(Losing.HOST_LOST) * 2 * losing.may_lose_host))
                losing.round(history[-1])
            losing.finish()
        except (Gone, RuntimeError, OSError) as error:
            losing.group.breaks([Broken("gone", "driver", f"{error}; see the logs in {place}")])
        finally:
            losing.close()
        if losing.group.failed:
            say(f"losses: group {number} of lane {lane} went through: {', '.join(history)}")
        else:
            shutil.rmtree(place, ignore_errors=True)
        number += 1
        say(f"losses: {figures.get('losses')} losses, {len(figures.broken)} promises broken")

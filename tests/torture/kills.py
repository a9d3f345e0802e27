"""kill -9 of writers at any moment: alone, with everybody on their file, with everybody, and with Redis."""

import os
import random
import shutil
import signal
import time

from agents import Gone
from figures import say
from group import Group, kill_and_reap
from ledger import Broken
from servers import SERVERS, Forwarder, Redis

KILLS_A_GROUP = 40


def shape(chance):
    """How the agents of one group are set up: a few words of options, and their number."""
    level = chance.choice(["local", "local", "durable", "shared"])
    redis = level == "shared" or chance.random() < 0.5
    options = {"level": level, "writers_in_flight": chance.choice([1, 4, 16, 48])}
    if chance.random() < 0.3:
        options["clock_shift"] = chance.choice([-7200000, 7200000])
    return redis, (chance.randint(2, 3) if redis else 1), chance.choice([1, 2, 3]), options


class Killing:
    """One group of agents from its beginning to its end."""

    def __init__(self, directory, figures, context, chance, lie=False):
        self.figures, self.chance = figures, chance
        with_redis, stores, writers, options = shape(chance)
        self.level = options["level"]
        self.redis = Redis(os.path.join(directory, "redis"), chance.choice(SERVERS)) if with_redis else None
        self.forwarder = Forwarder(self.redis.port) if with_redis else None
        options["writers"] = options.pop("writers_in_flight")
        # What Redis has to take in bounds the pace of groups that share.
        options["rate"] = (3000 if with_redis else 12000) / (stores * writers)
        if lie:
            options["acknowledge_early"] = True
        self.group = Group(directory, figures, context, self.forwarder.url if with_redis else None, stores, 0)
        self.group.options = options
        for store in self.group.stores:
            store.writers = [self.group.start_writer(store) for _ in range(writers)]

    def victims(self):
        """Which writers die together, by store; and whether their store's other process dies with them."""
        dice = self.chance.random()
        store = self.chance.choice(self.group.stores)
        if dice < 0.70:
            return [(store, [self.chance.choice(store.writers)], False)]
        if dice < 0.92:
            return [(store, list(store.writers), True)]
        return [(store, list(store.writers), self.chance.random() < 0.5) for store in self.group.stores]

    def kill_some(self):
        victims = self.victims()
        if self.chance.random() < 0.1:
            self._freeze(victims)
        for store, writers, everybody in victims:
            kill_and_reap(writers + ([store.checker] if everybody else []))
            self.figures.count("kills", len(writers) + (1 if everybody else 0))
        for store, writers, everybody in victims:
            if everybody:
                self.group.start_checker(store)
            for writer in writers:
                store.writers[store.writers.index(writer)] = self.group.start_writer(store)
        for store, writers, _ in victims:
            for writer in writers:
                self.group.check_dead(store, writer)
        return sum(len(writers) for _, writers, _ in victims)

    def _freeze(self, victims):
        """They stop at first, perhaps with a lock in hand; not all of them die of it."""
        writers = [writer for _, some, _ in victims for writer in some]
        for writer in writers:
            writer.process.send_signal(signal.SIGSTOP)
        time.sleep(self.chance.uniform(0.02, 0.3))
        if self.chance.random() < 0.5:
            for writer in writers:
                writer.process.send_signal(signal.SIGCONT)

    def kill_redis(self):
        self.redis.kill()
        self.redis.start()
        self.figures.count("losses")
        self.figures.count("loss killed among writers, back empty")

    def run(self, kills, until):
        killed = 0
        while killed < kills and time.monotonic() < until:
            time.sleep(self.chance.uniform(0.01, 0.25))
            if self.redis and self.chance.random() < 0.03:
                self.kill_redis()
            killed += self.kill_some()
        self.finish()

    def finish(self):
        for writer in self.group.writers():
            writer.wait_ready()
        self.group.settle()
        self.group.diagnose()
        self.group.end()

    def close(self):
        self.group.abandon()
        if self.redis:
            self.forwarder.close()
            self.redis.kill()


def run(directory, figures, seed, seconds, kills=None, lie=False):
    """Group after group, for so many seconds or until so many were killed."""
    until = time.monotonic() + seconds
    number = 0
    before = figures.get("kills")
    while time.monotonic() < until and (kills is None or figures.get("kills") - before < kills):
        chance = random.Random(f"{seed} kills {number}")
        place = os.path.join(directory, f"kills-{number}")
        context = f"part kills, seed {seed}, group {number}"
        killing = Killing(place, figures, context, chance, lie)
        try:
            killing.run(KILLS_A_GROUP, until)
        except (Gone, RuntimeError, OSError) as error:
            killing.group.breaks([Broken("gone", "driver", f"{error}; see the logs in {place}")])
        finally:
            killing.close()
        if not killing.group.failed:
            shutil.rmtree(place, ignore_errors=True)
        number += 1
        say(f"kills: {figures.get('kills')} killed, {figures.get('acknowledged')} acknowledged, "
            f"{len(figures.broken)} promises broken (level {killing.level}, {len(killing.group.stores)} stores)")

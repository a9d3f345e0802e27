"""Agents that live long while their Redis fails again and again: what they keep of memory, files and log."""

import os
import random
import shutil
import threading
import time

import memory
from agents import Gone
from figures import say
from group import Group
from ledger import Broken
from servers import SERVERS, Forwarder, Redis

LEVELS = ("local", "durable", "shared")  # of the writer of each store
MOST_LOG_BYTES = 64 << 20
FAULT_EVERY = 8.0        # seconds, about
SAMPLE_EVERY = 5.0


class Soaking:
    def __init__(self, directory, figures, seed):
        self.figures = figures
        self.chance = random.Random(f"{seed} soak")
        self.redis = Redis(os.path.join(directory, "redis"), self.chance.choice(SERVERS))
        self.forwarder = Forwarder(self.redis.port)
        # Few ids, written again and again, and no operation ids, which are kept for a day: a growing file fills the
        # page caches (about 2 MB a connection) for hours, and would pass for a leak.
        context = f"part soak, seed {seed}"
        self.group = Group(directory, figures, context, self.forwarder.url, len(LEVELS), 0, checked=False,
                           rate=60, ids=400, padding=300, own_only=True, searches=True, one_arena=True)
        for store, level in zip(self.group.stores, LEVELS):
            store.writers = [self.group.start_writer(store, level=level)]
        self.accounts = {writer: memory.Account() for writer in self.group.writers()}
        self.log_peak = 0

    def fault(self):
        kind = self.chance.choice(["kill", "flush", "freeze", "cut", "snapshot"])
        if kind == "kill":
            self.redis.kill()
            self.redis.drop_snapshot()
            time.sleep(self.chance.uniform(0, 2))
            self.redis.start()
        elif kind == "flush":
            self.redis.command("FLUSHALL")
        elif kind == "freeze":
            self.redis.freeze()
            time.sleep(self.chance.uniform(0.2, 3))
            self.redis.thaw()
        elif kind == "cut":
            self.forwarder.cut()
        else:
            self.redis.command("SAVE")
            time.sleep(self.chance.uniform(0.2, 1))
            self.redis.kill()
            self.redis.start()
        self.figures.count("soak faults")

    def sample(self, at):
        for writer, account in self.accounts.items():
            account.add({"seconds": round(at, 1), **writer.memory(), "operations": writer.stats()["attempts"]})

    def watch_log(self):
        for store in self.group.stores:
            try:
                self.log_peak = max(self.log_peak, os.path.getsize(store.writers[0].database + "-wal"))
            except FileNotFoundError:
                pass

    def run(self, seconds, ended):
        begin = time.monotonic()
        descriptors = None
        next_fault, next_sample = begin + FAULT_EVERY, begin
        while time.monotonic() - begin < seconds and not ended.is_set():
            ended.wait(1.0)
            at = time.monotonic() - begin
            self.watch_log()
            if time.monotonic() >= next_sample:
                self.sample(at)
                next_sample = time.monotonic() + SAMPLE_EVERY
            if descriptors is None and at > min(5, seconds / 4):
                descriptors = self.descriptors()
            if time.monotonic() >= next_fault:
                self.fault()
                next_fault = time.monotonic() + self.chance.uniform(0.5, 1.5) * FAULT_EVERY
        self.group.settle()
        self.note(descriptors or self.descriptors(), time.monotonic() - begin)
        self.group.diagnose()
        self.group.end()

    def descriptors(self):
        """With the link up, so that its socket is among them."""
        for writer in self.group.writers():
            deadline = time.monotonic() + 10
            while writer.stats()["relay"] != "up" and time.monotonic() < deadline:
                time.sleep(0.05)
        return [writer.descriptors() for writer in self.group.writers()]

    def note(self, descriptors_before, seconds):
        descriptors_after = self.descriptors()
        accounts = {writer.name: account for writer, account in self.accounts.items()}
        figures = self.figures
        figures.count("soak seconds", round(seconds))
        memory.note(figures, accounts, seconds)
        figures.count("soak WAL peak, MB", round(self.log_peak / 1e6, 1))
        figures.count("soak descriptors at the beginning", sum(descriptors_before))
        figures.count("soak descriptors at the end", sum(descriptors_after))
        broken = []
        if any(after > before + 2 for before, after in zip(descriptors_before, descriptors_after)):
            broken.append(Broken("leak", "descriptors", f"{descriptors_before}, then {descriptors_after}"))
        if self.log_peak > MOST_LOG_BYTES:
            broken.append(Broken("leak", "log", f"{self.log_peak} bytes"))
        broken += [Broken("leak", "memory", growth) for growth in memory.judge(accounts, seconds)]
        self.group.breaks(broken)

    def close(self):
        self.group.abandon()
        self.forwarder.close()
        self.redis.kill()


def run(directory, figures, seed, seconds, ended=None):
    """Lasts `seconds`, or until `ended` (an Event) is set."""
    place = os.path.join(directory, "soak")
    soaking = Soaking(place, figures, seed)
    try:
        soaking.run(seconds, ended or threading.Event())
    except (Gone, RuntimeError, OSError) as error:
        soaking.group.breaks([Broken("gone", "driver", f"{error}; see the logs in {place}")])
    finally:
        soaking.close()
    if not soaking.group.failed:
        shutil.rmtree(place, ignore_errors=True)
    say(f"soak: over, {len(figures.broken)} promises broken")

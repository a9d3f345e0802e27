"""kill -9 at a chosen system call: strace lets the writer die as it enters its n-th write, sync, truncation, ..."""

import os
import random
import shutil
import subprocess
import time

from agents import Gone
from figures import say
from group import Group, Store, kill_and_reap
from ledger import Broken
from servers import SERVERS, Forwarder, Redis

ROUNDS_A_GROUP = 25
MOST_STORES = 4

# Call, highest n, and options of the writer. The database's calls come from several threads; strace counts each
# thread's own. n is drawn so that small ones (opening, the first commit, a new log) are as likely as large ones.
CALLS = [("pwrite64", 600, {}), ("fdatasync", 60, {"level": "durable"}), ("ftruncate", 6, {}), ("openat", 12, {}),
         ("unlink", 2, {}), ("mmap", 40, {}), ("fcntl", 400, {}), ("pread64", 200, {}), ("sendto", 40, {}),
         ("recvfrom", 60, {"level": "shared"}), ("write", 300, {}), ("close", 12, {}), ("futex", 100, {}),
         ("pwrite64", 20, {"level": "durable"}), ("fdatasync", 6, {"level": "durable"})]


def strace():
    """The path of a strace that works here, else None and the reason."""
    path = shutil.which("strace")
    if path is None:
        return None, "strace is not installed"
    probe = subprocess.run([path, "-f", "-qq", "-o", "/dev/null", "-e", "trace=getpid", "-e",
                            "inject=getpid:signal=SIGKILL:when=1", "true"], capture_output=True, check=False)
    return (path, "") if probe.returncode == 0 else (None, "strace may not trace here: " + probe.stderr.decode()[:200])


def trace_words(path, call, when):
    return [path, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
            f"inject={call}:signal=SIGKILL:when={when}"]


class Tracing:
    """One group: a store with a writer that dies by its own calls, beside a second writer that lives."""

    def __init__(self, directory, figures, context, chance, path):
        self.figures, self.chance, self.path = figures, chance, path
        self.redis = Redis(os.path.join(directory, "redis"), chance.choice(SERVERS))
        self.forwarder = Forwarder(self.redis.port)
        self.group = Group(directory, figures, context, self.forwarder.url, 2, 0, rate=400)
        self.died_of = {}

    def round(self):
        call, most, options = self.chance.choice(CALLS)
        when = int(most ** self.chance.random())
        store, alone = self._choose_store()
        trace = trace_words(self.path, call, when)
        level = options.get("level", self.chance.choice(["local", "durable"]))
        writer = self.group.start_writer(store, trace=trace, rate=4000, writers=self.chance.choice([1, 4, 16]),
                                         level=level)
        died = self._wait_for_death(writer)
        if alone:
            self.group.start_checker(store)
        self.group.check_dead(store, writer)
        self.figures.count("kills")
        if died:
            self.figures.count("kills at system calls")
            self.died_of[call] = self.died_of.get(call, 0) + 1

    def _choose_store(self):
        """A store, and whether the writer will be alone on it: then whoever opens it next recovers the log."""
        stores = self.group.stores
        if len(stores) < MOST_STORES and self.chance.random() < 0.15:
            stores.append(Store(f"host{len(stores)}"))  # killed while it makes the file
            return stores[-1], True
        store = self.chance.choice(stores)
        alone = self.chance.random() < 0.4
        if alone:
            kill_and_reap([store.checker])
        return store, alone

    @staticmethod
    def _wait_for_death(writer):
        """Whether it died of its call; else it is killed, since it does not make that many calls."""
        try:
            writer.process.wait(timeout=1.5)
            died = True
        except subprocess.TimeoutExpired:
            died = False
            writer.kill()  # strace; the writer goes with it
        writer.reap()
        return died

    def close(self):
        self.group.abandon()
        self.forwarder.close()
        self.redis.kill()


def run(directory, figures, seed, seconds):
    path, why = strace()
    if path is None:
        figures.skip(f"kills at system calls: {why}")
        return
    until = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until:
        place = os.path.join(directory, f"calls-{number}")
        context = f"part calls, seed {seed}, group {number}"
        tracing = Tracing(place, figures, context, random.Random(f"{seed} calls {number}"), path)
        rounds = 0
        try:
            while rounds < ROUNDS_A_GROUP and time.monotonic() < until:
                tracing.round()
                rounds += 1
            tracing.group.settle()
            tracing.group.diagnose()
            tracing.group.end()
        except (Gone, RuntimeError, OSError) as error:
            tracing.group.breaks([Broken("gone", "driver", f"{error}; see the logs in {place}")])
        finally:
            tracing.close()
        if not tracing.group.failed:
            shutil.rmtree(place, ignore_errors=True)
        number += 1
        died = ", ".join(f"{call} {count}" for call, count in sorted(tracing.died_of.items()))
        say(f"calls: {figures.get('kills at system calls')} killed at a call, {len(figures.broken)} promises broken "
            f"({died})")

"""How long it takes until four stores are equal again after an outage in which all of them were written to."""

import os
import random
import shutil
import threading
import time

from agents import Gone, ask_all
from figures import percentile, say
from group import Group
from ledger import Broken
from servers import SERVERS, Forwarder, Redis

STORES = 4
WRITES = 10000
GOAL_SECONDS = 8.0  # at the 99th percentile: 3 s, and a second for every 2,000 writes
SAMPLE = "stores equal again after an outage, s"


class Outage:
    """One round: four new stores, an outage, ten thousand writes in it, and the way back. `measuring` is held for all
    but the outage: the driver's own work, and a group that starts or ends, would slow down another round's way back."""

    def __init__(self, directory, figures, context, chance, seconds, measuring):
        self.figures, self.chance, self.seconds, self.measuring = figures, chance, seconds, measuring
        self.redis = Redis(os.path.join(directory, "redis"), chance.choice(SERVERS))
        self.forwarder = Forwarder(self.redis.port)
        rate = WRITES / STORES / seconds * 1.05
        self.group = Group(directory, figures, context, self.forwarder.url, STORES, 1, checked=False, rate=rate,
                           writers=16, level="local", paused=True)

    def run(self):
        writers = self.group.writers()
        with self.measuring:
            ask_all(writers, "write 50")
            if self.group.wait_equal() is None:
                return
        back = self._begin_outage()
        begin = time.monotonic()
        ask_all(writers, f"write {WRITES // STORES}", timeout=self.seconds * 3 + 30)
        time.sleep(max(0, begin + self.seconds - time.monotonic()))  # the outage has its length
        with self.measuring:  # rounds that run beside this one are in their outage
            back()
            waited = self.group.wait_equal(pause=0.05)
            if waited is not None:
                self.figures.sample(SAMPLE, waited)
            self.group.pause()
            self.group.check_all()
            self.group.end()

    def _begin_outage(self):
        """Takes Redis away; answers what brings it back."""
        kind = self.chance.choice(["killed", "frozen", "unreachable"])
        if kind == "killed":
            self.redis.kill()
            return self.redis.start
        if kind == "frozen":
            self.redis.freeze()
            return self.redis.thaw
        port = self.redis.port
        self.forwarder.lead_to(0)
        return lambda: self.forwarder.lead_to(port)

    def close(self):
        self.group.abandon()
        self.forwarder.close()
        self.redis.kill()


def _lane(directory, figures, seed, lane, until, outage, start_at, measuring):
    time.sleep(max(0, start_at - time.monotonic()))
    number = 0
    while number == 0 or time.monotonic() + outage < until:
        place = os.path.join(directory, f"convergence-{lane}-{number}")
        context = f"part convergence, seed {seed}, lane {lane}, round {number}"
        chance = random.Random(f"{seed} convergence {lane} {number}")
        one = Outage(place, figures, context, chance, outage, measuring)
        try:
            one.run()
        except (Gone, RuntimeError, OSError) as error:
            one.group.breaks([Broken("gone", "driver", f"{error}; see the logs in {place}")])
        finally:
            one.close()
        if not one.group.failed:
            shutil.rmtree(place, ignore_errors=True)
        number += 1
        say(f"convergence: {len(figures.samples.get(SAMPLE, []))} rounds, last "
            f"{figures.samples.get(SAMPLE, [0])[-1]:.2f} s")


def run(directory, figures, seed, seconds, outage=2.0, lanes=1, goal=GOAL_SECONDS):
    """Rounds one after the other in each of `lanes`, whose outages overlap while their ways back do not."""
    begin = time.monotonic()
    until = begin + seconds
    measuring = threading.Lock()
    threads = [threading.Thread(target=_lane, args=(directory, figures, seed, lane, until, outage,
                                                    begin + lane * outage / lanes, measuring))
               for lane in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reached = percentile(figures.samples.get(SAMPLE, []), 99)
    if reached is not None and reached > goal:
        figures.breaks(f"part convergence, seed {seed}", [Broken("slow", "all stores", f"equal after {reached:.1f} s")])

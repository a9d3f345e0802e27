"""A group of stores that share one Redis, with their writers, and the ledger that all of them answer to."""

import os
import time

from agents import Agent, ask_all
from ledger import Broken, Held, Ledger

SETTLED_WITHIN = 60.0  # seconds until all stores must be equal once writes stopped and Redis is there


class Store:
    """One database file ("host"): writers, and a process beside them that only answers."""

    def __init__(self, name):
        self.name = name
        self.database = f"{name}.db"
        self.writers = []
        self.checker = None


class Group:
    """`processes` write on each store. With `checked` a further one answers for it, else the first writer does."""

    def __init__(self, directory, figures, context, url=None, stores=1, processes=1, checked=True, **options):
        os.makedirs(directory, exist_ok=True)
        self.directory, self.figures, self.context, self.url = directory, figures, context, url
        self.options = options
        self.ledger = Ledger()
        self.started = 0
        self.failed = False
        self.stores = [Store(f"host{number}") for number in range(stores)]
        for store in self.stores:
            if checked:
                self.start_checker(store)
            for _ in range(processes):
                store.writers.append(self.start_writer(store))

    def start_checker(self, store):
        store.checker = Agent(self.directory, store.database, self.url, name=f"{store.name}-checker", writers=0)

    def start_writer(self, store, **more):
        self.started += 1
        name = f"{store.name}-{self.started:05}"
        options = {"seed": self.started, **self.options, **more}
        return Agent(self.directory, store.database, self.url, name=name, **options)

    def writers(self):
        return [writer for store in self.stores for writer in store.writers]

    def checkers(self):
        """One process a store that answers what the store holds."""
        return [store.checker or store.writers[0] for store in self.stores]

    def _agents(self):
        return self.writers() + [store.checker for store in self.stores if store.checker]

    def breaks(self, broken):
        if broken:
            self.failed = True
            self.figures.breaks(self.context, broken)

    def take_in(self, writer):
        """Reads on in the writer's account; answers the ids of which it tells."""
        before = self.ledger.acknowledged
        ids = self.ledger.read(writer.acknowledgements)
        self.figures.count("acknowledged", self.ledger.acknowledged - before)
        return ids

    def check_dead(self, store, writer):
        """After the writer's death: what it heard acknowledged stands in its own store."""
        ids = {name for name in self.take_in(writer) if name.startswith(writer.name)}
        self.figures.count("checks", len(ids))
        held = Held(store.checker.ask(f"dump {writer.name}."))
        self.breaks(self.ledger.check(held, store.name, ids))

    def pause(self):
        """Nothing is in flight afterwards, and the ledger knows all."""
        ask_all(self.writers(), "pause")
        for writer in self.writers():
            self.take_in(writer)

    def retry(self):
        """Repeats the executions without an answer, under their operation ids: none may be counted twice."""
        for store, agent in zip(self.stores, self.checkers()):
            mine = [(token, name) for token, name in self.ledger.unanswered.items() if token.startswith(store.name)]
            for token, name in mine:
                agent.ask(f"retry {name} {token}")
                self.ledger.take([f"a x {name} {token} 0 0 - ok"])
                self.figures.count("retries")

    def resume(self):
        ask_all(self.writers(), "resume")

    def _agree(self, order):
        return len({tuple(lines) for lines in ask_all(self.checkers(), order)}) == 1

    def wait_equal(self, within=SETTLED_WITHIN, pause=0.02):
        """Seconds until all stores held the same, or None (a broken promise) when they still do not."""
        begin = time.monotonic()
        while time.monotonic() - begin < within:
            stats = [checker.stats() for checker in self.checkers()]
            shared = self.url is None or all(stat["unshared"] == "0" for stat in stats)
            shared = shared and len({stat["live"] for stat in stats}) == 1
            if shared and self._agree("sum"):
                waited = time.monotonic() - begin
                # Nobody writes, so what is equal stays so: how long the digests take is no part of the answer.
                if self._agree("digest"):
                    return waited
            time.sleep(pause)
        self.breaks([self.difference()])
        return None

    def difference(self):
        held = [Held(lines) for lines in ask_all(self.checkers(), "dump")]
        first = set(held[0].memories.items()) | set(held[0].skills.items())
        parts = []
        for store, other in zip(self.stores[1:], held[1:]):
            items = set(other.memories.items()) | set(other.skills.items())
            parts.append(f"{len(first - items)} only in {self.stores[0].name}, {len(items - first)} only in "
                         f"{store.name} ({sorted(first ^ items)[:2]})")
        for store, checker in zip(self.stores, self.checkers()):
            stats = checker.stats()
            parts.append(f"{' '.join(checker.ask('digest'))}, "
                         f"{store.name}: " + ", ".join(f"{name} {stats[name]}" for name in
                                                       ("live", "unshared", "skipped", "relay", "reason")))
        return Broken("diverged", "all stores", "; ".join(parts))

    def check_all(self):
        """With everything paused and equal: each store holds what the ledger says, and counts are exact."""
        for store, lines in zip(self.stores, ask_all(self.checkers(), "dump")):
            held = Held(lines)
            self.figures.count("checks", len(self.ledger.entries))
            self.breaks(self.ledger.check(held, store.name) + self.ledger.check_executions(held, store.name))

    def settle(self, within=SETTLED_WITHIN):
        """Stops writing, waits until all stores are equal, and checks everything; answers the seconds waited."""
        self.pause()
        self.retry()
        waited = self.wait_equal(within)
        self.check_all()
        return waited

    def diagnose(self):
        for store, lines in zip(self.stores, ask_all(self.checkers(), "diagnose")):
            self.breaks([Broken("unsound", store.name, line) for line in lines])

    def end(self):
        """Ends every process as a user would."""
        for agent in self._agents():
            code = agent.quit()
            if code != 0:
                self.breaks([Broken("exit", agent.name, f"ended with {code} when asked to")])

    def abandon(self):
        kill_and_reap(self._agents())


def kill_and_reap(agents):
    for agent in agents:
        agent.kill()
    for agent in agents:
        agent.reap()


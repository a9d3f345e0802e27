"""What a run has counted and measured, and how it is shown."""

import json
import threading
import time


def percentile(values, share):
    """The smallest value that `share` of all do not exceed; None without values."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else None


class Figures:
    """Thread-safe."""

    def __init__(self, seed):
        self.seed = seed
        self.begin = time.monotonic()
        self.lock = threading.Lock()
        self.counts = {}
        self.samples = {}      # name -> list of measurements
        self.longest = {}      # (fault, level) -> seconds
        self.tables = {}       # name -> lines, for the JSON alone
        self.broken = []       # (kind, text)
        self.skipped = []

    def count(self, name, number=1):
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + number

    def sample(self, name, value):
        with self.lock:
            self.samples.setdefault(name, []).append(value)

    def series(self, name, lines):
        with self.lock:
            self.tables[name] = lines

    def call(self, fault, level, seconds):
        with self.lock:
            key = (fault, level)
            self.longest[key] = max(self.longest.get(key, 0), seconds)

    def skip(self, what):
        say(f"SKIPPED: {what}")
        with self.lock:
            self.skipped.append(what)

    def breaks(self, context, broken):
        """Notes broken promises; `context` tells how to see it again."""
        for one in broken:
            with self.lock:
                self.broken.append((one.kind, f"{context}: {one}"))
                number = len(self.broken)
            if number <= 20:
                say(f"BROKEN ({context}) {one}")

    def get(self, name):
        return self.counts.get(name, 0)

    def elapsed(self):
        return time.monotonic() - self.begin

    def kinds(self, kind):
        return sum(1 for one, _ in self.broken if one == kind)

    def rows(self):
        """Name, value pairs in the order in which they are shown."""
        lost = self.kinds("lost")
        rows = [("seconds", round(self.elapsed())), ("kills of writers", self.get("kills")),
                ("of these at a system call", self.get("kills at system calls")),
                ("acknowledged effects", self.get("acknowledged")), ("checks of memories", self.get("checks")),
                ("lost", lost), ("duplicated", self.kinds("duplicated")),
                ("otherwise broken", len(self.broken) - lost - self.kinds("duplicated")),
                ("effects repeated by operation id", self.get("retries")),
                ("simulated seeds", self.get("simulated seeds")),
                ("hosts lost with their file", self.get("hosts lost")), ("Redis losses", self.get("losses"))]
        rows += [(f"  {name[5:]}", number) for name, number in sorted(self.counts.items()) if name[:5] == "loss "]
        for name, values in sorted(self.samples.items()):
            rows.append((f"{name}, rounds", len(values)))
            for share in (50, 99, 100):
                label = "max" if share == 100 else f"p{share}"
                rows.append((f"  {label}", round(percentile(values, share), 3)))
        for (fault, level), seconds in sorted(self.longest.items()):
            rows.append((f"longest {level} call, {fault}, ms", round(seconds * 1000)))
        rows += sorted((name, value) for name, value in self.counts.items() if name[:5] == "soak ")
        return rows

    def table(self):
        rows = self.rows()
        width = max(len(name) for name, _ in rows)
        lines = [f"{name:<{width}}  {value}" for name, value in rows]
        lines += [f"skipped: {what}" for what in self.skipped]
        return "\n".join([f"seed {self.seed}", *lines])

    def to_json(self):
        return json.dumps({"seed": self.seed, "figures": dict(self.rows()), "skipped": self.skipped,
                           "broken": [text for _, text in self.broken[:100]], "series": self.tables}, indent=2)


_begin = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - _begin:7.1f}s] {text}", flush=True)

#!/usr/bin/env python3
"""Measures the usual adapter (usual_adapter.py) as comem-bench measures comem: one workload a run, one line of JSON.

  save      save_episode; --callers in flight       get       get_skill by name
  batch100  get_many of 100 of --preload episodes   search    queries of 3 words over --preload episodes
  visible   from the start of a save until another process has the memory in its hands
"""

import argparse
import asyncio
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time

import words as made_up
from usual_adapter import Episode, Skill, UsualAdapter

GET_MANY = 100
SKILLS = 1000
PAGE = 1000
DISTINCT = 4096


class Measurement:
    """As benchmarks/measurement.hpp. Milliseconds for single operations; the processor's time of this process."""

    def __init__(self):
        self.times = []
        self.seconds = self.cpu = 0.0

    def begin(self):
        self.started, self.cpu_started = time.perf_counter(), time.process_time()

    def end(self):
        self.seconds = time.perf_counter() - self.started
        self.cpu = time.process_time() - self.cpu_started

    def percentile(self, share):
        ordered = sorted(self.times)
        return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def episodes(words, count):
    """At most DISTINCT different texts, made before the clock runs."""
    texts = [(words.text(made_up.PROMPT_WORDS), words.text(made_up.CONTENT_WORDS), words.below(4) != 0)
             for _ in range(min(count, DISTINCT))]
    return [Episode(*texts[i % len(texts)]) for i in range(count)]


async def preload(memory, words, count):
    ids = []
    while len(ids) < count:
        ids += await memory.preload(episodes(words, min(PAGE, count - len(ids))))
    return ids


async def measured(operations, callers):
    """Runs the operations, each a function that answers an awaitable, so many at a time."""
    measurement = Measurement()
    waiting = iter(operations)

    async def work():
        for operation in waiting:
            begin = time.perf_counter()
            await operation()
            measurement.times.append((time.perf_counter() - begin) * 1000)

    measurement.begin()
    await asyncio.gather(*(work() for _ in range(callers)))
    measurement.end()
    return measurement


async def save(memory, arguments, words):
    await preload(memory, words, arguments.preload)
    ready = episodes(words, arguments.n)
    return await measured([lambda e=episode: memory.save_episode(e) for episode in ready], arguments.callers)


async def get(memory, arguments, words):
    await preload(memory, words, arguments.preload)
    skills = min(arguments.n, SKILLS)
    for number in range(skills):
        await memory.save_skill(Skill(f"skill-{number}", words.text(made_up.CONTENT_WORDS)))
    names = [f"skill-{words.below(skills)}" for _ in range(arguments.n)]

    async def one(name):
        assert await memory.get_skill(name) is not None

    return await measured([lambda n=name: one(n) for name in names], arguments.callers)


async def batch100(memory, arguments, words):
    ids = await preload(memory, words, arguments.preload or 10_000)
    wanted = [[ids[words.below(len(ids))] for _ in range(GET_MANY)] for _ in range(arguments.n)]

    async def one(batch):
        assert all(await memory.get_many(batch))

    return await measured([lambda b=batch: one(b) for batch in wanted], arguments.callers)


async def search(memory, arguments, words):
    await preload(memory, words, arguments.preload or 10_000)
    queries = [words.text(3) for _ in range(arguments.n)]
    return await measured([lambda q=query: memory.search_episodes(q) for query in queries], arguments.callers)


async def visible(memory, arguments, words):
    watcher = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--watcher", "--workload", "visible", "--redis",
                                arguments.redis, "--namespace", arguments.namespace, "--n", str(arguments.n)],
                               stdout=subprocess.PIPE, text=True)
    measurement = Measurement()
    try:
        assert watcher.stdout.readline() == "up\n"
        ready = episodes(words, arguments.n)
        measurement.begin()
        for episode in ready:
            begin = time.monotonic_ns()
            id = await memory.save_episode(episode)
            seen, end = watcher.stdout.readline().split()
            assert seen == id
            measurement.times.append((int(end) - begin) / 1e6)
        measurement.end()
    finally:
        watcher.kill()
        watcher.wait()
    return measurement


async def watch(memory, count):
    changes = memory.changes()
    waiting = asyncio.ensure_future(changes.__anext__())
    while not (await memory.redis.pubsub_numsub("agent:memory:episodic"))[0][1]:
        await asyncio.sleep(0.01)
    print("up", flush=True)
    for _ in range(count):
        episode = await waiting
        print(episode.id, time.monotonic_ns(), flush=True)
        waiting = asyncio.ensure_future(changes.__anext__())
    waiting.cancel()


async def run(arguments, directory):
    memory = UsualAdapter(arguments.redis, os.path.join(directory, "usual.db"), arguments.namespace)
    if arguments.watcher:
        return await watch(memory, arguments.n)
    workload = {"save": save, "get": get, "batch100": batch100, "search": search, "visible": visible}[arguments.workload]
    result = await workload(memory, arguments, made_up.Words(arguments.seed))
    await memory.close()
    print(json.dumps({
        "workload": arguments.workload, "n": arguments.n, "callers": arguments.callers, "preload": arguments.preload,
        "operations": len(result.times), "p50_ms": result.percentile(0.5), "p99_ms": result.percentile(0.99),
        "per_s": len(result.times) / result.seconds, "cpu_us": result.cpu / len(result.times) * 1e6,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", required=True, choices=["save", "get", "batch100", "search", "visible"])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--callers", type=int, default=1)
    parser.add_argument("--preload", type=int, default=0)
    parser.add_argument("--redis", required=True, metavar="URL")
    parser.add_argument("--namespace", default=f"usual-{os.getpid()}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--watcher", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(run(arguments, directory))


if __name__ == "__main__":
    main()

"""The rows of the table: what is measured on either side, and what is to be reached."""

import dataclasses
import re
import typing

from yardstick import runs
from yardstick.payload import write_episodes

# 1 KB under the name of a key, in two sorted sets, told of on a channel: what sharing a record is at the least.
SHARE_SCRIPT = ("redis.call('SET', KEYS[1], ARGV[1]) redis.call('ZADD', KEYS[2], ARGV[2], ARGV[3]) "
                "redis.call('ZADD', KEYS[3], ARGV[2], ARGV[3]) redis.call('PUBLISH', KEYS[4], ARGV[2])")


@dataclasses.dataclass
class Goal:
    """What a row is to reach, as its table says it and as a test of (ours, the other's)."""
    text: str
    reached: typing.Callable[[float, float], bool]


def times_faster(factor):
    return Goal(f"{factor:g}x faster", lambda ours, other: other / ours >= factor)


def times_as_many(factor):
    return Goal(f"{factor:g}x as many", lambda ours, other: ours / other >= factor)


def within(factor):
    return Goal(f"at most {factor:g}x", lambda ours, other: ours / other <= factor)


def share_of(share):
    return Goal(f"at least {share:.0%}", lambda ours, other: ours / other >= share)


def at_least(figure, unit):
    return Goal(f"at least {figure:,g} {unit}", lambda ours, other: ours >= figure)


def at_most(figure, unit):
    return Goal(f"under {figure:,g} {unit}", lambda ours, other: ours < figure)


@dataclasses.dataclass
class Row:
    """`figure` names what is compared; for `more` of it is better. A row may take its figure from an earlier one's runs."""
    name: str
    workload: str
    unit: str
    figure: str
    goal: Goal
    ours: typing.Optional[typing.Callable[[], dict]] = None
    rival: typing.Optional[typing.Callable[[], dict]] = None
    against: str = ""
    rival_figure: str = ""
    same_as: str = ""
    more: bool = False


class Workloads:
    """Both sides of every row. `scale` divides the number of operations."""

    def __init__(self, build, redis, directory, scale):
        self.build, self.redis, self.directory, self.scale = build, redis, directory, scale
        self.bench = runs.built(build, "benchmarks/comem-bench")
        self.limits = runs.limits(build)
        self.program = runs.built(build, "bin/comem")
        self.python = runs.python_with_redis()
        self.imports = 0

    def count(self, n, least=1):
        return max(n // self.scale, least)

    def comem(self, workload, n, *more, attached=True):
        def go():
            self.redis.empty()
            command = [self.bench, "--json", "--workload", workload, "--n", n, *more]
            return runs.run_json(command + (["--redis", self.redis.url] if attached else []))
        return go

    def usual(self, workload, n, *more):
        def go():
            self.redis.empty()
            return runs.run_json([self.python, runs.ROOT / "benchmarks/rivals/usual_bench.py", "--workload", workload,
                                  "--n", n, "--redis", self.redis.url, *more])
        return go

    def limit(self, name, n, *more):
        return lambda: runs.run_json([self.limits, "--limit", name, "--n", n, *more])

    def scripted(self, n):
        """redis-benchmark with 100 calls in a pipeline, over one connection as comem has one."""
        def go():
            self.redis.empty()
            sha = self.redis_script()
            text = runs.run([runs.program("redis-benchmark"), "-p", self.redis.port, "-n", n, "-r", 1_000_000, "-c", 1, "-P",
                             100, "--csv", "EVALSHA", sha, 4, "value:__rand_int__", "index", "log", "channel", "v" * 1024,
                             "__rand_int__", "__rand_int__"])
            return {"per_s": float(re.findall(r'","([\d.]+)"', text)[0])}
        return go

    def redis_script(self):
        import socket
        with socket.create_connection(("127.0.0.1", self.redis.port), timeout=30) as connection:
            words = ["SCRIPT", "LOAD", SHARE_SCRIPT]
            connection.sendall("".join([f"*{len(words)}\r\n"] + [f"${len(w)}\r\n{w}\r\n" for w in words]).encode())
            answer = connection.makefile("rb")
            answer.readline()
            return answer.readline().decode().strip()

    def imported(self, n):
        lines = self.directory / f"import-{n}.jsonl"
        if not lines.exists():
            write_episodes(lines, n)

        def go():
            self.redis.empty()
            self.imports += 1
            self.database = self.directory / f"import-{self.imports}.db"
            text, _, peak = runs.run_measured([self.program, "import", lines, "--db", self.database, "--redis",
                                               self.redis.url, "--json"])
            figures = runs.json.loads([line for line in text.splitlines() if line.startswith("{")][-1])
            assert figures["added"] == n, figures
            return {"per_s": figures["per_s"], "rss_mb": peak}
        return go

    def fts(self, n):
        def go():
            path = self.directory / "search.json"
            runs.run([runs.built(self.build, "benchmarks/comem-search-bench"), "--n", n, "--queries", self.count(200, 10),
                      "--rounds", 1, "--no-adapter", "--json", path])
            figures = runs.json.loads(path.read_text())
            figures = figures[0] if isinstance(figures, list) else figures
            return {"p50_ms": figures["fts5"]["p50_ms"]}
        return go


def rows(work):
    """In the order of the table."""
    n = work.count
    memories = n(10_000, 100)
    return [
        Row("save", "save, durable, one at a time", "ms", "p50_ms", times_faster(2),
            work.comem("save", n(1000, 20)), work.usual("save", n(400, 10)), "usual adapter"),
        Row("save50", "save, durable, 50 in flight", "/s", "per_s", times_as_many(40),
            work.comem("save", n(20_000, 100), "--callers", 50), work.usual("save", n(2000, 60), "--callers", 50),
            "usual adapter", more=True),
        Row("cpu", "processor time per save, durable, 50 in flight", "us", "cpu_us", at_most(60, "us"), same_as="save50"),
        Row("local", "save, local, one at a time", "ms", "p50_ms", within(1.5),
            work.comem("save", n(3000, 20), "--level", "local", attached=False), work.limit("sqlite", n(3000, 20)),
            "SQLite transaction"),
        Row("share", "share: outbox to Redis, 1 KB records", "/s", "per_s", share_of(0.6),
            work.comem("share", n(30_000, 100)), work.scripted(n(60_000, 1000)), "redis-benchmark -P 100", more=True),
        Row("get", "get by name, hot", "ms", "p50_ms", times_faster(30),
            work.comem("get", n(30_000, 100)), work.usual("get", n(3000, 50)), "usual adapter"),
        Row("get_many", "get_many of 100, hot", "ms", "p50_ms", times_faster(10),
            work.comem("batch100", n(2000, 10), "--preload", memories),
            work.usual("batch100", n(300, 10), "--preload", memories), "usual adapter"),
        Row("search", "search over 10,000", "ms", "p50_ms", times_faster(500),
            work.comem("search", memories), work.usual("search", n(5, 2), "--preload", memories), "usual adapter"),
        Row("fts", "search over 10,000", "ms", "p50_ms", Goal("", lambda ours, other: ours <= other), rival=work.fts(memories),
            against="SQLite FTS5", same_as="search"),
        Row("visible", "visible in another process through Redis, shared", "ms", "p50_ms", times_faster(2),
            work.comem("visible", n(300, 10), "--level", "shared"), work.usual("visible", n(300, 10)), "usual adapter"),
        Row("visible_p99", "the same, p99", "ms", "p99_ms", at_most(10, "ms"), same_as="visible"),
        Row("told", "a change sent through Redis, to a subscriber's callback", "ms", "p50_ms", within(2),
            work.comem("heard", n(500, 10)), work.limit("pubsub", n(3000, 20), "--port", work.redis.port),
            "PUBLISH to message"),
        Row("import", "import of 100,000, durable, Redis attached", "/s", "per_s", at_least(20_000, "/s"),
            work.imported(n(100_000, 200)), more=True),
        Row("import_rss", "the same, resident memory", "MB", "rss_mb", at_most(400, "MB"), same_as="import"),
    ]

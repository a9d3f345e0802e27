"""What else a user pays: start-up, memory, idle time, size and building."""

import os
import pathlib
import shlex
import statistics
import subprocess
import tempfile
import time

from yardstick import runs


def start_up(work):
    """Wall ms of a whole `comem get` on the last imported database, without Redis."""
    command = [work.program, "get", "line-1", "--db", work.database, "--json"]
    runs.run(command)
    times = []
    for _ in range(11):
        begin = time.monotonic()
        runs.run(command)
        times.append((time.monotonic() - begin) * 1000)
    nothing = []
    for _ in range(11):
        begin = time.monotonic()
        runs.run(["/bin/true"])
        nothing.append((time.monotonic() - begin) * 1000)
    return statistics.median(times), statistics.median(nothing)


def object_with(build, module, source):
    """The object of a source file, or of the piece of its module that it is compiled in (COMEM_UNITY)."""
    targets = [line.partition(":")[0] for line in runs.run(["ninja", "-C", build, "-t", "targets", "all"]).splitlines()]
    objects = [target for target in targets if target.startswith(module + "/") and target.endswith(".o")]
    for target in objects:
        piece = build / target.removesuffix(".o")
        if target.endswith("/" + source + ".o") or (piece.exists() and "/" + source in piece.read_text()):
            return target
    raise runs.Missing(f"nothing in {build} compiles {module}/{source}")


def compile_one(build):
    """Seconds to compile one typical file anew, past any compiler cache."""
    target = object_with(build, "src/api", "searching.cpp")
    text = runs.run(["ninja", "-C", build, "-t", "commands", "-s", target]).strip().splitlines()[-1]
    words = [word for word in shlex.split(text) if not word.endswith("ccache")]
    with tempfile.TemporaryDirectory() as scratch:
        for option in ("-o", "-MF"):
            if option in words:
                words[words.index(option) + 1] = os.path.join(scratch, "out" + option)
        before = runs.children_seconds()
        subprocess.run(words, cwd=build, check=True, capture_output=True)
        return runs.children_seconds() - before


def build_all(build):
    """Seconds of processor and of wall to build everything that is installed, past any compiler cache."""
    with tempfile.TemporaryDirectory() as scratch:
        runs.run(["cmake", "-S", runs.ROOT, "-B", scratch, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                  "-DBUILD_TESTING=OFF"])
        before, begin = runs.children_seconds(), time.monotonic()
        runs.run(["ninja", "-C", scratch, "comem", "comem_cli"], timeout=3000)
        return runs.children_seconds() - before, time.monotonic() - begin


def stripped_mb(path):
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch) / "stripped"
        runs.run(["strip", "-o", copy, path])
        return copy.stat().st_size / 1e6


def figures(work, full_build):
    """(what, figure, unit, goal or None, reached or None) for each."""
    out = []
    if getattr(work, "database", None):
        wall, nothing = start_up(work)
        out.append(("comem get on the imported database, whole process", wall, "ms", "under 20 ms", wall < 20))
        out.append(("starting /bin/true the same way", nothing, "ms", None, None))
    work.redis.empty()
    adapters = work.comem("adapters", 10)()
    out.append(("memory of an adapter with a store of its own", adapters["kb_each"], "KB", None, None))
    out.append(("memory of a further adapter on the same store", adapters["kb_each_sibling"], "KB", None, None))
    idle = work.comem("idle", work.count(5000, 300))()
    out.append(("processor while idle, Redis attached", idle["busy_percent"], "%", "under 0.1 %", idle["busy_percent"] < 0.1))
    out.append(("size of the program, stripped", stripped_mb(work.program), "MB", None, None))
    if work.scale == 1 and (work.build / "build.ninja").exists():
        out.append(("compiling again after a change of src/api/searching.cpp", compile_one(work.build), "s", None, None))
    for name, bytes in (("sqlite100", 1024), ("fdatasync", 1024), ("map", 1024)):
        limit = work.limit(name, work.count(2000, 100), "--bytes", bytes)()
        out.append((f"limit: {name}", limit["p50_ms"] * 1000, "us", None, None))
    pipeline = work.limit("pipeline", work.count(100_000, 500), "--port", work.redis.port)()
    out.append(("limit: hiredis, SET of 1 KB, 100 in a pipeline", pipeline["per_s"], "/s", None, None))
    if full_build:
        cpu, wall = build_all(work.build)
        out.append(("building library and program, processor", cpu, "s", None, None))
        out.append(("building library and program, wall", wall, "s", None, None))
    return out

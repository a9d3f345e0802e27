"""Running what is compared: programs that print one JSON object, and a Redis of our own. Python's library only."""

import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEARCHED = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


class Missing(Exception):
    """Something that a measurement needs is not on this machine."""


def program(name):
    found = shutil.which(name, path=SEARCHED)
    if not found:
        raise Missing(f"{name} is not installed; scripts/setup bench installs it")
    return found


def built(build, path):
    found = build / path
    if not found.exists():
        raise Missing(f"{found} is not built")
    return str(found)


def limits(build):
    """comem-limits, which knows those of Redis where it was built with hiredis."""
    found = built(build, "benchmarks/comem-limits")
    if ",pubsub" not in run([found, "--help"]):
        raise Missing(f"{found} was built without hiredis; scripts/setup bench installs it, then build again")
    return found


def python_with_redis():
    """An interpreter that has redis-py: this one, or Debian's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run([python, "-c", "import redis.asyncio, hiredis"], capture_output=True,
                                                     check=False).returncode == 0:
            return python
    raise Missing("python3-redis and python3-hiredis are not installed; scripts/setup bench installs them")


def clean_environment():
    ours = ("COMEM_", "REDIS_", "MEMORY_BACKEND")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def run(command, timeout=300, directory=None):
    """Its standard output. Raises where it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout, check=False,
                          env=clean_environment(), cwd=directory)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def run_json(command, timeout=300, directory=None):
    return json.loads(run(command, timeout, directory).splitlines()[-1])


def run_measured(command, timeout=300, directory=None):
    """Its output, wall seconds, and the most memory in MB that it had resident (as the system counts this child alone)."""
    with tempfile.TemporaryFile("w+") as output:
        begin = time.monotonic()
        child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.STDOUT, env=clean_environment(), cwd=directory)
        usage = wait_for(child, begin + timeout)
        seconds = time.monotonic() - begin
        output.seek(0)
        text = output.read()
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {child.returncode}\n{text[-2000:]}")
    return text, seconds, usage.ru_maxrss * 1024 / 1e6


def wait_for(child, deadline):
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return usage
        time.sleep(0.0005)
    child.kill()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage


class Redis:
    """A server on a free port of this host that keeps nothing on disk; stopped by its process id."""

    def __init__(self, directory):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly",
                   "no"]
        self.process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.ask("PING")
                return
            except OSError:
                if time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.02)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def ask(self, *words):
        """The first line of the answer to one command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            parts = [f"*{len(words)}\r\n"] + [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
            connection.sendall("".join(parts).encode())
            return connection.makefile("rb").readline().decode().strip()

    def version(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(b"INFO server\r\n")
            for line in connection.makefile("r"):
                if line.startswith("redis_version:"):
                    return line.strip().partition(":")[2]
        return ""

    def empty(self):
        self.ask("FLUSHALL", "SYNC")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def side_by_side(ours, rival, rounds):
    """Both in turn, A B A B A; the medians of the answers, each a dictionary of figures."""
    own, other = [], []
    for turn in range(rounds):
        if turn and rival:
            other.append(rival())
        own.append(ours())
    if rival and not other:
        other.append(rival())
    return median(own), median(other) if other else None


def median(answers):
    return {name: statistics.median(answer[name] for answer in answers) for name, value in answers[0].items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)}


def machine(redis):
    def first(path, prefix):
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(prefix):
                return line.partition(":")[2].strip()
        return "?"
    return {"processor": first("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory_gb": round(int(first("/proc/meminfo", "MemTotal").split()[0]) / 1e6, 1),
            "kernel": os.uname().release, "redis": redis.version(), "load": os.getloadavg()[0]}


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

"""Agent processes: started, asked, killed."""

import os
import select
import subprocess
import time

_ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
AGENT = os.environ.get("COMEM_TORTURE_AGENT") or os.path.join(_ROOT, "build/tests/torture/comem_torture_agent")


class Gone(Exception):
    """The agent ended, or did not answer in time."""


class Agent:
    """One process with the options of agent_options.hpp. Writes unless `writers` is 0 or it is paused."""

    def __init__(self, directory, database, redis=None, name="agent", prefix=None, trace=None, **options):
        self.directory, self.name = directory, name
        self.database = os.path.join(directory, database)
        self.acknowledgements = os.path.join(directory, f"{prefix or name}.acks")
        words = ["--db", self.database, "--agent", name, "--prefix", prefix or name]
        if redis:
            words += ["--redis", redis]
        if options.get("writers", 1) != 0:
            words += ["--acks", self.acknowledgements]
        for option, value in options.items():
            words += [f"--{option.replace('_', '-')}"] + ([] if value is True else [str(value)])
        self.errors = open(os.path.join(directory, f"{name}.log"), "ab")
        self.process = subprocess.Popen([*(trace or []), AGENT, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, bufsize=0)
        self.errors.close()
        self.ready = False

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def wait_ready(self, timeout=20):
        if not self.ready:
            lines = self._answer(time.monotonic() + timeout)
            if lines != ["ready"]:
                raise Gone(f"{self.name} says {lines[:3]}")
            self.ready = True

    def send(self, order):
        self.wait_ready()
        try:
            self.process.stdin.write(order.encode() + b"\n")
        except BrokenPipeError:
            raise Gone(f"{self.name} ended") from None

    def receive(self, timeout=60):
        """The lines of the answer. Raises Gone, or RuntimeError for an answer that is an error."""
        lines = self._answer(time.monotonic() + timeout)
        if lines and lines[-1].startswith("error "):
            raise RuntimeError(f"{self.name}: {lines[-1]}")
        return lines

    def ask(self, order, timeout=60):
        self.send(order)
        return self.receive(timeout)

    def _answer(self, deadline):
        end = b".\n" if self.ready else b"ready\n"
        data = bytearray()
        while not (data == end or data.endswith(b"\n" + end)):
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            if not readable:
                raise Gone(f"{self.name} does not answer")
            more = self.process.stdout.read(1 << 20)
            if not more:
                self.process.wait()
                raise Gone(f"{self.name} ended with {self.process.returncode}")
            data += more
        lines = data.decode("ascii", errors="replace").split("\n")[:-1]
        return lines[:-1] if self.ready else lines

    def stats(self):
        pairs = (line.partition(" ") for line in self.ask("stats"))
        return {name: value for name, _, value in pairs}

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()

    def reap(self):
        """After kill(): waits for the end, and frees what the driver holds."""
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def quit(self):
        """Ends it as a user would; answers its exit code."""
        try:
            self.ask("quit", timeout=20)
            self.process.stdin.close()
            self.process.wait(timeout=10)
        except (Gone, subprocess.TimeoutExpired):
            self.kill()
        self.process.wait()
        self.process.stdout.close()
        return self.process.returncode

    def memory(self):
        """Bytes and counts of what could grow, after the agent's allocator has given back what nobody uses."""
        found = {name: int(value) for name, _, value in (line.partition(" ") for line in self.ask("memory"))}
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file.read().splitlines()[1:])
        for name, line in (("resident", "Rss"), ("anonymous", "Anonymous")):
            found[name] = int(lines[line].split()[0]) * 1024
        found["database"] = os.path.getsize(self.database)
        return found

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def ask_all(agents, order, timeout=60):
    """Asks all at once; their answers in the same order."""
    for agent in agents:
        agent.send(order)
    return [agent.receive(timeout) for agent in agents]

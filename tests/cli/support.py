"""What the tests of the program share: the program in a directory of its own, and a Redis of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ.get("COMEM_PROGRAM", "")
BENCH = os.environ.get("COMEM_BENCH", "")
SERVER = shutil.which("redis-server", path=os.environ.get("PATH", "") + ":/usr/sbin") or shutil.which("valkey-server")


def clean_environment():
    ours = ("COMEM_", "REDIS_", "MEMORY_BACKEND")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


class ProgramTest(unittest.TestCase):
    """Each test runs the program in a new directory, without comem's environment variables."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="comem-test-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.environment = clean_environment()

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        data = content if isinstance(content, bytes) else content.encode()
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def write_lines(self, name, objects):
        return self.write(name, "".join(json.dumps(entry) + "\n" for entry in objects))

    def comem(self, *arguments, code=0, stdin=b"", database="test.db", timeout=60):
        """Runs the program; its standard output, once the exit code is as expected. Keeps standard error in self.error."""
        command = [PROGRAM, *(("--db", database) if database is not None else ()), *arguments]
        data = stdin if isinstance(stdin, bytes) else stdin.encode()
        done = subprocess.run(command, cwd=self.directory, env=self.environment, input=data, capture_output=True,
                              timeout=timeout, check=False)
        self.error = done.stderr.decode(errors="replace")
        if code is not None:
            self.assertEqual(done.returncode, code, f"{command}\n{done.stdout[-2000:]}\n{self.error[-2000:]}")
        self.code = done.returncode
        return done.stdout.decode()

    def json(self, *arguments, **keywords):
        """The one JSON object that the program prints."""
        lines = self.json_lines(*arguments, **keywords)
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def json_lines(self, *arguments, **keywords):
        return [json.loads(line) for line in self.comem(*arguments, "--json", **keywords).splitlines()]

    def export(self, *arguments, **keywords):
        """Everything exported, by id."""
        return {line["id"]: line for line in map(json.loads, self.comem("export", *arguments, **keywords).splitlines())}

    def start(self, *arguments, **keywords):
        """Starts the program beside the test; ended with the test."""
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.directory, env=self.environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)
        self.addCleanup(end, process)
        return process

    def assert_complains(self, text):
        self.assertIn(text, self.error)
        for line in self.error.splitlines():
            self.assertTrue(line.startswith("comem: "), line)


def end(process):
    if process.poll() is None:
        process.kill()
    process.communicate()


class Server:
    """A Redis on a free port of this host that keeps nothing on disk."""

    def __init__(self, directory):
        self.directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None
        self.start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        command = [SERVER, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("redis-server did not start")

    def kill(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def command(self, *words):
        """One command over a connection of its own; the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            parts = [f"*{len(words)}\r\n"] + [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
            connection.sendall("".join(parts).encode())
            line = connection.makefile("rb").readline().decode().strip()
        if line.startswith("-"):
            raise RuntimeError(line)
        return line

"""A Redis that is killed, frozen, emptied and replaced, and the port by which its clients know it."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time

_SEARCH = os.environ.get("PATH", "") + ":/usr/sbin"
SERVERS = [path for path in (shutil.which(name, path=_SEARCH) for name in ("redis-server", "valkey-server")) if path]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Redis:
    """One server process, of Redis or of Valkey. `start` may be called again after `kill`; with a snapshot it begins
    with that."""

    def __init__(self, directory, program):
        self.directory, self.program = directory, program
        os.makedirs(directory, exist_ok=True)
        self.port = free_port()
        self.process = None
        self.start()

    def start(self):
        for _ in range(5):
            # The server goes when the driver's thread goes, so that a driver that was killed leaves none behind.
            tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
            command = [*tied, self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir",
                       self.directory, "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL)
            if self._answers():
                return
            self.kill()
        raise RuntimeError("the Redis server does not start")

    def _answers(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.command("PING").startswith("+PONG"):
                    return True
            except OSError:
                pass
            time.sleep(0.005)
        return False

    def command(self, *words):
        """The first 64 KB of the raw reply."""
        data = b"*%d\r\n" % len(words)
        for word in words:
            word = str(word).encode()
            data += b"$%d\r\n%s\r\n" % (len(word), word)
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(data)
            return connection.recv(65536).decode(errors="replace")

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    @property
    def snapshot(self):
        return os.path.join(self.directory, "dump.rdb")

    def drop_snapshot(self):
        if os.path.exists(self.snapshot):
            os.remove(self.snapshot)

    def info(self, name):
        for line in self.command("INFO").split("\r\n"):
            if line.startswith(name + ":"):
                return line.split(":", 1)[1]
        return ""


class Forwarder:
    """A loopback port that leads to a server, and tomorrow to another one. Connections to the old one are cut."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.pairs = set()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def lead_to(self, port):
        self.target = port
        self.cut()

    def cut(self):
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        for pair in pairs:
            for end in pair:
                _shut(end)

    def close(self):
        _shut(self.listener)
        self.listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=2)
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.pairs.add((client, server))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _shut(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    _shut(source)
    _shut(sink)
    source.close()

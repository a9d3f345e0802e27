#!/usr/bin/env python3
"""Runs a command in an empty directory that is removed afterwards, without comem's environment variables.

in_fresh_directory.py [--redis] COMMAND...

With --redis a Redis of its own runs beside the command, on a socket in that directory, named by REDIS_URL. Exits with
77 (skipped) when there is no redis-server.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77


def clean_environment():
    ours = ("COMEM_", "REDIS_", "MEMORY_BACKEND")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def start_redis(directory):
    """The process, once it answers on its socket; it keeps nothing on disk."""
    socket = os.path.join(directory, "redis.sock")
    command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
    log = open(os.path.join(directory, "redis.log"), "wb")
    server = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    deadline = time.monotonic() + 10
    while not os.path.exists(socket):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            with open(log.name, encoding="utf-8", errors="replace") as text:
                sys.exit(f"redis-server did not start:\n{text.read()}")
        time.sleep(0.02)
    return server, f"unix://{socket}"


def main(arguments):
    with_redis = arguments[:1] == ["--redis"]
    command = arguments[1:] if with_redis else arguments
    if not command:
        sys.exit(__doc__)
    if with_redis and shutil.which("redis-server", path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
        print("skipped: no redis-server here")
        return SKIPPED
    environment = clean_environment()
    with tempfile.TemporaryDirectory(prefix="comem-") as directory:
        server = None
        if with_redis:
            server, environment["REDIS_URL"] = start_redis(directory)
        try:
            work = os.path.join(directory, "work")
            os.mkdir(work)
            return subprocess.run(command, cwd=work, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
        finally:
            if server is not None:
                server.terminate()
                server.wait()


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.exit(code if code >= 0 else 128 - code)

"""The program with a Redis that is there, is not, or does not answer."""

import json
import os
import pty
import signal
import socket
import subprocess
import time
import unittest

from support import PROGRAM, SERVER, ProgramTest, Server, end


class NoRedis(ProgramTest):
    """A dead Redis must not make anybody wait."""

    def dead_urls(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            refused = closed.getsockname()[1]
        silent = socket.socket()
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.1", 0))
        silent.listen(16)  # takes connections, never answers
        return f"redis://127.0.0.1:{refused}", f"redis://127.0.0.1:{silent.getsockname()[1]}"

    def test_work_goes_on(self):
        for url in self.dead_urls():
            with self.subTest(url):
                begin = time.monotonic()
                self.comem("add", "apple", "--id", "a", "--redis", url)
                self.comem("search", "apple", "--redis", url)
                self.comem("get", "a", "--redis", url)
                self.assertLess(time.monotonic() - begin, 6)  # three times at most about half a second, on a busy machine
                self.assertEqual(self.json("add", "pear", "--level", "shared", "--redis", url)["outcome"], "pending")
                self.assert_complains("to be shared later")
                stats = self.json("stats", "--redis", url)
                self.assertNotEqual(stats["relay"]["state"], "up")
                self.assertGreaterEqual(stats["unshared"], 1)
                self.comem("flush", "--timeout", "300ms", "--redis", url, code=4)
                self.assert_complains("not shared yet")
                findings = self.json_lines("doctor", "--redis", url, code=4)
                self.assertTrue([f for f in findings if f["severity"] == "error" and f["remedy"]])

    def test_redis_can_be_switched_off(self):
        self.environment["REDIS_URL"] = self.dead_urls()[0]
        self.comem("add", "x", "--redis", "off")
        self.assertEqual(self.json("stats", "--redis", "off")["relay"]["state"], "off")

    def test_a_password_is_not_shown(self):
        refused = self.dead_urls()[0].removeprefix("redis://")
        url = f"redis://user:geheim123@{refused}"
        for command in (("add", "x"), ("stats",), ("doctor",), ("flush", "--timeout", "100ms"), ("stats", "--verbose")):
            out = self.comem(*command, "--redis", url, code=None)
            self.assertNotIn("geheim123", out + self.error)


@unittest.skipUnless(SERVER, "no redis-server here")
class WithRedis(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = Server(self.directory)
        self.addCleanup(self.server.kill)

    def redis(self, *arguments, **keywords):
        return self.comem(*arguments, "--redis", self.server.url, **keywords)

    def test_two_files_share(self):
        self.redis("add", "the quick fox", "--id", "fox", database="a.db")
        self.assertIn("fox", self.redis("search", "quick", database="b.db"))
        self.redis("forget", "fox", database="b.db")
        self.redis("flush", database="b.db")
        self.redis("get", "fox", database="a.db", code=1)

    def test_import_is_shared(self):
        lines = "".join(json.dumps({"id": f"m{n}", "ns": f"n{n % 2}", "text": "apple"}) + "\n" for n in range(300))
        self.redis("import", "-", stdin=lines, database="a.db")
        self.redis("flush", "--namespace", "n1", database="a.db")
        self.redis("flush", "--namespace", "n1", database="b.db")
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:  # a short-lived reader sees what it could fetch while it lived
            out = self.redis("list", "--limit", "1000", "--namespace", "n1", "--json", database="b.db", code=None)
            if len(out.splitlines()) == 150:
                break
        self.assertEqual(len(out.splitlines()), 150)

    def test_what_was_saved_alone_is_shared_later(self):
        self.server.kill()
        self.redis("add", "alone", "--id", "alone", database="a.db")
        self.server.start()
        self.redis("flush", "--timeout", "10s", database="a.db")
        self.redis("get", "alone", database="b.db")

    def test_a_frozen_server_is_not_waited_for(self):
        self.redis("add", "x", "--id", "x")
        self.server.freeze()
        begin = time.monotonic()
        self.redis("search", "x")
        self.redis("add", "y")
        self.assertLess(time.monotonic() - begin, 6)
        self.redis("flush", "--timeout", "300ms", code=4)

    def test_watch_used_to_show_the_episode_for_a_skill_of_its_id(self):
        watch = self.start("watch", "--db", "b.db", "--redis", self.server.url, "--json", "--count", "2")
        self.assertIn(b"watching", watch.stderr.readline())
        self.comem("add", "an episode", "--id", "same", "--redis", self.server.url)
        self.comem("add", "a skill", "--id", "same", "--type", "skill", "--redis", self.server.url)
        out, _ = watch.communicate(timeout=20)
        self.assertEqual([json.loads(line)["text"] for line in out.splitlines()], ["an episode", "a skill"])

    def test_watch_across_files(self):
        watch = self.start("watch", "--db", "b.db", "--redis", self.server.url, "--json", "--count", "1")
        self.assertIn(b"watching", watch.stderr.readline())
        self.redis("add", "news", "--id", "news", database="a.db")
        out, _ = watch.communicate(timeout=20)
        change = json.loads(out)
        self.assertEqual((change["change"], change["id"], change["text"]), ("saved", "news", "news"))

    def test_a_new_host_joins(self):
        self.redis("add", "the quick fox", "--id", "fox", database="a.db")
        for number, command in enumerate((("get", "fox"), ("list",), ("search", "fox"), ("stats",))):
            self.redis(*command, database=f"new{number}.db", code=None)
            self.assertNotEqual(self.code, 3, self.error)
        self.redis("export", database="new.db", code=3)
        self.assertFalse(os.path.exists(self.path("new.db")))

    def test_who_waits_for_redis_at_a_terminal_is_told(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen([PROGRAM, "import", "-", "--ack", "--db", "test.db", "--redis", self.server.url],
                                   cwd=self.directory, env=self.environment, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        self.addCleanup(end, process)
        process.stdin.write(b'{"id": "a", "text": "x"}\n')
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"a\n")
        self.server.freeze()
        process.communicate(b'{"id": "b", "text": "y"}\n', timeout=40)
        self.assertIn(b"sharing with Redis...", os.read(ours, 65536))

    def test_a_signal_ends_an_import_in_time_although_redis_hangs(self):
        process = self.start("import", "-", "--ack", "--db", "test.db", "--redis", self.server.url)
        self.addCleanup(end, process)
        process.stdin.write(b'{"id": "a", "text": "x"}\n')
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"a\n")
        self.server.freeze()
        process.stdin.write(b'{"id": "b", "text": "y"}\n')
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"b\n")
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        self.assertLess(time.monotonic() - begin, 6)  # two seconds, on a busy machine
        self.assertEqual(process.returncode, 130)
        self.assertEqual(sorted(self.export()), ["a", "b"])

    def test_doctor(self):
        findings = json.loads("[" + ",".join(self.redis("doctor", "--json").splitlines()) + "]")
        self.assertFalse([f for f in findings if f["severity"] == "error"])
        self.assertGreater(len([f for f in findings if "redis" in f["subject"]]), 0)

    def test_doctor_sees_a_full_server(self):
        self.server.command("CONFIG", "SET", "maxmemory", "1")
        self.redis("add", "apple")
        findings = [json.loads(line) for line in self.redis("doctor", "--json", code=4).splitlines()]
        full = [f for f in findings if f["subject"] == "memory"]
        self.assertEqual([f["severity"] for f in full], ["error"])
        self.assertIn("maxmemory", full[0]["remedy"])
        self.assertFalse([f for f in findings if f["remedy"].startswith("comem flush")])  # which would fail
        self.server.command("CONFIG", "SET", "maxmemory", "0")
        self.redis("flush")


if __name__ == "__main__":
    unittest.main()

"""comem-bench: each workload answers one JSON line."""

import json
import os
import subprocess
import unittest

from support import BENCH, SERVER, ProgramTest, Server


class Bench(ProgramTest):
    def bench(self, *arguments, code=0):
        done = subprocess.run([BENCH, *arguments], cwd=self.directory, env=self.environment, capture_output=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode()

    def check(self, *arguments):
        lines = self.bench(*arguments, "--json").splitlines()
        self.assertEqual(len(lines), 1)
        result = json.loads(lines[0])
        self.assertGreater(result["p50_ms"], 0)
        self.assertGreaterEqual(result["p99_ms"], result["p50_ms"])
        self.assertGreater(result["per_s"], 0)
        self.assertGreater(result["rss_mb"], 1)
        return result

    def test_every_workload(self):
        for workload in ("save", "save50", "get", "batch100", "search", "visible", "told", "deduplicate", "consolidate"):
            with self.subTest(workload):
                self.assertEqual(self.check("--workload", workload, "--n", "60")["n"], 60)
        self.assertEqual(self.check("--workload", "save", "--n", "20", "--level", "local")["level"], "local")

    def test_many_callers(self):
        for workload in ("save", "get", "batch100", "search"):
            with self.subTest(workload):
                result = self.check("--workload", workload, "--n", "60", "--callers", "8", "--preload", "100")
                self.assertEqual(result["callers"], 8)

    def test_of_a_whole_store(self):
        self.assertGreater(self.check("--workload", "adapters", "--n", "3")["kb_each"], 0)
        idle = json.loads(self.bench("--workload", "idle", "--n", "300", "--json"))
        self.assertLess(idle["busy_percent"], 50)

    @unittest.skipUnless(SERVER, "no redis-server here")
    def test_through_redis(self):
        server = Server(self.directory)
        self.addCleanup(server.kill)
        self.check("--workload", "visible", "--n", "20", "--redis", server.url)
        self.check("--workload", "told", "--n", "20", "--redis", server.url)
        self.check("--workload", "heard", "--n", "20", "--redis", server.url)
        self.bench("--workload", "heard", "--n", "5", code=2)
        self.check("--workload", "save50", "--n", "100", "--redis", server.url, "--level", "shared")
        shared = json.loads(self.bench("--workload", "share", "--n", "500", "--redis", server.url, "--json"))
        self.assertEqual(shared["operations"], 500)
        self.bench("--workload", "share", "--n", "5", code=2)

    def test_in_words(self):
        self.assertIn("p99", self.bench("--workload", "save", "--n", "5"))

    def test_search_at_a_size(self):
        figures = os.path.join(self.directory, "search.json")
        command = [os.path.join(os.path.dirname(BENCH), "comem-search-bench"), "--n", "300", "--queries", "10", "--rounds",
                   "1", "--json", figures]
        done = subprocess.run(command, cwd=self.directory, env=self.environment, capture_output=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        with open(figures, encoding="utf-8") as file:
            (scale,) = json.load(file)
        self.assertEqual(scale["memories"], 300)
        for measured in (scale["index"]["words"], scale["adapter"], scale["add"], scale["open"]):
            self.assertGreater(measured["p50_ms"], 0)

    def test_bad_options(self):
        for arguments in ((), ("--workload", "fly"), ("--workload", "save", "--n", "0"),
                          ("--workload", "save", "--n", "x"), ("--workload", "save", "--bogus"),
                          ("--workload", "save", "--level", "holy"), ("--workload", "save", "--redis", "http://x")):
            with self.subTest(arguments):
                self.bench(*arguments, code=2)
        self.bench("--workload", "save", "--n", "1", "--redis", "redis://127.0.0.1:1", code=3)


if __name__ == "__main__":
    unittest.main()

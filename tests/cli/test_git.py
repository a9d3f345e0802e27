"""Import of git histories, and the demo."""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from support import SERVER, ProgramTest


def processes_below(directory):
    """Command lines of processes that name this directory."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                if directory.encode() in file.read():
                    found.append(entry)
        except OSError:
            continue
    return found


class Repository(ProgramTest):
    def git(self, *arguments, stdin=None, **environment):
        names = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_AUTHOR_NAME": "Ada",
                 "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "a@x",
                 "GIT_AUTHOR_DATE": "2024-05-01T10:00:00Z", "GIT_COMMITTER_DATE": "2024-05-01T10:00:00Z"}
        done = subprocess.run(["git", "-C", self.path("repo"), *arguments], env={**os.environ, **names, **environment},
                              input=stdin, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("repo"))
        self.git("init", "-q", "-b", "main")

    def commit(self, message, files, **environment):
        for name, content in files.items():
            path = os.path.join(self.path("repo"), name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-F", "-", stdin=message, **environment)
        return self.git("rev-parse", "HEAD")


class ImportGit(Repository):
    def test_every_commit_is_an_episode(self):
        first = self.commit(b"Begin\n\nWith a body, and \"quotes\".\n", {"a b.txt": "1", "src/ü.c": "2"})
        second = self.commit(b"Empty one", {})
        third = self.commit(b"\xff not UTF-8", {"src/new\nline": "3"}, GIT_AUTHOR_NAME="Ben")
        self.assertEqual(self.json("import", "--git", "repo")["added"], 3)
        memories = self.export()
        self.assertEqual(set(memories), {first, second, third})
        self.assertEqual(memories[first]["text"], "Begin\n\nWith a body, and \"quotes\".")
        self.assertEqual(memories[first]["tags"], ["a b.txt", "src/ü.c"])
        self.assertEqual((memories[first]["speaker"], memories[first]["ts"]), ("Ada", "2024-05-01T10:00:00Z"))
        self.assertEqual(memories[first]["expires_at"], 0)
        self.assertEqual(memories[second].get("tags", []), [])
        self.assertEqual((memories[third]["speaker"], memories[third]["tags"]), ("Ben", ["src/new\nline"]))
        self.assertEqual(self.json("import", "--git", "repo")["unchanged"], 3)
        self.assertEqual(self.json_lines("search", "quotes")[0]["id"], first)

    def test_files_of_a_commit_are_bounded(self):
        commit = self.commit(b"Many", {f"f{n:04}": "x" for n in range(300)})
        self.comem("import", "--git", "repo")
        self.assertEqual(len(self.export()[commit]["tags"]), 200)

    def test_only_the_newest(self):
        for number in range(4):
            last = self.commit(f"c{number}".encode(), {})
        self.assertEqual(self.json("import", "--git", "repo", "--max-commits", "1")["added"], 1)
        self.assertEqual(list(self.export()), [last])

    def test_what_is_no_history(self):
        self.comem("import", "--git", "repo", code=2)  # no commit yet
        self.assert_complains("repo")
        shutil.rmtree(self.path("repo/.git"))
        self.environment["GIT_CEILING_DIRECTORIES"] = self.directory
        self.comem("import", "--git", "repo", code=2)
        self.assert_complains("not a git repository")
        self.comem("import", "--git", "nowhere", code=2)
        self.environment["PATH"] = self.directory
        self.comem("import", "--git", "repo", code=3)
        self.assert_complains("git")


class Demo(Repository):
    def demo(self, *arguments, **keywords):
        self.environment["TMPDIR"] = self.path("tmp")
        os.makedirs(self.path("tmp"), exist_ok=True)
        out = self.comem("demo", "--directory", "repo", *arguments, database=None, timeout=100, **keywords)
        self.assertEqual(os.listdir(self.path("tmp")), [])
        self.assertEqual(processes_below(self.path("tmp")), [])
        return out

    def test_on_a_repository(self):
        self.commit(b"Teach the parser about nested brackets", {"src/parser.c": "1", "README.md": "# Tool\n\nParses "
                                                                "configuration files quickly.\n\n## Usage of it\n\nRun it.\n"})
        self.commit(b"Make the lexer twice as quick", {"src/lexer.c": "2"})
        out = self.demo()
        for part in ("2 commits", "nested brackets", "find_hot_spots", "Relevant experiences"):
            self.assertIn(part, out)
        self.assertNotIn("NOT", out)
        if SERVER:
            self.assertIn("each finds what the other saved", out)

    def test_on_a_history_that_repeats_itself(self):
        for number in range(30):
            self.commit((b"Fix typo", "修复 拼写错误 在文档".encode(), b"WIP", b"\xff\xfe")[number % 4], {"a.md": f"# A\n\n# B\n{number}\n"})
        self.assertNotIn("NOT", self.demo("--no-redis"))

    def test_without_a_repository(self):
        shutil.rmtree(self.path("repo/.git"))
        self.environment["GIT_CEILING_DIRECTORIES"] = self.directory
        self.assertIn("built-in", self.demo("--no-redis"))

    def test_as_json(self):
        self.commit(b"One commit alone", {"a": "1"})
        results = [json.loads(entry) for entry in self.demo("--no-redis", "--json").splitlines()]
        self.assertGreater(len(results), 4)
        self.assertTrue(all(entry["ok"] for entry in results))

    @unittest.skipUnless(SERVER, "no redis-server here")
    def test_a_signal_leaves_nothing_behind(self):
        self.commit(b"One commit alone", {"a": "1"})
        self.environment["TMPDIR"] = self.path("tmp")
        os.makedirs(self.path("tmp"))
        for wait in (b"1.", b"5. Two agents", b"linked"):
            process = self.start("demo", "--directory", "repo")
            for entry in process.stdout:
                if wait in entry:
                    break
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            self.assertIn(process.returncode, (0, 130))
            deadline = time.monotonic() + 5
            while processes_below(self.path("tmp")) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual(processes_below(self.path("tmp")), [])
            self.assertEqual(os.listdir(self.path("tmp")), [])


if __name__ == "__main__":
    unittest.main()

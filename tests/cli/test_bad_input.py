"""What people get wrong: each is one clear line on standard error and an exit code that tells."""

import os
import sqlite3
import subprocess
import unittest

from support import PROGRAM, ProgramTest


class BadOptions(ProgramTest):
    def test_a_standard_error_that_is_full_used_to_abort_the_program(self):
        self.write_lines("in.jsonl", [{"id": str(i), "text": "x"} for i in range(50)] + [{"id": "bad"}])
        for arguments, code in ((("search", "x"), 3), (("get", "nosuch"), 3), (("import", "in.jsonl"), 1),
                                (("search", "--limit", "0", "x"), 2), (("get", "nosuch"), 1)):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([PROGRAM, "--db", "test.db", *arguments], cwd=self.directory,
                                      env=self.environment, stdout=subprocess.PIPE, stderr=full, check=False)
            self.assertEqual(done.returncode, code, arguments)
        self.assertEqual(self.json("stats")["live"]["episodic"], 50)

    def test_usage(self):
        for arguments in ((), ("fly",), ("add",), ("add", "x", "--bogus"), ("get",), ("search",), ("get", "x", "y"), ("add", "x", "y", "--bogus"),
                          ("search", "x", "--batch", "y"), ("search", "x", "--trec"), ("list", "--limit", "0"),
                          ("list", "--limit", "-1"), ("list", "--limit", "99999999999999999999"),
                          ("search", "x", "--limit", "1001"), ("list", "--type", "dream"), ("add", "x", "--type", ""),
                          ("add", "x", "--ttl", "soon"), ("add", "x", "--ttl", "-5s"),
                          ("add", "x", "--ttl", "99999999999999d"), ("add", "x", "--ttl", "9223372036854775807w"),
                          ("add", "x", "--importance", "7"), ("add", "x", "--importance", "nan"),
                          ("add", "x", "--time", "yesterday"), ("search", "x", "--since", "2024-13-01"),
                          ("search", "x", "--since", "2024-02-01", "--until", "2024-01-01"),
                          ("context", "x", "--budget", "-1"), ("add", "x", "--level", "holy"),
                          ("add", "x", "--redis", "http://x"), ("flush", "--timeout", "1d"),
                          ("demo", "--directory", "nowhere"), ("watch", "--count", "0")):
            with self.subTest(arguments):
                self.comem("add", "x", "--id", "there")
                self.comem(*arguments, code=2)
                self.assert_complains("comem: ")
                self.assertLessEqual(len(self.error.splitlines()), 2)

    def test_an_unknown_command_is_named(self):
        self.comem("nonsense", "x", code=2)
        self.assert_complains("there is no command 'nonsense'")

    def test_types_that_can_be_searched_are_suggested(self):
        self.comem("add", "x", "--id", "there")
        self.comem("search", "x", "--type", "dream", code=2)
        self.assertNotIn("document", self.error)

    def test_a_batch_is_not_explained(self):
        self.comem("search", "--batch", "queries.jsonl", "--explain", code=2)
        self.assert_complains("--explain")

    def test_a_context_about_nothing(self):
        self.comem("add", "x", "--id", "there")
        for query in ("", "  "):
            self.comem("context", query, code=2)
            self.assert_complains("QUERY is empty")

    def test_empty_values(self):
        for arguments in (("add", "x", "--id", ""), ("add", "x", "--tag", ""), ("add", "x", "--kind", ""),
                          ("add", "x", "--ttl", ""), ("add", "x", "--session", ""), ("search", "x", "--author", ""),
                          ("search", "--batch", ""), ("list", "--namespace", ""), ("export", "--output", "")):
            with self.subTest(arguments):
                self.comem(*arguments, code=2)
                self.assert_complains("empty")

    def test_bad_usage_makes_no_database(self):
        for arguments in (("add", ""), ("add", "x", "--id", "i" * 257), ("add", "x", "--ttl", "soon"),
                          ("import", "--git", ".", "x.jsonl")):
            self.comem(*arguments, code=2)
            self.assertFalse(os.path.exists(self.path("test.db")), arguments)

    def test_environment_that_makes_no_sense(self):
        self.environment["MEMORY_BACKEND"] = "papyrus"
        self.comem("add", "x", code=2)
        self.assert_complains("MEMORY_BACKEND")


class BadText(ProgramTest):
    def test_empty_enormous_invalid(self):
        self.comem("add", "", code=2)
        self.comem("add", " \t\n ", code=2)
        self.comem("add", "-", stdin=b" \n\t\n", code=2)
        self.comem("add", "-", stdin=b"", code=2)
        self.comem("add", "-", stdin=b"\xff\xfe", code=2)
        self.comem("add", "-", stdin=b"a\0b", code=2)
        self.comem("add", "-", stdin=b"x" * (3 << 20), code=2)
        self.comem("add", "x", "--tag", "t" * 5000, code=2)
        self.comem("add", b"\xff".decode("utf-8", "surrogateescape"), code=2)

    def test_odd_ids_and_namespaces(self):
        for odd in ("{a}:b", "a b", "%", "../x", "'; drop table records; --", "ü", "x" * 256, "*"):
            with self.subTest(odd):
                self.comem("add", f"text of {odd}"[:200], "--id", odd, "--namespace", odd)
                self.assertEqual(self.json("get", odd, "--namespace", odd)["id"], odd)
                self.assertEqual(list(self.export("--namespace", odd)), [odd])
        self.comem("add", "x", "--namespace", "n" * 257, code=2)

    def test_control_characters_do_not_reach_the_terminal(self):
        self.comem("add", "-", "--id", "esc", stdin=b"red \x1b[31m alert \x02mark\x03 \xc2\x9b31m")
        for command in (("get", "esc"), ("list",), ("search", "alert"), ("context", "alert")):
            out = self.comem(*command)
            for character in ("\x1b", "\x02", "\x03", "\x9b"):
                self.assertNotIn(character, out, command)


class BadFiles(ProgramTest):
    def test_no_database(self):
        for command in (("get", "x"), ("list",), ("search", "x"), ("export",), ("stats",), ("context", "x"),
                        ("watch",), ("flush",), ("forget", "x"), ("export", "--redis", "redis://127.0.0.1:1")):
            self.comem(*command, code=3, database="none.db")
            self.assert_complains("there is no database 'none.db' yet")
            self.assertFalse(os.path.exists(self.path("none.db")), command)

    def test_an_empty_file_is_no_database_yet(self):
        self.write("empty.db", b"")
        for command in (("get", "x"), ("list",), ("stats",), ("watch",)):
            self.comem(*command, code=3, database="empty.db")
            self.assert_complains("there is no database 'empty.db' yet")
        self.comem("doctor", database="empty.db")
        self.assertEqual(os.path.getsize(self.path("empty.db")), 0)
        self.comem("add", "x", database="empty.db")
        self.comem("list", database="empty.db")

    def test_not_a_database_is_left_as_it_is(self):
        content = b"these are no bytes of SQLite" * 500
        self.write("odd.db", content)
        for command in (("add", "x"), ("list",), ("import", "-")):
            self.comem(*command, code=3, database="odd.db")
            self.assert_complains("odd.db")
        with open(self.path("odd.db"), "rb") as file:
            self.assertEqual(file.read(), content)
        findings = self.json_lines("doctor", code=3, database="odd.db")
        self.assertEqual((findings[0]["subject"], findings[0]["severity"]), ("database", "error"))
        self.assertTrue(findings[0]["remedy"])

    def test_a_newer_schema(self):
        self.comem("add", "x")
        with sqlite3.connect(self.path("test.db")) as database:
            database.execute("pragma user_version = 9999")
        database.close()
        self.comem("list", code=3)
        self.assert_complains("test.db")

    def test_a_link_is_followed(self):
        self.comem("add", "x", "--id", "there")
        os.mkdir(self.path("elsewhere"))
        os.symlink(self.path("test.db"), self.path("elsewhere/link.db"))
        self.assertEqual(self.json("get", "there", database="elsewhere/link.db")["id"], "there")
        self.comem("add", "y", "--id", "too", database="elsewhere/link.db")
        self.comem("get", "too")
        self.assertEqual(os.listdir(self.path("elsewhere")), ["link.db"])  # the log stands beside the file itself

    def test_no_such_directory(self):
        self.comem("add", "x", code=3, database="no/such/place.db")
        self.assert_complains("no/such/place.db")

    def test_output_that_cannot_be_written(self):
        self.comem("add", "x")
        self.comem("export", "--output", "no/such/place.jsonl", code=3)
        if os.path.exists("/dev/full"):
            import subprocess
            from support import PROGRAM
            for arguments in (("list", "--db", "test.db"), ("--version",), ("--help",), ("add", "--help"), ("version",)):
                with open("/dev/full", "wb") as full:
                    done = subprocess.run([PROGRAM, *arguments], cwd=self.directory, stdout=full,
                                          stderr=subprocess.PIPE, env=self.environment, check=False, timeout=60)
                self.assertEqual(done.returncode, 3, arguments)
                self.assertIn(b"cannot write", done.stderr)


if __name__ == "__main__":
    unittest.main()

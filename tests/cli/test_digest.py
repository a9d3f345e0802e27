#!/usr/bin/env python3
"""comem digest and comem doctor --repair and --set-aside."""

import json
import os
import unittest

from support import ProgramTest, Server, SERVER


class Alone(ProgramTest):
    def test_a_digest_changes_with_what_is_stored(self):
        self.comem("add", "apple", "--id", "a")
        before = self.json("digest")
        self.assertEqual(before["store"]["types"]["episodic"]["records"], 1)
        self.assertNotIn("redis", before)
        self.assertNotIn("equal", before)
        self.comem("get", "a")
        self.comem("search", "apple")
        self.assertEqual(self.json("digest"), before)
        self.comem("add", "pear", "--id", "a")
        self.assertNotEqual(self.json("digest")["store"]["hash"], before["store"]["hash"])
        self.assertIn(self.json("digest")["store"]["hash"], self.comem("digest"))

    def test_no_database_no_digest(self):
        self.comem("digest", code=3)
        self.assertFalse(os.path.exists(self.path("test.db")))

    def test_bad_options(self):
        self.comem("add", "x")
        self.comem("digest", "--wait", "soon", code=2)
        self.assert_complains("--wait")
        self.comem("doctor", "--repair", code=2)
        self.comem("digest", "--redis", "redis://127.0.0.1:1", "--wait", "0s", code=4)
        self.assert_complains("127.0.0.1:1")

    def test_a_repeated_operation_saves_nothing_again(self):
        first = self.json("add", "once", "--operation", "o")
        again = self.json("add", "once", "--operation", "o")
        self.assertFalse(first["repeated"])
        self.assertTrue(again["repeated"])
        self.assertEqual(first["id"], again["id"])
        self.assertEqual(len(self.json_lines("list")), 1)

    def test_a_damaged_file_is_set_aside_on_request_only(self):
        self.comem("add", "x", "--id", "x")
        with open(self.path("test.db"), "r+b") as file:
            file.seek(4096)
            file.write(b"\x5a" * 8192)
        self.comem("get", "x", code=3)
        self.comem("doctor", code=3)
        self.assertEqual([name for name in os.listdir(self.directory) if ".corrupt-" in name], [])
        findings = self.json_lines("doctor", "--set-aside")
        aside = [name for name in os.listdir(self.directory) if ".corrupt-" in name]
        self.assertTrue(aside)
        self.assertTrue([f for f in findings if f["subject"] == "database" and ".corrupt-" in f["text"]])
        self.comem("add", "y", "--id", "y")
        self.comem("get", "y")


@unittest.skipUnless(SERVER, "no redis-server here")
class WithRedis(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = Server(self.directory)
        self.addCleanup(self.server.kill)
        self.environment["REDIS_URL"] = self.server.url

    def test_equal_stores_have_equal_digests(self):
        for number in range(5):
            self.comem("add", f"note {number}", "--id", f"n{number}", database="a.db")
        self.comem("forget", "n3", database="a.db")
        self.comem("flush", database="b.db")
        a = self.json("digest", "--wait", "10s", database="a.db")
        b = self.json("digest", "--wait", "10s", database="b.db")
        self.assertTrue(a["equal"])
        self.assertTrue(b["equal"])
        self.assertEqual(a["store"], b["store"])
        self.assertEqual(a["store"], a["redis"])

    def test_what_somebody_deleted_in_redis_is_repaired(self):
        for number in range(20):
            self.comem("add", f"note {number}", "--id", f"n{number}")
        self.assertTrue(self.json("digest", "--wait", "10s")["equal"])
        self.server.command("DEL", "{default}:memory:episodic:n7")
        self.server.command("SET", "{default}:memory:episodic:n8", "forged")
        self.comem("digest", "--wait", "0s", code=1)
        self.assert_complains("doctor --repair")
        findings = self.json_lines("doctor", code=1)
        self.assertEqual([f["severity"] for f in findings if f["subject"] == "digest"], ["warning"])
        findings = self.json_lines("doctor", "--repair")
        self.assertEqual([f["severity"] for f in findings if f["subject"] in ("repair", "digest")], ["ok", "ok"])
        self.assertTrue(self.json("digest")["equal"])
        self.assertIn("note 7", self.comem("get", "n7", database="other.db"))
        self.assertIn("note 8", self.comem("get", "n8", database="other.db"))

    def test_a_repair_of_what_cannot_be_read_anywhere_used_to_take_a_minute(self):
        self.comem("add", "note", "--id", "n")
        self.assertTrue(self.json("digest", "--wait", "10s")["equal"])
        self.server.command("SET", "{default}:memory:episodic:n", "forged")
        findings = self.json_lines("doctor", "--repair", code=1, timeout=30, database="other.db")
        self.assertEqual([f["severity"] for f in findings if f["subject"] == "repair"], ["error"])


if __name__ == "__main__":
    unittest.main()

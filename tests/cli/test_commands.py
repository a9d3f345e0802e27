"""Every command on a store of its own, in words and as JSON."""

import json
import os
import signal
import time
import unittest

from support import ProgramTest


class Commands(ProgramTest):
    def test_add_prints_the_id_and_get_shows_the_memory(self):
        memory_id = self.comem("add", "the build needs ninja", "--tag", "build", "--author", "ada").strip()
        shown = self.comem("get", memory_id)
        for part in (memory_id, "the build needs ninja", "build", "ada"):
            self.assertIn(part, shown)

    def test_add_takes_every_field(self):
        added = self.json("add", "Hello", "--id", "m-1", "--type", "semantic", "--tag", "a", "--tag", "b", "--author",
                          "ben", "--session", "s-1", "--ttl", "7d", "--time", "2024-05-01T10:00:00Z", "--importance",
                          "0.9")
        self.assertEqual((added["id"], added["outcome"], added["changed"]), ("m-1", "ok", True))
        memory = self.json("get", "m-1")
        self.assertEqual(memory["type"], "semantic")
        self.assertEqual(memory["text"], "Hello")
        self.assertEqual(memory["tags"], ["a", "b"])
        self.assertEqual(memory["speaker"], "ben")
        self.assertEqual(memory["session"], "s-1")
        self.assertEqual(memory["ts"], "2024-05-01T10:00:00Z")
        self.assertAlmostEqual(memory["importance"], 0.9)
        self.assertAlmostEqual(memory["expires_at"], (time.time() + 7 * 86400) * 1000, delta=60_000)

    def test_several_words_need_no_quotes(self):
        self.comem("add", "staging", "deploys", "--tag", "ops", "need", "a  VPN", "--id", "vpn")
        memory = self.json("get", "vpn")
        self.assertEqual((memory["text"], memory["tags"]), ("staging deploys need a  VPN", ["ops"]))
        hits = self.json_lines("search", "staging", "deploy", "--limit", "5")
        self.assertEqual(sorted(hits[0]["why"]["words"]), ["deploy", "staging"])
        self.assertEqual(self.json("context", "deploy", "to", "staging", "--budget", "90")["query"], "deploy to staging")
        self.comem("add", "how", "to", "get", "{}", "[1,2]", "-", "list", "--id", "odd", "--json")
        self.assertEqual(self.json("get", "odd")["text"], "how to get {} [1,2] - list")
        self.comem("search", "two", "words", "--batch", "q", code=2)

    def test_add_with_no_time_to_live_never_expires(self):
        self.comem("add", "for ever", "--id", "f", "--ttl", "0")
        self.assertEqual(self.json("get", "f")["expires_at"], 0)

    def test_add_reads_standard_input(self):
        self.comem("add", "-", "--id", "in", stdin="two\nlines\n")
        self.assertEqual(self.json("get", "in")["text"], "two\nlines")

    def test_half_a_text_is_not_saved(self):
        self.comem("add", "x", "--id", "x")
        add = self.start("add", "-", "--db", "test.db")
        add.stdin.write(b"only the beginning")
        add.stdin.flush()
        time.sleep(0.3)  # until it reads
        add.send_signal(signal.SIGINT)
        self.assertEqual(add.wait(timeout=20), 130)
        self.assertEqual(list(self.export()), ["x"])

    def test_texts_that_look_like_something_else_stay_texts(self):
        for number, text in enumerate(("search", "[1,2]", "{\"a\": [", "a=b", "ünï ☃")):
            self.comem("add", text, "--id", str(number))
            self.assertEqual(self.json("get", str(number))["text"], text)
        self.comem("add", "--id", "dash", "--", "--limit")
        self.assertEqual(self.json("get", "dash")["text"], "--limit")

    def test_documents_are_a_kind_of_knowledge(self):
        self.comem("add", "A page", "--type", "document", "--id", "d")
        memory = self.json("get", "d")
        self.assertEqual((memory["type"], memory["kind"]), ("semantic", "document"))

    def test_flush_used_to_say_nothing_of_a_redis_that_is_not_reached(self):
        self.comem("flush", "--redis", "redis://127.0.0.1:1")
        self.assert_complains("nothing waits to be shared, but Redis at redis://127.0.0.1:1/0 is not reached")

    def test_what_cannot_be_set_aside_says_so(self):
        with open(os.path.join(self.directory, "test.db"), "wb") as file:
            file.write(b"X" * 4096)
        self.assertIn("rename it by hand", self.comem("doctor", "--set-aside", code=3))

    def test_a_skill_is_named_by_what_stands_before_the_colon(self):
        self.comem("add", "rollback: stop, restore, start", "--type", "skill")
        self.assertEqual([m["name"] for m in self.json_lines("list", "--type", "skill")], ["rollback"])
        self.comem("add", "rollback: ask first", "--type", "skill")
        self.assert_complains("it replaced the skill of that name")

    def test_add_of_what_stands_already(self):
        first = self.json("add", "the build needs ninja", "--deduplicate")
        self.assertEqual((first["changed"], first["duplicate"]), (True, False))
        again = self.json("add", "Builds need Ninja!", "--deduplicate")
        self.assertEqual((again["id"], again["changed"], again["duplicate"]), (first["id"], False, True))
        shown = self.comem("add", "the build needs ninja", "--deduplicate")
        self.assertEqual(shown.strip(), first["id"])
        self.assert_complains("says the same")
        other = self.json("add", "the build does not need ninja", "--deduplicate")
        self.assertFalse(other["duplicate"])
        asked_for = self.json("add", "the build needs ninja")
        self.assertFalse(asked_for["duplicate"])
        self.assertEqual(len(self.export()), 3)

    def test_get_of_nothing(self):
        self.comem("add", "x")
        self.comem("get", "nobody", code=1)
        self.assert_complains("no memory 'nobody'")

    def test_list_is_newest_first_and_bounded(self):
        for number in range(5):
            self.comem("add", f"memory {number}", "--id", f"m{number}")
        self.assertEqual([m["id"] for m in self.json_lines("list", "--limit", "3")], ["m4", "m3", "m2"])
        self.assertIn("memory 4", self.comem("list"))
        self.comem("list", "--type", "skill", code=1)
        self.assert_complains("namespace 'default' holds no skill memories")
        self.comem("list", "--namespace", "bare", code=1)
        self.assert_complains("namespace 'bare' holds no memories")

    def test_forget(self):
        self.comem("add", "x", "--id", "x")
        self.assertTrue(self.json("forget", "x")["forgotten"])
        self.comem("get", "x", code=1)
        self.assertFalse(self.json("forget", "x", code=1)["forgotten"])

    def test_search_says_why(self):
        self.comem("add", "staging deploys need the VPN", "--id", "vpn")
        self.comem("add", "nothing of the kind", "--id", "other")
        hits = self.json_lines("search", "deploy to staging")
        self.assertEqual([hit["id"] for hit in hits], ["vpn"])
        self.assertEqual(hits[0]["rank"], 1)
        self.assertGreater(hits[0]["score"], 0)
        self.assertEqual(sorted(hits[0]["why"]["words"]), ["deploy", "staging"])
        self.assertEqual(hits[0]["memory"]["text"], "staging deploys need the VPN")
        shown = self.comem("search", "staging")
        self.assertIn("vpn", shown)
        self.assertNotIn("\x1b", shown)  # no colours into a pipe
        self.comem("search", "unheard", code=1)
        self.assert_complains("nothing found")

    def test_search_filters(self):
        self.comem("add", "apple one", "--id", "1", "--tag", "red", "--author", "ada", "--time", "2024-01-01")
        self.comem("add", "apple two", "--id", "2", "--tag", "red", "--tag", "big", "--session", "s",
                   "--time", "2024-02-01T12:00:00Z")
        self.comem("add", "apple three", "--id", "3", "--type", "semantic", "--time", "2024-03-01")

        def found(*filters):
            return sorted(hit["id"] for hit in self.json_lines("search", "apple", *filters, code=None))

        self.assertEqual(found(), ["1", "2", "3"])
        self.assertEqual(found("--tag", "red"), ["1", "2"])
        self.assertEqual(found("--tag", "red", "--tag", "big"), ["2"])
        self.assertEqual(found("--author", "ada"), ["1"])
        self.assertEqual(found("--session", "s"), ["2"])
        self.assertEqual(found("--type", "semantic"), ["3"])
        self.assertEqual(found("--since", "2024-02-01"), ["2", "3"])
        self.assertEqual(found("--until", "2024-02-01"), ["1", "2"])  # a date means its whole day
        self.assertEqual(len(found("--limit", "1")), 1)

    def test_get_names_a_type(self):
        self.write("two.jsonl", b'{"id": "a", "text": "an episode"}\n{"id": "a", "kind": "semantic", "text": "a fact"}\n')
        self.comem("import", "two.jsonl")
        self.assertEqual(self.json("get", "a", "--type", "semantic")["text"], "a fact")
        self.assertEqual(self.json("get", "a", "--type", "episodic")["text"], "an episode")
        self.comem("get", "a", "--type", "skill", code=1)
        self.assert_complains("no skill memory 'a'")

    def test_what_was_found_by_its_date_is_not_called_the_newest(self):
        for month in range(1, 9):
            self.comem("add", f"a walk in the {'woods' * month}", "--id", f"w{month}", "--time", f"2024-0{month}-03")
        self.assertIn("its date", self.comem("search", "3 May 2024").splitlines()[0])

    def test_context(self):
        self.comem("add", "the deploy to staging needs the VPN", "--id", "vpn")
        context = self.json("context", "deploy", "--budget", "200")
        self.assertIn("vpn", context["memory_ids"])
        self.assertLessEqual(context["tokens"], 200)
        self.assertIn("VPN", self.comem("context", "deploy"))

    def test_context_says_each_thing_once_and_the_newest_first(self):
        self.comem("add", "the deploy needs 20 minutes", "--id", "slow", "--time", "2024-05-01")
        self.comem("add", "The deploy needs 20 minutes.", "--id", "again", "--time", "2024-05-02")
        self.comem("add", "the deploy needs 5 minutes", "--id", "fast", "--time", "2024-06-01")
        context = self.json("context", "how long does the deploy need", "--budget", "200")
        self.assertEqual(context["memory_ids"], ["fast", "again"])
        self.assertEqual([(m["id"], m["type"], m["older"], m["cut"]) for m in context["memories"]],
                         [("fast", "episodic", False, False), ("again", "episodic", True, False)])
        self.assertGreaterEqual(sum(m["tokens"] for m in context["memories"]) + 10, context["tokens"])
        self.comem("context", "deploy", "--budget", "2", code=1)
        self.assert_complains("give a larger --budget")
        brief = self.json("context", "deploy", "--budget", "18")
        self.assertEqual(brief["memory_ids"], ["fast"])
        self.assertLessEqual(brief["tokens"], 18)

    def test_stats(self):
        self.comem("add", "x")
        stats = self.json("stats")
        self.assertEqual(stats["live"]["episodic"], 1)
        self.assertEqual(stats["relay"]["state"], "off")
        self.assertIn("not used", self.comem("stats"))

    def test_flush_without_redis_has_nothing_to_do(self):
        self.comem("add", "x")
        flushed = self.json("flush")
        self.assertFalse(flushed["shared"])
        self.assertIn("no Redis is configured", flushed["reason"])
        self.assertIn("no Redis is configured", self.comem("flush"))
        self.assertEqual(self.json("add", "y", "--level", "shared")["outcome"], "pending")
        self.assert_complains("none is configured")

    def test_doctor_finds_a_sound_store_sound(self):
        self.comem("add", "x")
        findings = self.json_lines("doctor")
        self.assertIn(("database", "ok"), [(f["subject"], f["severity"]) for f in findings])
        self.assertFalse([f for f in findings if f["severity"] == "error"])

    def test_doctor_makes_no_database(self):
        findings = self.json_lines("doctor", database="none.db")
        self.assertEqual([f["subject"] for f in findings], ["database"])  # nothing is said of what is not there
        self.comem("get", "x", database="none.db", code=3)

    def test_namespaces_are_apart(self):
        self.comem("add", "apple", "--id", "a", "--namespace", "one")
        self.comem("get", "a", "--namespace", "two", code=1)
        self.comem("get", "a", "--namespace", "one")

    def test_the_environment_is_a_default(self):
        self.environment["COMEM_DB"] = "env.db"
        self.environment["COMEM_NAMESPACE"] = "env"
        self.comem("add", "x", "--id", "x", database=None)
        self.comem("get", "x", database="env.db")
        self.comem("get", "x", "--namespace", "default", code=1, database=None)

    def test_watch_shows_what_others_save(self):
        self.comem("add", "x")
        watch = self.start("watch", "--db", "test.db", "--json", "--count", "1")
        self.assertIn(b"watching", watch.stderr.readline())  # what is saved before is not its business
        self.comem("add", "seen", "--id", "w")
        out, _ = watch.communicate(timeout=20)
        self.assertIn('"id": "w"', out.decode())
        self.assertEqual(watch.returncode, 0)

    def test_watch_ends_on_a_signal(self):
        self.comem("add", "x")
        watch = self.start("watch", "--db", "test.db")
        self.assertIn(b"watching", watch.stderr.readline())
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=20)
        self.assertEqual(watch.returncode, 130)

    def test_looking_changes_nothing(self):
        self.comem("add", "apple", "--id", "a")
        before = self.comem("export")
        for command in (("get", "a"), ("search", "apple"), ("context", "apple"), ("list",), ("stats",)):
            self.comem(*command)
        self.assertEqual(self.comem("export"), before)

    def test_ids_that_are_no_text_have_one_form(self):
        odd = b"\xff\x01".decode("utf-8", "surrogateescape")
        form = {"hex": "ff01"}
        where = ("--namespace", odd, "--agent", odd)
        added = self.json("add", "apple", "--id", odd, *where)
        self.assertEqual((added["id"], added["ns"]), (form, form))
        exported = self.json_lines("export", *where)[0]
        for memory in (exported, self.json("get", odd, *where), self.json("list", *where)):
            self.assertEqual((memory["id"], memory["ns"], memory["agent"]), (form, form, form))
        self.assertEqual(self.json("search", "apple", *where)["id"], form)
        self.assertEqual(self.json("context", "apple", *where)["memory_ids"], [form])
        stats = self.json("stats", *where)
        self.assertEqual((stats["ns"], stats["agent"]), (form, form))
        watch = self.start("watch", "--db", "test.db", "--namespace", odd, "--json", "--count", "1")
        self.assertIn(b"watching", watch.stderr.readline())
        forgotten = self.json("forget", odd, *where)
        self.assertEqual((forgotten["id"], forgotten["ns"]), (form, form))
        change = json.loads(watch.communicate(timeout=20)[0])
        self.assertEqual((change["id"], change["agent"]), (form, form))

    def test_help_and_version(self):
        for arguments in (("--help",), ("import", "--help"), ("search", "--help"), ("--version",), ("version",)):
            self.comem(*arguments, database=None)
        self.assertIn("Exit codes", self.comem("--help", database=None))
        self.assertNotIn("agent-process", self.comem("--help", database=None))


if __name__ == "__main__":
    unittest.main()

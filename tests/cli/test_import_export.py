"""Import, export and search in bulk."""

import json
import os
import signal
import subprocess
import time
import unittest

from support import PROGRAM, ProgramTest


def line(number, **more):
    return {"id": f"m{number}", "text": f"memory number {number} of many", **more}


class Import(ProgramTest):
    def test_keeps_what_the_line_says(self):
        self.write_lines("in.jsonl", [{
            "id": "conv/D1:1", "ns": "conv", "text": "Ada: hello", "speaker": "Ada", "session": 3, "turn": 7,
            "ts": "2023-05-08T13:56:00", "kind": "episode", "tags": ["x"], "caption": "a cat", "ttl_ms": 0}])
        report = self.json("import", "in.jsonl")
        self.assertEqual((report["added"], report["unchanged"], report["bad"]), (1, 0, 0))
        memory = self.json("get", "conv/D1:1", "--namespace", "conv")
        self.assertEqual((memory["speaker"], memory["session"], memory["turn"]), ("Ada", "3", 7))
        self.assertEqual((memory["ts"], memory["caption"]), ("2023-05-08T13:56:00Z", "a cat"))
        self.assertEqual(memory["expires_at"], 0)

    def test_again_changes_nothing(self):
        entries = [line(n, ts="2024-01-01", kind=kind) for n, kind in
                   enumerate(("episode", "semantic", "skill", "document"))]
        self.write_lines("in.jsonl", entries)
        self.assertEqual(self.json("import", "in.jsonl")["added"], 4)
        before = self.comem("export")
        again = self.json("import", "in.jsonl")
        self.assertEqual((again["added"], again["unchanged"]), (0, 4))
        self.assertEqual(self.comem("export"), before)
        entries[0]["text"] = "changed"
        self.write_lines("in.jsonl", entries)
        changed = self.json("import", "in.jsonl")
        self.assertEqual((changed["added"], changed["updated"], changed["unchanged"]), (0, 1, 3))

    def test_lines_without_an_id_are_the_same_memories_again(self):
        base = {"text": "hello", "session": "s", "turn": 1, "ts": "2024-01-01", "speaker": "ada"}
        entries = [base] + [{**base, **more} for more in (
            {"text": "bye"}, {"session": "t"}, {"turn": 2}, {"ts": "2024-01-02"}, {"speaker": "ben"},
            {"kind": "semantic"}, {"kind": "skill", "name": "greet"}, {"ttl_ms": 0, "text": "for ever"})]
        self.write_lines("in.jsonl", entries + [{"text": "hello"}])
        self.assertEqual(self.json("import", "in.jsonl")["added"], 10)
        before = self.comem("export")
        again = self.json("import", "in.jsonl")
        self.assertEqual((again["added"], again["updated"], again["unchanged"]), (0, 0, 10))
        self.assertEqual(self.json("import", "in.jsonl", "--batch", "1")["unchanged"], 10)
        self.assertEqual(self.comem("export"), before)
        self.write_lines("skill.jsonl", [{"kind": "skill", "name": "greet", "text": "otherwise"}])
        self.assertEqual(self.json("import", "skill.jsonl")["updated"], 1)

    def test_keeping_for_ever_again_changes_nothing(self):
        self.write_lines("in.jsonl", [{"id": "a", "text": "x", "ttl_ms": 0}, {"id": "b", "text": "y", "ts": "1066-10-14"}])
        self.comem("import", "in.jsonl", "--ttl", "0")
        self.assertEqual(self.json("import", "in.jsonl", "--ttl", "0")["unchanged"], 2)

    def test_added_updated_unchanged(self):
        self.write_lines("in.jsonl", [line(1), line(2), line(2, text="other"), line(1, kind="semantic")])
        first = self.json("import", "in.jsonl")
        self.assertEqual((first["added"], first["updated"]), (3, 1))
        self.comem("forget", "m2")
        self.write_lines("in.jsonl", [line(2), line(3)])
        self.assertEqual(self.json("import", "in.jsonl")["added"], 2)

    def test_what_expired_before_is_left_out(self):
        now = int(time.time() * 1000)
        self.write_lines("in.jsonl", [line(1, expires_at=now - 1000), line(2, expires_at=now + 60_000),
                                      line(3, expires_at=0), line(4, expires_at="2020-01-01")])
        self.assertEqual(self.comem("import", "in.jsonl", "--ack").split(), ["m2", "m3"])
        report = self.json("import", "in.jsonl")
        self.assertEqual((report["unchanged"], report["expired"], report["bad"]), (2, 2, 0))
        self.assertEqual(sorted(self.export()), ["m2", "m3"])

    def test_absurd_times_and_texts_without_a_word(self):
        self.write_lines("in.jsonl", [line(1, created_at=1_700_000), line(2, created_at="1969-12-31"),
                                      line(3, created_at="9000-01-01"), line(4, text=" \t\n"), line(5)])
        self.assertEqual(self.json("import", "in.jsonl", code=1)["bad"], 4)
        for number in (1, 2, 3, 4):
            self.assertIn(f"line {number}: ", self.error)
        self.assertEqual(list(self.export()), ["m5"])

    def test_of_an_export_gives_an_equal_store(self):
        self.write_lines("in.jsonl", [line(n, ns="a", tags=["t"], odd={"deep": [1, None]}) for n in range(20)])
        self.comem("import", "in.jsonl")
        self.comem("add", "known: thing", "--type", "skill", "--namespace", "a")
        self.comem("add", "a fact", "--type", "semantic", "--namespace", "a", "--ttl", "0")
        first = self.comem("export", "--namespace", "a")
        self.assertEqual(len(first.splitlines()), 22)
        self.write("out.jsonl", first)
        self.comem("import", "out.jsonl", database="copy.db")
        self.assertEqual(self.export("--namespace", "a", database="copy.db"), self.export("--namespace", "a"))
        self.comem("export", "--namespace", "a", "--output", "file.jsonl")
        with open(self.path("file.jsonl"), encoding="utf-8") as file:
            self.assertEqual(file.read(), first)

    def test_export_of_several_namespaces(self):
        self.write_lines("in.jsonl", [line(1, ns="a"), line(2, ns="b"), line(3, ns="c")])
        self.comem("import", "in.jsonl")
        self.assertEqual(sorted(self.export("--namespace", "a", "--also", "c")), ["m1", "m3"])

    def test_an_export_used_to_leave_out_what_cannot_be_read_without_a_word(self):
        for number in range(3):
            self.comem("add", f"corrupt me {number}", "--id", f"c{number}")
        path = os.path.join(self.directory, "test.db")
        with open(path, "rb") as file:
            data = file.read()
        self.assertIn(b"corrupt me 1", data)
        with open(path, "wb") as file:
            file.write(data.replace(b"corrupt me 1", b"corrupt ME 1"))
        self.assertEqual(len(self.comem("export", code=3).splitlines()), 2)
        self.assert_complains("1 memory cannot be read and was left out")
        self.comem("doctor", code=3)

    def test_a_namespace_named_twice_is_exported_once(self):
        self.comem("add", "note", "--id", "n")
        self.assertEqual(len(self.comem("export", "--also", "default").splitlines()), 1)

    def test_memories_of_one_import_are_of_one_age(self):
        lines = [json.dumps({"id": place, "kind": "semantic", "text": f"Anna saw {place} with her friends in summer"})
                 for place in ("Rome", "Oslo", "Bern")]
        self.comem("import", "-", stdin="\n".join(lines))
        self.assertNotIn("(older)", self.comem("context", "Anna friends summer"))

    def test_bad_lines_are_shown_and_good_ones_kept(self):
        self.write("in.jsonl", b"\n".join([
            b'{"id": "1", "text": "good"}', b"not json", b"", b'{"id": "3"}', b'{"text": "x", "kind": "dream"}',
            b'{"text": "\xff\xfe"}', b'{"text": "nul\\u0000"}', b"[1, 2]", b'{"id": "8", "text": 5}',
            b"[" * 100_000, b'{"id": "' + b"x" * 300 + b'", "text": "x"}', b'{"text": "x", "ts": "yesterday"}',
            b'{"text": "x", "ttl_ms": 1e300}', b'{"text": "' + b"y" * (2 << 20) + b'"}',
            b'{"id": "last", "text": "good too"}']))
        out = self.comem("import", "in.jsonl", code=1)
        self.assertIn("2 added, 0 updated, 0 unchanged, 0 expired, 12 bad", out)
        numbers = [int(entry.split()[2].rstrip(":")) for entry in self.error.splitlines() if "comem: line" in entry]
        self.assertEqual(sorted(numbers), [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
        self.assertEqual(sorted(self.export()), ["1", "last"])

    def test_of_many_bad_lines_twenty_are_shown(self):
        self.write("in.jsonl", b"bad\n" * 50)
        self.comem("import", "in.jsonl", code=1)
        self.assertEqual(self.error.count("comem: line"), 20)
        self.assert_complains("and 30 more lines that cannot be used: 21-50")

    def test_the_numbers_of_all_bad_lines_are_told(self):
        bad = set(range(1, 21)) | {25, 26, 27, 40}
        self.write("in.jsonl", "".join("bad\n" if n in bad else json.dumps(line(n)) + "\n" for n in range(1, 51)))
        self.comem("import", "in.jsonl", code=1)
        self.assert_complains("and 4 more lines that cannot be used: 25-27, 40")
        self.write("in.jsonl", "".join("bad\n" if n % 2 else json.dumps(line(n)) + "\n" for n in range(1000)))
        self.comem("import", "in.jsonl", code=1)
        self.assert_complains("and 480 more lines that cannot be used: 42, 44, ")
        self.assert_complains(", 440 and 280 elsewhere")

    def test_a_line_of_many_megabytes_is_one_bad_line(self):
        self.write("in.jsonl", b'{"text": "' + b"z" * (20 << 20) + b'"}\n{"id": "after", "text": "x"}')
        self.comem("import", "in.jsonl", code=1)
        self.assert_complains("line 1: longer than")
        self.assertEqual(list(self.export()), ["after"])

    def test_a_bad_namespace_harms_its_line_only(self):
        self.write_lines("in.jsonl", [line(1, ns="n" * 300), line(2, ns="{odd}: ns"), line(3)])
        self.comem("import", "in.jsonl", code=1)
        self.assertEqual(list(self.export("--namespace", "{odd}: ns")), ["m2"])

    def test_reads_standard_input_and_crlf_and_a_byte_order_mark(self):
        self.comem("import", "-", stdin=b'\xef\xbb\xbf{"id": "a", "text": "x"}\r\n{"id": "b", "text": "y"}\r\n')
        self.assertEqual(sorted(self.export()), ["a", "b"])

    def test_ack_names_each_id_in_order(self):
        ids = ["plain", "with space", "50% {x}:", "ünï"]
        self.write_lines("in.jsonl", [{"id": memory_id, "text": "x"} for memory_id in ids])
        self.assertEqual(self.comem("import", "in.jsonl", "--ack").splitlines(), ids)
        self.assertIn("4 added", self.error)
        self.assertEqual([line["id"] for line in self.json_lines("import", "in.jsonl", "--ack")], ids)

    def test_ack_does_not_wait_for_a_full_batch(self):
        process = self.start("import", "-", "--ack", "--db", "test.db")
        for number in range(3):
            process.stdin.write(json.dumps(line(number)).encode() + b"\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), f"m{number}\n".encode())
        process.send_signal(signal.SIGKILL)  # what was acknowledged is kept
        process.wait()
        self.assertEqual(sorted(self.export()), ["m0", "m1", "m2"])

    def test_a_signal_ends_an_import_in_order(self):
        process = self.start("import", "-", "--ack", "--db", "test.db")
        process.stdin.write(json.dumps(line(1)).encode() + b"\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"m1\n")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(list(self.export()), ["m1"])

    def test_many_lines(self):
        count = 20_000
        self.write("in.jsonl", "".join(json.dumps(line(n, ns=f"ns{n % 3}")) + "\n" for n in range(count)))
        self.assertEqual(self.json("import", "in.jsonl", timeout=300)["added"], count)
        self.assertEqual(len(self.export("--namespace", "ns0", timeout=300)), -(-count // 3))

    def test_what_cannot_be_imported(self):
        self.comem("import", code=2)
        self.comem("import", "nowhere.jsonl", code=2)
        self.comem("import", ".", code=2)
        self.comem("import", "x", "--batch", "0", code=2)
        self.comem("import", "x", "--ttl", "200y", code=2)
        self.assertFalse(os.path.exists(self.path("test.db")))


class SearchBatch(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_lines("in.jsonl", [
            {"id": "a 1", "ns": "a", "text": "red apples"}, {"id": "a%2", "ns": "a", "text": "green apples and pears"},
            {"id": "b1", "ns": "b", "text": "apples"}])
        self.comem("import", "in.jsonl")

    def test_trec_lines(self):
        self.write_lines("q.jsonl", [{"id": "q1", "ns": "a", "query": "red apples"},
                                     {"id": "q 2", "ns": "b", "query": "apples"},
                                     {"id": "q3", "ns": "a", "query": "unheard"}])
        rows = [row.split() for row in self.comem("search", "--batch", "q.jsonl", "--trec").splitlines()]
        self.assertEqual([row[:3] for row in rows],
                         [["q1", "a%201", "1"], ["q1", "a%2", "2"], ["q%202", "b1", "1"]])
        scores = [float(row[3]) for row in rows]
        self.assertGreater(scores[0], scores[1])

    def test_limit_and_json(self):
        self.write_lines("q.jsonl", [{"id": "q1", "ns": "a", "query": "apples"}])
        answers = self.json_lines("search", "--batch", "q.jsonl", "--limit", "1")
        self.assertEqual(len(answers[0]["hits"]), 1)

    def test_measuring_changes_nothing(self):
        before = self.export("--namespace", "a")
        self.write_lines("q.jsonl", [{"id": "q1", "ns": "a", "query": "apples"}] * 5)
        self.comem("search", "--batch", "q.jsonl", "--trec")
        self.assertEqual(self.export("--namespace", "a"), before)

    def test_bad_lines_are_left_out(self):
        self.write("q.jsonl", b'nonsense\n{"id": "q", "ns": "a", "query": "apples"}\n{"id": 5, "query": "x"}\n'
                              b'{"id": "n"}\n' + b"[" * 200_000 + b"\n")
        out = self.comem("search", "--batch", "q.jsonl", "--trec", code=1)
        self.assertEqual(len(out.splitlines()), 2)
        self.assertEqual(self.error.count("comem: line"), 4)
        self.assert_complains("5 queries in ")

    def test_an_empty_query_is_a_bad_line(self):
        self.write_lines("q.jsonl", [{"id": "q", "query": ""}, {"id": "r", "query": " "}])
        self.assertEqual(self.comem("search", "--batch", "q.jsonl", "--trec", code=1), "")
        self.assert_complains('line 2: "query" is empty')

    def test_a_reader_that_leaves_is_no_failure(self):
        self.write_lines("q.jsonl", [{"id": "q1", "ns": "a", "query": "apples"}] * 3000)
        command = f"'{PROGRAM}' search --batch q.jsonl --trec --db test.db | head -n 1"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.directory, env=self.environment,
                              capture_output=True, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()

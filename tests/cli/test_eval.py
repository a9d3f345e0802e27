"""scripts/eval on a made-up data set: its tables, and what it says of data sets that are wrong."""

import os
import pathlib
import subprocess
import sys
import unittest

from support import ProgramTest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/eval"

MEMORIES = [("a1", "the harbour was full of boats"), ("a2", "he painted the door red"), ("a3", "a recipe for lemons"),
            ("a4", "running every morning"), ("a5", "the museum opens late")]
QUERIES = [("q1", "boats in the harbour", ["a1"]), ("q2", "who ran", ["a4"]),
           ("q3", "when do museums open", ["a5"]), ("q4", "red doors", ["a2"])]


class Eval(ProgramTest):
    def data(self, name, memories=None, queries=None):
        os.mkdir(self.path(name))
        self.write_lines(f"{name}/memories.jsonl", memories if memories is not None else
                         [{"id": memory, "ns": "n", "text": text} for memory, text in MEMORIES])
        self.write_lines(f"{name}/queries.jsonl", queries if queries is not None else
                         [{"id": query, "ns": "n", "query": text, "relevant": relevant, "category": "plain"}
                          for query, text, relevant in QUERIES])
        return self.path(name)

    def run_eval(self, *arguments, code=0):
        done = subprocess.run([sys.executable, SCRIPT, "--as-built", "--build", os.environ["COMEM_BUILD"], *arguments],
                              cwd=self.directory, env=self.environment, capture_output=True, text=True, timeout=300,
                              check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.notes = done.stderr
        return done.stdout if code == 0 else done.stderr

    def table(self, *arguments):
        """Row name -> cells."""
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in self.run_eval(*arguments).splitlines()]
        self.assertEqual(lines[0][0], "R@10 / nDCG@10")
        self.assertEqual(set("".join(lines[1])), {"-"})
        self.columns = lines[0][1:]
        return {line[0]: line[1:] for line in lines[2:]}

    def test_the_table(self):
        rows = self.table(self.data("one"), self.data("two"))
        self.assertEqual(self.columns, ["one", "two"])
        self.assertEqual(list(rows), ["FTS5, any word", "FTS5, Porter + stop words", "comem"])
        self.assertEqual(rows["comem"], ["1.000 / 1.000"] * 2)
        # As they stand, "ran", "museums" and "open" are in no text: two of four queries are answered.
        self.assertTrue(rows["FTS5, any word"][0].startswith(".500 /"), rows)

    def test_what_a_figure_is(self):
        queries = [{"id": "half", "ns": "n", "query": "lemons", "relevant": ["a3", "a4"], "category": "plain"},
                   {"id": "graded", "ns": "n", "query": "lemons", "relevant": ["a3", "a4"], "category": "plain",
                    "grades": {"a3": 1, "a4": 3}},
                   {"id": "none", "ns": "n", "query": "lemons", "relevant": ["a1"], "category": "adversarial"}]
        # Recall: one of two. nDCG: 1 / (1 + 1 / log2 3) and 1 / (3 + 1 / log2 3); the adversarial question is left out.
        self.assertEqual(self.table(self.data("graded", queries=queries))["comem"], [".500 / .444"])

    def test_what_parts_are_worth(self):
        rows = self.table("--ablate", self.data("one"))
        self.assertEqual(rows["all of it"], ["1.000 / 1.000"])
        self.assertGreater(len(rows), 10)
        for name, (cell,) in rows.items():
            if name != "all of it":
                self.assertTrue(name.startswith("without "), name)
                self.assertRegex(cell, r"^[+-]\d?\.\d{3} / [+-]\d?\.\d{3}$")
        self.assertTrue(rows["without stemming"][0].startswith("-"), rows["without stemming"])

    def test_vectors_from_a_file(self):
        ids = [memory for memory, _ in MEMORIES]
        lines = [{"memory": memory, "vector": [float(memory == other) for other in ids]} for memory in ids]
        lines += [{"query": query, "vector": [float(other == relevant[0]) for other in ids]} for query, _, relevant in QUERIES]
        rows = self.table("--vectors", self.write_lines("vectors.jsonl", lines), self.data("one"))
        self.assertEqual(list(rows), ["words", "vectors", "vectors, fused"])
        self.assertEqual(rows["vectors"], ["1.000 / 1.000"])
        self.assertRegex(rows["vectors, fused"][0], r"^[+-]")
        self.assertIn("name one for each", self.run_eval("--vectors", "vectors.jsonl,other.jsonl", "one", code=1))

    def test_what_no_memory_answers_is_told_and_not_found(self):
        queries = [{"id": "q", "ns": "n", "query": "lemons", "relevant": ["a3", "a9"], "grades": {"a3": 2}}]
        self.assertEqual(self.table(self.data("lost", queries=queries))["comem"], [".500 / 1.000"])
        self.assertIn("1 relevant memories, 'a9' first, are not in memories.jsonl", self.notes)

    def test_wrong_data_sets(self):
        good = self.data("good")
        self.assertIn("memories.jsonl is missing", self.run_eval("nowhere", code=1))
        os.remove(self.path("good/queries.jsonl"))
        self.assertIn("queries.jsonl is missing", self.run_eval(good, code=1))
        plain = {"id": "q", "ns": "n", "query": "x", "relevant": ["a1"], "category": "plain"}
        for name, queries, complaint in (
                ("no-answer", [plain | {"relevant": []}], "holds no query with an answer"),
                ("no-id", [{"query": "x", "ns": "n", "relevant": ["a1"]}], "queries.jsonl, line 1: 'id' is missing"),
                ("no-list", [plain, plain | {"relevant": "a1"}], "queries.jsonl, line 2: 'relevant' is no list"),
                ("no-ids", [plain | {"relevant": [{"a": 1}]}], "query 'q': 'relevant' is a list of ids"),
                ("no-numbers", [plain | {"grades": {"a1": "x"}}], "'grades' gives them numbers"),
                ("empty", [plain | {"query": ""}], 'line 1: "query" is empty'),
                ("twice", [plain, plain], "line 2: the id 'q' stands there twice")):
            with self.subTest(name):
                self.assertIn(complaint, self.run_eval(self.data(name, queries=queries), code=1))
        self.assertIn("memories.jsonl, line 1: 'text' is missing",
                      self.run_eval(self.data("no-text", memories=[{"id": "a1", "ns": "n"}]), code=1))
        self.assertIn("memories.jsonl, line 1: 'ns' is missing",
                      self.run_eval(self.data("no-ns", memories=[{"id": "a1", "text": "x"}]), code=1))
        self.data("broken")
        self.write("broken/memories.jsonl", '{"id": "a1"\n')
        self.assertIn("memories.jsonl, line 1: no JSON object", self.run_eval("broken", code=1))
        self.write("broken/memories.jsonl", b"\xff\xfe\n")
        self.assertIn("memories.jsonl: not UTF-8", self.run_eval("broken", code=1))


if __name__ == "__main__":
    unittest.main()

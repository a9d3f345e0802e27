"""benchmarks/compare runs every row beside its rival; sizes are tiny, so nothing is said of speed."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

from support import ProgramTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_HERE = 77


class Compare(ProgramTest):
    def compare(self, *arguments, code=0):
        done = subprocess.run([sys.executable, ROOT / "benchmarks/compare", "--quick", "--build", os.environ["COMEM_BUILD"],
                               "--json", self.path("figures.json"), *arguments], cwd=self.directory, env=self.environment,
                              capture_output=True, text=True, timeout=500, check=False)
        if done.returncode == NOT_HERE and code != NOT_HERE:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_every_row(self):
        output = self.compare().stdout
        with open(self.path("figures.json"), encoding="utf-8") as file:
            figures = json.load(file)
        self.assertGreater(len(figures["rows"]), 10)
        for row in figures["rows"]:
            with self.subTest(row["row"]):
                self.assertGreater(row["comem"], 0)
                self.assertIn(row["workload"], output)
                if row["against"]:
                    self.assertGreater(row["other"], 0)
                    self.assertGreater(row["ratio"], 0)
        self.assertIn("comem get on the imported database, whole process", [row["what"] for row in figures["also"]])

    def test_some_rows(self):
        self.compare("--only", "import_rss")
        with open(self.path("figures.json"), encoding="utf-8") as file:
            self.assertEqual([row["row"] for row in json.load(file)["rows"]], ["import", "import_rss"])
        self.assertIn("there is no row", self.compare("--only", "flight", code=NOT_HERE).stderr)


if __name__ == "__main__":
    unittest.main()

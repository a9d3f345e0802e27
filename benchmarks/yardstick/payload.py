"""Lines for `comem import`, of the made-up words that all benchmarks save."""

import json
import random
import sys

from yardstick.runs import ROOT

sys.path.insert(0, str(ROOT / "benchmarks/rivals"))
import words as made_up  # noqa: E402


def write_episodes(path, count, seed=1):
    """`count` lines. Words come from the same distribution as elsewhere, but drawn faster. Nothing is kept: a
    child's peak of memory is not counted below what its parent had at its start."""
    words = made_up.Words(seed)
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            text = " ".join(draw.choices(words.words, cum_weights=words.cumulative, k=made_up.CONTENT_WORDS))
            line = {"id": f"line-{number}", "text": text, "kind": "episode", "session": f"s{number // 20}"}
            file.write(json.dumps(line) + "\n")

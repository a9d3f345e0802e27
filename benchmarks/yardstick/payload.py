"""Lines for `comem import`, of the made-up words that all benchmarks save."""

import json
import random
import sys

from yardstick.runs import ROOT

sys.path.insert(0, str(ROOT / "benchmarks/rivals"))
import words as made_up  # noqa: E402


def episode_lines(count, seed=1):
    """`count` lines. Words come from the same distribution as elsewhere, but drawn faster."""
    words = made_up.Words(seed)
    drawn = random.Random(seed).choices(words.words, cum_weights=words.cumulative, k=count * made_up.CONTENT_WORDS)
    for number in range(count):
        begin = number * made_up.CONTENT_WORDS
        text = " ".join(drawn[begin:begin + made_up.CONTENT_WORDS])
        yield json.dumps({"id": f"line-{number}", "text": text, "kind": "episode", "session": f"s{number // 20}"}) + "\n"

"""What the rival saves: the same made-up words, for the same seed, as benchmarks/payload.cpp makes."""

import bisect
import itertools

VOCABULARY = 4000
SYLLABLES = "ba ce di fo gu ha ke li mo nu pa re si to vu wa ze kri stro plu".split()
PROMPT_WORDS = 8
CONTENT_WORDS = 90
MASK = (1 << 64) - 1


def word_of(number):
    word = ""
    number += len(SYLLABLES)  # at least two syllables
    while number:
        word += SYLLABLES[number % len(SYLLABLES)]
        number //= len(SYLLABLES)
    return word


class Words:
    """The first ones are used most (Zipf), as in real texts."""

    def __init__(self, seed):
        self.state = seed & MASK
        self.words = [word_of(number) for number in range(VOCABULARY)]
        self.cumulative = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))

    def _random(self):  # SplitMix64 (Steele, Lea, Flood, 2014)
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def next(self):
        unit = (self._random() >> 11) * 2.0**-53
        at = bisect.bisect_left(self.cumulative, unit * self.cumulative[-1])
        return self.words[min(at, VOCABULARY - 1)]

    def text(self, count):
        return " ".join(self.next() for _ in range(count))

    def below(self, bound):
        return self._random() % bound

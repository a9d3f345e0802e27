"""A leak is found in what agents keep of memory, and what is none is not taken for one."""

import random
import unittest

from memory import COLUMNS, Account, judge

HALF_AN_HOUR = 1800


def soaked(grows_by=0.0, column="heap_in_use", warm_up=5e6, seconds=HALF_AN_HOUR):
    """An account whose `column` grows by so many MB an hour, beside a saw-tooth, noise, and filling caches."""
    chance = random.Random(7)
    account = Account()
    for at in range(0, seconds, 5):
        sample = dict.fromkeys(COLUMNS, 0)
        sample["seconds"] = at
        wave = (at * 7919 % 13) * 5e4 + chance.gauss(0, 2e5)
        sample[column] = 1e7 + wave + min(at / 300, 1) * warm_up + grows_by * 1e6 * at / 3600
        account.add(sample)
    return {"agent": account}


class MemoryTest(unittest.TestCase):
    def test_a_leak_of_a_few_megabytes_an_hour_is_found(self):
        self.assertEqual(len(judge(soaked(grows_by=3), HALF_AN_HOUR)), 1)
        self.assertEqual(len(judge(soaked(grows_by=3, column="anonymous"), HALF_AN_HOUR)), 1)

    def test_a_leak_of_one_process_among_several_is_found(self):
        several = {"sound": soaked()["agent"], "leaks": soaked(grows_by=3)["agent"]}
        found = judge(several, HALF_AN_HOUR)
        self.assertEqual(len(found), 1)
        self.assertIn("leaks", found[0])

    def test_noise_and_caches_that_fill_during_the_warm_up_are_no_leak(self):
        self.assertEqual(judge(soaked(), HALF_AN_HOUR), [])

    def test_bursts_after_faults_are_no_leak(self):
        soak = soaked()["agent"]
        place = COLUMNS.index("heap_in_use")
        for number in range(0, len(soak.samples), 7):  # larger and larger ones
            sample = list(soak.samples[number])
            sample[place] += number * 1e5
            soak.samples[number] = tuple(sample)
        self.assertEqual(judge({"agent": soak}, HALF_AN_HOUR), [])

    def test_a_minute_with_few_samples_does_not_count(self):
        soak = soaked()["agent"]
        sample = dict(zip(COLUMNS, soak.samples[-1]), seconds=HALF_AN_HOUR + 1)
        sample["heap_in_use"] += 1e7
        soak.add(sample)
        self.assertLess(abs(soak.slope("heap_in_use", HALF_AN_HOUR)[0]), 1)

    def test_growth_below_the_limit_is_no_leak(self):
        self.assertEqual(judge(soaked(grows_by=0.5), HALF_AN_HOUR), [])

    def test_a_short_run_is_not_judged(self):
        self.assertEqual(judge(soaked(grows_by=50, seconds=600), 600), [])

    def test_code_that_is_paged_in_is_no_leak(self):
        self.assertEqual(judge(soaked(grows_by=3, column="resident"), HALF_AN_HOUR), [])

    def test_the_slope_comes_in_megabytes_an_hour(self):
        rise, error = soaked(grows_by=4)["agent"].slope("heap_in_use", HALF_AN_HOUR)
        self.assertAlmostEqual(rise, 4, delta=3 * error)
        self.assertLess(error, 0.5)


if __name__ == "__main__":
    unittest.main()

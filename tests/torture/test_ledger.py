"""The ledger notices whatever it must notice."""

import tempfile
import unittest

from ledger import Held, Ledger


def version(ms):
    return f"{ms} 0 store"


class LedgerTest(unittest.TestCase):
    def kinds(self, events, held):
        ledger = Ledger()
        ledger.take(events)
        what = Held(held)
        return [broken.kind for broken in ledger.check(what, "store") + ledger.check_executions(what, "store")]

    def saved(self, token="p:1", ms=5):
        return [f"t s m {token}", f"a s m {token} {version(ms)} ok"]

    def test_what_was_acknowledged_is_there(self):
        self.assertEqual(self.kinds(self.saved(), [f"episodic m {version(5)} p:1"]), [])

    def test_what_is_missing_is_lost(self):
        self.assertEqual(self.kinds(self.saved(), []), ["lost"])

    def test_an_older_version_is_a_loss(self):
        events = self.saved() + ["t u m p:2", f"a u m p:2 {version(6)} ok"]
        self.assertEqual(self.kinds(events, [f"episodic m {version(5)} p:1"]), ["lost"])

    def test_another_text_under_the_same_version_is_a_loss(self):
        self.assertEqual(self.kinds(self.saved(), [f"episodic m {version(5)} p:9"]), ["lost"])

    def test_an_attempt_without_an_answer_may_have_been_applied_or_not(self):
        events = self.saved() + ["t u m p:2"]
        self.assertEqual(self.kinds(events, [f"episodic m {version(5)} p:1"]), [])
        self.assertEqual(self.kinds(events, [f"episodic m {version(6)} p:2"]), [])

    def test_an_answer_that_was_unknown_leaves_both_open(self):
        events = self.saved() + ["t u m p:2", "e u m p:2 unknown"]
        self.assertEqual(self.kinds(events, [f"episodic m {version(5)} p:1"]), [])
        self.assertEqual(self.kinds(events, [f"episodic m {version(6)} p:2"]), [])

    def test_what_was_rejected_must_not_be_there(self):
        events = self.saved() + ["t u m p:2", "e u m p:2 rejected"]
        self.assertEqual(self.kinds(events, [f"episodic m {version(6)} p:2"]), ["refused"])

    def test_what_was_forgotten_stays_forgotten(self):
        events = self.saved() + ["t f m p:2", f"a f m p:2 {version(6)} ok"]
        self.assertEqual(self.kinds(events, []), [])
        self.assertEqual(self.kinds(events, [f"episodic m {version(5)} p:1"]), ["resurrected"])

    def test_to_forget_what_is_not_there_is_no_effect(self):
        events = self.saved() + ["t f m p:2", "a f m p:2 0 0 - nothing"]
        self.assertEqual(self.kinds(events, []), ["lost"])

    def test_only_what_was_shared_outlives_a_lost_host(self):
        for outcome, kinds in (("ok", ["lost"]), ("pending", [])):
            ledger = Ledger()
            ledger.doubtful = ("p",)
            ledger.take(["t s m p:1", f"a s m p:1 {version(5)} {outcome}"])
            self.assertEqual([broken.kind for broken in ledger.check(Held([]), "store")], kinds)

    def test_nobody_wrote_it(self):
        self.assertEqual(self.kinds([], [f"episodic m {version(5)} p:1"]), ["unknown"])

    def test_the_same_twice(self):
        held = [f"episodic m {version(5)} p:1", f"semantic m {version(5)} p:1"]
        self.assertEqual(self.kinds(self.saved(), held), ["duplicated"])

    def test_executions_are_counted_once(self):
        events = ["t x k p:1", f"a x k p:1 {version(5)} ok", "t x k p:2"]
        self.assertEqual(self.kinds(events, ["skill k 0 0"]), ["lost"])
        self.assertEqual(self.kinds(events, ["skill k 1 1"]), [])
        self.assertEqual(self.kinds(events, ["skill k 2 2"]), [])
        self.assertEqual(self.kinds(events, ["skill k 3 3"]), ["duplicated"])

    def test_a_file_is_read_in_pieces_and_without_a_line_that_was_cut(self):
        ledger = Ledger()
        self.assertEqual(ledger.read("/nonexistent"), set())
        with tempfile.NamedTemporaryFile("w+") as file:
            for piece in (f"t s m p:1\na s m p:1 {version(5)}", " ok\n", "t s n p:2\n"):
                file.write(piece)
                file.flush()
                ledger.read(file.name)
        self.assertEqual(ledger.acknowledged, 1)
        self.assertEqual(set(ledger.entries), {"m", "n"})


if __name__ == "__main__":
    unittest.main()

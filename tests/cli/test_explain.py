"""comem search --explain: the words, weights, neighbours and boosts shown, and that they add up to the score."""

import math
import re
import unittest

from support import ProgramTest


def said(session, turn, speaker, text, **more):
    return {"id": f"{session}{turn}", "text": text, "session": session, "turn": turn, "speaker": speaker,
            "ts": f"2024-0{turn}-02T10:00:00Z", **more}


class Explain(ProgramTest):
    def setUp(self):
        super().setUp()
        lines = [said("a", 1, "Nina", "I go to the harbour in the morning"),
                 said("a", 2, "Tom", "My boat lies there since yesterday"),
                 said("a", 3, "Nina", "You must show your boat around"),
                 said("b", 1, "Tom", "The harbor was empty"),
                 said("b", 2, "Nina", "I saw a film")]
        self.comem("import", self.write_lines("talk.jsonl", lines))

    def hits(self, *query):
        """What was found, by id, with its explanation."""
        return {hit["id"]: (hit, hit["why"]["explanation"]) for hit in self.json_lines("search", *query, "--explain")}

    def assert_adds_up(self, score, terms, factors, tolerance):
        self.assertAlmostEqual(sum(terms) * math.prod(factors), score, delta=tolerance)

    def test_every_score_is_the_sum_of_its_terms_times_its_boosts(self):
        for query in ("boat harbour", "when did Nina see the boat", "what did Tom do on February 2, 2024", "harbuor movie"):
            hits = self.hits(query)
            self.assertTrue(hits, query)
            for hit, why in hits.values():
                with self.subTest(query, id=hit["id"]):
                    self.assert_adds_up(hit["score"], [term["score"] for term in why["terms"]],
                                        [boost["factor"] for boost in why["boosts"]], 1e-4 * hit["score"])

    def test_words_weights_and_neighbours(self):
        hit, why = self.hits("boat harbour")["a2"]
        self.assertEqual((hit["why"]["words"], hit["why"]["heard"]), (["boat"], ["harbour"]))
        boat, harbour = why["terms"]
        self.assertEqual((boat["word"], boat["term"], boat["memories"]), ("boat", "boat", 2))
        self.assertGreater(boat["own"], 0)
        self.assertEqual((harbour["word"], harbour["own"]), ("harbour", 0))
        self.assertGreater(harbour["around"], 0)
        # BM25's saturation of what is heard, as docs/search.md has it.
        for term in why["terms"]:
            heard = term["own"] + term["around"]
            self.assertAlmostEqual(term["score"], term["weight"] * heard / (heard + 0.8), places=3)
        near = {neighbour["id"]: neighbour for neighbour in why["neighbours"]}
        self.assertEqual((near["a1"]["away"], near["a1"]["words"]), (-1, ["harbour"]))
        self.assertEqual((near["a3"]["away"], near["a3"]["words"]), (1, ["boat"]))
        self.assertAlmostEqual(sum(neighbour["heard"] for neighbour in near.values()),
                               boat["around"] + harbour["around"], places=3)

    def test_boosts(self):
        boosts = {memory: {boost["name"]: boost["factor"] for boost in why["boosts"]}
                  for memory, (_, why) in self.hits("when did Nina see the boat, on February 2, 2024").items()}
        self.assertIn("author", boosts["a3"])
        self.assertLess(boosts["a3"]["addressed"], 1)
        self.assertEqual(set(boosts["a2"]), {"date", "when"})
        self.assertNotIn("date", boosts["a3"])

    def test_a_day_counts_by_itself(self):
        _, why = self.hits("what was on February 2, 2024")["a2"]
        self.assertEqual([(term["word"], term["term"]) for term in why["terms"]], [("", "date")])

    def test_other_words_are_named(self):
        _, why = self.hits("movie")["b2"]
        self.assertEqual((why["terms"][0]["word"], why["terms"][0]["meant"]), ("movie", ["film"]))
        _, why = self.hits("harbuor")["a1"]
        self.assertEqual(why["terms"][0]["meant"], ["harbor", "harbour"])

    def test_for_people(self):
        shown = self.comem("search", "Nina's boat", "harbour", "--explain", "--limit", "1")
        head = re.search(r"^1\. (\S+) .*score (\d+\.\d+)", shown)
        terms = re.findall(r"^ +(\d+\.\d+)  (\w+).*: weight \d+\.\d+, heard \d+\.\d+ here and \d+\.\d+ around; (\d+) memor",
                           shown, re.MULTILINE)
        factors = re.findall(r"^ +x (\d+\.\d+)  (\w+)$", shown, re.MULTILINE)
        self.assertEqual([word for _, word, _ in terms], ["boat", "harbour"])
        self.assert_adds_up(float(head[2]), [float(score) for score, _, _ in terms],
                            [float(factor) for factor, _ in factors], 0.02)
        self.assertRegex(shown, r"(?m)^ +near  \d (before|after): a\d, (boat|harbour)")
        self.assertNotIn("weight", self.comem("search", "boat"))

    def test_not_asked_for_not_there(self):
        for hit in self.json_lines("search", "boat"):
            self.assertNotIn("explanation", hit["why"])

    def test_an_imported_caption_counts_half(self):
        self.comem("import", self.write_lines("captions.jsonl", [
            {"id": "said", "text": "a violet door"},
            {"id": "shown", "text": "look here [image: a violet door]", "caption": "a violet door"},
            {"id": "apart", "text": "look there", "caption": "a violet door"}]), "--namespace", "pictures")
        hits = self.hits("violet", "--namespace", "pictures")
        own = {memory: why["terms"][0]["own"] for memory, (_, why) in hits.items()}
        self.assertEqual(set(own), {"said", "shown", "apart"})
        self.assertEqual(own["shown"], own["apart"])  # the text's own copy of the caption is not counted again
        self.assertAlmostEqual(own["shown"], 0.5, delta=0.01)
        self.assertGreater(own["said"], 1)
        self.assertEqual(list(hits)[0], "said")


if __name__ == "__main__":
    unittest.main()

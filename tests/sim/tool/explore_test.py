#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim explore` finds a planted bug, keeps it, and says in one line how to see it again; what cannot be gets
one line."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SIM = os.environ["QUORATE_SIM_PLANTED"]
USAGE = 1
BUG = ("--bug", "expire-unread")


def sim(*arguments):
    done = subprocess.run([SIM, *map(str, arguments)], capture_output=True, text=True, timeout=250)
    return done.returncode, (done.stdout + done.stderr).strip()


def summary(said):
    return dict(re.findall(r"([\w-]+)=(\S+)", said.splitlines()[-1]))


class Explore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-explore-")))
        cls.kept = cls.folder / "kept.regression"
        # From some seed on it is a continuation that finds it, not a seed alone.
        for first in range(1, 400, 20):
            cls.code, cls.said = sim("explore", "kv-3", "--seeds", f"{first}..{first + 199}", "--jobs", "2", *BUG,
                                     "--keep", cls.kept)
            if cls.code >= 20 and "--epochs" in cls.said:
                break

    def test_a_continuation_finds_it_and_the_line_repeats_it(self):
        self.assertGreaterEqual(self.code, 20, self.said)
        again = re.search(r"again: +quorate-sim-planted (.*)", self.said).group(1).split()
        self.assertIn("--epochs", again)
        code, said = sim(*again)
        self.assertEqual(code, self.code, said)
        seen = re.search(r"failure: .*\n +(.*)", self.said).group(1)
        self.assertIn(seen, said)
        # Without its epochs it is another run.
        code, said = sim(*again[: again.index("--epochs")])
        self.assertNotIn(seen, said)

    def test_what_is_kept_fails_with_the_bug_alone(self):
        code, said = sim("replay", self.kept, *BUG)
        self.assertEqual(code, self.code, said)
        self.assertIn("broken: ", said)
        code, said = sim("replay", self.kept)
        self.assertEqual(code, 0, said)

    def test_what_is_kept_can_be_made_small_and_stays_a_failure(self):
        small = self.folder / "small.regression"
        code, said = sim("shrink", self.kept, *BUG, "--jobs", "2", "--for-time", "20s", "--keep", small)
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"before: .* epochs,")
        code, said = sim("replay", small, *BUG)
        self.assertIn("broken: ", said)

    def test_without_a_bug_it_counts_and_ends_in_time(self):
        code, said = sim("explore", "swarm", "--seeds", "1..9999", "--jobs", "2", "--for-time", "4s")
        self.assertEqual(code, 0, said)
        numbers = summary(said)
        self.assertLess(float(numbers["wall"]), 10.0, said)
        for name in ("runs", "forks", "continuations", "events", "states", "states-per-minute"):
            self.assertGreater(int(numbers[name]), 0, said)

    def test_without_continuations_it_runs_the_seeds(self):
        code, said = sim("explore", "kv-sole", "--seeds", "1..5", "--children", "0")
        self.assertEqual(code, 0, said)
        numbers = summary(said)
        self.assertEqual((numbers["seeds"], numbers["runs"], numbers["continuations"]), ("5", "5", "0"), said)
        events = 0
        for seed in range(1, 6):
            events += int(summary(sim("run", "kv-sole", "--seed", seed)[1])["events"])
        self.assertEqual(int(numbers["events"]), events)

    def test_a_run_with_epochs_can_be_written_down_and_read_again(self):
        trace = self.folder / "run.replay"
        code, said = sim("run", "kv-sole", "--seed", "2", "--epochs", "3000000:5,9000000:6", "--trace", trace)
        self.assertEqual(code, 0, said)
        code, said = sim("replay", trace)
        self.assertEqual(code, 0, said)
        self.assertIn("all equal", said)
        code, said = sim("diff", trace, "kv-sole:2")
        self.assertEqual(code, 5, said)

    def test_what_cannot_be_gets_one_line(self):
        for words in (
            ("explore",),
            ("explore", "no-such-scenario", "--seeds", "1..2"),
            ("explore", "kv-3", "swarm", "--seeds", "1..2"),
            ("explore", self.kept, "--seeds", "1..2"),
            ("explore", "kv-3", "--seeds", "2..1"),
            ("explore", "kv-3", "--seeds", "1..2", "--bug", "meteor"),
            ("explore", "kv-3", "--seeds", "1..2", "--children", "17"),
            ("explore", "kv-3", "--seeds", "1..2", "--children", "some"),
            ("explore", "kv-3", "--seeds", "1..2", "--nodes", "1"),
            ("run", "kv-3", "--seed", "1", "--epochs", "5"),
            ("run", "kv-3", "--seed", "1", "--epochs", "5:1,4:1"),
            ("why", self.kept, "--epochs", "5:1"),
        ):
            code, said = sim(*words)
            self.assertEqual((code, len(said.splitlines())), (USAGE, 1), said)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim exhaust` finds a planted bug and keeps it, with one fault or with two; `odds` says when it was decided; what cannot be gets one
line."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SIM = os.environ["QUORATE_SIM_PLANTED"]
USAGE, INPUT, HOLDS = 1, 2, 4
BUG = ("--bug", "forget-tombstones")
PAIRED = ("kv-sole", "--seed", "2", "--for", "100ms", "--bug", "stop-reads-on")
SHORT = ("kv-3", "--seed", "1", "--for", "500ms", "--jobs", "2")


def sim(*arguments):
    done = subprocess.run([SIM, *map(str, arguments)], capture_output=True, text=True, timeout=200)
    return done.returncode, (done.stdout + done.stderr).strip()


class Exhaust(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-exhaust-")))
        cls.kept = cls.folder / "kept.regression"
        cls.code, cls.said = sim("exhaust", *SHORT, *BUG, "--keep", cls.kept)

    def test_what_it_finds_is_kept_and_fails_with_the_bug_alone(self):
        kind = re.search(r"failure: +(\S+), found by the oracle", self.said).group(1)
        self.assertGreaterEqual(self.code, 20, self.said)
        code, said = sim("replay", self.kept, *BUG)
        self.assertIn(f"broken: {kind}", said)
        self.assertEqual(code, self.code)
        code, said = sim("replay", self.kept)
        self.assertEqual(code, 0, said)

    def test_however_many_run_side_by_side_the_first_is_found(self):
        code, said = sim("exhaust", *SHORT[:-1], "1", *BUG, "--keep", self.folder / "again")
        lines = [line for line in said.splitlines() if line.startswith(("fault:", "failure:"))]
        self.assertEqual([line for line in self.said.splitlines() if line in lines], lines)
        self.assertEqual(code, self.code)

    def test_pairs_find_what_no_single_fault_shows(self):
        kept = self.folder / "pair.regression"
        words = (*PAIRED, "--pairs", "1000", "--keep", kept)
        said_by = {}
        for jobs in (1, 3):
            code, said = sim("exhaust", *words, "--jobs", str(jobs))
            self.assertGreaterEqual(code, 20, said)
            said_by[jobs] = re.sub(r"wall=\S+", "", said)
        self.assertEqual(said_by[1], said_by[3], "what is found depends on how many run side by side")
        last = said.splitlines()[-1]
        faults, held = re.search(r"^FAILED .* faults=(\d+) .*held=(\d+) pairs=[1-9]", last).groups()
        self.assertEqual(faults, held, "one fault is enough")
        self.assertRegex(said, r"\nfault:     \d+: .*\n           \d+: .*\nfailure: ")
        self.assertEqual(sim("replay", kept, *PAIRED[-2:])[0], code)
        again, said = sim("replay", kept)
        self.assertEqual(again, 0, said)

    def test_few_pairs_are_all_run(self):
        run = ("kv-sole", "--seed", "5", "--for", "60ms", "--jobs", "2")
        code, said = sim("exhaust", *run, "--pairs", "100000")
        self.assertEqual(code, 0, said)
        self.assertIn("\npairs:     every pair, ", said)
        pairs, held = map(int, re.search(r" pairs=(\d+) pairs_held=(\d+) ", said).groups())
        self.assertEqual(pairs, sum(map(int, re.findall(r"\S\+\S+: +(\d+) held", said))) + pairs - held)
        self.assertLess((pairs - held) * 50, pairs, "too many met nothing")
        code, said = sim("exhaust", *run, "--pairs", str(pairs - 1))
        self.assertIn("\npairs:     a sample of all pairs, ", said)
        self.assertEqual(code, 0, said)

    def test_pairs_end_when_their_time_is_up(self):
        code, said = sim("exhaust", *SHORT, "--pairs", "1000000", "--for-time", "6s")
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"\nstopped:   the time is up, \d+ (pairs of 1000000 were run|were not run)\n")

    def test_the_odds_rise_to_certainty(self):
        code, said = sim("odds", self.kept, *BUG, "--jobs", "2")
        self.assertEqual(code, 0, said)
        rows = [(float(time), int(percent)) for time, percent in re.findall(r"([0-9.]+) s +(\d+) %", said)]
        self.assertGreater(len(rows), 12, said)
        self.assertEqual(rows, sorted(rows, key=lambda row: row[0]))
        self.assertEqual(rows[-1][1], 100)
        self.assertRegex(said, r"\ndecided: ")

    def test_where_other_delays_would_have_saved_it_that_is_seen(self):
        for seed in range(1, 7):
            run = ("kv-3", "--seed", str(seed), "--bug", "read-fewer")
            code, said = sim("odds", *run, "--jobs", "2", "--for-time", "25s")
            if code == 0 and "\ndecided:   between" in said:
                return
        self.fail("delays decide nothing")

    def test_a_run_that_holds_has_no_odds(self):
        code, said = sim("odds", *SHORT)
        self.assertEqual((code, len(said.splitlines())), (HOLDS, 1), said)

    def test_what_cannot_be_gets_one_line(self):
        (self.folder / "foreign").write_bytes(b"no trace" * 10)
        for wanted, words in (
            (INPUT, ("exhaust", self.folder / "foreign")),
            (INPUT, ("odds", self.folder / "foreign")),
            (INPUT, ("exhaust", "no-such-file")),
            (USAGE, ("exhaust", "kv-3", "--seed", "1", "--bug", "meteor")),
            (USAGE, ("exhaust", "kv-3", "--seed", "1", "--pairs", "0")),
            (USAGE, ("exhaust", "kv-3", "--seed", "1", "--pairs", "-3")),
            (USAGE, ("exhaust", "kv-3", "--seed", "1", "--pairs", "many")),
            (USAGE, ("exhaust", "kv-3", "--seed", "1", "--pairs", "99999999999999999999999")),
            (USAGE, ("exhaust", "kv-3", "--seed", "1", "--pairs")),
        ):
            code, said = sim(*words)
            self.assertEqual((code, len(said.splitlines())), (wanted, 1), said)

    def test_a_run_that_is_too_long_is_refused(self):
        code, said = sim("exhaust", "kv-hot", "--seed", "1", "--for", "300s")
        self.assertEqual(code, USAGE, said)
        self.assertIn("--for makes the run shorter", said.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim exhaust` finds a planted bug and keeps it; `odds` says when it was decided; what cannot be gets one
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
        ):
            code, said = sim(*words)
            self.assertEqual((code, len(said.splitlines())), (wanted, 1), said)

    def test_a_run_that_is_too_long_is_refused(self):
        code, said = sim("exhaust", "kv-hot", "--seed", "1", "--for", "300s")
        self.assertEqual(code, USAGE, said)
        self.assertIn("--for makes the run shorter", said.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()

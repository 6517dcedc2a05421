#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tests/bench/events on a short run: a row for each build, one hash for all, and a gate that can be missed."""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIM = sys.argv[1]


def events(*arguments):
    command = [sys.executable, ROOT / "tests" / "bench" / "events", "--scenario", "kv-3", "--for", "1s", *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr


class Events(unittest.TestCase):
    def test_builds_are_run_in_turns_and_are_the_same_run(self):
        code, said = events(SIM, SIM, "--rounds", "2")
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"^run kv-3 --seed 1 --for 1s: \d+ events, hash [0-9a-f]{16}\n")
        rows = re.findall(r"^quorate-sim +((?: *\d+\.\d{3}){10})$", said, re.M)
        self.assertEqual(len(rows), 2, said)
        for row in rows:
            figures = [float(figure) for figure in row.split()]
            self.assertTrue(0 < figures[0] <= figures[1], said)
            self.assertTrue(figures[8] >= figures[9], said)

    def test_the_gate_names_what_was_missed(self):
        code, said = events(SIM, "--rounds", "1", "--gate", "--goal", "0.001")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"missed: us \d+\.\d{3}, wanted 0\.001")

    def test_a_build_that_is_not_there(self):
        code, said = events("/nowhere/quorate-sim")
        self.assertEqual(code, 1)
        self.assertIn("events: /nowhere/quorate-sim is not there", said)

    def test_a_run_that_fails_is_shown(self):
        code, said = events(SIM, "--seed", "no")
        self.assertEqual(code, 1)
        self.assertIn("ended with", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

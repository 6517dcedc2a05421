#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim bisect` on small repositories whose "simulator" is a script that each commit brings along."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SIM = os.environ["QUORATE_SIM"]
REGRESSION = pathlib.Path(__file__).resolve().parents[3] / "traces" / "read-fewer.regression"
REPLAY = REGRESSION.with_name("kv-3.replay")
BUILD = "sh build.sh"

HOLDS = "echo ok scenario=kv-3; exit 0"
FAILS = "echo \"failure:  stale-read, found by the oracle 'quorum_reads' at event $RANDOM_EVENT\"; exit 21"
OTHER = "echo \"failure:  leak, found by the oracle 'leaks' at event 7\"; exit 28"
DIES = "exit 35"
BROKEN = "echo 'regression: broken: stale-read by quorum_reads: promised a; seen b'; exit 21"
STALE = "echo 'regression: stale: fault loss changed something 0 times'; exit 33"
UNKNOWN = "echo quorate-sim: no such scenario >&2; exit 1"
NO_BUILD = None


class Bisect(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="quorate-bisect-test-")))
        self.root, self.temporary = self.folder / "repo", self.folder / "tmp"
        self.root.mkdir()
        self.temporary.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words):
        names = {f"GIT_{who}_{what}": f"{who}@example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(["git", *words], cwd=self.root, env=os.environ | names, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commits(self, *behaviours):
        """One for each, by its number; its build writes a simulator that does that and keeps what it was asked."""
        for number, behaviour in enumerate(behaviours):
            program = f'#!/bin/sh\necho {number} "$@" >> {self.folder}/asked\nRANDOM_EVENT=$$\n{behaviour}\n'
            (self.root / "program").write_text(program)
            target = "build/release/sim/tool"
            install = f"mkdir -p {target} && for p in quorate-sim quorate-sim-planted; do cp program {target}/$p && chmod +x {target}/$p; done"
            (self.root / "build.sh").write_text(install if behaviour else "exit 1")
            self.git("add", "-A")
            self.git("commit", "--quiet", "--allow-empty", "-m", f"number {number}")
        return [self.git("rev-parse", f"HEAD~{len(behaviours) - 1 - i}") for i in range(len(behaviours))]

    def bisect(self, *words, subject=("kv-3", "--seed", "5")):
        done = subprocess.run(
            [SIM, "bisect", *subject, *words, "--build", BUILD], cwd=self.root, capture_output=True, text=True,
            env=os.environ | {"TMPDIR": str(self.temporary)}, timeout=100,
        )
        # Nothing is left behind, and the clone is as it was.
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(len(self.git("worktree", "list").split("\n")), 1)
        self.assertEqual(self.git("status", "--porcelain"), "")
        return done

    def asked(self):
        return (self.folder / "asked").read_text().split("\n")[:-1]

    def test_the_first_bad_commit_is_found_wherever_it_is(self):
        for bad in range(1, 9):
            self.setUp()
            ids = self.commits(*[HOLDS] * bad, *[FAILS] * (9 - bad))
            done = self.bisect("--good", ids[0])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, rf"(?m)^first bad: [0-9a-f]+ number {bad}$")
            self.assertLessEqual(len(self.asked()), 2 + 3)

    def test_it_asks_for_the_same_run(self):
        ids = self.commits(HOLDS, FAILS)
        self.bisect("--good", ids[0], "--nodes", "5", "--for", "3s", "--bug", "no-restamp")
        self.assertEqual(self.asked()[0], "1 run kv-3 --seed 5 --nodes 5 --for 3000ms --bug no-restamp")

    def test_a_bad_commit_may_be_named(self):
        ids = self.commits(HOLDS, FAILS, FAILS, HOLDS)
        self.assertEqual(self.bisect("--good", ids[0]).returncode, 4)
        done = self.bisect("--good", ids[0], "--bad", ids[2])
        self.assertIn("number 1\n", done.stdout.split("first bad: ")[1])

    def test_what_cannot_be_judged_is_skipped_and_said(self):
        ids = self.commits(HOLDS, HOLDS, NO_BUILD, OTHER, UNKNOWN, HOLDS, FAILS, FAILS)
        done = self.bisect("--good", ids[0])
        self.assertRegex(done.stdout, r"(?m)^first bad: [0-9a-f]+ number 6$")
        ids = self.commits(HOLDS, OTHER, NO_BUILD, UNKNOWN, FAILS)
        done = self.bisect("--good", ids[0])
        self.assertEqual(done.returncode, 6, done.stdout)
        for said in ("number 1: skipped: another failure: leak", "number 2: skipped: does not build", "number 3: skipped: cannot run it"):
            self.assertIn(said, done.stdout)
        self.assertEqual(done.stdout.count("first bad, or one that could not be judged: "), 4)

    def test_a_process_that_dies_is_a_failure_too(self):
        ids = self.commits(HOLDS, DIES, DIES)
        self.assertRegex(self.bisect("--good", ids[0]).stdout, r"(?m)^first bad: [0-9a-f]+ number 1$")

    def test_a_regression_may_be_what_is_judged(self):
        ids = self.commits(HOLDS, HOLDS, STALE, BROKEN, BROKEN)
        done = self.bisect("--good", ids[1], subject=(str(REGRESSION),))
        self.assertEqual(done.returncode, 6, done.stdout)
        self.assertIn("number 2: skipped: the regression is stale there", done.stdout)
        self.assertIn(f"4 replay {REGRESSION}", self.asked())

    def test_refusals_in_a_line_with_their_code(self):
        ids = self.commits(HOLDS, FAILS, FAILS)
        for words, subject, code, why in (
            ((), ("kv-3",), 1, "needs --good"),
            (("--good", "nothing"), ("kv-3",), 1, "no commit 'nothing'"),
            (("--good", ids[0], "--bad", "nothing"), ("kv-3",), 1, "no commit 'nothing'"),
            (("--good", ids[2], "--bad", ids[0]), ("kv-3",), 1, "is not before"),
            (("--good", ids[1]), ("kv-3",), 1, "the first commit is not good"),
            (("--good", ids[0]), (), 1, "takes one scenario"),
            (("--good", ids[0]), ("nothing.regression",), 2, "nothing.regression"),
            (("--good", ids[0]), (str(REPLAY),), 2, "belongs to one build"),
            (("--good", ids[0], "--bug", "banana"), ("kv-3",), 1, "banana"),
        ):
            done = self.bisect(*words, subject=subject)
            self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))
            self.assertRegex(done.stderr, r"^quorate-sim: bisect: [^\n]*\n$")
            self.assertIn(why, done.stderr)


if __name__ == "__main__":
    unittest.main()

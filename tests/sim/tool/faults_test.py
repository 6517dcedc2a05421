#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Faults in words as they are typed: `faults` says them, `run` and the others execute them, and what is wrong gets one
line."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SIM = os.environ["QUORATE_SIM"]
ROOT = pathlib.Path(__file__).resolve().parents[3]
OK, USAGE, INPUT, DIFFERS = 0, 1, 2, 5


def sim(*arguments, given=""):
    done = subprocess.run([SIM, *map(str, arguments)], capture_output=True, text=True, input=given, timeout=200)
    return done.returncode, done.stdout, done.stderr


def hash_of(out):
    return re.search(r"hash=([0-9a-f]{16})", out).group(1)


def effects_of(out):
    return {kind: int(count) for kind, count in re.findall(r"^effects: +(\S+) +(\d+)$", out, re.MULTILINE)}


class Faults(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="quorate-faults-")))

    def refuses(self, code, words, *arguments):
        done = sim(*arguments)
        self.assertEqual((done[0], done[1], len(done[2].splitlines())), (code, "", 1), done)
        self.assertIn(words, done[2])

    def test_what_a_seed_draws_does_the_same_in_words(self):
        for scenario, seed in (("kv-3", 1), ("kv-sole", 2), ("kv-hot", 3), ("swarm", 1), ("swarm", 4)):
            run = (scenario, "--seed", seed)
            code, said, _ = sim("faults", *run)
            self.assertEqual(code, OK)
            self.assertGreater(len(said.splitlines()), 2, said)
            (self.folder / "faults").write_text(said)
            plain, written = sim("run", *run), sim("run", *run, "--faults", self.folder / "faults")
            self.assertEqual(hash_of(plain[1]), hash_of(written[1]), run)
            # A pipe can be read once.
            piped = sim("run", scenario, "--seeds", f"{seed}..{seed}", "--faults", "/dev/stdin", given=said)
            self.assertEqual(hash_of(plain[1]), hash_of(piped[1]), run)
            again = sim("faults", *run, "--faults", self.folder / "faults")
            self.assertEqual(again[1].splitlines()[1:], said.splitlines()[1:])

    def test_nothing_but_what_is_written_happens(self):
        run = ("run", "kv-3", "--seed", "1", "--for", "10s", "--effects")
        code, out, _ = sim(*run, "--fault", "crash 1 at 3s for 2s", "--fault", "lose 20 % of messages of 0 at 2s for 5s")
        self.assertEqual(code, OK, out)
        self.assertIn(" faults=2 ", out)
        effects = effects_of(out)
        self.assertEqual({kind for kind, count in effects.items() if count}, {"crash", "loss"}, out)
        self.assertEqual(effects["crash"], 1)
        code, out, _ = sim(*run, "--faults", "/dev/null")
        self.assertEqual((code, sum(effects_of(out).values())), (OK, 0), out)

    def test_others_take_them_too(self):
        faults = ("--fault", "pause 2 at 3s for 1s")
        code, out, _ = sim("diff", "kv-3:1", "kv-3:1", "--for", "5s", *faults)
        self.assertEqual(code, OK, out)
        code, out, _ = sim("gdb", "1", "kv-3", "--seed", "1", "--for", "5s", *faults, given="until time 3500ms\nnode 2\nquit\n")
        self.assertEqual(code, OK, out)
        self.assertRegex(out, "(?i)pause")
        code, out, _ = sim("faults", "kv-3:1", "--for", "5s", *faults)
        self.assertEqual(out.splitlines()[1:], ["1: pause 2 at 3s for 1s"])
        self.assertIn("--fault 'pause 2 at 3s for 1s'", out.splitlines()[0])

    def test_a_kept_run_says_its_faults_and_takes_others(self):
        kept = self.folder / "kept.regression"
        code, out, _ = sim("run", "kv-3", "--seed", "1", "--for", "5s", "--fault", "stop 0 at 3s for 1s", "--keep", kept)
        self.assertEqual(code, OK, out)
        self.assertIn("1: stop 0 at 3s for 1s", sim("faults", kept)[1].splitlines())
        self.assertIn("1: stop 1 at 3s for 1s", sim("faults", kept, "--fault", "stop 1 at 3s for 1s")[1].splitlines())
        for file in sorted((ROOT / "traces").glob("*.regression")):
            code, out, error = sim("faults", file)
            self.assertEqual(code, OK, error)
            self.assertRegex(out, r"^# .*: \d+ faults, \d+ nodes, healed at \d+ ms\n")

    def test_what_cannot_be_gets_one_line_and_its_place(self):
        run = ("run", "kv-3", "--seed", "1")
        self.refuses(INPUT, "--fault: line 2, column 7: '7': the nodes are 0 to 2", *run,
                     "--fault", "crash 1 at 1s for 1s", "--fault", "crash 7 at 1s for 1s")
        self.refuses(INPUT, "--fault: line 1, column 1: 'meteor' where", "shrink", "kv-3", "--fault", "meteor at 1s for 1s")
        self.refuses(INPUT, "everything is healed, from 60000 ms on: 1: crash 1 at 60s for 1s", *run,
                     "--fault", "crash 1 at 60s for 1s")
        self.refuses(INPUT, "there is no node that no fault stays with", *run, "--fault", "crash all at 1s for 1s and stays")
        (self.folder / "bad").write_text("# fine\ncrash 1 at noon for 1s\n")
        self.refuses(INPUT, "bad: line 2, column 12: 'noon' where a time", *run, "--faults", self.folder / "bad")
        self.refuses(INPUT, "no-such-file: cannot be opened", *run, "--faults", self.folder / "no-such-file")
        self.refuses(USAGE, "without --fault", *run, "--faults", "x", "--fault", "crash 1 at 1s for 1s")
        self.refuses(USAGE, "--faults: stands once", *run, "--faults", "x", "--faults", "y")
        self.refuses(USAGE, "swarm takes no epochs", "swarm", "kv-3", "--seeds", "1..2", "--epochs", "5:1")
        self.refuses(USAGE, "exhaust takes no faults in words", "exhaust", "kv-3", "--fault", "crash 1 at 1s for 1s")
        self.refuses(USAGE, "takes one scenario", "faults")


if __name__ == "__main__":
    unittest.main()

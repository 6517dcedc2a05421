#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim shrink` on recordings: of shards recorded without a bug, whose replay with it dies of a check or
differs. What is kept fails in the same way, and not without the bug."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SIM = os.environ["QUORATE_SIM_PLANTED"]
BROKEN, DIED, DIFFERS = "forget-order", 35, 34


def sim(*arguments):
    return subprocess.run([SIM, *map(str, arguments)], capture_output=True, text=True, timeout=200)


def last_tick(path):
    """Of a recording that goes as recorded."""
    said = sim("replay", path).stdout
    before = re.search(r"from a checkpoint after tick (\d+)", said)
    return int(re.search(r"equal over (\d+) ticks", said).group(1)) + (int(before.group(1)) if before else 0)


def sizes(line):
    """Of "2811 ticks, 10 clients, 541 requests, 2135 messages of 2 peers, 1 rows"."""
    return {name: int(number) for number, name in re.findall(r"(\d+) (\w+)", line)}


class Recordings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-shrink-")))
        sim("run", "kv-3", "--seed", "3", "--for", "12s", "--record", cls.folder / "kept")
        cls.recordings = sorted(cls.folder.glob("kept.*"), key=lambda path: -path.stat().st_size)

    def find(self, bug, code):
        """The largest recording that fails so where the bug is planted."""
        for path in self.recordings:
            if sim("replay", path, "--bug", bug).returncode == code:
                return path
        raise AssertionError(f"no recording fails with {bug}")

    def shrink(self, path, bug, *flags):
        kept = self.folder / f"small-{bug}"
        done = sim("shrink", path, "--bug", bug, "--keep", kept, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        before, after = (sizes(re.search(rf"^{word}: (.*)$", done.stdout, re.M).group(1)) for word in ("before", "after"))
        return kept, before, after, done.stdout

    def test_what_dies_of_a_check_dies_of_the_same_when_it_is_small(self):
        path = self.find(BROKEN, DIED)
        words = sim("replay", path, "--bug", BROKEN).stderr.strip()
        self.assertRegex(words, r"request_parts\.cc:\d+: invariant broken: ")
        kept, before, after, said = self.shrink(path, BROKEN)
        self.assertGreater(before["ticks"], 500)
        self.assertLessEqual(after["ticks"], 40)
        self.assertLessEqual(after["requests"], 12)
        self.assertIn(f"failure:   {words}\n", said)
        again = sim("replay", kept, "--bug", BROKEN)
        self.assertEqual((again.returncode, again.stderr.strip()), (DIED, words))

    def test_without_the_bug_it_holds_and_says_whose_ladder_it_has(self):
        kept = self.shrink(self.find(BROKEN, DIED), BROKEN)[0]
        held = sim("replay", kept)
        self.assertEqual(held.returncode, 0, held.stdout + held.stderr)
        self.assertIn(f"where {BROKEN} is planted: no node recorded it, and its ladder is what that build made of it", held.stdout)
        self.assertIn("replay: equal over ", held.stdout)

    def test_what_differs_differs_when_it_is_small(self):
        for bug in ("ack-before-quorum", "pipeline-unordered"):
            kept, before, after, _ = self.shrink(self.find(bug, DIFFERS), bug)
            self.assertLessEqual(after["ticks"], 40, bug)
            self.assertLess(after["messages"] * 20, before["messages"], bug)
            again = sim("replay", kept, "--bug", bug)
            self.assertEqual(again.returncode, DIFFERS)
            # Nothing is behind the failure.
            self.assertIn(f"differs at tick {last_tick(kept)}\n", again.stdout)
            self.assertEqual(sim("replay", kept).returncode, 0)

    def test_every_tool_takes_what_is_small(self):
        kept = self.shrink(self.find(BROKEN, DIED), BROKEN)[0]
        last = last_tick(kept)
        drawn = sim("render", kept, "--bug", BROKEN, "--out", self.folder / "small.html")
        self.assertIn(f"aborted at tick {last}\n", drawn.stdout)
        page = (self.folder / "small.html").read_text()
        self.assertIn(f"in tick {last} it died: ", page)
        typed = f"run\nahead\nuntil {last - 1}\n"
        gdb = subprocess.run([SIM, "gdb", kept, "--bug", BROKEN], input=typed, capture_output=True, text=True, timeout=60)
        self.assertIn(f"the process died with exit code {DIED} in what came after #{last - 1}; this is before that", gdb.stdout)
        self.assertRegex(gdb.stdout, rf"(?m)^tick {last} begins at ")
        self.assertNotIn(f"tick {last} ends", gdb.stdout)
        self.assertEqual(sim("shrink", kept, "--bug", BROKEN, "--keep", self.folder / "smaller").returncode, 0)

    def test_it_takes_no_longer_than_it_is_given(self):
        done = sim("shrink", self.find(BROKEN, DIED), "--bug", BROKEN, "--keep", self.folder / "hasty", "--for-time", "100ms")
        self.assertIn(done.returncode, (0, 2))
        if done.returncode == 0:
            self.assertLess(float(re.search(r"wall=([\d.]+) s", done.stdout).group(1)), 2.0)

    def test_refusals_are_a_line_with_their_code(self):
        path = self.find("ack-before-quorum", DIFFERS)
        holds = sim("shrink", path)
        self.assertEqual((holds.returncode, holds.stdout), (4, "it goes as recorded: there is nothing to make small\n"))
        with_bug = self.folder / "buggy"
        sim("run", "kv-3", "--seed", "3", "--for", "12s", "--bug", "ack-before-quorum", "--record", with_bug)
        buggy = next(file for file in sorted(self.folder.glob("buggy.*")) if sim("replay", file).returncode == DIFFERS)
        short = self.folder / "short"
        short.write_bytes(path.read_bytes()[:-3])
        for arguments, code, words in (([buggy], 2, "what made its ladder is not here"), ([short], 2, "cut short"), ([path, "--bug", "x"], 1, "no planted bug")):
            done = sim("shrink", *arguments)
            self.assertEqual((done.returncode, done.stdout), (code, ""), arguments)
            self.assertRegex(done.stderr, rf"^quorate-sim: [^\n]*{words}[^\n]*\n$")


if __name__ == "__main__":
    unittest.main()

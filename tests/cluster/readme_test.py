#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The README's tour does what the README says, step by step; and the reader of such documents works."""

import pathlib
import tempfile
import unittest

from harness.case import main
from harness.console import Console, blocks, steps

ROOT = pathlib.Path(__file__).resolve().parents[2]

SAMPLE = """
```console
# for the reader
$ name=value; echo hello
hello
$ echo $name 17; echo middle; echo last
va... ...
...
last
$ printf 'a\\nb\\n' | grep b
b
$ true
$ sh -c 'echo started; sleep 100' &
started
^C
```
"""


class ConsoleBlocks(unittest.TestCase):
    def run_text(self, text):
        with tempfile.TemporaryDirectory() as folder, Console(folder) as console:
            problems = [console.run(*step) for block in blocks(text) for step in steps(block)]
        return [p for p in problems if p]

    def test_a_document_that_is_right_passes(self):
        self.assertEqual(self.run_text(SAMPLE), [])

    def test_a_document_that_is_wrong_is_told(self):
        for right, wrong in (("\nhello\n", "\nhullo\n"), ("\n...\nlast\n", "\nlast\n"), ("\n$ true", "\n$ echo x"), ("\nstarted\n", "\nstopped\n")):
            text = SAMPLE.replace("sleep 100", "sleep 1") if "started" in right else SAMPLE
            self.assertIn(right, text)
            self.assertEqual(len(self.run_text(text.replace(right, wrong, 1))), 1, wrong)


class Readme(unittest.TestCase):
    def test_the_tour(self):
        found = blocks((ROOT / "README.md").read_text())
        self.assertGreater(sum(len(steps(block)) for block in found), 5, "the README has no tour")
        with Console(ROOT) as console:
            for block in found:
                for command, expected in steps(block):
                    problem = console.run(command, expected)
                    self.assertIsNone(problem, problem)


if __name__ == "__main__":
    main()

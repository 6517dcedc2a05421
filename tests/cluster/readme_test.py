#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The README's tour does what the README says, step by step; and the reader of such documents works."""

import os
import pathlib
import re
import subprocess
import tempfile
import time
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
    def setUp(self):
        """A folder like the root of a clone, whose data are its own: the tour forgets what is stored."""
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="quorate-tour-")))
        for name in ("io", "build"):
            (self.folder / name).symlink_to(ROOT / name)
        os.environ["QUORATE_DATA"] = str(self.folder / "data")
        self.text = (ROOT / "README.md").read_text()

    def test_the_tour(self):
        found = blocks(self.text)
        self.assertGreater(sum(len(steps(block)) for block in found), 5, "the README has no tour")
        with Console(self.folder) as console:
            for block in found:
                for command, expected in steps(block):
                    begin = time.monotonic()
                    problem = console.run(command, expected)
                    print(f"{time.monotonic() - begin:6.1f} s  $ {command}")
                    self.assertIsNone(problem, problem)

    def test_commands_outside_of_the_tour(self):
        """What stands in the text as a command is part of the tour, is tried here, or is what runs this test."""
        tried = {
            "./io/serve --help": "--listen HOST:PORT",
            "quorated cert": "n1.pem",
            "quorate-sim replay FILE": "all equal",
            "quorated --record FILE": "replay: equal over ",
        }
        toured = [command for block in blocks(self.text) for command, _ in steps(block)]
        spans = set(re.findall(r"`((?:\./|quorate)[^`\n]*)`", self.text)) - {"quorated", "quorate-sim"}
        self.assertGreater(len(spans), 4)
        for span in spans:
            part = any(command.startswith(span) or f"/{span}" in command for command in toured)
            self.assertTrue(part or span in tried or span == "./tests/run", f"nothing runs {span}")
        tools = f"PATH=$PATH:{ROOT}/build/release/sim/tool:{ROOT}/build/release/io/quorated"
        trace = "quorate-sim run kv-3 --seed 7 --trace FILE > log && quorate-sim replay FILE"
        record = (
            "quorated --record FILE --data recorded --listen 127.0.0.1:7521 > log & "
            "until redis-cli -p 7521 ping 2> /dev/null | grep -q PONG; do sleep 0.1; done; redis-cli -p 7521 set a b; "
            "kill -INT $!; wait $!; quorate-sim replay FILE"
        )
        for command, output in (
            ("./io/serve --help", tried["./io/serve --help"]),
            ("quorated cert --out certs n1", tried["quorated cert"]),
            (trace, tried["quorate-sim replay FILE"]),
            (record, tried["quorated --record FILE"]),
        ):
            done = subprocess.run(
                ["bash", "-c", f"{tools}; {command}"], cwd=self.folder, capture_output=True, text=True, timeout=900
            )
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(output, done.stdout)


if __name__ == "__main__":
    main()

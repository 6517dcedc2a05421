#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the simulator's program must not ask of the machine ends it, whoever asks (program/traps.cc)."""

import os
import signal
import subprocess
import unittest

SIM = os.environ["QUORATE_SIM"]
CALLS = os.environ["QUORATE_OUTSIDE_CALLS"]

# What is asked, and the function that a library calls for it.
FUNCTIONS = {
    "steady_clock": "clock_gettime",
    "system_clock": "clock_gettime",
    "time": "time",
    "sqlite": "gettimeofday",
    "random_device": "getentropy",
    "rand": "rand",
    "sleep": "nanosleep|clock_nanosleep",
    "thread": "pthread_create",
    "socket": "socket",
}


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def defined(program):
    said = subprocess.run(["nm", "-D", "--defined-only", program], capture_output=True, text=True, check=True).stdout
    return {line.split()[2].split("@")[0] for line in said.splitlines()}


class Traps(unittest.TestCase):
    def test_every_call_is_listed(self):
        self.assertEqual(run(CALLS).stdout.split(), list(FUNCTIONS))

    def test_a_call_ends_the_program_and_is_named(self):
        for call, function in FUNCTIONS.items():
            with self.subTest(call):
                ended = run(CALLS, call)
                self.assertEqual(ended.returncode, -signal.SIGABRT, ended.stderr)
                self.assertRegex(ended.stderr, rf"^quorate-sim: ({function})\(\) was called: ")

    def test_the_library_that_called_is_shown(self):
        self.assertIn("libsqlite3", run(CALLS, "sqlite").stderr)

    def test_the_program_has_the_traps_and_its_libraries_meet_them(self):
        shown = defined(SIM)
        for function in ("clock_gettime", "gettimeofday", "time", "getentropy", "pthread_create", "nanosleep"):
            self.assertIn(function, shown)

    def test_a_simulation_meets_none(self):
        ended = run(SIM, "run", "kv-3", "--seed", "1", "--for", "2s")
        self.assertEqual(ended.returncode, 0, ended.stderr)


if __name__ == "__main__":
    unittest.main()

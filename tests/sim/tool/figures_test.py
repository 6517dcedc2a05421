#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim run --figures`: what a run says of its cost adds up, and the run is the same without."""

import os
import re
import subprocess
import unittest

SIM = os.environ["QUORATE_SIM"]
PARTS = ("world", "engine", "storage", "clients", "observers")


def run(*options):
    words = [SIM, "run", "kv-1000", "--seed", "1", "--for", "10s", *options]
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=True).stdout


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.said = run("--figures")

    def last(self, name):
        return int(re.search(rf" {name}=(\w+)", self.said.splitlines()[-1])[1])

    def test_events_by_kind_and_by_stage_add_up(self):
        kinds = re.findall(r"^events: +([a-z-]+) +(\d+)", self.said, re.MULTILINE)
        self.assertEqual(sum(int(count) for _, count in kinds), self.last("events"))
        self.assertGreater(int(dict(kinds)["message-arrived"]), 10 * self.last("ops"))
        stages = re.findall(r"^stage: .* (\d+) events, [\d.]+ us each", self.said, re.MULTILINE)
        self.assertEqual(sum(int(count) for count in stages), self.last("events"))

    def test_every_operation_has_waited_for_its_answer(self):
        waited = re.findall(r"^waited: +\w+ +(\d+) answered, (\d+) with an error, (\d+) not", self.said, re.MULTILINE)
        self.assertEqual(sum(int(count) for line in waited for count in line), self.last("ops"))
        times = re.search(r"half within ([\d.]+) ms, 99 of 100 within ([\d.]+) ms, all within ([\d.]+) ms", self.said)
        half, most, all_of_them = map(float, times.groups())
        self.assertTrue(0 < half < most < all_of_them, times[0])

    def test_memory_by_part_is_what_the_process_holds(self):
        parts = {name: int(size) for name, size in re.findall(r"^memory: +([a-z]+) +(\d+) bytes", self.said, re.MULTILINE)}
        self.assertEqual(tuple(parts), PARTS)
        for name, size in parts.items():
            self.assertGreater(size, 1000, name)
        resident = int(re.search(r"(\d+) KiB a node at the peak", self.said)[1]) * 1024
        # The program itself is resident too, and large pages begun are.
        self.assertLess(sum(parts.values()), 1.05 * resident)
        self.assertGreater(sum(parts.values()), 0.5 * resident)
        self.assertLess(resident, 1 << 20)

    def test_the_run_is_the_same_without(self):
        plain = run()
        self.assertNotIn("memory:", plain)
        self.assertEqual(re.search(r"hash=\w+", plain)[0], re.search(r"hash=\w+", self.said)[0])


if __name__ == "__main__":
    unittest.main()

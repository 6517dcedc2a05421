#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The page of a swarm: it is there while the swarm runs, each time whole, and a browser shows what failed."""

import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

SIM = os.environ["QUORATE_SIM_PLANTED"]
BUG = ("--bug", "ack-before-quorum")


def dom(folder, page):
    flags = ["--headless", "--disable-gpu", f"--user-data-dir={folder}/profile", "--virtual-time-budget=1000"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    done = subprocess.run(["chromium", *flags, "--dump-dom", f"file://{page}"], capture_output=True, text=True, timeout=120)
    return done.stdout


class SwarmPage(unittest.TestCase):
    def setUp(self):
        if not os.access(SIM, os.X_OK):
            raise AssertionError(f"no simulator at '{SIM}': tests/run release builds it")
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="quorate-swarm-page-")))
        self.page = self.folder / "swarm.html"

    def swarm(self, *arguments):
        command = [SIM, "swarm", "kv-3", "--jobs", "2", "--page", self.page, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_what_failed_is_listed_in_a_browser(self):
        said, _ = self.swarm("--seeds", "1..30", *BUG).communicate(timeout=200)
        self.assertIn("failed:", said)
        shown = dom(self.folder, self.page)
        self.assertRegex(shown, r'id="verdict" class="chip failed">\d+ failed<')
        failures = re.search(r'<section id="failures">(.*?)</section>', shown, re.S).group(1)
        for count, what in re.findall(r"^failed: +(\d+) times (.*)$", said, re.M):
            self.assertRegex(failures, f'<td class="bad">{re.escape(what)}</td><td class="number">{count}</td>')
        self.assertRegex(failures, r"<code>quorate-sim-planted run kv-3 --seed \d+ --bug ack-before-quorum</code>")
        for element in ("figures", "scenarios", "faults", "never", "watermarks", "met"):
            self.assertIn(f'id="{element}"', shown)
        # The style is that of the page of a run too, which must not take one of these for its own.
        style = re.search(r"<style>(.*?)</style>", shown, re.S).group(1)
        for element in re.findall(r'<section id="([^"]+)"', shown):
            self.assertNotIn(f"#{element} ", style)
        self.assertRegex(shown, r"<td>kv-3</td><td class=\"number\">30</td>")
        self.assertNotIn("http-equiv", shown)
        self.assertEqual([path.name for path in self.folder.glob("swarm*")], ["swarm.html"])

    def test_it_is_there_while_the_swarm_runs(self):
        swarm, began, seen = self.swarm("--seeds", "1..100000", "--for-time", "7s"), time.monotonic(), set()
        while swarm.poll() is None:
            if self.page.exists():
                text = self.page.read_text()
                self.assertTrue(text.startswith("<!DOCTYPE html>") and text.endswith("</html>\n"), text[-80:])
                seen.add((re.search(r"<dt>seeds</dt><dd>(\d+)<", text).group(1), 'http-equiv="refresh"' in text))
            time.sleep(0.02)
        swarm.communicate()
        while_running = [int(seeds) for seeds, reloads in seen if reloads]
        self.assertGreaterEqual(len(while_running), 2, seen)
        self.assertLessEqual(len(while_running), (time.monotonic() - began) / 2 + 1, "so often it slows the swarm down")
        self.assertGreater(max(while_running), 0)
        self.assertNotIn("http-equiv", self.page.read_text())

    def test_a_page_that_cannot_be_written_is_told(self):
        self.page = self.folder / "nowhere" / "swarm.html"
        swarm = self.swarm("--seeds", "1..2")
        said, _ = swarm.communicate(timeout=100)
        self.assertEqual((swarm.returncode, len(said.splitlines())), (3, 1), said)

    def test_the_table_of_bugs_grows(self):
        (self.folder / "planted").write_text("ack-before-quorum kv-3 what is <wrong> & why\n")
        page = self.folder / "bugs.html"
        subprocess.run([SIM, "bugs", self.folder / "planted", "--ranges", "1", "--jobs", "2", "--page", page], check=True, capture_output=True, timeout=200)
        shown = page.read_text()
        self.assertIn("<td>ack-before-quorum</td><td>what is &lt;wrong&gt; &amp; why</td><td>kv-3</td>", shown)
        self.assertIn('class="chip">all found<', shown)
        self.assertNotIn("http-equiv", shown)


if __name__ == "__main__":
    unittest.main()

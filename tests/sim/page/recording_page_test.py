#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The page of the recording of a shard, opened in headless Chromium: what was recorded where a bug is planted differs
without it, and the tick at which it does is drawn as the failure, with its causes before it."""

import html
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from browser_test import CHAIN, FAIL, SIM, Page

BUG, RUN = "ack-before-quorum", ["kv-3", "--seed", "3", "--for", "15s"]
SELF = 0  # the lane of the shard


def sim(*arguments):
    return subprocess.run([SIM, *arguments], capture_output=True, text=True, timeout=100)


class RecordingPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-page-")))
        sim("run", *RUN, "--bug", BUG, "--record", cls.folder / "kept")
        for cls.recording in sorted(cls.folder.glob("kept.*")):
            differs = re.search(r"replay: differs at tick (\d+)", sim("replay", cls.recording).stdout)
            if differs and int(differs.group(1)) > 20:
                break
        cls.tick = int(differs.group(1))
        cls.drawn = cls.render("page.html")
        cls.page = Page(cls.folder, cls.folder / "page.html")
        cls.page.screenshot()
        cls.events = [dict(zip(("id", "cause", "time", "kind", "node", "shard", "peer", "flags", "sent", "tick", "note"), event)) for event in cls.page.data["events"]]
        for event in cls.events:
            event["kind"] = cls.page.data["kinds"][event["kind"]]

    @classmethod
    def render(cls, name, *flags):
        done = sim("render", cls.recording, "--out", cls.folder / name, *flags)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def of_kind(self, kind):
        return [event for event in self.events if event["kind"] == kind]

    def test_the_script_has_nothing_to_complain_of(self):
        self.assertEqual((self.page.said, self.page.body.get("data-ready"), self.page.body.get("data-error")), ("", "yes", None))

    def test_the_tick_that_differs_is_the_failure_and_is_seen_with_its_causes(self):
        self.assertIn(f"diverged at tick {self.tick}", self.drawn)
        failed = next(event for event in self.events if event["id"] == self.page.data["failure"]["event"])
        self.assertEqual((failed["kind"], failed["tick"]), ("tick", self.tick))
        links = {int(entry["data-event"]): entry for entry in self.page.elements("circle", "link")}
        self.assertIn("end", links[failed["id"]]["class"].split())
        self.assertGreater(len(links), 2)
        for event, colour in ((failed["id"], FAIL), (failed["cause"], CHAIN)):
            x, y, r = (float(links[event][name]) for name in ("cx", "cy", "r"))
            self.assertGreater(self.page.share(self.page.place(x - r / 2, y - r / 2, r, r), colour), 0.6, event)

    def test_lanes_are_the_shard_its_peers_and_its_clients(self):
        self.assertEqual([node["index"] for node in self.page.data["nodes"]], [0, 1, 2])
        self.assertRegex(self.page.data["nodes"][SELF]["place"], r"^shard \d+ of \d+$")
        for kind in ("message-sent", "message-arrived"):
            self.assertEqual({frozenset((event["node"], event["peer"])) for event in self.of_kind(kind)}, {frozenset((0, 1)), frozenset((0, 2))})
        for event in self.of_kind("message-sent"):
            self.assertEqual(event["peer"], SELF)
            self.assertRegex(event["note"], r"^(Execute|Read|Mutate|Ping|Pong|Keyspace)")
        self.assertEqual({event["node"] for event in self.of_kind("tick") + self.of_kind("commit-done")}, {SELF})
        self.assertEqual({event["peer"] for event in self.of_kind("client-sends")}, set(self.page.data["clients"]))

    def test_operations_have_the_replies_that_the_shard_gave(self):
        replies = {event["id"]: event["note"] for event in self.of_kind("reply")}
        answered = [operation for operation in self.page.data["operations"] if operation["ended"]]
        self.assertGreater(len(answered), 0)
        for operation in answered:
            self.assertEqual(replies[operation["ended"]], operation["answer"])
        said = sim("why", str(self.tick), self.recording).stdout
        for event in self.events:
            if event["tick"] == self.tick and event["kind"] in ("message-sent", "message-arrived", "reply"):
                self.assertIn(": " + event["note"], said)

    def test_its_commands_name_the_tick(self):
        panel = html.unescape(self.page.dom[self.page.dom.index('<aside id="panel">') :])
        self.assertIn(f"quorate-sim gdb {self.tick} {self.recording}", panel)
        self.assertIn(self.page.data["failure"]["promised"], panel)
        self.assertIn(f"it differs at tick {self.tick}", panel)

    def test_a_key_is_looked_for_and_may_be_asked_for(self):
        script = """
          search.value = data.key; search.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}));
          document.body.dataset.noted = panel.querySelector('h2').textContent;
        """
        used = self.folder / "used.html"
        used.write_text((self.folder / "page.html").read_text().replace("\nbegin();", "\nbegin();" + script))
        page = Page(self.folder, used)
        self.assertEqual(page.said, "")
        self.assertRegex(html.unescape(page.body["data-noted"]), rf"^“{re.escape(page.data['key'])}”: \d+ found$")
        self.render("key.html", "--key", "no such key")
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', (self.folder / "key.html").read_text(), re.S)
        other = json.loads(data.group(1))
        self.assertEqual(other["key"], "no such key")
        self.assertFalse([event for event in other["events"] if event[7] & 2])

    def test_what_goes_as_recorded_says_so(self):
        self.assertIn("as recorded", self.render("same.html", "--bug", BUG))
        page = Page(self.folder, self.folder / "same.html")
        self.assertEqual((page.said, "failure" in page.data), ("", False))
        self.assertIn("It goes as recorded", page.dom)

    def test_refusals_are_a_line_with_their_code(self):
        content = self.recording.read_bytes()
        files = {"short": content[: len(content) - 5], "newer": content[:8] + b"\0\0\0\x63" + content[12:]}
        for name, bad in files.items():
            (self.folder / name).write_bytes(bad)
        cases = [([self.folder / name], 2) for name in files]
        cases += [([self.recording, "--lanes", "9"], 1), ([self.recording, "--out", "/nowhere/at/all"], 3), ([self.recording, "--bug", "none-such"], 1)]
        for arguments, code in cases:
            done = sim("render", *arguments)
            self.assertEqual((done.returncode, done.stdout), (code, ""), arguments)
            self.assertRegex(done.stderr, r"^quorate-sim: [^\n]*\n$")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The page of a failing run, opened in headless Chromium: the failing operation and its cause are drawn, in the
window and in their colours, and the script has nothing to complain of."""

import html
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import unittest
import zlib

SIM = os.environ.get("QUORATE_SIM_PLANTED", "")
BUG, SCENARIO, SEEDS = "ack-before-quorum", "kv-3", "1..40"
WIDTH, HEIGHT = 1500, 860
FAIL, CHAIN = (0xD9, 0x26, 0x3F), (0xE8, 0x71, 0x0A)  # of page.css, light


def pixels(path):
    """The lines of a PNG of 8 bits without interlace, and the bytes of a pixel."""
    content = path.read_bytes()
    at, packed, header = 8, b"", None
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colour, _, _, interlace = header
    assert depth == 8 and interlace == 0 and colour in (2, 6), header
    size = 3 if colour == 2 else 4
    raw, before, lines = zlib.decompress(packed), bytearray(width * size), []
    for row in range(height):
        start = row * (width * size + 1)
        mode, line = raw[start], bytearray(raw[start + 1 : start + 1 + width * size])
        unfilter(mode, line, before, size)
        lines.append(line)
        before = line
    return lines, size


def unfilter(mode, line, before, size):
    for i in range(len(line)):
        left = line[i - size] if i >= size else 0
        corner = before[i - size] if i >= size else 0
        up = before[i]
        if mode == 1:
            line[i] = (line[i] + left) & 255
        elif mode == 2:
            line[i] = (line[i] + up) & 255
        elif mode == 3:
            line[i] = (line[i] + (left + up) // 2) & 255
        elif mode == 4:
            nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
            line[i] = (line[i] + nearest) & 255


def attributes(tag):
    return dict(re.findall(r'([\w-]+)="([^"]*)"', tag))


class Page:
    """What a browser makes of a page."""

    def __init__(self, folder, page):
        self.flags = ["chromium", "--headless", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
        self.flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        self.flags += [f"--user-data-dir={folder}/profile", "--enable-logging=stderr", "--virtual-time-budget=3000"]
        self.address, self.shot = f"file://{page}", folder / "page.png"
        self.look(HEIGHT)
        # A window has a frame, a screenshot has none: both are to show the same.
        seen = int(self.body.get("data-view", f"0 {HEIGHT}").split()[1])
        if seen != HEIGHT:
            self.look(2 * HEIGHT - seen)
        self.data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', self.dom, re.S).group(1))

    def look(self, height):
        self.dom, self.said = self.open("--dump-dom", height)
        self.body = attributes(re.search(r"<body[^>]*>", self.dom).group(0))

    def open(self, what, height):
        command = [*self.flags, f"--window-size={WIDTH},{height}", what, self.address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.stdout, "\n".join(line for line in done.stderr.split("\n") if "CONSOLE" in line)

    def screenshot(self):
        self.open(f"--screenshot={self.shot}", HEIGHT)
        self.lines, self.size = pixels(self.shot)

    def place(self, left, top, width, height):
        """Its place on the screen, which must be in sight."""
        x0, y0, w, h = (int(part) for part in self.body["data-stage"].split())
        assert 0 <= left and left + width <= w and 0 <= top and top + height <= h, (left, top, width, height)
        return x0 + left, y0 + top, width, height

    def share(self, area, colour):
        """How much of an area has the colour, nearly."""
        left, top, width, height = (round(value) for value in area)
        hits = total = 0
        for y in range(max(0, top), top + height):
            for x in range(max(0, left), left + width):
                pixel = self.lines[y][x * self.size : x * self.size + 3]
                total += 1
                hits += all(abs(a - b) <= 24 for a, b in zip(pixel, colour))
        return hits / max(1, total)

    def elements(self, name, kind):
        found = [attributes(tag) for tag in re.findall(rf"<{name} [^>]*>", self.dom)]
        return [entry for entry in found if kind in entry.get("class", "").split()]

    def problems(self):
        found = [self.said] if self.said else []
        if self.body.get("data-ready") != "yes":
            found.append("the page is not ready")
        if "data-error" in self.body:
            found.append(self.body["data-error"])
        if not self.elements("rect", "failing"):
            found.append("no failing operation is drawn")
        return found


class RenderedPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not os.access(SIM, os.X_OK):
            raise AssertionError(f"no simulator at '{SIM}': tests/run release builds it")
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-page-")))
        runs = subprocess.run([SIM, "run", SCENARIO, "--seeds", SEEDS, "--bug", BUG], capture_output=True, text=True, timeout=200)
        cls.seed = re.search(rf"^FAILED scenario={SCENARIO} seed=(\d+) ", runs.stdout, re.M).group(1)
        cls.path = cls.folder / "page.html"
        subprocess.run([SIM, "render", SCENARIO, "--seed", cls.seed, "--bug", BUG, "--out", cls.path], check=True, timeout=100)
        cls.page = Page(cls.folder, cls.path)
        cls.page.screenshot()

    def test_the_script_has_nothing_to_complain_of(self):
        self.assertEqual(self.page.problems(), [])

    def test_a_broken_script_is_noticed(self):
        broken = self.folder / "broken.html"
        broken.write_text(self.path.read_text().replace("\nbegin();", "\nbegin(); nothing.at.all();"))
        self.assertTrue(Page(self.folder, broken).problems())

    def test_the_failing_operation_is_seen_in_its_colour(self):
        rect = self.page.elements("rect", "failing")[0]
        area = self.page.place(*(float(rect[name]) for name in ("x", "y", "width", "height")))
        self.assertGreater(self.page.share(area, FAIL), 0.4)
        operation = next(entry for entry in self.page.data["operations"] if entry["n"] == int(rect["data-operation"]))
        self.assertEqual(operation["ended"], self.page.data["failure"]["event"])
        self.assertIn(self.page.data["key"], operation["command"])

    def test_its_cause_is_seen_too(self):
        failed = self.page.data["failure"]["event"]
        cause = next(event[1] for event in self.page.data["events"] if event[0] == failed)
        links = {int(entry["data-event"]): entry for entry in self.page.elements("circle", "link")}
        self.assertIn(failed, links)
        self.assertIn(cause, links)
        self.assertGreater(len(links), 4)
        for event, colour in ((failed, FAIL), (cause, CHAIN)):
            x, y, r = (float(links[event][name]) for name in ("cx", "cy", "r"))
            area = self.page.place(x - r / 2, y - r / 2, r, r)
            self.assertGreater(self.page.share(area, colour), 0.6, event)

    def test_what_people_do_is_answered(self):
        """Keys, search, a click and the wheel; each step notes what is seen then."""
        script = """
          const noted = [];
          const headline = () => panel.querySelector('h2').textContent;
          const press = (key) => document.dispatchEvent(new KeyboardEvent('keydown', {key}));
          const note = (name, value) => noted.push([name, String(value)]);
          stage.setPointerCapture = () => {};
          const mouse = (kind, x, y, more) => stage.dispatchEvent(new PointerEvent(kind, {clientX: x, clientY: y, bubbles: true, ...more}));
          const seek = (text) => { search.value = text; search.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'})); return headline(); };
          const box = document.getElementById('failing').getBoundingClientRect();
          mouse('pointerdown', box.left + 9, box.top + 5); mouse('pointerup', box.left + 9, box.top + 5);
          note('click', headline());
          press('Escape'); note('escape', headline());
          press('p'); note('p', headline());
          press('p'); note('p again', headline());
          note('search key', seek(data.key));
          note('search operation', seek('op ' + failing.n));
          note('search event', seek('#' + data.failure.event));
          note('search nothing', seek('no such thing'));
          const width = () => state.to - state.from;
          fit(); const fitted = width();
          stage.dispatchEvent(new WheelEvent('wheel', {deltaY: -300, clientX: 800, clientY: 300, cancelable: true}));
          note('wheel', width() < fitted);
          press('-'); press('-'); press('-'); note('minus', width() > fitted);
          const before = state.from; press('ArrowRight'); note('right', state.from > before);
          press('a'); note('a', state.from <= 0 && state.to >= shown.length - 1);
          press('o'); note('o', state.scale);
          const few = shown.length; press('s'); note('s', shown.length > few);
          mouse('pointermove', 700, 500); press('f'); draw();
          document.body.dataset.noted = JSON.stringify(noted);
        """
        page = self.folder / "used.html"
        page.write_text(self.path.read_text().replace("\nbegin();", "\nbegin();" + script))
        used = Page(self.folder, page)
        self.assertEqual(used.problems(), [])
        noted = dict(json.loads(html.unescape(used.body["data-noted"])))
        failed, key = used.data["failure"], used.data["key"]
        number = next(entry["n"] for entry in used.data["operations"] if entry["flags"] & 6 == 6)
        cause = next(event[1] for event in used.data["events"] if event[0] == failed["event"])
        self.assertEqual(noted["click"], f"operation {number}")
        self.assertEqual(noted["escape"], f"{failed['kind']}, found by {failed['oracle']}")
        self.assertRegex(noted["p"], rf"^#{failed['event']} ")
        self.assertRegex(noted["p again"], rf"^#{cause} ")
        self.assertRegex(noted["search key"], rf"^“{key}”: \d\d+ found$")
        self.assertEqual(noted["search operation"], f"operation {number}")
        self.assertRegex(noted["search event"], rf"^#{failed['event']} ")
        self.assertRegex(noted["search nothing"], ": 0 found$")
        for name in ("wheel", "minus", "right", "a", "s"):
            self.assertEqual(noted[name], "true", name)
        self.assertEqual(noted["o"], "time")

    def test_people_are_told_what_was_promised_and_seen(self):
        panel = self.page.dom[self.page.dom.index('<aside id="panel">') :]
        for field in ("promised", "seen"):
            text = self.page.data["failure"][field].replace('"', "&quot;")
            self.assertIn(text.split("&quot;")[0], panel)
        self.assertIn("Not on this page", panel)


if __name__ == "__main__":
    unittest.main()

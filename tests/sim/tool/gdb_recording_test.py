#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim gdb` on the recording of a shard: the session that worlds have, whose places are ticks."""

import pathlib
import random
import re
import struct
import subprocess
import tempfile
import unittest

from gdb_test import SIM, gdb, told

LOOKS = ["shard", "clients", "waits", "key string:1", "tick"]


def ticks(answer):
    return [int(number) for number in re.findall(r"^tick (\d+) ", answer, re.M)]


def checksum(content):
    """CRC-32C."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def with_rung(content, rung, other):
    """The recording with another rung in place of one, in blocks that are whole."""
    at, made = 12, content[:12]
    while at < len(content):
        length = struct.unpack(">I", content[at : at + 4])[0]
        block = content[at + 8 : at + 9 + length].replace(b"\x0b" + rung, b"\x0b" + other)
        made += struct.pack(">II", length, checksum(block)) + block
        at += 9 + length
    return made


class OnARecording(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-gdb-")))
        command = [SIM, "run", "kv-3", "--seed", "4", "--for", "8s", "--record", cls.folder / "kept"]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        cls.path = max(cls.folder.glob("kept.*"), key=lambda path: path.stat().st_size)
        replay = subprocess.run([SIM, "replay", cls.path], check=True, capture_output=True, text=True, timeout=100)
        cls.end = int(re.search(r"ticks=(\d+)", replay.stdout).group(1))
        assert cls.end > 1000

    def gdb(self, commands, path=None, tick=None):
        return gdb(commands, [*([str(tick)] if tick else []), str(path or self.path)])

    def test_on_and_back_it_is_the_same(self):
        draws = random.Random(1)
        places = sorted(draws.sample(range(1, self.end), 20))
        answers = iter(self.gdb([word for tick in places for word in (f"until {tick}", *LOOKS)]))
        straight = {tick: [told(next(answers)) for _ in range(1 + len(LOOKS))] for tick in places}
        for tick in places:
            self.assertEqual(set(ticks(straight[tick][0])), {tick})
        way = [draws.choice(places) for _ in range(40)]
        answers = iter(self.gdb([word for tick in way for word in (f"until {tick}", *LOOKS)]))
        back = 0
        for tick in way:
            there = [next(answers) for _ in range(1 + len(LOOKS))]
            back += "ticks from the snapshot" in there[0]
            there[0] = re.sub(r"^\d+ ticks from the snapshot at #\d+\n", "", there[0])
            self.assertEqual(there, straight[tick])
        self.assertGreater(back, 10)

    def test_it_shows_what_goes_in_before_it_is_executed(self):
        ahead, then = self.gdb(["until 500", "ahead", "next"])[1:]
        entered = [line for line in then.split("\n") if not re.match(r"tick \d+ (->|ends)", line)]
        self.assertEqual(ahead, "\n".join(entered))
        self.assertGreater(len(entered), 2)

    def test_it_stops_at_what_it_is_told_to(self):
        client = re.search(r"^client (\d+) of pool", self.gdb(["until 500", "clients"])[1], re.M).group(1)
        key, of_client, time = self.gdb(["until key string:1", f"until client {client}", "until time 2s"])
        self.assertRegex(key, r"tick \d+ (client|node) .*string:1\b")
        self.assertRegex(of_client, rf"tick \d+ (-> )?client {client}\b")
        began = [int(re.search(r"begins at (\d+) us", answer).group(1)) for answer in (*self.gdb(["next"]), time)]
        self.assertGreaterEqual(began[1] - began[0], 2_000_000)

    def test_what_waits_is_what_was_begun_and_is_not_done(self):
        answers = self.gdb(["next", "waits"] * 400)
        asked, seen = {}, 0
        for told_of, waits in zip(answers[::2], answers[1::2]):
            for line in told_of.split("\n"):
                if found := re.match(r"tick (\d+) client (\d+) asks, request (\d+): ", line):
                    asked[found.group(2, 3)] = found.group(1)
                elif found := re.match(r"tick \d+ -> client (\d+), request (\d+): ", line):
                    del asked[found.groups()]
            listed = re.findall(r"^  client (\d+), request (\d+), since tick (\d+): ", waits, re.M)
            self.assertEqual({(client, request): tick for client, request, tick in listed}, asked)
            seen += len(asked)
        self.assertGreater(seen, 20)

    def test_the_end_says_how_it_went(self):
        self.assertIn("all went as recorded", self.gdb(["run"])[0])

    def test_it_stops_at_the_first_tick_that_differs(self):
        rung = re.search(r"recorded (\w+)", self.gdb(["until 700"])[0]).group(1)
        other = self.folder / "other"
        other.write_bytes(with_rung(self.path.read_bytes(), bytes.fromhex(rung), b"ABCD"))
        run, back, again = self.gdb(["run", "back", "until 900"], other)
        self.assertIn(f"tick 700 ends with {rung}, recorded 41424344\nit differs at tick 700\n", run)
        self.assertIn("tick 699 ends", back)
        self.assertIn("it differs at tick 700", again)

    def test_a_tick_may_be_given_at_once(self):
        self.assertEqual(set(ticks(self.gdb(["nothing"], tick=300)[0].split("what is")[0])), {300})

    def test_nonsense_is_said_to_be_none(self):
        nonsense = ["node 1", "until", "until x", "until client x", "until time x", "until op 3", "where", "key"]
        for answer in self.gdb(nonsense):
            self.assertRegex(answer, r"^what is '.*'\? 'help' lists the commands\n$")

    def test_refusals_are_a_line_with_their_code(self):
        content = self.path.read_bytes()
        files = {"short": content[: len(content) - 5], "newer": content[:8] + b"\0\0\0\x63" + content[12:], "foreign": b"QRATEREX" + content[8:]}
        for name, bad in files.items():
            (self.folder / name).write_bytes(bad)
        cases = [([str(self.folder / name)], 2) for name in files]
        cases += [([str(self.end + 1), str(self.path)], 2), (["0", str(self.path)], 1), (["x", str(self.path)], 1)]
        cases += [(["1", "2", str(self.path)], 1), ([str(self.path), "--bug", "no-such"], 1)]
        for arguments, code in cases:
            done = subprocess.run([SIM, "gdb", *arguments], input="", capture_output=True, text=True, timeout=20)
            self.assertEqual((done.returncode, done.stdout), (code, ""), (arguments, done.stderr))
            self.assertRegex(done.stderr, r"^quorate-sim: [^\n]*\n$")


if __name__ == "__main__":
    unittest.main()

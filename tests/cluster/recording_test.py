#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What nodes record is executed again by quorate-sim, tick for tick: under load, over kills and
restarts, with TLS and without, with values and without."""

import os
import re
import subprocess
import threading
import time

from harness.case import NodeCase, main, scale
from harness.cluster import Cluster
from harness.wire import ReplyError
from tls_test import NAMES, make_certificates, tls_of

SECRET = "a-password-that-nobody-guesses"
VALUE = "the-value-that-must-stay-out-of-it"
DIVERGED = 34


def replay(path, *flags, said=""):
    """The exit code and what quorate-sim says, where `said` is its input."""
    command = [os.environ["QUORATE_SIM"], *flags, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, input=said)
    return done.returncode, (done.stdout + done.stderr).strip()


def status_of(path):
    """None for the moment in which a node has moved a segment and not yet begun the next."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def sizes_of(paths):
    return [status.st_size for status in map(status_of, paths) if status]


def begun(record, first):
    """Whether a segment follows the one whose file is `first`, and some of it is written."""
    status = status_of(record)
    return status is not None and status.st_ino != first and status.st_size >= 1000


class Load(threading.Thread):
    """One client that writes, reads and counts until it is ended or cut off."""

    def __init__(self, node, name, password=None):
        super().__init__()
        self.node, self.name, self.password, self.ended = node, name, password, False
        self.calls = 0

    def run(self):
        try:
            with self.node.wire() as wire:
                if self.password:
                    wire.call("AUTH", self.password)
                while not self.ended:
                    self.step(wire, self.calls)
                    self.calls += 1
        except (OSError, ReplyError, ValueError):
            pass

    def step(self, wire, i):
        wire.call("SET", f"k{i % 500}", f"{VALUE}-{self.name}-{i}" * (1 + i % 3))
        wire.call("GET", f"k{(i * 7) % 500}")
        wire.call("INCR", "n")
        wire.call("HSET", f"h{i % 20}", f"field{i % 9}", f"{VALUE}-{i}")
        wire.call("HGETALL", f"h{(i * 3) % 20}")
        wire.call("MGET", "k1", "k2", "k3")
        if i % 50 == 0:
            wire.call("SET", f"short{i}", VALUE, "PX", 300)
            wire.call("CLIENT", "SETNAME", f"c{i}")
            wire.call("SCAN", "0", "COUNT", "20")
            wire.call("INFO")
            wire.call("DBSIZE")

    def end(self):
        self.ended = True
        self.join()


class Recording(NodeCase):
    def recorded(self, tls=False, settings=None, **record):
        cluster = Cluster(self.folder, settings=settings)
        self.nodes += cluster.nodes
        if tls:
            make_certificates(self.folder / "certs")
        for node, name in zip(cluster, NAMES):
            node.settings["record"] = {"file": str(node.folder / "record"), **record}
            if tls:
                node.settings["tls"] = tls_of(self.folder / "certs", name)
        return cluster

    def alone(self, pool=None, **record):
        """One node of no cluster."""
        node = self.node(pool=pool)
        node.settings["record"] = {"file": str(node.folder / "record"), **record}
        return node.start()

    def killed(self, node):
        """Dead, once what it had to tell has been written."""
        time.sleep(1)
        node.kill()
        return node.folder / "record"

    def files(self, node):
        return sorted(path for path in node.folder.glob("record*") if path.stat().st_size > 0)

    def check(self, path):
        code, said = replay(path, "replay")
        self.assertEqual(code, 0, f"{path}: {said}")
        line = said.splitlines()[-1]
        self.assertRegex(line, r"^ok recording shard=\d+ .* hash=[0-9a-f]{16}$")
        return int(re.search(r"requests=(\d+)", line)[1])

    def under_load(self, cluster):
        loads = [Load(node, f"c{i}") for node in cluster for i in range(3)]
        for load in loads:
            load.start()
        time.sleep(scale(4, 1.5))
        cluster[1].kill()
        time.sleep(scale(2, 1))
        cluster[1].start()
        cluster.wait_connected()
        again = [Load(cluster[1], f"d{i}") for i in range(2)]
        for load in again:
            load.start()
        time.sleep(scale(3, 1))
        cluster[2].kill()
        for load in loads + again:
            load.end()
        cluster[0].stop()
        cluster[1].kill()
        return sum(load.calls for load in loads + again)

    def test_three_nodes_under_load_and_kills(self):
        for name, tls, values in (("plain", False, "hashed"), ("tls", True, "hashed"), ("whole", False, "whole")):
            with self.subTest(name):
                self.folder = self.folder / name
                cluster = self.recorded(tls=tls, values=values).start()
                calls = self.under_load(cluster)
                files = [path for node in cluster for path in self.files(node)]
                self.assertEqual(len(files), 4)  # of the node that was started twice there are two
                requests = sum(self.check(path) for path in files)
                self.assertGreater(requests, calls)
                for path in files:
                    self.assertEqual(VALUE.encode() in path.read_bytes(), values == "whole", path)
                self.folder = self.folder.parent

    def test_the_ring_keeps_its_bytes(self):
        cluster = self.recorded(settings={"shards": 2}, bytes="2mb").start()
        most = 2 << 20
        loads = [Load(node, f"c{i}") for node in cluster for i in range(3)]
        for load in loads:
            load.start()
        end = time.monotonic() + scale(20, 8)
        while time.monotonic() < end:
            for node in cluster:
                for shard in range(2):
                    sizes = sizes_of(node.folder.glob(f"record.shard{shard}*"))
                    self.assertLessEqual(sum(sizes), most)
            time.sleep(0.05)
        for load in loads:
            load.end()
        cluster.kill()
        turned = 0
        for node in cluster:
            for path in self.files(node):
                self.check(path)
                turned += path.name.endswith(".1")
        self.assertGreater(turned, 0, "no segment was full")

    def test_a_checkpoint_that_was_never_finished(self):
        for _ in range(5):
            if self.dies_in_a_checkpoint():
                return
        self.fail("no checkpoint was under way")

    def dies_in_a_checkpoint(self):
        """Kills a node as soon as it begins a second segment; false where its checkpoint was over before."""
        node = self.alone(bytes="2mb", values="whole")
        record = node.folder / "record"
        with node.wire() as wire:
            for i in range(300):
                wire.call("MSET", *(word for j in range(10) for word in (f"k{i}-{j}", "v" * 70)))
            first = record.stat().st_ino
            while not begun(record, first):
                wire.call("SET", "k", "v" * 2000)
        node.kill()
        alone = node.folder / "alone"
        alone.write_bytes(record.read_bytes())
        code, said = replay(alone, "replay")
        if code == 0:
            return False
        self.assertEqual(code, 2, said)
        self.assertEqual(len(said.splitlines()), 1, said)
        self.assertIn("its checkpoint was never finished, and", said)
        self.check(record)
        code, said = replay(record, "why", "1")
        self.assertEqual(code, 0, said)
        node.start()
        self.assertTrue((node.folder / "record.2").exists())
        node.kill()
        for name in ("record", "record.1", "record.2"):
            self.check(node.folder / name)
        return True

    def test_secrets_stay_out_even_with_values(self):
        node = self.alone({"password": SECRET}, values="whole")
        with node.wire() as wire:
            for attempt in (("AUTH", "another-" + SECRET), ("AUTH", SECRET), ("AUTH", "default", SECRET),
                            ("HELLO", "3", "AUTH", "default", SECRET),
                            ("CONFIG", "SET", "requirepass", SECRET)):  # fmt: skip
                try:
                    wire.call(*attempt)
                except ReplyError:
                    pass
            wire.call("SET", "k", VALUE)
        path = self.killed(node)
        self.assertNotIn(SECRET.encode(), path.read_bytes())
        self.assertIn(VALUE.encode(), path.read_bytes())
        self.check(path)

    def test_bad_files_get_one_line(self):
        node = self.alone()
        load = Load(node, "c")
        load.start()
        time.sleep(0.5)
        load.end()
        node.kill()
        good = (node.folder / "record").read_bytes()
        self.check(node.folder / "record")
        middle = len(good) // 2
        bad = {
            "cut": (good[:-1], "cut short"),
            "damaged": (good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :], "damaged"),
            "newer": (good[:8] + b"\0\0\0\x63" + good[12:], "version 99"),
            "foreign": (b"REDIS0011" + good, "not a trace|no trace|foreign|is no"),
            "empty": (good[:8], "cut short"),
        }
        for name, (content, words) in bad.items():
            path = node.folder / name
            path.write_bytes(content)
            code, said = replay(path, "replay")
            self.assertEqual(code, 2, f"{name}: {said}")
            self.assertEqual(len(said.splitlines()), 1, said)
            self.assertRegex(said, words)

    def test_why_and_diff(self):
        node = self.alone()
        with node.wire() as wire:
            wire.call("SET", "k", VALUE)
        path = self.killed(node)
        code, said = replay(path, "why", "1")
        self.assertEqual(code, 0, said)
        self.assertIn("tick 1 begins", said)
        self.assertEqual(replay(path, "why", "999999")[0], 2)
        self.assertEqual(replay(path, "why")[0], 4)
        code, said = replay(path, "diff", str(path))
        self.assertEqual(code, 0, said)

    def test_gdb_and_render(self):
        node = self.alone()
        with node.wire() as wire:
            wire.call("SET", "k", VALUE)
            wire.call("GET", "k")
        path = self.killed(node)
        code, said = replay(path, "gdb", said="until key k\ntick\nrun\nback 2\nkey k\nquit\n")
        self.assertEqual(code, 0, said)
        self.assertIn("all went as recorded", said)
        self.assertIn("(this node)", said)
        page = node.folder / "page.html"
        code, said = replay(path, "render", "--out", str(page))
        self.assertEqual(code, 0, said)
        self.assertIn("as recorded", said)
        html = page.read_text()
        self.assertIn("</html>", html)
        self.assertNotIn(VALUE, html)


if __name__ == "__main__":
    main()

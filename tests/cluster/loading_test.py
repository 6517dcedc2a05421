#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A start after kill -9 with a long journal: the node answers at once that it loads, and then has every
key. A start that cannot succeed ends with one clear line."""

import shutil
import time

from harness.case import NodeCase, main, scale
from harness.node import wait_until
from harness.wire import ReplyError, encode

KEYS = scale(1_000_000, 300_000)
PIPELINE = 1000
LOADING = "LOADING Redis is loading the dataset in memory"


def fill(node, keys):
    with node.wire() as wire:
        for begin in range(0, keys, PIPELINE):
            rows = range(begin, min(begin + PIPELINE, keys))
            wire.send(b"".join(encode("SET", f"key-{i}", f"value-{i}") for i in rows))
            for _ in rows:
                if (reply := wire.read()) != "OK":
                    raise RuntimeError(reply)


class Loading(NodeCase):
    def long_journal(self, name="node", keys=KEYS, **settings):
        """A node that was killed, and has all of its keys in the journal."""
        limits = {"journal_max": "4gb", "dirty_max": "4gb"}  # no checkpoint on the way
        node = self.node(name, settings={"storage": limits, **settings}, pool={"durability": "periodic"})
        node.start()
        fill(node, keys)
        node.kill()
        return node

    def test_clients_hear_that_it_loads_and_then_find_every_key(self):
        for shards in (1, 2):
            with self.subTest(shards=shards):
                node = self.long_journal(f"of-{shards}", shards=shards)
                node.launch()
                begin = time.monotonic()
                wire = wait_until(lambda: self.connect(node), "the port accepts", pause=0.002)
                accepted = time.monotonic() - begin
                with wire:
                    self.check_loading(node, wire)
                    refused = self.wait_loaded(wire)
                    took = time.monotonic() - begin
                    print(f"{shards} shards: accepts after {accepted:.3f} s, {refused} times "
                          f"-LOADING, all of {KEYS} keys after {took:.2f} s")  # fmt: skip
                    self.assertGreater(refused, 0)
                    self.assertLess(accepted, took / 2)
                    self.assertEqual(wire.call("PING"), "PONG")
                    self.check_keys(wire)
                    wait_until(lambda: node.admin("/readyz")[0] == 200, "it says that it is ready")
                node.stop()

    def connect(self, node):
        try:
            return node.wire()
        except OSError:
            return None

    def check_loading(self, node, wire):
        """What Redis 7 answers while it loads, and what it refuses."""
        refused = [("GET", "key-1"), ("SET", "a", "b"), ("PING",), ("DBSIZE",)]
        for words in refused:
            with self.assertRaisesRegex(ReplyError, LOADING):
                wire.call(*words)
        self.assertIn(b"loading:1", wire.call("INFO", "persistence"))
        self.assertEqual(wire.call("CONFIG", "GET", "maxmemory")[0], b"maxmemory")
        self.assertEqual(wire.call("HELLO", "2")[:2], [b"server", b"redis"])
        self.assertEqual(wire.call("SELECT", "0"), "OK")
        self.assertEqual(wire.call("ECHO", "a"), b"a")
        self.assertIsInstance(wire.call("CLIENT", "ID"), int)
        self.assertIsInstance(wire.call("COMMAND", "COUNT"), int)
        wait_until(lambda: self.answers(node), "the admin server answers", pause=0.002)
        self.assertEqual(node.admin("/healthz")[0], 200)
        self.assertEqual(node.admin("/readyz")[0], 503)
        self.assertEqual(node.admin("/metrics")[0], 200)
        with self.assertRaisesRegex(ReplyError, LOADING):
            wire.call("GET", "key-1")

    def answers(self, node):
        try:
            return node.admin("/healthz")
        except OSError:
            return None

    def wait_loaded(self, wire):
        refused = 0
        while True:
            wire.send(encode("GET", "key-1"))
            reply = wire.read()
            if not isinstance(reply, ReplyError):
                self.assertEqual(reply, b"value-1")
                return refused
            self.assertEqual(str(reply), LOADING)
            refused += 1
            time.sleep(0.005)

    def check_keys(self, wire):
        self.assertEqual(wire.call("DBSIZE"), KEYS)
        for begin in range(0, KEYS, PIPELINE):
            rows = range(begin, min(begin + PIPELINE, KEYS))
            values = wire.call("MGET", *(f"key-{i}" for i in rows))
            self.assertEqual(values, [f"value-{i}".encode() for i in rows])

    def test_the_orderly_end_while_it_loads_loses_nothing(self):
        node = self.long_journal()
        node.launch()
        wait_until(lambda: self.connect(node), "the port accepts", pause=0.002).close()
        node.stop()
        node.start()
        with node.wire() as wire:
            self.check_keys(wire)
        node.stop()

    def test_a_pool_without_durability_outlives_ends_while_it_loads(self):
        node = self.node("none", settings={"shards": 2}, pool={"durability": "none"})
        node.start()
        fill(node, KEYS)
        node.stop()
        for pause in (0.0, 0.05, 0.2):
            with self.subTest(pause=pause):
                node.launch()
                wait_until(lambda: self.connect(node), "the port accepts", pause=0.002).close()
                time.sleep(pause)
                node.stop()
        node.start()
        with node.wire() as wire:
            self.check_keys(wire)
        node.stop()

    def test_peers_are_refused_while_it_loads_and_it_takes_part_afterwards(self):
        cluster = self.cluster(settings={"storage": {"journal_max": "4gb", "dirty_max": "4gb"}},
                               pool={"durability": "periodic"})  # fmt: skip
        fill(cluster[0], KEYS // 4)
        cluster[1].kill()
        cluster[1].launch()
        failures = []
        with cluster[0].wire() as wire:
            while not self.is_ready(cluster[1]):
                wire.send(encode("SET", "beside", "x"))
                if isinstance(reply := wire.read(), ReplyError):
                    failures.append(str(reply))
        self.assertEqual(failures, [])
        with cluster[1].wire() as wire:
            self.assertEqual(wire.call("GET", "key-1"), b"value-1")
            self.assertEqual(wire.call("GET", "beside"), b"x")

    def is_ready(self, node):
        try:
            return node.ready()
        except ConnectionError:
            return False

    def test_a_second_node_on_the_same_directory_fails_at_once(self):
        node = self.long_journal()
        node.launch()
        wait_until(lambda: self.connect(node), "the port accepts", pause=0.002).close()
        second = self.node("second")
        second.data = node.data
        second.launch()
        self.assertEqual(second.process.wait(timeout=20), 1)
        self.assertIn("is in use by process", self.last_words(second))
        self.assertTrue(node.alive())
        node.wait_ready()

    def test_a_journal_that_lost_something_ends_the_node_with_one_line(self):
        node = self.long_journal(keys=50_000)
        segment = sorted(node.data.glob("store.journal-*"))[0]
        with open(segment, "r+b") as file:
            # Near the beginning: on a fast machine all the rest may be one last write, whose damage is a torn end.
            file.seek(16 << 10)
            file.write(b"\xff" * 4096)
        kept = node.folder / "kept"
        shutil.copytree(node.data, kept)
        node.launch()
        self.assertEqual(node.process.wait(timeout=60), 1)
        self.assertRegex(self.last_words(node), r"^journal store\.journal-\S+, offset \d+: sequence "
                                                r"\d+ is missing or damaged; ")  # fmt: skip
        for path in node.data.glob("store.journal-*"):
            self.assertEqual(path.read_bytes(), (kept / path.name).read_bytes(), path.name)

    def last_words(self, node):
        lines = [line for line in node.log().splitlines() if line.startswith("quorated: ")]
        self.assertEqual(len(lines), 1, node.log())
        return lines[0].removeprefix("quorated: ")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A node at its limits: memory, and the time in which it loads what it had stored."""

import time

from harness.case import NodeCase, main, scale
from harness.node import wait_until
from harness.wire import ReplyError, encode

MEBIBYTE = 1 << 20
BATCH = 1000


def flood(wire, first, count, size):
    """Sends SETs of new keys in batches; returns how many were taken and the errors."""
    taken, errors = 0, []
    for start in range(first, first + count, BATCH):
        keys = range(start, min(start + BATCH, first + count))
        wire.send(b"".join(encode("SET", f"key-{i:08d}", b"v" * size) for i in keys))
        for _ in keys:
            reply = wire.read()
            if isinstance(reply, ReplyError):
                errors.append(str(reply))
            else:
                taken += 1
    return taken, errors


class Memory(NodeCase):
    def test_a_flood_ends_in_oom_and_bounded_memory(self):
        for shards in (1, 2):
            self.run_flood(shards)

    def run_flood(self, shards):
        pool = {"maxmemory": "64mb", "durability": "none"}
        node = self.node(f"shards-{shards}", {"shards": shards}, pool).start()
        with node.wire() as wire:
            taken, errors = flood(wire, 0, 150_000, 1000)
            self.assertGreater(taken, 40_000)
            self.assertGreater(len(errors), 50_000)
            self.assertTrue(all(e.startswith("OOM ") for e in errors), errors[0])
            resident = node.resident_bytes()
            print(f"{shards} shards: {taken} keys of 1000 B taken, {resident / MEBIBYTE:.0f} MiB resident")
            self.assertLess(resident, 160 * MEBIBYTE)
            more, _ = flood(wire, 200_000, 200_000, 1000)
            self.assertLess(more, taken / 50)
            self.assertLess(node.resident_bytes(), resident * 1.1 + 8 * MEBIBYTE)

            self.assertEqual(wire.call("GET", "key-00000000"), b"v" * 1000)
            for i in range(2000):
                wire.call("DEL", f"key-{i:08d}")
            self.assertEqual(wire.call("SET", "after", "x"), "OK")
        node.stop()

    def test_eviction_makes_room_where_the_pool_says_so(self):
        pool = {"maxmemory": "64mb", "eviction": "clock", "durability": "none"}
        node = self.node(pool=pool).start()
        with node.wire() as wire:
            taken, errors = flood(wire, 0, 150_000, 1000)
            self.assertEqual((taken, errors), (150_000, []))
            self.assertEqual(wire.call("GET", "key-00149999"), b"v" * 1000)
            self.assertLess(wire.call("DBSIZE"), 80_000)
        self.assertLess(node.resident_bytes(), 160 * MEBIBYTE)


class Loading(NodeCase):
    def test_a_node_that_loads_says_so(self):
        count = scale(1_000_000, 300_000)
        for shards in (1, 2):
            node = self.node(f"shards-{shards}", {"shards": shards}, {"durability": "periodic"}).start()
            with node.wire() as wire:
                self.assertEqual(flood(wire, 0, count, 64), (count, []))
            node.kill()
            begin = time.monotonic()
            node.launch()
            loading = self.count_loading(node)
            print(f"{shards} shards: {count} keys loaded in {time.monotonic() - begin:.2f} s, -LOADING {loading} times")
            self.assertGreater(loading, 0)
            self.assertEqual(wait_until(lambda: self.size_of(node), "every shard has loaded"), count)
            self.assertEqual(node.client().get(f"key-{count - 1:08d}"), b"v" * 64)
            node.stop()

    def size_of(self, node):
        """The number of keys; None while a shard is loading: the one that is asked, or one that it asks."""
        with connect(node) as wire:
            wire.send(encode("DBSIZE"))
            reply = wire.read()
        if not isinstance(reply, ReplyError):
            return reply
        self.assertRegex(str(reply), "^(LOADING|NOQUORUM) ")
        return None

    def count_loading(self, node):
        """Asks until there is an answer; returns how often it was -LOADING. Nothing else may be said."""
        loading = 0
        wire = wait_until(lambda: connect(node), "the listener is open")
        with wire:
            while True:
                wire.send(encode("GET", "key-00000000"))
                reply = wire.read()
                if not isinstance(reply, ReplyError):
                    self.assertEqual(reply, b"v" * 64)
                    return loading
                self.assertTrue(str(reply).startswith("LOADING "), str(reply))
                if loading == 0:
                    self.assertNotEqual(node.admin("/readyz")[0], 200)
                    self.assertEqual(node.admin("/healthz")[0], 200)
                loading += 1
                time.sleep(0.002)


def connect(node):
    try:
        return node.wire()
    except OSError:
        return None


if __name__ == "__main__":
    main()

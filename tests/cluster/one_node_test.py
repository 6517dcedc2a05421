#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One node: what was acknowledged is there after every kind of end, whatever bytes it is made of."""

import hashlib
import random

from harness.case import NodeCase, main

MEBIBYTE = 1 << 20


def value_of(size, seed=0):
    """Bytes of all kinds, the same for the same arguments."""
    return random.Random(size * 1000 + seed).randbytes(size)


class Sample:
    """Some data of every kind, and the check that they are there."""

    def write_some(self, node):
        client = node.client()
        for i in range(200):
            client.set(f"string-{i}", f"value-{i}")
            client.hset(f"hash-{i}", mapping={"a": i, "b": f"{i}!"})
        client.set("number", 41)
        client.incr("number")
        client.incrby("number", -2)
        client.set("gone", 1)
        client.delete("gone")
        client.set("fading", 1, ex=1000)
        client.close()

    def check_some(self, node):
        client = node.client()
        for i in range(200):
            self.assertEqual(client.get(f"string-{i}"), b"value-%d" % i)
            self.assertEqual(client.hgetall(f"hash-{i}"), {b"a": b"%d" % i, b"b": b"%d!" % i})
        self.assertEqual(client.get("number"), b"40")
        self.assertIsNone(client.get("gone"))
        self.assertTrue(800 < client.ttl("fading") <= 1000)
        self.assertEqual(client.dbsize(), 402)
        client.close()


class OneNode(Sample):
    """The tests, run with each number of shards."""

    shards = 1

    def started(self, durability="always"):
        node = self.node(settings={"shards": self.shards}, pool={"durability": durability})
        return node.start()

    def test_data_survive_an_orderly_restart_at_every_durability(self):
        for durability in ("always", "periodic", "none"):
            node = self.node(durability, {"shards": self.shards}, {"durability": durability}).start()
            self.write_some(node)
            node.restart()
            self.check_some(node)
            node.stop()

    def test_data_survive_kill(self):
        for durability in ("always", "periodic"):
            node = self.node(durability, {"shards": self.shards}, {"durability": durability}).start()
            for _ in range(3):
                self.write_some(node)
                node.kill()
                node.start()
                self.check_some(node)
            node.stop()

    def test_values_of_one_byte_to_sixteen_mebibytes(self):
        node = self.started()
        client = node.client()
        sizes = [1, 2, 63, 64, 65, 4095, 4096, 16384, 65535, 65536, MEBIBYTE, 16 * MEBIBYTE]
        for size in sizes:
            client.set(f"size-{size}", value_of(size))
            self.assertEqual(digest(client.get(f"size-{size}")), digest(value_of(size)), size)
        node.kill()
        node.start()
        client = node.client()
        for size in sizes:
            self.assertEqual(digest(client.get(f"size-{size}")), digest(value_of(size)), size)

    def test_keys_with_any_bytes(self):
        node = self.started()
        client = node.client()
        keys = [bytes([b]) for b in range(256)] + [b"a\x00b", b"\r\n", b"$5\r\nhello\r\n", b"{}"]
        keys += [value_of(size, 1) for size in (10, 255, 256, 1000, 60000)]
        for i, key in enumerate(keys):
            client.set(key, i)
            client.hset(b"hash" + key, key, key)
        node.restart()
        client = node.client()
        for i, key in enumerate(keys):
            self.assertEqual(client.get(key), b"%d" % i, key)
            self.assertEqual(client.hgetall(b"hash" + key), {key: key})
        found = set(client.scan_iter(count=100))
        self.assertEqual(found, set(keys) | {b"hash" + key for key in keys})

    def test_requests_may_be_cut_anywhere(self):
        node = self.started()
        stream = (
            b"*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$5\r\nv\r\nv\x00\r\n"
            b"*2\r\n$3\r\nGET\r\n$3\r\nk\r\n\r\n"
            b"PING inline\r\n"
            b"*4\r\n$4\r\nHSET\r\n$1\r\nh\r\n$1\r\nf\r\n$0\r\n\r\n"
            b"*2\r\n$3\r\nDEL\r\n$1\r\nh\r\n"
        )
        wanted = ["OK", b"v\r\nv\x00", b"inline", 1, 1]
        with node.wire() as wire:
            for cut in range(1, len(stream)):
                wire.send(stream[:cut])
                if cut % 7 == 0:  # time for the first part to be read alone
                    node.wire().close()
                wire.send(stream[cut:])
                self.assertEqual([wire.read() for _ in wanted], wanted, cut)
            for byte in stream:
                wire.send(bytes([byte]))
            self.assertEqual([wire.read() for _ in wanted], wanted)


def digest(data):
    """Short in the message of a failure."""
    return (len(data or b""), hashlib.sha256(data or b"").hexdigest()[:16])


class WithOneShard(OneNode, NodeCase):
    shards = 1


class WithTwoShards(OneNode, NodeCase):
    shards = 2


class Resharding(Sample, NodeCase):
    """A directory opened with another number of shards than it was made with."""

    def test_a_directory_opens_with_any_number_of_shards(self):
        node = self.node(settings={"shards": 1}).start()
        for shards in (2, 3, 1, 2):
            self.write_some(node)
            node.stop() if shards != 3 else node.kill()
            node.settings["shards"] = shards
            node.start()
            self.check_some(node)


if __name__ == "__main__":
    main()

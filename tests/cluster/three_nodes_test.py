#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Three processes in three racks at QUORUM: each sees what any was told, and the loss of one loses
nothing."""

import time

from harness.case import NodeCase, main, scale
from harness.load import Writer
from harness.wire import ReplyError

ALL = ("CONSISTENCY", "READ", "ALL", "THEN")
ONE = ("CONSISTENCY", "READ", "ONE", "THEN")


class ThreeNodes(NodeCase):
    shards = 1

    def started(self, durability="always"):
        return self.cluster(settings={"shards": self.shards}, pool={"durability": durability})

    def test_every_node_sees_every_write(self):
        cluster = self.started()
        wires = [self.enterContext(node.wire()) for node in cluster]
        for i in range(scale(2000, 300)):
            writer, reader = wires[i % 3], wires[(i + 1 + i // 3 % 2) % 3]
            writer.call("SET", f"k{i}", i)
            self.assertEqual(reader.call("GET", f"k{i}"), b"%d" % i)
            writer.call("HSET", f"h{i % 10}", f"f{i}", i)
            self.assertEqual(reader.call("HGET", f"h{i % 10}", f"f{i}"), b"%d" % i)
            self.assertEqual(writer.call("INCR", "counter"), 2 * i + 1)
            self.assertEqual(reader.call("INCR", "counter"), 2 * i + 2)
            reader.call("DEL", f"k{i}")
            self.assertIsNone(writer.call("GET", f"k{i}"))
        wires[0].call("MSET", *(x for i in range(50) for x in (f"m{i}", i)))
        self.assertEqual(wires[2].call("MGET", *(f"m{i}" for i in range(50))), [b"%d" % i for i in range(50)])

    def test_redis_cli_and_redis_py_at_each_node(self):
        cluster = self.started()
        for i, node in enumerate(cluster):
            node.client().set(f"from-{i}", i)
        for node in cluster:
            self.assertEqual(node.client().mget("from-0", "from-1", "from-2"), [b"0", b"1", b"2"])

    def test_kill_under_load_loses_nothing(self):
        cluster = self.started()
        for victim in (2, 0) if scale(True, False) else (2,):
            self.kill_under_load(cluster, victim)

    def kill_under_load(self, cluster, victim):
        writers = [Writer(f"v{victim}w{i}", cluster[i % 3].port) for i in range(9)]
        for writer in writers:
            writer.start()
        time.sleep(scale(5, 1.5))
        cluster[victim].kill()
        time.sleep(scale(10, 3))
        for writer in writers:
            writer.end()
        on_victim = [w for i, w in enumerate(writers) if i % 3 == victim]
        others = [w for w in writers if w not in on_victim]
        self.assertEqual([(w.name, w.refused, w.lost) for w in others if w.refused or w.lost], [])
        self.assertTrue(all(w.lost for w in on_victim))
        self.assertEqual([w.refused for w in on_victim if w.refused], [])
        written = sum(w.acknowledged for w in writers)
        print(f"{written} writes acknowledged around the end of {cluster[victim].name}")
        self.assertGreater(written, 300)

        alive = [node for i, node in enumerate(cluster) if i != victim]
        for node in alive:
            self.check(writers, node)
        cluster[victim].start()
        cluster.wait_connected()
        self.check(writers, cluster[victim])
        # A sweep of reads at ALL leaves every replica with everything: each alone then answers for all.
        self.check(writers, alive[0], *ALL)
        for node in cluster:
            self.check(writers, node, *ONE)

    def check(self, writers, node, *level):
        with node.wire() as wire:
            for writer in writers:
                self.assertEqual(writer.missing(wire, *level), [], node.name)

    def test_all_killed_at_once_lose_nothing(self):
        cluster = self.started()
        writers = [Writer(f"w{i}", cluster[i].port) for i in range(3)]
        for writer in writers:
            writer.start()
        time.sleep(1)
        cluster.kill()
        for writer in writers:
            writer.end()
        cluster.start()
        for node in cluster:
            self.check(writers, node)

    def test_without_a_quorum_the_error_says_what_is_missing(self):
        cluster = self.cluster(pool={"request_timeout": "500ms"})
        with cluster[0].wire() as wire:
            wire.call("SET", "k", "v")
            cluster[1].kill()
            self.assertEqual(wire.call("SET", "k", "v2"), "OK")
            cluster[2].kill()
            begin = time.monotonic()
            with self.assertRaises(ReplyError) as caught:
                wire.call("SET", "k", "v3")
            self.assertLess(time.monotonic() - begin, 5)
            self.assertRegex(str(caught.exception), r"QUORUM.*2.*1|2.*QUORUM.*1")
            self.assertEqual(wire.call(*ONE, "GET", "k")[:1], b"v")
            self.assertEqual(wire.call("PING"), "PONG")
            cluster[1].start()
            cluster.wait_connected()
            self.assertEqual(wire.call("SET", "k", "v4"), "OK")
        self.assertEqual(cluster[1].client().get("k"), b"v4")

    def test_levels_are_set_per_connection(self):
        cluster = self.started()
        with cluster[0].wire() as wire:
            self.assertEqual(wire.call("CONSISTENCY", "READ", "ONE", "WRITE", "ALL"), "OK")
            self.assertEqual(wire.call("SET", "k", "v"), "OK")
            self.assertEqual(wire.call("GET", "k"), b"v")
            with self.assertRaises(ReplyError):
                wire.call("CONSISTENCY", "READ", "SOME")
        for node in cluster:
            with node.wire() as wire:
                self.assertEqual(wire.call(*ONE, "GET", "k"), b"v")


class ThreeNodesOfTwoShards(ThreeNodes):
    shards = 2


if __name__ == "__main__":
    main()

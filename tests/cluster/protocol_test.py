#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Malformed input and many connections: clear errors, closed only where the protocol is lost, and the
process stays up."""

import random
import resource
import socket

from harness.case import NodeCase, main, scale
from harness.wire import ReplyError, encode

IDLE_WANTED = 10_000
# A connection has an end in this process and one in the node; each process has a few more.
DESCRIPTORS_WANTED = IDLE_WANTED + 300


def raise_descriptors():
    """The soft limit as high as wanted, or as the hard limit lets it be; returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = DESCRIPTORS_WANTED if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS_WANTED)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


class Protocol(NodeCase):
    def test_a_lost_protocol_is_told_and_closes(self):
        node = self.node().start()
        for bad in (
            b"*x\r\n",
            b"*1\r\n$x\r\n",
            b"*1\r\n:1\r\n",
            b"*99999999999\r\n",
            b"*1\r\n$99999999999\r\n",
            b"*1\r\n$-5\r\n",
            b"SET a 'unbalanced\r\n",
        ):
            with node.wire() as wire:
                wire.send(bad)
                reply = wire.read()
                self.assertIsInstance(reply, ReplyError, bad)
                self.assertIn("ERR Protocol error", str(reply), bad)
                self.assertTrue(wire.closed(), bad)
        self.assertEqual(node.client().ping(), True)

    def test_a_wrong_command_is_told_and_closes_nothing(self):
        node = self.node().start()
        with node.wire() as wire:
            wire.call("SET", "text", "abc")
            for words, error in (
                (("NOSUCH", "a"), "ERR unknown command 'NOSUCH'"),
                (("GET",), "ERR wrong number of arguments for 'get' command"),
                (("GET", "a", "b"), "ERR wrong number of arguments for 'get' command"),
                (("INCR", "text"), "ERR value is not an integer or out of range"),
                (("HGET", "text", "f"), "WRONGTYPE"),
                (("SET", "a", "b", "NOPE"), "ERR syntax error"),
                (("",), "ERR unknown command ''"),
            ):
                with self.assertRaises(ReplyError) as caught:
                    wire.call(*words)
                self.assertIn(error, str(caught.exception))
            self.assertEqual(wire.call("GET", "text"), b"abc")

    def test_an_empty_array_is_no_request(self):
        node = self.node().start()
        with node.wire() as wire:
            wire.send(b"*0\r\n*-1\r\n\r\n" + encode("PING"))
            self.assertEqual(wire.read(), "PONG")

    def test_random_bytes_never_end_the_process(self):
        node = self.node().start()
        draw = random.Random(1)
        good = encode("SET", "key", "value") + encode("HSET", "h", "f", "v") + encode("MGET", "a", "b")
        for _ in range(scale(20_000, 1_000)):
            if draw.random() < 0.3:
                data = draw.randbytes(draw.randrange(1, 200))
            else:
                data = bytearray(good * draw.randrange(1, 4))
                for _ in range(draw.randrange(1, 6)):
                    data[draw.randrange(len(data))] = draw.randrange(256)
            with node.wire() as wire:
                try:
                    wire.send(bytes(data))
                    if draw.random() < 0.5:
                        wire.socket.shutdown(socket.SHUT_WR)
                        wire.closed(timeout=0.05)
                except OSError:
                    pass  # closed by the node before all was sent
        self.assertEqual(node.client().set("after", 1), True)
        node.stop()

    def test_replies_keep_their_order_in_a_deep_pipeline(self):
        node = self.node(settings={"shards": 2}).start()
        count = 20_000
        with node.wire() as wire:
            wire.send(b"".join(encode("SET", f"k{i % 97}", i) + encode("GET", f"k{i % 97}") for i in range(count)))
            for i in range(count):
                self.assertEqual(wire.read(), "OK")
                self.assertEqual(wire.read(), b"%d" % i)
            wire.send(encode("MSET", *(x for i in range(100) for x in (f"m{i}", i))))
            self.assertEqual(wire.read(), "OK")
            wire.send(encode("MGET", *(f"m{i}" for i in range(100)), "absent"))
            self.assertEqual(wire.read(), [b"%d" % i for i in range(100)] + [None])


class IdleConnections(NodeCase):
    def test_ten_thousand_idle_connections(self):
        for shards in (1, 2):
            self.hold_idle_connections(shards)

    def hold_idle_connections(self, shards):
        count = min(IDLE_WANTED, raise_descriptors() - 300)
        if count < IDLE_WANTED:
            print(f"the hard limit of descriptors allows {count} connections, not {IDLE_WANTED}")
        settings = {"shards": shards, "limits": {"clients": IDLE_WANTED + 100}}
        node = self.node(f"shards-{shards}", settings).start()
        before = node.resident_bytes()
        sockets = []
        try:
            for i in range(count):
                sockets.append(socket.create_connection(("127.0.0.1", node.port), timeout=30))
                if i % 500 == 0:
                    self.assertTrue(node.client().set("beside", i))
            for connection in sockets:
                connection.sendall(encode("PING"))
            for connection in sockets:
                self.assertEqual(connection.recv(64), b"+PONG\r\n")
            each = (node.resident_bytes() - before) / count
            print(f"{count} connections, {shards} shards: {each / 1024:.1f} KiB of memory each")
            self.assertLess(each, 64 * 1024)
            self.assertEqual(node.client().get("beside"), b"%d" % ((count - 1) // 500 * 500))
        finally:
            for connection in sockets:
                connection.close()
        self.assertTrue(node.client().ping())
        node.stop()

    def test_one_connection_too_many_is_told(self):
        node = self.node(settings={"limits": {"clients": 10}}).start()
        held = [node.wire() for _ in range(10)]
        for wire in held:
            self.assertEqual(wire.call("PING"), "PONG")
        with node.wire() as wire:
            self.assertIn("max number of clients", str(wire.read()))
            self.assertTrue(wire.closed())
        held.pop().close()
        for wire in held:
            self.assertEqual(wire.call("PING"), "PONG")
            wire.close()


if __name__ == "__main__":
    main()

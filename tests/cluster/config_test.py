#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What CONFIG SET changes of the sockets and the log of a node that runs, and what CONFIG GET tells of it."""

import contextlib
import pathlib

from harness.case import NodeCase, main
from harness.node import wait_until
from harness.wire import ReplyError, encode

KEEP_ALIVE_TIMER = "02"
TICKS_PER_SECOND = 100  # of the times in /proc/net/tcp


def keep_alive_seconds(wire):
    """Until the kernel probes the connection from the node's side; None where it will not."""
    node_port, own_port = wire.socket.getpeername()[1], wire.socket.getsockname()[1]
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[1].endswith(f":{node_port:04X}") and words[2].endswith(f":{own_port:04X}"):
            timer, ticks = words[5].split(":")
            return int(ticks, 16) / TICKS_PER_SECOND if timer == KEEP_ALIVE_TIMER else None
    raise RuntimeError("the connection is not there")


def greeting(node):
    """What a new connection hears first."""
    with node.wire() as wire:
        try:
            wire.send(encode("PING"))
            return str(wire.read())
        except ConnectionResetError:  # the refusal was lost: it came before the request did
            return ""


class ConfigSet(NodeCase):
    def nodes_of_each_kind(self):
        for shards in (1, 2):
            node = self.node(f"shards-{shards}", {"shards": shards}, {"durability": "none"}).start()
            with node.wire() as wire:
                yield node, wire
            node.stop()

    def test_maxclients_counts_for_who_comes_next(self):
        for node, first in self.nodes_of_each_kind():
            with node.wire() as second:
                self.assertEqual(second.call("PING"), "PONG")
                self.assertEqual(first.call("CONFIG", "SET", "maxclients", 2), "OK")
                refused = "ERR max number of clients reached"
                wait_until(lambda n=node: greeting(n) == refused, "a third is refused")
                self.assertEqual(second.call("PING"), "PONG")
                self.assertEqual(first.call("CONFIG", "SET", "maxclients", 100), "OK")
                wait_until(lambda n=node: greeting(n) == "PONG", "a third is served")

    def test_timeout_ends_who_is_idle(self):
        for node, first in self.nodes_of_each_kind():
            with contextlib.ExitStack() as stack:
                idle = [stack.enter_context(node.wire()) for _ in range(4)]
                self.assertEqual([wire.call("PING") for wire in idle], ["PONG"] * 4)
                self.assertFalse(idle[0].closed(timeout=2.5))
                self.assertEqual(first.call("CONFIG", "SET", "timeout", 1), "OK")
                self.assertTrue(all(wire.closed() for wire in idle))

    def test_tcp_keepalive_counts_for_who_comes_next(self):
        for node, first in self.nodes_of_each_kind():
            for seconds in (300, 1000, 0):
                self.assertEqual(first.call("CONFIG", "SET", "tcp-keepalive", seconds), "OK")
                wait_until(lambda n=node, s=seconds: self.is_probed_within(n, s), f"{seconds} s")

    def is_probed_within(self, node, seconds):
        with node.wire() as wire:
            wire.call("PING")
            found = keep_alive_seconds(wire)
            return found is None if seconds == 0 else found is not None and seconds - 100 < found <= seconds

    def test_loglevel_is_that_of_the_log(self):
        for node, first in self.nodes_of_each_kind():
            self.assertEqual(first.call("CONFIG", "GET", "loglevel"), [b"loglevel", b"notice"])
            self.assertEqual(first.call("CONFIG", "SET", "loglevel", "warning"), "OK")
            wait_until(lambda n=node: "warning" in n.admin("/loglevel")[1], "the level is another")

    def test_what_was_read_may_be_written_back(self):
        node = self.node(pool={"durability": "periodic"}).start()
        with node.wire() as wire:
            told = wire.call("CONFIG", "GET", "*")
            told = {name.decode(): value for name, value in zip(told[::2], told[1::2])}
            self.assertEqual(told["port"], str(node.port).encode())
            self.assertEqual(told["bind"], b"127.0.0.1")
            self.assertEqual(told["dir"], str(node.data).encode())
            self.assertEqual((told["appendonly"], told["appendfsync"]), (b"yes", b"everysec"))
            refused = {}
            for name, value in told.items():
                try:
                    wire.call("CONFIG", "SET", name, value)
                except ReplyError as error:
                    refused[name] = str(error).rsplit(" - ", 1)[1]
            self.assertLess(set(refused.values()), {"can't set immutable config", "can't set protected config", ""})
            for name in ("port", "bind", "maxclients", "masterauth", "requirepass"):
                self.assertNotIn(name, refused)
            with self.assertRaises(ReplyError):
                wire.call("CONFIG", "SET", "port", node.port + 1)


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A full disk: writes get a clear error, reads are served, and when there is room again the node goes on
by itself. Nothing that was acknowledged is lost."""

import os
import pathlib
import subprocess
import unittest

from harness.case import NodeCase, main
from harness.node import wait_until
from harness.wire import ReplyError

MEBIBYTE = 1 << 20
DISK = 96 * MEBIBYTE
BALLAST = 32 * MEBIBYTE
VALUE = b"v" * 32768


class FullDisk(NodeCase):
    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(self.disk)],
            capture_output=True, text=True,
        )  # fmt: skip
        if mounted.returncode != 0:
            raise unittest.SkipTest(f"no small disk can be mounted here: {mounted.stderr.strip()}")

    def _end(self):
        super()._end()
        subprocess.run(["umount", str(self.disk)], capture_output=True)

    def test_a_full_disk_is_told_and_outlived(self):
        for durability in ("always", "periodic"):
            for shards in (1, 2):
                with self.subTest(durability=durability, shards=shards):
                    try:
                        self.fill_and_recover(durability, shards)
                    finally:
                        self.nodes[-1].kill()

    def fill_and_recover(self, durability, shards):
        node = self.node(
            f"{durability}-{shards}",
            {"shards": shards, "storage": {"journal_max": "16mb", "dirty_max": "8mb"}},
            {"durability": durability, "request_timeout": "2s"},
        )
        subprocess.run(f"rm -rf {self.disk}/*", shell=True, check=True)
        node.data = self.disk / node.name
        ballast = self.disk / "ballast"
        write_zeros(ballast, BALLAST)
        node.start()
        acknowledged, waiting, errors = self.write_until_refused(node)
        print(f"{durability}, {shards} shards: {len(acknowledged)} values of 32 KiB, then: {errors}")
        self.assertTrue(node.alive())
        self.assertEqual(node.admin("/healthz")[0], 200)
        self.check(node, acknowledged)

        os.unlink(ballast)
        # A write that met the full disk waits for room, and is then answered as it ended.
        for key, wire in waiting.items():
            with wire:
                self.assertEqual(wire.read(), "OK")
            acknowledged.append(key)
        with node.wire() as wire:
            wait_until(lambda: takes_writes(wire), "writes are taken again", patience=30, pause=0.2)
            for i in range(100):
                wire.call("SET", f"after-{i}", VALUE[:100])
        self.check(node, acknowledged)
        node.kill()
        node.start()
        self.check(node, acknowledged)
        with node.wire() as wire:
            self.assertEqual(wire.call("GET", "after-99"), VALUE[:100])
        node.stop()

    def check(self, node, keys):
        with node.wire() as wire:
            for key in keys:
                self.assertEqual(wire.call("GET", key), VALUE, key)

    def write_until_refused(self, node):
        """Writes until writes are refused for the reason: the keys acknowledged, those still waited for
        with their connections, and the errors."""
        acknowledged, waiting, errors, lost = [], {}, [], 0
        wire = node.wire(timeout=5)
        for i in range(2 * DISK // len(VALUE)):
            key = f"key-{i}"
            try:
                wire.call("SET", key, VALUE)
                acknowledged.append(key)
            except TimeoutError:
                wire.socket.settimeout(30)
                waiting[key], wire = wire, node.wire(timeout=5)
                self.assertLess(len(waiting), 4, "too many writes wait without a word")
            except ConnectionError:
                wire.close()
                wire = node.wire(timeout=5)  # the outcome is unknown, and the client knows that
                lost += 1
                self.assertLess(lost, 4, "too many connections were closed")
            except ReplyError as error:
                errors.append(str(error))
                self.assertRegex(errors[-1], r"^(DISKFULL .*disk is full|NOQUORUM .* outcome is unknown)")
            if len(errors) >= 10 and all(e.startswith("DISKFULL") for e in errors[-5:]):
                wire.close()
                return acknowledged, waiting, sorted(set(errors))
        self.fail(f"the disk never filled: {errors[:3]}")


def write_zeros(path, size):
    pathlib.Path(path).write_bytes(bytes(size))


def takes_writes(wire):
    """On every shard: each finds out for itself that there is room."""
    try:
        return all(wire.call("SET", f"probe-{i}", "x") == "OK" for i in range(16))
    except ReplyError:
        return False


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Other people's clients: redis-cli, redis-py, node-redis and ioredis, unchanged."""

import os
import pathlib
import shutil
import subprocess
import unittest

import redis

from harness.case import NodeCase, main
from harness.wire import ReplyError

CLIENTS = pathlib.Path(__file__).resolve().parent / "clients"
INSTALL_PATIENCE = 120


def node_modules():
    """The folder with the npm packages installed; skips the test where npm cannot get them."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise unittest.SkipTest("node or npm is not installed: node-redis and ioredis are not tried")
    folder = pathlib.Path(os.environ.get("QUORATE_NPM", "/tmp/quorate-npm"))
    manifest = (CLIENTS / "package.json").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "installed.json"
    if not done.exists() or done.read_text() != manifest:
        (folder / "package.json").write_text(manifest)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
        try:
            installed = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_PATIENCE
            )
        except subprocess.TimeoutExpired as expired:
            raise unittest.SkipTest("npm does not reach its registry") from expired
        if installed.returncode != 0:
            raise unittest.SkipTest(f"npm cannot install the clients: {installed.stderr[-500:]}")
        done.write_text(manifest)
    return folder


class Clients(NodeCase):
    def run_script(self, name):
        folder = node_modules()
        for script in CLIENTS.glob("*.mjs"):  # modules are looked for beside the script
            shutil.copy(script, folder)
        node = self.node(settings={"shards": 2}).start()
        done = subprocess.run(
            ["node", str(folder / name), str(node.port)], capture_output=True, text=True, timeout=60
        )
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)

    def test_node_redis(self):
        self.run_script("node_redis.mjs")

    def test_ioredis(self):
        self.run_script("ioredis.mjs")

    def test_redis_cli(self):
        node = self.node().start()

        def cli(*words, text=None):
            command = ["redis-cli", "-p", str(node.port), *words]
            done = subprocess.run(command, capture_output=True, text=True, input=text, timeout=30)
            return done.stdout.strip()

        self.assertEqual(cli("set", "greeting", "hello"), "OK")
        self.assertEqual(cli("get", "greeting"), "hello")
        self.assertEqual(cli("-3", "hgetall", "absent"), "")
        self.assertEqual(cli("-3", "--json", "hset", "h", "f", "v"), "1")
        self.assertEqual(cli("-3", "--json", "hgetall", "h"), '{"f":"v"}')
        self.assertIn("redis_version:7", cli("info", "server"))
        self.assertEqual(cli(text="set a 1\nincr a\nget a\n").split(), ["OK", "2", "2"])
        self.assertEqual(sorted(cli("--scan").split()), ["a", "greeting", "h"])
        self.assertIn("errors: 0", cli("--pipe", text="SET p 1\r\nSET q 2\r\n"))

    def test_redis_py(self):
        node = self.node(settings={"shards": 2}).start()
        client = node.client(decode_responses=True, client_name="tour")
        self.assertTrue(client.ping())
        self.assertEqual(client.client_getname(), "tour")
        client.set("text", "välue", px=60_000)
        self.assertEqual(client.get("text"), "välue")
        self.assertTrue(50_000 < client.pttl("text") <= 60_000)
        self.assertEqual(client.hset("hash", mapping={"a": 1, "b": 2}), 2)
        self.assertEqual(client.hgetall("hash"), {"a": "1", "b": "2"})
        self.assertEqual(client.hincrby("hash", "a", 41), 42)
        self.assertEqual(client.type("hash"), "hash")
        self.assertEqual(client.mget("text", "absent"), ["välue", None])
        with client.pipeline(transaction=False) as pipeline:
            for i in range(500):
                pipeline.set(f"p{i}", i)
                pipeline.incr(f"p{i}")
            replies = pipeline.execute()
        self.assertEqual(replies, [x for i in range(500) for x in (True, i + 1)])
        self.assertEqual(sum(1 for _ in client.scan_iter(match="p*", count=50)), 500)
        self.assertEqual(dict(client.hscan_iter("hash")), {"a": "42", "b": "2"})
        self.assertTrue(client.info("server")["redis_version"].startswith("7."))
        self.assertIn("maxmemory", client.config_get("maxmemory*"))
        with self.assertRaises(redis.ResponseError):
            client.incr("text")
        self.assertEqual(client.delete("text", "hash", "absent"), 2)

    def test_hello_changes_the_protocol(self):
        node = self.node().start()
        with node.wire() as wire:
            wire.call("HSET", "h", "f", "v")
            self.assertEqual(wire.call("HGETALL", "h"), [b"f", b"v"])
            hello = wire.call("HELLO", 3, "SETNAME", "three")
            self.assertEqual((hello["proto"], hello["role"]), (3, b"master"))
            self.assertEqual(wire.call("HGETALL", "h"), {"f": b"v"})
            self.assertIsNone(wire.call("GET", "absent"))
            self.assertEqual(wire.call("CLIENT", "GETNAME"), b"three")
            hello = wire.call("HELLO", 2)
            self.assertEqual(hello[hello.index(b"proto") + 1], 2)
            with self.assertRaisesRegex(ReplyError, "NOPROTO"):
                wire.call("HELLO", 4)
            self.assertEqual(wire.call("RESET"), "RESET")
            self.assertEqual(wire.call("QUIT"), "OK")
            self.assertTrue(wire.closed())


if __name__ == "__main__":
    main()

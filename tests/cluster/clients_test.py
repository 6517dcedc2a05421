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
from harness.cluster import Cluster
from harness.node import quorated, wait_until
from harness.wire import ReplyError

CLIENTS = pathlib.Path(__file__).resolve().parent / "clients"
INSTALL_PATIENCE = 120
NAMES = ["n1", "n2", "n3"]
PASSWORD = "a-password-of-the-test"
ALL = ("CONSISTENCY", "READ", "ALL", "THEN")


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


class ClientsCase(NodeCase):
    def run_script(self, name, node, *authority):
        """A script of clients/ against the node, over TLS where an authority is given."""
        folder = node_modules()
        for script in CLIENTS.glob("*.mjs"):  # modules are looked for beside the script
            shutil.copy(script, folder)
        command = ["node", str(folder / name), str(node.port), *map(str, authority)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, "ok\n"), done.stderr)


class Clients(ClientsCase):
    def test_node_redis(self):
        self.run_script("node_redis.mjs", self.node(settings={"shards": 2}).start())

    def test_ioredis(self):
        self.run_script("ioredis.mjs", self.node(settings={"shards": 2}).start())

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


class ClientsOfASecureCluster(ClientsCase):
    """Three nodes of two shards; TLS between them, and between them and their clients, with a password."""

    def setUp(self):
        super().setUp()
        certs = self.folder / "certs"
        hosts = [f"{name}=127.0.0.1,localhost" for name in NAMES]
        subprocess.run(
            [quorated(), "cert", "--cluster", "test", "--out", str(certs), *hosts], check=True, capture_output=True
        )
        self.authority = certs / "authority.pem"
        self.nodes += (nodes := Cluster(self.folder, pool={"tls": True, "password": PASSWORD}, settings={"shards": 2}).nodes)
        for node, name in zip(nodes, NAMES):
            node.settings["tls"] = {
                "certificate": str(certs / f"{name}.pem"), "key": str(certs / f"{name}.key"),
                "authority": str(self.authority),
            }  # fmt: skip
            node.launch()
        for node in nodes:
            node.wait_ready()
            wait_until(lambda n=node: self.client(n).execute_command(*ALL, "GET", "k") is None, "all are connected")

    def client(self, node):
        return redis.Redis(
            "localhost", node.port, password=PASSWORD, ssl=True, ssl_ca_certs=str(self.authority), retry_on_timeout=True
        )

    def cli(self, node, *words):
        command = ["redis-cli", "-h", "localhost", "-p", str(node.port), "--tls", "--cacert", str(self.authority), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=30, env={**os.environ, "REDISCLI_AUTH": PASSWORD}
        )
        return (done.stdout + done.stderr).strip()

    def test_redis_cli_and_redis_py(self):
        for i, node in enumerate(self.nodes):
            self.assertEqual(self.cli(node, "set", f"cli-{i}", str(i)), "OK")
            self.client(node).set(f"py-{i}", i)
        for node in self.nodes:
            for i in range(len(self.nodes)):
                self.assertEqual(self.cli(node, "get", f"cli-{i}"), str(i))
            self.assertEqual(self.client(node).mget("py-0", "py-1", "py-2"), [b"0", b"1", b"2"])
            pipeline = self.client(node).pipeline(transaction=False)
            for i in range(200):
                pipeline.incr(f"many-{i}")
            self.assertEqual(len(pipeline.execute()), 200)
        self.assertEqual(self.client(self.nodes[0]).get("many-7"), b"3")

    def test_node_redis(self):
        self.run_script("node_redis.mjs", self.nodes[1], self.authority, PASSWORD)

    def test_ioredis(self):
        self.run_script("ioredis.mjs", self.nodes[2], self.authority, PASSWORD)

    def test_who_does_not_know_the_password_or_the_authority_is_told(self):
        node = self.nodes[0]
        stranger = redis.Redis("localhost", node.port, ssl=True, ssl_ca_certs=str(self.authority))
        self.assertRaisesRegex(redis.AuthenticationError, "Authentication required", stranger.get, "k")
        wrong = redis.Redis("localhost", node.port, password="x", ssl=True, ssl_ca_certs=str(self.authority))
        self.assertRaisesRegex(redis.RedisError, "WRONGPASS", wrong.ping)
        untrusting = redis.Redis("localhost", node.port, password=PASSWORD, ssl=True)
        self.assertRaisesRegex(redis.ConnectionError, "CERTIFICATE_VERIFY_FAILED", untrusting.ping)
        plain = redis.Redis("localhost", node.port, password=PASSWORD, socket_timeout=5)
        self.assertRaises((redis.ConnectionError, redis.TimeoutError), plain.ping)
        self.assertTrue(self.client(node).ping())


if __name__ == "__main__":
    main()

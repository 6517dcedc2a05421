#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an operator uses: the admin endpoints, the program's own commands, backup and restore."""

import json
import os
import re
import signal
import socket
import subprocess

from harness.case import NodeCase, main
from harness.node import quorated, wait_until


def run(*words, timeout=60):
    return subprocess.run([quorated(), *map(str, words)], capture_output=True, text=True, timeout=timeout)


class Admin(NodeCase):
    def test_health_readiness_and_metrics(self):
        node = self.node().start()
        self.assertEqual(node.admin("/healthz")[0], 200)
        self.assertEqual(node.admin("/readyz")[0], 200)
        self.assertEqual(node.admin("/nothing")[0], 404)
        self.assertEqual(node.admin("/metrics", method="DELETE")[0], 405)
        with node.wire() as wire:
            for i in range(123):
                wire.call("SET", f"k{i}", i)
        status, text = node.admin("/metrics")
        self.assertEqual(status, 200)
        for line in text.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [-+0-9.e]+(Inf)?|)$")
        counts = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if "commands_total" in line and line[0] != "#"]
        self.assertGreaterEqual(sum(counts), 123)

    def test_the_admin_server_outlives_bad_requests(self):
        node = self.node().start()
        for bad in (b"\x00" * 5000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"G" * 100_000, b""):
            with socket.create_connection(("127.0.0.1", node.admin_port), timeout=10) as connection:
                try:
                    connection.sendall(bad)
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(4096)
                except OSError:  # The node may have closed it before: ENOTCONN is no ConnectionError.
                    pass
        self.assertEqual(node.admin("/healthz")[0], 200)

    def test_the_log_level_changes_while_the_node_runs(self):
        node = self.node().start()
        status, _ = node.admin("/loglevel?level=debug", method="PUT")
        self.assertEqual(status, 200)
        self.assertIn("debug", node.admin("/loglevel")[1])

    def test_the_log_is_json_where_asked(self):
        node = self.node(settings={"log": {"format": "json"}}).start()
        node.stop()
        lines = [line for line in node.log_path.read_text().splitlines() if line.startswith("{")]
        self.assertGreater(len(lines), 0)
        for line in lines:
            self.assertIn("level", json.loads(line))


class Program(NodeCase):
    def test_version_help_and_check(self):
        self.assertRegex(run("--version").stdout, r"^quorated \d+\.\d+")
        self.assertIn("--listen", run("--help").stdout)
        for command in ("cert", "backup", "restore"):
            self.assertEqual(run(command, "--help").stdout, run("--help").stdout)
        checked = run("--check", "--listen", "127.0.0.1:7000", "--data", "d", "--durability", "none")
        self.assertEqual((checked.returncode, checked.stdout), (0, "ok\n"))

    def test_wrong_settings_are_refused_with_line_and_reason(self):
        path = self.folder / "wrong.yaml"
        path.write_text("cluster: c\nshards: many\npools:\n  - name: main\n    durabilty: none\n")
        refused = run("--config", path)
        self.assertNotEqual(refused.returncode, 0)
        self.assertRegex(refused.stderr, r"wrong\.yaml:2:\d+: .*many")
        self.assertRegex(refused.stderr, r"wrong\.yaml:5:\d+: .*durabilty.*durability")
        self.assertIn("--shard", run("--shard", "2").stderr)

    def test_a_listener_for_everybody_needs_a_password_or_a_word(self):
        refused = run("--check", "--listen", "0.0.0.0:7000")
        self.assertNotEqual(refused.returncode, 0)
        self.assertRegex(refused.stderr, r"(?i)password|insecure")
        self.assertEqual(run("--check", "--listen", "0.0.0.0:7000", "--insecure").returncode, 0)

    def test_a_directory_has_one_node_at_a_time(self):
        node = self.node().start()
        second = run("--data", node.data, "--listen", "127.0.0.1:0")
        self.assertNotEqual(second.returncode, 0)
        self.assertRegex(second.stderr, r"(?i)in use|locked|another")
        self.assertTrue(node.client().ping())

    def test_every_signal_that_asks_for_the_end_is_orderly(self):
        for name in ("SIGTERM", "SIGINT"):
            node = self.node(name, pool={"durability": "none"}).start()
            node.client().set("k", name)
            os.kill(node.process.pid, getattr(signal, name))
            self.assertEqual(node.process.wait(timeout=60), 0, node.log())
            node.start()
            self.assertEqual(node.client().get("k"), name.encode())

    def test_hang_up_reads_the_settings_again(self):
        node = self.node(settings={"log": {"level": "info"}}).start()
        node.settings["log"] = {"level": "debug"}
        path = node.folder / "node.yaml"
        path.write_text(json.dumps(node.configuration()))
        os.kill(node.process.pid, signal.SIGHUP)
        wait_until(lambda: "debug" in node.admin("/loglevel")[1], "the new level")
        self.assertTrue(node.client().ping())


class Backup(NodeCase):
    def filled(self, shards=1):
        node = self.node("source", {"shards": shards}).start()
        client = node.client()
        for i in range(500):
            client.set(f"k{i}", os.urandom(i))
            client.hset("h", f"f{i}", i)
        client.incr("n")
        client.expire("k1", 1000)
        wanted = {f"k{i}": client.get(f"k{i}") for i in range(500)}
        node.stop()
        return node, wanted

    def test_a_backup_restores_everything(self):
        node, wanted = self.filled(shards=2)
        file = self.folder / "backup"
        made = run("backup", file, "--data", node.data)
        self.assertEqual(made.returncode, 0, made.stderr)
        copy = self.node("copy")
        restored = run("restore", file, "--data", copy.data)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        copy.start()
        client = copy.client()
        self.assertEqual({k: client.get(k) for k in wanted}, wanted)
        self.assertEqual(client.hlen("h"), 500)
        self.assertEqual(client.incr("n"), 2)
        self.assertTrue(800 < client.ttl("k1") <= 1000)
        node.start()  # the source is as it was
        self.assertEqual(node.client().hlen("h"), 500)

    def test_a_backup_is_refused_where_it_could_do_harm(self):
        node, _ = self.filled()
        file = self.folder / "backup"
        node.start()
        self.assertNotEqual(run("backup", file, "--data", node.data).returncode, 0)
        node.stop()
        self.assertEqual(run("backup", file, "--data", node.data).returncode, 0)
        over = run("restore", file, "--data", node.data)
        self.assertNotEqual(over.returncode, 0)
        self.assertTrue(over.stderr.strip())
        self.assertNotEqual(run("restore", self.folder / "absent", "--data", self.folder / "x").returncode, 0)

    def test_a_damaged_backup_is_refused(self):
        node, _ = self.filled()
        file = self.folder / "backup"
        run("backup", file, "--data", node.data)
        whole = file.read_bytes()
        for i, damaged in enumerate((whole[: len(whole) // 2], flipped(whole, len(whole) // 2), flipped(whole, 3), b"")):
            file.write_bytes(damaged)
            refused = run("restore", file, "--data", self.folder / f"damaged-{i}")
            self.assertNotEqual(refused.returncode, 0, i)
            self.assertTrue(re.search(r"\w", refused.stderr), i)


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The load generator against the null server: every operation ends, counts, and tells an error."""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from tests.bench.servers import Null  # noqa: E402
from tests.cluster.harness.ports import free_port  # noqa: E402

LOAD, NULL_SERVER = (pathlib.Path(p) for p in sys.argv[1:3])


def run_load(port, *words):
    command = [str(LOAD), "--port", str(port), "--seconds", "1", "--timeout", "5", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=50)


class Programs(unittest.TestCase):
    def test_fill_sends_every_key_once(self):
        done = run_load(self.port, "--op", "fill", "--keys", "1003", "--pipeline", "16")
        self.assertEqual(json.loads(done.stdout)["operations"], 1003, done.stderr)

    def test_every_operation_runs_for_its_time(self):
        for op in ("set", "get", "ping"):
            done = run_load(self.port, "--op", op, "--pipeline", "16", "--connections", "3")
            result = json.loads(done.stdout)
            self.assertEqual((done.returncode, result["errors"]), (0, 0), done.stderr)
            self.assertGreater(result["operations"], 1000)
            self.assertTrue(0.9 < result["seconds"] < 4.0, result)
            self.assertTrue(0 < result["p50_us"] <= result["p99_us"] <= result["max_us"], result)

    def test_an_error_reply_is_counted_and_told(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def answer():
                connection, _ = listener.accept()
                with connection:
                    while connection.recv(4096):
                        connection.sendall(b"-ERR this is refused\r\n")

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            done = run_load(
                listener.getsockname()[1], "--op", "fill", "--keys", "2", "--connections", "1"
            )
            thread.join(5)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stdout)["errors"], 2)
        self.assertIn("this is refused", done.stderr)

    def test_a_missing_server_is_an_error(self):
        self.assertEqual(run_load(free_port(), "--op", "get").returncode, 2)

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.server = Null(cls.folder, NULL_SERVER.parent)
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        cls.port = cls.server.port


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

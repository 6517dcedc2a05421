# SPDX-License-Identifier: Apache-2.0
"""One quorated process with a folder of its own."""

import http.client
import json
import os
import pathlib
import signal
import subprocess
import time

import redis

from harness.ports import free_port
from harness.wire import Wire

START_PATIENCE = 60.0
STOP_PATIENCE = 60.0
LOG_TAIL = 6000


def quorated():
    """The binary under test."""
    path = os.environ.get("QUORATED")
    if not path or not pathlib.Path(path).exists():
        raise RuntimeError(f"QUORATED must name the node binary; {path or 'nothing'} is none: build it first")
    return path


def wait_until(condition, what, patience=START_PATIENCE, pause=0.02):
    """Waits for condition() to be true, and returns its value."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {patience:.0f} s")
        time.sleep(pause)


class Node:
    """A node as its operator sees it: a configuration, a data directory, a process and a log.

    `settings` is the configuration; the listeners and the data directory are added. The pool's
    settings are `pool`. Both can be changed between a stop and the next start.
    """

    def __init__(self, folder, name="node", settings=None, pool=None, limits=None):
        self.name = name
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.port, self.admin_port = free_port(), free_port()
        self.settings = dict(settings or {})
        self.pool = dict(pool or {})
        self.limits = limits  # called in the child before it becomes the node
        self.process = None

    def configuration(self):
        pool = {"name": "main", "listen": f"127.0.0.1:{self.port}", **self.pool}
        admin = {"listen": f"127.0.0.1:{self.admin_port}"}
        return {"data": str(self.data), "admin": admin, **self.settings, "pools": [pool]}

    def launch(self):
        """Starts the process and returns at once."""
        path = self.folder / "node.yaml"
        path.write_text(json.dumps(self.configuration(), indent=1))  # JSON is YAML
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [quorated(), "--config", str(path)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=self.limits,
            )  # fmt: skip
        return self

    def start(self):
        """Starts the process and waits until it serves."""
        self.launch()
        self.wait_ready()
        return self

    def wait_ready(self):
        wait_until(self.ready, f"{self.name} serves")

    def ready(self):
        if not self.alive():
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")
        try:
            return self.admin("/readyz")[0] == 200
        except OSError:
            return False

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a power cut for the process, though not for the machine."""
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self):
        """The orderly end. It must come in time and be a success."""
        self.process.terminate()
        code = self.process.wait(timeout=STOP_PATIENCE)
        if code != 0:
            raise RuntimeError(f"{self.name} ended with {code}:\n{self.log()}")

    def restart(self):
        self.stop()
        self.start()

    def client(self, **options):
        """A redis-py client."""
        options = {"socket_timeout": 30, **options}
        return redis.Redis("127.0.0.1", self.port, **options)

    def wire(self, timeout=30.0):
        return Wire(self.port, timeout=timeout)

    def admin(self, path, method="GET", body=None):
        """Status and body of an answer of the admin server."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        try:
            connection.request(method, path, body=body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metric(self, name):
        """The sum of a metric over its labels; None where there is no such metric."""
        found = None
        for line in self.admin("/metrics")[1].splitlines():
            if not line.startswith("#") and line.split("{")[0].split(" ")[0] == name:
                found = (found or 0.0) + float(line.rsplit(" ", 1)[1])
        return found

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    @property
    def log_path(self):
        return self.folder / "log"

    def log(self):
        """The end of what the node has logged."""
        return self.log_path.read_text(errors="replace")[-LOG_TAIL:] if self.log_path.exists() else ""

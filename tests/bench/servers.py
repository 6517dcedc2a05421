# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured, each a process on a free port of this machine, seen from outside."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from tests.cluster.harness.ports import free_port

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_PATIENCE = 120.0


def request(*words):
    """A command as RESP."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def cpu_seconds_of(pid):
    """What a process has taken of processors so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


class Server:
    """A process that speaks RESP. Subclasses give its name and command line."""

    name = ""

    def __init__(self, folder, tools, **settings):
        self.folder = pathlib.Path(folder) / f"{self.name}-{free_port()}"
        self.tools = tools
        self.settings = settings
        self.port = free_port()
        self.process = None
        self.folder.mkdir(parents=True)

    def command(self):
        raise NotImplementedError

    def start(self):
        """Starts the process and waits for its first answer of any kind; returns the seconds that took."""
        begin = time.monotonic()
        pin = self.settings.get("pin")
        prefix = [] if pin is None else ["taskset", "-c", str(pin)]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                prefix + self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.wait_until(lambda: self.ask(b"PING") is not None)
        return time.monotonic() - begin

    def wait_loaded(self):
        """Waits until no answer is -LOADING any more; returns how many were, and the seconds."""
        begin = time.monotonic()
        refused = 0
        while (self.ask(b"GET", b"x") or b"-LOADING").startswith(b"-LOADING"):
            refused += 1
            if time.monotonic() - begin > START_PATIENCE:
                raise TimeoutError(f"{self.name} is still loading")
            time.sleep(0.005)
        return refused, time.monotonic() - begin

    def wait_until(self, condition):
        end = time.monotonic() + START_PATIENCE
        while not condition():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {(self.folder / 'log').read_text()[-2000:]}")
            if time.monotonic() > end:
                raise TimeoutError(f"{self.name} does not answer")
            time.sleep(0.002)

    def ask(self, *words):
        """The beginning of the answer to one command on a connection of its own, or None."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(request(*words))
                return connection.recv(1 << 16) or None
        except OSError:
            return None

    def cpu_seconds(self):
        return cpu_seconds_of(self.process.pid)

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def disk_bytes(self):
        return sum(f.stat().st_blocks * 512 for f in self.folder.rglob("*") if f.is_file())

    def report(self):
        """What the server says of its own buffers, as a dictionary."""
        return {}

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis(Server):
    name = "redis"

    def command(self):
        fsync = self.settings.get("fsync")
        persistence = ["--appendonly", "no"]
        if fsync:
            persistence = ["--appendonly", "yes", "--appendfsync", fsync]
        return [
            "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
            "--dir", str(self.folder), *persistence,
        ]  # fmt: skip

    def report(self):
        lines = (self.ask(b"INFO", b"persistence") or b"").decode().splitlines()
        return {k: int(v) for k, _, v in (line.partition(":") for line in lines) if v.isdigit()}

    def settle(self):
        """Waits for a rewrite of the append-only file that is under way."""
        self.wait_until(lambda: not self.report().get("aof_rewrite_in_progress"))


class Quorate(Server):
    name = "quorate"

    def command(self):
        self.admin = getattr(self, "admin", None) or free_port()
        return [
            str(self.tools / "quorated"), "--listen", f"127.0.0.1:{self.port}",
            "--data", str(self.folder / "data"), "--shards", str(self.settings.get("shards", 1)),
            "--durability", self.settings.get("durability", "none"),
            "--admin", f"127.0.0.1:{self.admin}",
        ]  # fmt: skip

    def report(self):
        with socket.create_connection(("127.0.0.1", self.admin), timeout=5) as connection:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
        values = {}
        for line in text.splitlines():
            name, _, value = line.rpartition(" ")
            if name.startswith("quorate_"):
                values[name] = float(value)
        return values

    def settle(self):
        pass


class Null(Server):
    name = "null"

    def command(self):
        return [str(self.tools / "quorate-null-server"), str(self.port), "64"]

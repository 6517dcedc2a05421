# SPDX-License-Identifier: Apache-2.0
"""Clients that write without pause and remember what they were promised."""

import threading

from harness.wire import ReplyError, Wire, encode

_BATCH = 100


class Writer(threading.Thread):
    """Writes keys of its own, one request after the other, over one connection to one node.

    Keys `PREFIX-0`, `PREFIX-1`, ... are written once; `PREFIX-last` is overwritten with each number;
    `PREFIX-count` is incremented. What was acknowledged is in `acknowledged` (how many of the first
    kind), `last` and `count`. An error reply is kept in `refused`; the loss of the connection, which
    leaves the request in flight unknown, ends the thread with `lost` set.
    """

    def __init__(self, prefix, port):
        super().__init__(name=prefix, daemon=True)
        self.prefix = prefix
        self.port = port
        self.acknowledged = 0
        self.last = -1
        self.count = 0
        self.refused = []
        self.lost = None
        self._ending = threading.Event()

    def run(self):
        try:
            with Wire(self.port, timeout=20) as wire:
                while not self._ending.is_set():
                    self._write(wire)
        except (OSError, ConnectionError) as error:
            self.lost = error

    def _write(self, wire):
        number = self.acknowledged
        try:
            wire.call("SET", f"{self.prefix}-{number}", number)
            self.acknowledged += 1
            wire.call("SET", f"{self.prefix}-last", number)
            self.last = number
            wire.call("INCR", f"{self.prefix}-count")
            self.count += 1
        except ReplyError as error:
            self.refused.append(str(error))

    def end(self):
        self._ending.set()
        self.join(timeout=30)

    def missing(self, wire, *level):
        """What was acknowledged and is not there, read over `wire`, with `level` in front of each read."""
        wrong = []
        for start in range(0, self.acknowledged, _BATCH):
            numbers = range(start, min(start + _BATCH, self.acknowledged))
            wire.send(b"".join(encode(*level, "GET", f"{self.prefix}-{i}") for i in numbers))
            for i in numbers:
                value = wire.read()
                if value != b"%d" % i:
                    wrong.append(f"{self.prefix}-{i}: {value}")
        last = wire.call(*level, "GET", f"{self.prefix}-last")
        if self.last >= 0 and (last is None or int(last) < self.last):
            wrong.append(f"{self.prefix}-last: {last}, acknowledged {self.last}")
        count = wire.call(*level, "GET", f"{self.prefix}-count")
        # A request that was lost or refused may have been executed.
        most = self.count + len(self.refused) + (1 if self.lost else 0)
        if self.count and not self.count <= int(count or 0) <= most:
            wrong.append(f"{self.prefix}-count: {count}, acknowledged {self.count}, at most {most}")
        return wrong

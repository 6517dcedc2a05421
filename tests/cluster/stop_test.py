#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An orderly end while clients are served: it comes in time, and what was acknowledged outlives it, stored or not."""

import random
import threading
import time

from harness.case import NodeCase, main, scale
from harness.wire import ReplyError

ROUNDS = scale(60, 20)
WRITERS = 4
# An end has to wait for nothing here but what is under way, and for no request's time (5 s) to be over.
IN_TIME = 2.0


class Writer(threading.Thread):
    """Counts a key of its own up until the node ends; `counted` is what was acknowledged."""

    def __init__(self, node, key, counted):
        super().__init__()
        self.node, self.key, self.counted = node, key, counted

    def run(self):
        try:
            with self.node.wire() as wire:
                while True:
                    self.counted = wire.call("INCR", self.key)
        except (OSError, ReplyError):
            pass  # the node ends, or is about to


class Stop(NodeCase):
    def test_an_end_under_load_comes_in_time_and_keeps_what_was_acknowledged(self):
        node = self.node(settings={"shards": 4}, pool={"durability": "none"})
        counted = {f"count-{i}": 0 for i in range(WRITERS)}
        draw = random.Random(1)
        slowest = 0.0
        for _ in range(ROUNDS):
            node.start()
            with node.wire() as wire:
                for key, least in counted.items():
                    self.assertGreaterEqual(int(wire.call("GET", key) or 0), least, key)
            writers = [Writer(node, *count) for count in counted.items()]
            for writer in writers:
                writer.start()
            time.sleep(draw.uniform(0.01, 0.1))
            began = time.monotonic()
            node.stop()
            slowest = max(slowest, time.monotonic() - began)
            for writer in writers:
                writer.join()
            counted = {writer.key: writer.counted for writer in writers}
        print(f"{ROUNDS} ends under load, the slowest after {slowest:.3f} s")
        self.assertLess(slowest, IN_TIME)
        self.assertGreater(min(counted.values()), ROUNDS)


if __name__ == "__main__":
    main()

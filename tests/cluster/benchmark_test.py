#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""redis-benchmark runs to its end, without an error, with one shard and with two."""

import re
import subprocess

from harness.case import NodeCase, main, scale


class Benchmark(NodeCase):
    def test_redis_benchmark_ends_without_an_error(self):
        for shards in (1, 2):
            node = self.node(f"shards-{shards}", {"shards": shards}, {"durability": "periodic"}).start()
            self.run_benchmark(node, 200_000)
            # Half of these go to the other shard: more than a node remembers of the requests of others.
            self.run_benchmark(node, scale(200_000, 60_000), "-r", "100000")
            node.stop()

    def run_benchmark(self, node, count, *keyspace):
        done = subprocess.run(
            ["redis-benchmark", "-p", str(node.port), "-t", "set,get,incr,hset,mset",
             "-n", str(count), "-c", "50", "-P", "16", "-q", *keyspace],
            capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        output = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, output)
        self.assertNotRegex(output, r"(?i)error|warn")
        rates = re.findall(r"^(?:.*\r)?(\w+)[^:\r]*: ([\d.]+) requests per second", output, re.M)
        self.assertEqual(len(rates), 5, output)


if __name__ == "__main__":
    main()

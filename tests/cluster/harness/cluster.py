# SPDX-License-Identifier: Apache-2.0
"""Nodes that form one cluster: one in each rack, all with the same list of seats."""

from harness.node import Node, wait_until
from harness.ports import free_port


class Cluster:
    """Three nodes in three racks at QUORUM unless `pool` says otherwise."""

    def __init__(self, folder, nodes=3, pool=None, settings=None):
        pool = {
            "replicas": nodes, "read_consistency": "QUORUM", "write_consistency": "QUORUM",
            **(pool or {}),
        }  # fmt: skip
        names = [f"n{i + 1}" for i in range(nodes)]
        self.seats = [
            {"name": name, "address": f"127.0.0.1:{free_port()}", "rack": f"r{i + 1}"}
            for i, name in enumerate(names)
        ]
        shared = {"cluster": "test", "seats": self.seats, **(settings or {})}
        self.nodes = [Node(folder, name, {**shared, "seat": name}, pool) for name in names]

    def start(self):
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_ready()
        self.wait_connected()
        return self

    def wait_connected(self):
        """Waits until every node that runs answers for all replicas that run."""
        for node in self.nodes:
            if node.alive():
                wait_until(lambda n=node: self._answers(n), f"{node.name} reaches its peers")

    def _answers(self, node):
        level = "ALL" if all(n.alive() for n in self.nodes) else "QUORUM"
        try:
            with node.wire(timeout=10) as wire:
                # Keys enough that each of the node's shards has asked each peer.
                for i in range(16):
                    wire.call("CONSISTENCY", "READ", level, "THEN", "GET", f"connected-{i}")
            return True
        except Exception:
            return False

    def __getitem__(self, index):
        return self.nodes[index]

    def __iter__(self):
        return iter(self.nodes)

    def kill(self):
        for node in self.nodes:
            node.kill()

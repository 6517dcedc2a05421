# SPDX-License-Identifier: Apache-2.0
"""The base of every test of this folder: a folder that goes away, nodes that never outlive the test,
and on failure the end of every log."""

import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from harness.cluster import Cluster
from harness.node import Node


class NodeCase(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quorate-test-"))
        self.nodes = []
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self._end)

    def node(self, name="node", settings=None, pool=None, **options):
        """A node that is not started yet."""
        node = Node(self.folder, name, settings, pool, **options)
        self.nodes.append(node)
        return node

    def cluster(self, **options):
        """A cluster that is started."""
        cluster = Cluster(self.folder, **options)
        self.nodes += cluster.nodes
        return cluster.start()

    def _end(self):
        failed = self._outcome is not None and not self._outcome.success
        for node in self.nodes:
            if failed:
                print(f"--- {node.name}, alive: {node.alive()}\n{node.log()}", file=sys.stderr)
            node.kill()


def scale(full, short):
    """The count of a long run, or the short one of CI."""
    return full if os.environ.get("QUORATE_LONG") else short


def main():
    unittest.main(verbosity=2)

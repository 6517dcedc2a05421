# SPDX-License-Identifier: Apache-2.0
"""Ports of this machine that nobody uses."""

import os
import socket

_FIRST, _LAST = 10_000, 30_000  # below the range from which the kernel takes ports of clients
_given = set()


def free_port():
    """A port that was free a moment ago and that this process was not given before.

    A client that looks for its node while the node is down cannot get the port as its own. Processes
    that run side by side begin their search at different places.
    """
    span = _LAST - _FIRST
    for step in range(span):
        port = _FIRST + (os.getpid() * 97 + step) % span
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    raise OSError("no free port")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

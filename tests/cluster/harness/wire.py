# SPDX-License-Identifier: Apache-2.0
"""RESP on a bare socket, for tests that care about single bytes."""

import socket


def encode(*words):
    """A command as an array of bulk strings; text, bytes and numbers may be mixed."""
    parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)


class ReplyError(Exception):
    """An error reply."""


class Wire:
    """One connection. Replies come back as Python values; an error reply is a ReplyError value."""

    def __init__(self, port, host="127.0.0.1", timeout=30.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in = bytearray()

    def send(self, data):
        self.socket.sendall(data)

    def call(self, *words):
        self.send(encode(*words))
        reply = self.read()
        if isinstance(reply, ReplyError):
            raise reply
        return reply

    def read(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return ReplyError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind in b"$=":
            return None if rest == b"-1" else self._exactly(int(rest))
        if kind in b"*~>":
            return None if rest == b"-1" else [self.read() for _ in range(int(rest))]
        if kind == b"%":
            return {_key(self.read()): self.read() for _ in range(int(rest))}
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        if kind == b"(":
            return int(rest)
        raise ValueError(f"no RESP: {line!r}")

    def closed(self, timeout=10.0):
        """True where the other side closes the connection within the time, whatever it sends before."""
        self.socket.settimeout(timeout)
        try:
            while self.socket.recv(1 << 16):
                pass
            return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise ConnectionError("closed by the server")
        self._in += data

    def _line(self):
        while (end := self._in.find(b"\r\n")) < 0:
            self._more()
        line = bytes(self._in[:end])
        del self._in[: end + 2]
        return line

    def _exactly(self, size):
        while len(self._in) < size + 2:
            self._more()
        data = bytes(self._in[:size])
        del self._in[: size + 2]
        return data


def _key(value):
    return value.decode() if isinstance(value, bytes) else value

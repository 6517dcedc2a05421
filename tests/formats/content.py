# SPDX-License-Identifier: Apache-2.0
"""What the kept data of tests/formats holds, whatever release wrote it. It never changes: a later release
that stores something new adds a writer of its own."""

FAR = 4_102_444_800  # a deadline in the year 2100, in seconds
PADDING = 400
# Small, so that a few commands make a checkpoint, and several segments behind it.
STORAGE = {"journal_max": "64kb", "dirty_max": "1mb"}


def write_old(wire):
    """What a checkpoint is to hold."""
    wire.call("SET", "text", b"\x00\xffany bytes\r\n")
    wire.call("SET", "overwritten", "first")
    wire.call("SET", "number", 41)
    wire.call("INCR", "number")
    wire.call("HSET", "hash", "a", 1, "b", "two", "dead", 3)
    wire.call("HINCRBY", "hash", "a", 4)
    wire.call("HDEL", "hash", "dead")
    wire.call("SET", "deadline", "later", "EXAT", FAR)
    wire.call("SET", "forever", "kept")
    wire.call("EXPIREAT", "forever", FAR)
    wire.call("PERSIST", "forever")
    wire.call("SET", "deleted", "once")
    wire.call("DEL", "deleted")
    wire.call("SET", "large", b"0123456789abcdef" * 256)
    for i in range(PADDING):
        wire.call("SET", f"padding-{i}", i)


def write_new(wire):
    """What the journal alone is to hold."""
    wire.call("SET", "overwritten", "second")
    wire.call("INCRBY", "number", 100)
    wire.call("HSET", "hash", "c", "three")
    wire.call("SET", "late", "in the journal")
    wire.call("DEL", "padding-0")


def check(test, wire):
    """`test` is a unittest.TestCase."""
    expected = {
        ("GET", "text"): b"\x00\xffany bytes\r\n",
        ("GET", "overwritten"): b"second",
        ("GET", "number"): b"142",
        ("HGET", "hash", "a"): b"5",
        ("HGET", "hash", "b"): b"two",
        ("HGET", "hash", "c"): b"three",
        ("HGET", "hash", "dead"): None,
        ("HLEN", "hash"): 3,
        ("GET", "deadline"): b"later",
        ("EXPIRETIME", "deadline"): FAR,
        ("TTL", "forever"): -1,
        ("GET", "deleted"): None,
        ("GET", "large"): b"0123456789abcdef" * 256,
        ("GET", "late"): b"in the journal",
        ("GET", "padding-0"): None,
        ("GET", "padding-1"): b"1",
        ("GET", f"padding-{PADDING - 1}"): str(PADDING - 1).encode(),
        ("DBSIZE",): 8 + PADDING - 1,
        # A counter goes on where it was, in a life of its own.
        ("INCR", "number"): 143,
    }
    for words, value in expected.items():
        test.assertEqual(wire.call(*words), value, words)

# SPDX-License-Identifier: Apache-2.0
"""Runs the console blocks of a document as a reader would, and compares what they print.

In a block that begins with ```console

    $ command            is run, and must print the lines below it, and nothing else
    $ command &          goes on running; the lines below it must appear, in their order
    ^C                   interrupts the last of those and waits for its end
    # words              is for the reader

`...` in a line stands for anything, and a line of nothing else for any number of lines. All commands
of a document share one shell, so that variables are kept.
"""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

COMMAND_PATIENCE = 300.0
START_PATIENCE = 900.0  # the first start builds
READER_PAUSE = 0.5  # no reader types the next line sooner
MARK = "__end_of_command__"


def blocks(text):
    """The lines of each console block."""
    return [b.split("\n") for b in re.findall(r"^```console\n(.*?)\n```$", text, re.M | re.S)]


def steps(lines):
    """Pairs of a command (or "^C") and the lines expected of it."""
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line == "^C":
            found.append((line, []))
        elif line.startswith("# ") or not line.strip():
            continue
        else:
            found[-1][1].append(line)
    return found


def pattern(lines):
    """A regular expression for the expected lines."""
    parts = []
    for line in lines:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(p) for p in line.rstrip().split("...")) + r"[ \t]*\n")
    return "".join(parts)


def hear_interrupt():
    """What a shell runs in the background ignores Ctrl-C, and so would all that is started from there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Console:
    """One shell and the programs that were left running."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.shell = subprocess.Popen(
            ["bash", "--norc"], cwd=self.folder, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        while self.running:
            self.interrupt()
        self.shell.stdin.close()
        self.shell.terminate()
        self.shell.wait(timeout=30)
        self.shell.stdout.close()

    def run(self, command, expected):
        """None where the command does as the document says; else what is wrong."""
        if command == "^C":
            return self.interrupt()
        if command.endswith(" &"):
            return self.leave_running(command[:-2], expected)
        self.shell.stdin.write(f"{{ {command}\n}} < /dev/null\necho {MARK}\n")
        self.shell.stdin.flush()
        output = ""
        watch = threading.Timer(COMMAND_PATIENCE, self.shell.kill)
        watch.start()
        try:
            while not output.endswith(f"{MARK}\n"):
                line = self.shell.stdout.readline()
                if not line:
                    return f"$ {command}\nthe shell ended:\n{output}"
                output += line
        finally:
            watch.cancel()
        output = output[: -len(MARK) - 1]
        if output and not output.endswith("\n"):
            output += "\n"
        if re.fullmatch(pattern(expected), output):
            return None
        return f"$ {command}\nexpected:\n" + "\n".join(expected) + f"\nprinted:\n{output}"

    def leave_running(self, command, expected):
        log = tempfile.TemporaryFile("w+")
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=hear_interrupt,
        )  # fmt: skip
        self.running.append((process, log))
        wanted = re.compile("(?:.*\n)*?".join(["", *(pattern([line]) for line in expected)]))
        time.sleep(READER_PAUSE)
        end = time.monotonic() + START_PATIENCE
        while True:
            log.seek(0)
            printed = log.read()
            if wanted.match(printed):
                return None
            if process.poll() is not None or time.monotonic() > end:
                return f"$ {command} &\nexpected:\n" + "\n".join(expected) + f"\nprinted:\n{printed}"
            time.sleep(0.1)

    def interrupt(self):
        process, log = self.running.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "Ctrl-C does not end it"
        finally:
            log.close()
        return None

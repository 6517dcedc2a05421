# SPDX-License-Identifier: Apache-2.0
"""What the structure tests share: the files of the project, and C++ text without comments and
strings. Python's standard library only."""

import os
import re
import sys

SKIPPED_FOLDERS = {".git", "build", "corpus", "data", "__pycache__"}
CPP_SUFFIXES = (".cc", ".h")
TEXT_SUFFIXES = CPP_SUFFIXES + (
    ".cmake", ".fbs", ".json", ".md", ".py", ".sh", ".txt", ".yaml", ".yml")


def files(root, folders=(".",), suffixes=CPP_SUFFIXES):
    """Paths below `folders`, relative to `root`, sorted."""
    found = []
    for folder in folders:
        for path, names, leaves in os.walk(os.path.join(root, folder)):
            names[:] = sorted(name for name in names if name not in SKIPPED_FOLDERS)
            for leaf in leaves:
                if leaf.endswith(suffixes):
                    found.append(os.path.normpath(os.path.relpath(os.path.join(path, leaf), root)))
    return sorted(set(found))


def scripts(root):
    """Files without a suffix that begin with #!."""
    found = []
    for path in files(root, suffixes=("",)):
        if "." in os.path.basename(path):
            continue
        with open(os.path.join(root, path), "rb") as file:
            if file.read(2) == b"#!":
                found.append(path)
    return found


def text(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


_TOKENS = re.compile(
    r"""//[^\n]*                       # a comment to the end of the line
      | /\*.*?\*/                      # a comment
      | R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)"   # a raw string
      | "(?:[^"\\\n]|\\.)*"            # a string
      | (?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)*'              # a character, not a digit separator
    """,
    re.VERBOSE | re.DOTALL)


def without_comments_and_strings(code):
    """The same text with every comment and string blanked; lines keep their numbers."""
    return _TOKENS.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), code)


def report(name, problems):
    """Prints problems and gives the exit code."""
    for problem in problems:
        print(problem)
    print(f"{name}: {len(problems)} problems" if problems else f"{name}: ok")
    return 1 if problems else 0


def main(name, check):
    """Runs check(root) for the root given as the first argument."""
    sys.exit(report(name, check(sys.argv[1])))

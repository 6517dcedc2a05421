# SPDX-License-Identifier: Apache-2.0
"""No dead file, and the same few habits in every file: each source is compiled, each test registered;
each file names its licence, keeps to its length, and has no tabs, no leftovers and no paths of the
machine it was written on."""

import json
import os
import re
import subprocess
import sys

import source_tree

LINES_MAX = 800
FOLDERS = ("engine", "adapters", "io", "sim", "tests", "fuzz")
TOP_LEVEL = FOLDERS + ("traces", "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md")
LICENSED = source_tree.CPP_SUFFIXES + (".cmake", ".fbs", ".py", ".sh")

# Put together so that this file does not contain them.
LEFTOVERS = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE_PATHS = re.compile("(?<![\\w.])/(wo" + "rk|ro" + "ot|ho" + "me)/|\\.\\./sha" + "red")


def compiled(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        return {os.path.realpath(os.path.join(entry["directory"], entry["file"]))
                for entry in json.load(file)}


def dead_sources(root, build):
    """Sources that no target compiles."""
    known = compiled(build)
    problems = []
    for path in source_tree.files(root, FOLDERS, (".cc",)):
        if os.path.realpath(os.path.join(root, path)) not in known:
            problems.append(f"{path}: no target compiles it")
    return problems


def dead_scripts(root, build):
    """Python tests that ctest does not run."""
    problems = []
    for path in source_tree.files(root, ("tests",), ("_test.py",)):
        tests = os.path.join(os.path.dirname(path), "CTestTestfile.cmake")
        known = os.path.exists(os.path.join(build, tests))
        if not known or os.path.basename(path) not in source_tree.text(build, tests):
            problems.append(f"{path}: ctest does not run it")
    return problems


def has_license(content):
    lines = content.split("\n")
    return any("SPDX-License-Identifier: Apache-2.0" in line
               for line in lines[:2 if lines[0].startswith("#!") else 1])


def check_file(path, content):
    problems = []
    licensed = path.endswith(LICENSED) or path.endswith("CMakeLists.txt") or content[:2] == "#!"
    if licensed and not has_license(content):
        problems.append(f"{path}:1: the first line names no licence")
    length = content.count("\n")
    if path.endswith(LICENSED) and length > LINES_MAX:
        problems.append(f"{path}: {length} lines; split it above {LINES_MAX}")
    for number, line in enumerate(content.split("\n"), 1):
        if "\t" in line:
            problems.append(f"{path}:{number}: a tab")
        if LEFTOVERS.search(line):
            problems.append(f"{path}:{number}: a leftover: {LEFTOVERS.search(line).group(0)}")
        if MACHINE_PATHS.search(line):
            problems.append(f"{path}:{number}: a path of one machine")
    return problems


def strangers(root):
    """What is committed beside the folders, and is none of the usual small files."""
    git = subprocess.run(["git", "-C", root, "ls-files"], capture_output=True, text=True, check=False)
    names = sorted({path.split("/")[0] for path in git.stdout.split("\n") if path})
    return [f"{name}: it is not of the top level" for name in names
            if name not in TOP_LEVEL and not name.startswith(".")]


def check(root, build):
    problems = strangers(root) + dead_sources(root, build) + dead_scripts(root, build)
    texts = source_tree.files(root, suffixes=source_tree.TEXT_SUFFIXES + ("CMakeLists.txt",))
    for path in sorted(set(texts + source_tree.scripts(root))):
        problems += check_file(path, source_tree.text(root, path))
    return problems


if __name__ == "__main__":
    sys.exit(source_tree.report("files_test", check(sys.argv[1], sys.argv[2])))

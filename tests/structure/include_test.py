# SPDX-License-Identifier: Apache-2.0
"""Includes point one way: engine <- adapters <- io, sim; within the engine each folder only sees lower
ones; a folder includes only what its quorate_library links, directly or through others. No header
of the operating system, of clocks, threads, files or randomness where everything must be
deterministic."""

import os
import re

import source_tree

# Lower lines know nothing of the ones after them; folders on one line do not see each other.
ENGINE_ORDER = [
    ["base"],
    ["env"],
    ["hash"],
    ["topology"],
    ["wire", "membership"],
    ["keyspace"],
    ["search"],
    ["commands"],
    ["dynamo", "raft"],
    ["node"],
]
# Which top folders a top folder sees besides itself.
WORLDS = {
    "engine": set(),
    "adapters": {"engine"},
    "io": {"engine", "adapters"},
    "sim": {"engine", "adapters"},
    "tests": {"engine", "adapters", "io", "sim", "fuzz"},
    "fuzz": {"engine", "adapters", "io", "sim", "tests"},
}
# wire/ needs the names of the levels, and nothing else of topology/.
SINGLE_HEADERS = {("engine/wire", "engine/topology"): {"engine/topology/consistency.h"}}

DETERMINISTIC = ("engine", "adapters", "sim")
FORBIDDEN_HEADERS = [
    (r"sys/.*|unistd\.h|fcntl\.h|netinet/.*|arpa/.*|net/.*|netdb\.h|linux/.*|pthread\.h|poll\.h|"
     r"dirent\.h|dlfcn\.h|sched\.h|semaphore\.h|signal\.h|csignal|execinfo\.h|pwd\.h|grp\.h",
     "the operating system belongs to io/"),
    (r"thread|mutex|shared_mutex|condition_variable|atomic|future|stop_token|latch|barrier|semaphore",
     "threads and locks belong to io/"),
    (r"random", "use KeyedHash or Prng of engine/base/random.h"),
    (r"ctime|time\.h", "times come in with the events: engine/base/time.h"),
    (r"unordered_map|unordered_set", "use an ordered map, or the keyspace's own table"),
    (r"clocale|locale|locale\.h|regex", "depends on the locale or is slow: use std::from_chars"),
]
# sim/tool is a program: it reads and writes files, says what a run took and arranges its memory, and runs each
# seed in a process of its own, so that one that dies takes no other with it; and none outlives who waits for it.
PROCESS_HEADERS = {"sys/types.h", "sys/wait.h", "sys/mman.h", "sys/resource.h", "sys/prctl.h", "unistd.h", "csignal",
                   "fcntl.h", "poll.h"}
# It also stops what asks the machine for more, and its tools ask for nothing but how long they take.
MACHINE_HEADERS = {
    "sim/tool/program/traps.cc": {"sys/random.h", "sys/socket.h", "sys/time.h", "ctime", "execinfo.h", "pthread.h"},
    "sim/tool/steady_seconds.cc": {"sys/syscall.h", "ctime"},
}
FILE_HEADERS = r"fstream|filesystem|iostream|cstdio|stdio\.h"
FILE_HEADERS_ALLOWED = {"engine/base/check.cc"}

_INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
_LIBRARY = re.compile(r"quorate_library\(\s*(\w+)\s*([^)]*)\)")


def rank(folder):
    for position, names in enumerate(ENGINE_ORDER):
        if folder in names:
            return position
    return None


def closures(root):
    """For each library (as folder "engine/hash"): the folders it links, directly or not."""
    links = {}
    for path in source_tree.files(root, ("engine", "adapters", "io", "sim"), ("CMakeLists.txt",)):
        for name, arguments in _LIBRARY.findall(source_tree.text(root, path)):
            arguments = re.sub(r"#[^\n]*", "", arguments)
            links[name.replace("_", "/", 1)] = {
                word.replace("::", "/") for word in arguments.split() if "::" in word}
    for _ in links:
        for folder in links:
            for other in list(links[folder]):
                links[folder] |= links.get(other, set())
    return links


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def check_own(path, included, linked, problems):
    """An #include "..." of a path from the root of the project."""
    top, other_top = path.split("/")[0], included.split("/")[0]
    if other_top not in WORLDS:
        return  # a generated header
    folder, other = folder_of(path), folder_of(included)
    if other_top != top and other_top not in WORLDS[top]:
        problems.append(f"{path}: {top}/ must not see {other_top}/ ({included})")
        return
    if folder == other or top in ("tests", "fuzz"):
        return
    if top == "engine":
        mine, its = rank(folder.split("/")[1]), rank(other.split("/")[1])
        if mine is None or its is None or its >= mine:
            problems.append(f"{path}: {folder}/ is below {other}/ or beside it ({included})")
            return
    allowed = SINGLE_HEADERS.get((folder, other))
    if allowed is not None and included not in allowed:
        problems.append(f"{path}: {folder}/ may see only {sorted(allowed)} of {other}/ ({included})")
    if folder in linked and other not in linked[folder]:
        problems.append(f"{path}: the library of {folder}/ does not link {other}/ ({included})")


def check_system(path, included, problems):
    """An #include <...> in a part that must be deterministic."""
    if path.split("/")[0] not in DETERMINISTIC:
        return
    if path.startswith("sim/tool/") and included in PROCESS_HEADERS:
        return
    if included in MACHINE_HEADERS.get(path, ()):
        return
    for pattern, reason in FORBIDDEN_HEADERS:
        if re.fullmatch(pattern, included):
            problems.append(f"{path}: <{included}>: {reason}")
    if (re.fullmatch(FILE_HEADERS, included) and not path.startswith("sim/tool/")
            and path not in FILE_HEADERS_ALLOWED):
        problems.append(f"{path}: <{included}>: files and streams belong to io/ and sim/tool/")


def check(root):
    problems = []
    linked = closures(root)
    for path in source_tree.files(root, tuple(WORLDS)):
        for own, system in _INCLUDE.findall(source_tree.text(root, path)):
            if own:
                check_own(path, own, linked, problems)
                if own.startswith("../") or os.path.isabs(own):
                    problems.append(f"{path}: include from the root of the project ({own})")
            else:
                check_system(path, system, problems)
    return problems


if __name__ == "__main__":
    source_tree.main("include_test", check)

# SPDX-License-Identifier: Apache-2.0
"""The other tests of this folder see what they are for: a copy of a real source with a clock, a thread
or a static planted in it fails the words or the symbols, and without them it passes. The same for
a wrong include."""

import os
import shutil
import subprocess
import sys
import tempfile

import files_test
import include_test
import source_tree
import symbols_test
import words_test

SOURCE = "engine/base/codec.cc"

# Name, code at the end of the source, whether the words and whether the symbols must object.
PLANTS = [
    ("nothing", "", False, False),
    ("a clock", """
#include <chrono>
namespace quorate {
long Planted();
long Planted() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
}
""", True, True),
    ("a thread", """
#include <thread>
namespace quorate {
void Planted();
void Planted() { std::thread([] {}).join(); }
}
""", True, True),
    ("a static", """
namespace quorate {
int Planted();
int Planted() { static int counter = 0; return ++counter; }
}
""", False, True),
    ("a static that is made at first use", """
#include <vector>
namespace quorate {
size_t Planted();
size_t Planted() { static std::vector<int> seen; seen.push_back(1); return seen.size(); }
}
""", False, True),
    ("the environment, behind a macro", """
#include <cstdlib>
#define PLANTED(name) get##name
namespace quorate {
const char* Planted();
const char* Planted() { return std::PLANTED(env)("HOME"); }
}
""", False, True),
]


def compile_archive(root, compiler, flags, folder):
    source = os.path.join(folder, SOURCE)
    object_file = os.path.join(folder, "codec.o")
    archive = os.path.join(folder, "libengine_base.a")
    subprocess.run([*compiler, "-std=c++20", "-fPIC", *flags, "-I" + folder, "-I" + root, "-c",
                    source, "-o", object_file], check=True)
    subprocess.run(["ar", "rcs", archive, object_file], check=True)
    return archive


def plant(root, folder, code):
    """A scratch tree with one source of ours, changed."""
    target = os.path.join(folder, SOURCE)
    os.makedirs(os.path.dirname(target))
    shutil.copy(os.path.join(root, SOURCE), target)
    with open(target, "a", encoding="utf-8") as file:
        file.write(code)


def check_plant(root, compiler, flags, row):
    name, code, words, symbols = row
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        plant(root, folder, code)
        found = words_test.check(folder)
        if bool(found) != words:
            problems.append(f"{name}: the words say {found}")
        found = symbols_test.check_archive(compile_archive(root, compiler, flags, folder))
        if bool(found) != symbols:
            problems.append(f"{name}: the symbols say {found}")
    return problems


# Path, include line, whether it is allowed.
INCLUDES = [
    ("engine/base/x.cc", '#include "engine/base/ids.h"', True),
    ("engine/base/x.cc", '#include "engine/hash/digest.h"', False),
    ("engine/dynamo/x.cc", '#include "engine/raft/log.h"', False),
    ("engine/wire/x.cc", '#include "engine/topology/topology.h"', False),
    ("engine/node/x.cc", '#include "engine/dynamo/quorum.h"', True),
    ("engine/node/x.cc", '#include "adapters/resp/session.h"', False),
    ("adapters/resp/x.cc", '#include "io/net/listener.h"', False),
    ("io/net/x.cc", '#include "sim/core/sim_time.h"', False),
    ("sim/core/x.cc", '#include "io/net/listener.h"', False),
    ("sim/core/x.cc", "#include <unistd.h>", False),
    ("sim/core/x.cc", "#  include <sys/socket.h>", False),
    ("engine/base/x.cc", "#include <mutex>", False),
    ("engine/base/x.cc", "#include <map>", True),
    ("io/net/x.cc", "#include <sys/socket.h>", True),
    ("tests/sim/x.cc", '#include "sim/core/sim_time.h"', True),
]


def check_includes():
    problems = []
    for path, line, allowed in INCLUDES:
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target))
            with open(target, "w", encoding="utf-8") as file:
                file.write(line + "\n")
            found = include_test.check(folder)
            if bool(found) == allowed:
                problems.append(f"{path} with {line}: {found}")
    return problems


# Text, whether the words object.
WORDS = [
    ("int x = 1;  // std::mutex and time(nullptr)", False),
    ('const char* x = "getenv(";', False),
    ("auto x = std::time(nullptr);", True),
    ("return time(nullptr);", True),
    ("HybridTime time() const;", False),
    ("message.time(3);", False),
    ("std::unordered_map<int, int> x;", True),
    ("absl::flat_hash_map<int, int> x;", True),
    ("std::shared_ptr<int> x;", True),
    ("int y = rand();", True),
    ("int z = 1'000'000; absl::Now();", True),
]


LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
# Content of a source, whether files_test objects. Put together so that this file has none of it.
CONTENTS = [
    (LICENCE + "int x;\n", False),
    ("int x;\n", True),
    (LICENCE + "\tint x;\n", True),
    (LICENCE + "// TO" + "DO: later\n", True),
    (LICENCE + "// in /ho" + "me/somebody\n", True),
    (LICENCE + "\n" * 800, True),
]


def check_contents():
    return [f"the files on {content[:60]!r}" for content, bad in CONTENTS
            if bool(files_test.check_file("engine/base/x.cc", content)) != bad]


def check_words():
    return [f"the words on {code!r}" for code, banned in WORDS
            if bool(words_test.check_text("engine/base/x.cc", code)) != banned]


def check(root, build, compiler):
    problems = check_includes() + check_words() + check_contents()
    if symbols_test.sanitized(build):
        return problems
    for flags in (["-O0"], ["-O2"]):
        for row in PLANTS:
            problems += [f"{flags[0]}: {problem}"
                         for problem in check_plant(root, compiler, flags, row)]
    return problems


if __name__ == "__main__":
    sys.exit(source_tree.report("purity_test", check(sys.argv[1], sys.argv[2], sys.argv[3:])))

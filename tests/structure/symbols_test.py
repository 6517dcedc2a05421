# SPDX-License-Identifier: Apache-2.0
"""The built libraries of engine/ and adapters/ hold no writable data and no guard of a static, and
reach nothing outside but what is listed here: no clock, thread, lock, file, socket, environment or
random number. Reads what objdump and nm print."""

import glob
import os
import re
import subprocess
import sys

import source_tree

# Writable by section, constant or empty by content: static objects of the libraries we include.
ALLOWED_DATA = [
    r"std::__ioinit",  # <iostream>, which Abseil's status.h brings
    r"absl::\w+::container_internal::btree<.*>::EmptyNode\(\)::empty_node",
    r"flatbuffers::data<.*>\(.*\)::t",
    r"DW\.ref\..*",  # pointers to personality and type information, for exceptions
]

# Undefined symbols, demangled. Each row: pattern, and the libraries that may use it (empty: all).
ALLOWED_UNDEFINED = [
    (r"quorate::.*|(vtable|typeinfo|typeinfo name|VTT) for quorate::.*", ()),
    (r"mem(chr|cmp|cpy|move|set)|strlen|strcmp|bcmp", ()),
    (r"operator (new|delete)(\[\])?\(.*\)", ()),
    (r"abort|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_", ()),
    (r"__cxa_.*|__gxx_personality_v0|_Unwind_Resume|__dso_handle|__cpu_model|__cpu_indicator_init", ()),
    (r"__(u?div|u?mod|mul|popcount|clz|ctz|float|fix)\w+", ()),  # arithmetic of the compiler's library
    (r"(vtable|typeinfo|typeinfo name) for (__cxxabiv1|std|absl)::.*", ()),
    (r"std::(ios_base::Init::~?Init|exception::|bad_\w+::|logic_error::|runtime_error::).*", ()),
    (r"std::(__throw_\w+|__glibcxx_assert_fail|terminate|nothrow|rethrow_exception|"
     r"current_exception|uncaught_exceptions?)(\(.*\))?", ()),
    (r"std::_Rb_tree_\w+\(.*\)", ()),
    (r"std::__detail::_List_node_base::.*", ()),
    (r"std::(from|to)_chars\(.*\)", ()),
    (r"(\w+ )?std::(__cxx11::)?basic_string<.*", ()),
    (r"(\w+ )?absl::\w+::(Status|internal_statusor|str_format_internal|string_view|"
     r"container_internal|raw_logging_internal|base_internal|cord_internal|optional_internal)::.*", ()),
    (r"absl::\w+::(\w+Error|Is\w+|operator<<|StatusCodeToString)\(.*", ()),
    (r"flatbuffers::.*", ()),
    (r"(fprintf|stderr|fputs|fwrite|fflush)", ("engine_base",)),
    (r"EVP_\w+", ("engine_hash",)),
    (r"sqlite3_\w+", ("adapters_storage",)),
]

# What must never appear, to name it where a pattern above is written too wide one day.
NEVER = re.compile(
    r"(clock_gettime|gettimeofday|clock|time|nanosleep|usleep|sleep|rand|srand|random|getrandom|"
    r"getentropy|getenv|secure_getenv|pthread_\w+|thrd_\w+|mtx_\w+|fork|execv\w*|open|open64|openat\w*|"
    r"fopen\w*|read|write|pread\w*|pwrite\w*|socket|connect|bind|listen|accept\w*|send\w*|recv\w*|"
    r"poll|epoll_\w+|select|ioctl|mmap\w*|signal|sigaction|localtime\w*|gmtime\w*|setlocale|"
    r"std::chrono::.*::now\(\)|std::random_device::.*|std::thread::.*|std::condition_variable::.*|"
    r"absl::\w+::(Now|Mutex|GetCurrentTimeNanos).*)")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def demangle(names):
    if not names:
        return {}
    names = sorted(names)
    plain = subprocess.run(["c++filt"], input="\n".join(names), check=True, capture_output=True,
                           text=True).stdout.split("\n")
    return dict(zip(names, plain))


def library_name(archive):
    return re.sub(r"^lib|\.a$", "", os.path.basename(archive))


_OBJDUMP = re.compile(r"^[0-9a-f]{8,16} .{7} (\S+)\t[0-9a-f]{8,16}\s+(?:\.hidden )?(.*)$")
_WRITABLE = re.compile(r"\.(t?bss|t?data)(\.|$)")


def writable_symbols(archive):
    """Objects in .data, .bss and their thread-local forms. .data.rel.ro is constant once loaded."""
    found = set()
    for line in run("objdump", "-t", archive).split("\n"):
        match = _OBJDUMP.match(line)
        if not match:
            continue
        section, name = match.groups()
        writable = section == "*COM*" or _WRITABLE.match(section)
        if writable and not section.startswith(".data.rel.ro") and name != section:
            found.add(name)
    return found


def undefined_symbols(archive):
    """What the archive needs and does not define itself."""
    needed, defined = set(), set()
    for line in run("nm", archive).split("\n"):
        words = line.split()
        if len(words) < 2 or words[-1].endswith(":"):
            continue
        (needed if words[-2] in ("U", "w") else defined).add(words[-1])
    return needed - defined


def data_problems(archive):
    problems = []
    for name, plain in sorted(demangle(writable_symbols(archive)).items()):
        if any(re.fullmatch(pattern, plain) for pattern in ALLOWED_DATA):
            continue
        kind = "a guard, so a static that is made at first use" if name.startswith("_ZGV") else \
            "writable data"
        problems.append(f"{library_name(archive)}: {plain}: {kind}; give it to an object instead")
    return problems


def undefined_problems(archive):
    problems = []
    library = library_name(archive)
    for plain in sorted(demangle(undefined_symbols(archive)).values()):
        if NEVER.fullmatch(re.sub(r"@.*", "", plain)):
            problems.append(f"{library}: uses {plain}: only a world may")
            continue
        rows = [libraries for pattern, libraries in ALLOWED_UNDEFINED if re.fullmatch(pattern, plain)]
        if any(not libraries or library in libraries for libraries in rows):
            continue
        problems.append(f"{library}: uses {plain}, which symbols_test.py does not list")
    return problems


def check_archive(archive):
    return data_problems(archive) + undefined_problems(archive)


def archives(root, build):
    """The archives of every folder of engine/ and adapters/ that has sources."""
    found, problems = [], []
    sources = source_tree.files(root, ("engine", "adapters"), (".cc",))
    for folder in sorted({os.path.dirname(path) for path in sources}):
        built = glob.glob(os.path.join(build, folder, "*.a"))
        if not built:
            problems.append(f"{folder}: no library is built")
        found += built
    return found, problems


def sanitized(build):
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as cache:
        return re.search(r"^QUORATE_SANITIZE:\w+=.+$|-fsanitize=", cache.read(), re.MULTILINE)


def check(root, build):
    found, problems = archives(root, build)
    for archive in found:
        problems += check_archive(archive)
    return problems


if __name__ == "__main__":
    if sanitized(sys.argv[2]):
        print("symbols_test: skipped, the sanitizers add symbols of their own")
        sys.exit(77)
    sys.exit(source_tree.report("symbols_test", check(sys.argv[1], sys.argv[2])))

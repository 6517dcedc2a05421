# SPDX-License-Identifier: Apache-2.0
"""The load generator and the null server, built when they are older than their sources."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build" / "bench"


def build_tools():
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name, source in (("quorate-load", "load_main.cc"), ("quorate-null-server", "null_server_main.cc")):
        binary, code = TOOLS / name, ROOT / "tests" / "bench" / source
        newest = max(f.stat().st_mtime for f in code.parent.glob("*.[ch]*"))
        if not binary.exists() or binary.stat().st_mtime < newest:
            subprocess.run(
                ["g++", "-std=c++20", "-O2", "-I", str(ROOT), str(code), "-o", str(binary)], check=True
            )

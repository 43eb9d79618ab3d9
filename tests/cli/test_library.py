# SPDX-License-Identifier: Apache-2.0
"""test_library.py BUILD: the C library as `meson install` puts it: one header, two libraries, a pkg-config file. A program
of its user compiles against it with plain cc, as C and as C++; nothing but gb_inspect_… is seen from outside."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from cli import ROOT, tap

BUILD = os.path.abspath(sys.argv[1])
EXAMPLE = ROOT / "examples" / "inspect-c" / "guard.c"
ATTACK = b'{"name":"; cat /etc/passwd #"}'
# What a pure function of bytes may ask of a C library.
PURE = {"memchr", "memcmp", "memcpy", "memmem", "memmove", "memset", "strchr", "strlen", "__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"}
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow"]


def run(*command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, timeout=100, check=False, **more)


def find(top, name):
    return next(iter(sorted(top.rglob(name))), pathlib.Path("/not-there"))


def installed(folder):
    done = run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", folder)
    tap.check(done.returncode == 0, "meson install", done)
    top = pathlib.Path(folder)
    for name in ("libgambeson-inspect.a", "libgambeson-inspect.so", "gambeson-inspect.pc", "inspect.h"):
        tap.check(find(top, name).exists(), f"{name} is installed")
    return top


def symbols(top):
    archive = find(top, "libgambeson-inspect.a")
    rows = [line.split() for line in run("nm", "-g", archive).stdout.decode().splitlines()]
    defined = {row[2] for row in rows if len(row) == 3}
    tap.check(len(defined) > 5 and all(name.startswith("gb_inspect_") for name in defined), "the archive defines gb_inspect_… only", defined)
    tap.equal({row[1] for row in rows if len(row) == 2 and row[0] == "U"} - PURE, set(), "it needs no I/O and no allocation")
    shared = run("nm", "-D", "--defined-only", find(top, "libgambeson-inspect.so")).stdout.decode()
    tap.equal({line.split()[2] for line in shared.splitlines()}, defined, "the shared library has the same")
    declared = set(re.findall(r"\b(gb_inspect_\w+)\(", find(top, "inspect.h").read_text())) - {"gb_inspect_"}
    tap.equal(declared, defined, "and the header declares them all")


def flags(top, *more):
    pc = find(top, "gambeson-inspect.pc")
    done = run("pkg-config", *more, "gambeson-inspect", env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)})
    tap.check(done.returncode == 0, f"pkg-config {' '.join(more)}", done)
    return done.stdout.decode().split()


def answers(program, how, **more):
    done = run(program, input=ATTACK, **more)
    tap.check(done.returncode == 1 and b"Command Injection Attack: " in done.stdout and b" in name (value), CWE-78" in done.stdout,
              f"{how}: an attack is found", done)
    done = run(program, input=b'{"name":"Ann"}', **more)
    tap.check(done.returncode == 0 and done.stdout == b"", f"{how}: nothing is found", done)


def example(top):
    program = top / "guard"
    done = run("cc", "-o", program, EXAMPLE, *flags(top, "--cflags", "--libs"))
    if tap.check(done.returncode == 0, "the example compiles with cc and pkg-config", done):
        answers(program, "shared", env={"LD_LIBRARY_PATH": str(find(top, "libgambeson-inspect.so").parent)})
    include, archive = find(top, "inspect.h").parent.parent, find(top, "libgambeson-inspect.a")
    for compiler, language in (("cc", ["-std=c99"]), ("clang-14", ["-std=c17"]), ("c++", ["-x", "c++", "-std=c++11"])):
        if shutil.which(compiler) is None:
            print(f"# no {compiler} here")
            continue
        how = " ".join([compiler, *language])
        done = run(compiler, *language, *STRICT, f"-I{include}", "-o", program, EXAMPLE, *(["-x", "none"] if "-x" in language else []), archive)
        if tap.check(done.returncode == 0, f"{how}: compiles without a warning, static", done):
            answers(program, how)


with tempfile.TemporaryDirectory() as place:
    tree = installed(place)
    for group in (symbols, example):
        tap.section(group, tree)
tap.done()

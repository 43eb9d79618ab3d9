# SPDX-License-Identifier: Apache-2.0
"""test_install.py GAMBESON: what `make install` puts where, and that it works from there."""

import os
import pathlib
import subprocess
import tempfile

from cli import ROOT, tap

WANTED = {
    "bin/gambeson": 0o755,
    "lib/gambeson/gambeson-agent": 0o755,
    "lib/gambeson/libgambeson.so": 0o755,
    "include/gambeson/inspect.h": 0o644,
    "lib/libgambeson-inspect.a": 0o644,
    "lib/libgambeson-inspect.so": 0o755,
    "lib/libgambeson-inspect.so.0.1": 0o755,
    "lib/pkgconfig/gambeson-inspect.pc": 0o644,
    **{f"share/man/man1/{page.name}": 0o644 for page in (ROOT / "man").glob("*.1")},
}


def run(*command, **more):
    return subprocess.run(command, capture_output=True, timeout=50, check=False, env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}, **more)


def install(folder, *variables):
    """The programs are built already: they are what is installed, not made again."""
    done = run("make", "--no-print-directory", "-o", "all", "install", f"DESTDIR={folder}", *variables, cwd=ROOT)
    tap.check(done.returncode == 0, ' '.join(("make install", *variables)), done)


def files():
    for variables, prefix in (((), "usr/local"), (("PREFIX=/usr",), "usr")):
        with tempfile.TemporaryDirectory() as folder:
            install(folder, *variables)
            top = pathlib.Path(folder) / prefix
            found = {str(p.relative_to(top)): p.stat().st_mode & 0o777 for p in top.rglob("*") if p.is_file()}
            tap.equal(found, WANTED, f"what is below {prefix}, and nothing else")
            tap.equal([p for p in pathlib.Path(folder).rglob("*") if p.is_file() and top not in p.parents], [], f"nothing beside {prefix}")


def programs():
    with tempfile.TemporaryDirectory() as folder:
        install(folder, "PREFIX=/usr")
        program = pathlib.Path(folder) / "usr/bin/gambeson"
        done = run(program, "run", "--", "/bin/echo", "hello")
        tap.check(done.returncode == 0 and b"hello" in done.stdout and b'"sensor":true' in done.stdout + done.stderr,
                  "run finds agent and sensor in lib/gambeson", done)
        link = pathlib.Path(folder) / "elsewhere"
        link.symlink_to(program)
        tap.equal(run(link, "run", "--", "/bin/echo", "hello").returncode, 0, "also when it is started by a link")
        done = run(program, "layer", "build", "-o", pathlib.Path(folder) / "layer.zip")
        tap.check(done.returncode == 0 and (pathlib.Path(folder) / "layer.zip").stat().st_size > 10000, "layer build finds them too", done)
        code = pathlib.Path(folder) / "code"
        code.mkdir()
        (code / "index.js").write_text("exports.handler = async () => 1;\n")
        done = run(program, "local", "invoke", "--code", code, cwd=code)
        tap.check(done.returncode != 0 and b"aws-lambda-ric" in done.stderr, "the search for a runtime client ends at the root", done)
        (pathlib.Path(folder) / "usr/lib/gambeson/libgambeson.so").unlink()
        done = run(program, "run", "--", "/bin/echo", "hello")
        tap.check(done.returncode != 0 and b"libgambeson.so" in done.stderr and done.stderr.count(b"\n") == 1,
                  "a missing part is one line that names it", done)


for group in (files, programs):
    tap.section(group)
tap.done()

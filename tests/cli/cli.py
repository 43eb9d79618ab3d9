# SPDX-License-Identifier: Apache-2.0
"""Run gambeson with a clean environment; standard output, standard error and exit status kept apart."""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from lib import tap  # noqa: E402  (the path is set above)

GAMBESON = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else str(ROOT / "build" / "bin" / "gambeson")


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __str__(self):
        return f"status {self.status}\nout {self.out[-3000:]!r}\nerr {self.err[-3000:]!r}"


def gambeson(*arguments, stdin=b"", environment=None, cwd=ROOT, seconds=60):
    variables = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    variables.update({"LANG": "C.UTF-8", "HOME": "/nonexistent", **(environment or {})})
    return Result(subprocess.run([GAMBESON, *arguments], input=stdin, capture_output=True, env=variables, cwd=cwd,
                                 timeout=seconds, check=False))

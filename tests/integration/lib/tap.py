# SPDX-License-Identifier: Apache-2.0
"""TAP output. A test file calls check() for each claim and ends with done()."""

import os
import pathlib
import shutil
import sys
import tempfile
import time
import traceback

_count = 0
_failed = 0
_folders = []


def check(is_ok, name, detail=""):
    """One claim. DETAIL (text, or a function that makes it) is printed when it does not hold."""
    global _count, _failed
    _count += 1
    print(f"{'ok' if is_ok else 'not ok'} {_count} - {name.replace('#', '')}")
    if not is_ok:
        _failed += 1
        for line in str(detail() if callable(detail) else detail).splitlines()[:60]:
            print(f"# {line[:400]}")
    sys.stdout.flush()
    return is_ok


def equal(got, want, name):
    return check(got == want, name, lambda: f"got    {got!r}\nwanted {want!r}")


def skip(name, why):
    """A claim that this machine cannot be asked."""
    global _count
    _count += 1
    print(f"ok {_count} - {name} # SKIP {why}", flush=True)


PATIENCE = 60.0  # seconds until what should happen counts as not happening, on however busy a machine


def wait_until(claim, seconds=PATIENCE):
    """Poll until CLAIM() holds; what it last said."""
    end = time.monotonic() + seconds
    while True:
        value = claim()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.005)


def section(function, *arguments):
    """Run one group of checks; an exception is a failed check, and the next group still runs."""
    title = " ".join([function.__name__, *map(str, arguments)])
    try:
        function(*arguments)
    except Exception:
        check(False, f"{title}: exception", traceback.format_exc())


def folder(prefix):
    """A new folder, which done() removes."""
    _folders.append(pathlib.Path(tempfile.mkdtemp(prefix=prefix)))
    return _folders[-1]


def done():
    print(f"1..{_count}", flush=True)
    for each in _folders:
        shutil.rmtree(each, ignore_errors=True)
    # Not sys.exit(): an interpreter that shuts down under its server threads may crash (seen with Python 3.11.2).
    os._exit(1 if _failed else 0)

# SPDX-License-Identifier: Apache-2.0
"""What the tests of `gambeson ingest`'s services have in common."""

import base64
import gzip
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "lib"), str(ROOT / "tests" / "control")]

from server import GAMBESON, tap  # noqa: E402  (the paths are set above)

PATIENCE = 60


def wait_for(claim, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def rows(data, query):
    with sqlite3.connect(f"file:{data}/gambeson.db?mode=ro", uri=True, timeout=10) as database:
        return database.execute(query).fetchall()


def rows_or_none(data, query):
    try:
        return rows(data, query)
    except sqlite3.OperationalError:  # it is being made
        return None


def events(data, function):
    """(sandbox, number) of each of the function's events that were lines, with repetitions."""
    query = (f"SELECT e.sandbox, e.seq FROM events AS e JOIN functions AS f ON f.id = e.function JOIN event_facets AS t ON t.id = e.facet "
             f"WHERE f.name = '{function}' AND t.kind <> 'log'")
    return sorted(rows_or_none(data, query) or [])


def expected(sandboxes):
    """SQLite keeps a sandbox's 64 bits with a sign."""
    found = []
    for sandbox in sandboxes:
        number = int(sandbox.name, 16)
        found += [(number - (1 << 64 if number >> 63 else 0), seq) for seq, line in enumerate(sandbox.lines) if b'"kind":"seal"' not in line]
    return sorted(found)


def count_lines(sandboxes):
    return sum(len(sandbox.lines) for sandbox in sandboxes)


def packed(sandbox, lines):
    envelope = {"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": f"/aws/lambda/{sandbox.function}", "logStream": sandbox.name,
                "logEvents": [{"id": str(n), "timestamp": 1, "message": line.decode()} for n, line in enumerate(lines)]}
    return gzip.compress(json.dumps(envelope).encode())


def records(sandbox, chance):
    """The sandbox's lines in pieces, in all forms that a forwarder may choose."""
    at = 0
    while at < len(sandbox.lines):
        lines = sandbox.lines[at:at + chance.randint(1, 6)]
        at += len(lines)
        form = chance.randrange(5)
        yield (b"\n".join(lines), packed(sandbox, lines), base64.b64encode(packed(sandbox, lines)),
               json.dumps([{"log": line.decode()} for line in lines]).encode(),
               b"\n".join(json.dumps({"message": line.decode()}).encode() for line in lines))[form]


class Ingest:
    """The command, running."""

    def __init__(self, *arguments, environment=None):
        variables = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        self.process = subprocess.Popen([GAMBESON, "ingest", *map(str, arguments), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**variables, "HOME": "/nonexistent", **(environment or {})})

    def end(self, how=signal.SIGTERM):
        """(status, what it counted, what it complained about)"""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait()

    def wait(self):
        out, err = self.process.communicate(timeout=90)
        return self.process.returncode, json.loads(out) if out else None, err


def at_once(parts, *arguments):
    """Groups of claims that wait more than they work; their claims are told one at a time."""
    lock, check = threading.Lock(), tap.check

    def locked(*claim):
        with lock:
            return check(*claim)

    tap.check = locked
    threads = [threading.Thread(target=tap.section, args=(part, *arguments)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

# SPDX-License-Identifier: Apache-2.0
"""Logs of sandboxes, and whether a store has all of them, once, and holds all of them for true."""

import os
import pathlib
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "control"), str(ROOT / "tests" / "lib")]

from seals import Sandbox  # noqa: E402  (the path is set above)
from server import GAMBESON, Server, tap  # noqa: E402,F401

CLUSTER = ROOT / "tests" / "store" / "cluster"
PATIENCE = 60
SEED = int(os.environ.get("GAMBESON_SEED", "20261121"))
PER_SEAL = 40


class Log:
    """One sandbox, as a log that grows: PER_SEAL findings and a seal at a time."""

    def __init__(self, number, function="orders", kind=Sandbox):
        self.sandbox, self.told = kind(number, function), 0

    def grow(self, seals=1):
        for _ in range(seals):
            for _ in range(PER_SEAL):
                self.sandbox.finding(f"{self.sandbox.name} {len(self.sandbox.lines)}")
            self.sandbox.seal()
        return self

    def news(self):
        lines, self.told = self.sandbox.lines[self.told:], len(self.sandbox.lines)
        return b"".join(b"a line of the function's own\n" + line + b"\n" if n % 9 == 0 else line + b"\n" for n, line in enumerate(lines))

    @property
    def events(self):
        return sum(b'"kind":"seal"' not in line for line in self.sandbox.lines)

    @property
    def verified_to(self):
        return self.sandbox.sealed - 1


def wait_for(claim, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def environment(**more):
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ},
            **more}


class Database:
    """What is in the store at URL."""

    def __init__(self, url):
        self.url = url

    def rows(self, query):
        """[[column, …], …] as texts."""
        if self.url.startswith("sqlite:"):
            with sqlite3.connect(f"file:{self.url[7:]}?mode=ro", uri=True, timeout=20) as database:
                return [[str(column) for column in row] for row in database.execute(query)]
        run = subprocess.run(["psql", "-qAtX", "-F", "\t", self.url, "-c", query], capture_output=True, text=True, check=True, cwd="/", timeout=60)
        return [line.split("\t") for line in run.stdout.splitlines()]

    def findings(self):
        return int(self.rows("SELECT COUNT(*) FROM events e JOIN event_facets f ON f.id = e.facet WHERE f.kind <> 'log'")[0][0])

    def counted(self):
        return int(self.rows("SELECT COALESCE(SUM(c.n), 0) FROM event_counts c JOIN event_facets f ON f.id = c.facet WHERE c.function <> 0 AND f.kind <> 'log'")[0][0])

    def states(self):
        return {(int(number) % 2 ** 64, int(to), state) for number, to, state in self.rows("SELECT id, verified_to, state FROM sandboxes")}

    def complaints(self):
        return self.rows("SELECT f.class, e.body FROM events e JOIN event_facets f ON f.id = e.facet WHERE f.kind = 'log' LIMIT 3")

    def wrong_with(self, logs):
        """None when exactly LOGS are in it, each line once, counted once, and verified; else what is wrong."""
        wanted = sorted([f"{int(log.sandbox.name, 16) - (2 ** 64 if log.sandbox.name[0] in '89abcdef' else 0)}", str(seq)]
                        for log in logs for seq, line in enumerate(log.sandbox.lines) if b'"kind":"seal"' not in line)
        found = sorted(self.rows("SELECT e.sandbox, e.seq FROM events e JOIN event_facets f ON f.id = e.facet WHERE f.kind <> 'log'"))
        if found != wanted:
            once = set(map(tuple, found))
            return f"{len(found)} events, {len(once)} different, of {len(wanted)}; missing {sorted(set(map(tuple, wanted)) - once)[:3]}"
        if self.counted() != len(wanted):
            return f"{self.counted()} counted of {len(wanted)}"
        if self.complaints():
            return f"said of a true log: {self.complaints()}"
        states = {(int(log.sandbox.name, 16), log.verified_to, "open") for log in logs}
        return None if self.states() == states else f"not verified: {self.states() ^ states}"

    def comes_right(self, logs, seconds=PATIENCE):
        """Whether that is so soon; says what is wrong."""
        if wait_for(lambda: self.findings() >= sum(log.events for log in logs) and not self.wrong_with(logs), seconds):
            return True
        print(f"# {self.wrong_with(logs)}", flush=True)
        return False


def token(server):
    answer = server.admin().post("/v1/tokens", {"name": "test", "role": "viewer", "scopes": ["ingest"]})
    assert answer.status == 201, answer
    return answer.json["token"]

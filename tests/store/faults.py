#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults.py VICTIM CRASH_AT.so: the store is killed, its disk filled, its database restarted, while it writes; afterwards nothing that
was said to be stored is lost, and nothing is there twice or in part. TAP; run it by tests/store/cluster."""

import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

VICTIM, CRASH_AT = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
CLUSTER = pathlib.Path(__file__).resolve().parent / "cluster"
SEED = int(os.environ.get("GAMBESON_SEED", "20261121"))
BATCHES = 24
BASE = int(time.time() * 1000) - 3600_000


def said(output):
    return [int(line) for line in output.split()]


def write(url, first, count, crash_at=None, **how):
    env = dict(os.environ)
    if crash_at:
        env.update(LD_PRELOAD=CRASH_AT, CRASH_AT=str(crash_at))
    return subprocess.run([VICTIM, "write", url, str(BASE), str(first), str(count)], env=env, capture_output=True, text=True,
                          timeout=120, **how)


def stored(url):
    """How many batches are there, whole; asserts that nothing else is."""
    run = subprocess.run([VICTIM, "check", url, str(BASE), str(BATCHES)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


def go_on(url, begin=0, points=(), **first_how):
    """Write all batches, killed at each of POINTS calls, each time going on behind what was confirmed (and once more what was
    not: nobody knows whether that is stored). Returns how often it was killed."""
    confirmed, kills = begin, 0
    for point in points:
        run = write(url, confirmed, BATCHES - confirmed, crash_at=point)
        confirmed = max([confirmed] + [number + 1 for number in said(run.stdout)])
        kills += run.returncode == -signal.SIGKILL
        there = stored(url)
        assert confirmed <= there <= confirmed + 1, f"confirmed {confirmed}, stored {there}, killed at call {point}"
        if confirmed == BATCHES:
            break
    run = write(url, confirmed, BATCHES - confirmed)
    assert run.returncode == 0, run.stderr
    assert stored(url) == BATCHES
    return kills


def sqlite_killed(folder):
    rng = random.Random(SEED)
    kills = go_on(f"sqlite:{folder}/gambeson.db", points=[rng.randrange(1, 120) for _ in range(8)] + [rng.randrange(100, 3000) for _ in range(8)])
    assert kills >= 10, f"killed only {kills} times"


def sqlite_file_full(folder):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, resource.RLIM_INFINITY))
    # SQLite does not pass on why a write failed but for a full disk: an error of the disk.
    full(f"sqlite:{folder}/gambeson.db", lambda: None, error=-5, preexec_fn=limit)


def sqlite_disk_full(folder):
    disk = pathlib.Path(folder) / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=0700", "gb-store", disk]).returncode:
        return "SKIP a small disk takes root"
    try:
        full(f"sqlite:{disk}/gambeson.db", lambda: subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True))
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def full(url, make_room, error=-28, **how):
    run = write(url, 0, BATCHES, **how)
    assert run.returncode == 3 and f"insert: {error}:" in run.stderr, (run.returncode, run.stderr)
    confirmed = len(said(run.stdout))
    assert 0 < confirmed < BATCHES, confirmed
    make_room()
    assert stored(url) == confirmed, "what was confirmed is there, and no more"
    go_on(url, begin=confirmed)


def postgres():
    """An empty database of the cluster."""
    name = f"f{time.monotonic_ns()}"
    url = os.environ["GAMBESON_TEST_POSTGRES"]
    subprocess.run(["psql", "-q", url, "-c", f"CREATE DATABASE {name}"], check=True, cwd="/")
    return url.replace("/postgres?", f"/{name}?")


def postgres_killed(_):
    rng = random.Random(SEED)
    kills = go_on(postgres(), points=[rng.randrange(20, 60) for _ in range(4)] + [rng.randrange(30, 200) for _ in range(4)])
    assert kills >= 5, f"killed only {kills} times"


def postgres_restarted(_):
    url = postgres()
    for turn in range(3):
        crash = threading.Timer(0.1 + 0.15 * turn, lambda: subprocess.run([CLUSTER, "--restart"], check=True, stdout=sys.stderr))
        crash.start()
        run = write(url, 0, BATCHES)
        crash.join()
        assert run.returncode == 0, run.stderr
        assert said(run.stdout) == list(range(BATCHES))
        assert stored(url) == BATCHES


CASES = [sqlite_killed, sqlite_file_full, sqlite_disk_full, postgres_killed, postgres_restarted]
print(f"1..{len(CASES)}")
failed = False
for number, case in enumerate(CASES, 1):
    name = case.__name__.replace("_", " ")
    with tempfile.TemporaryDirectory(prefix="gb-faults-") as folder:
        try:
            skip = case(folder)
            print(f"ok {number} - {name}" + (f" # {skip}" if skip else ""), flush=True)
        except (AssertionError, subprocess.SubprocessError) as error:
            failed = True
            print(f"not ok {number} - {name} (seed {SEED})\n# {error}", flush=True)
            print(error, file=sys.stderr)
sys.exit(failed)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""store.py [--events N] [--postgres-events N] [--folder F]: what the store takes in and how fast it answers. `make bench` runs it with 10 million events, which
take some 11 GB in F (default: the folder of temporary files) and five minutes on a quiet machine. Writes build/bench-store.json.

Events a second are those of one processor: all processor time counts, that of PostgreSQL with ours. Each batch of 15,000 is durable
before the next begins."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STOPWATCH = ROOT / "build/release/bench/bench_store"
CLUSTER = ROOT / "tests/store/cluster"
TICKS = os.sysconf("SC_CLK_TCK")


def stopwatch(*arguments, seconds=1200):
    done = subprocess.run([STOPWATCH, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if arguments[0] == "insert" else None,
                          text=True, check=True, timeout=seconds)
    return json.loads(done.stdout)


def spent(data):
    """Processor seconds of a PostgreSQL server: the first process, those that have ended, those that run."""
    first = (pathlib.Path(data) / "postmaster.pid").read_text().split()[0]
    ticks = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if stat.parent.name == first:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == first:
            ticks += sum(map(int, fields[11:13]))
    return ticks / TICKS


def postgres(count):
    data, url = os.environ["GAMBESON_TEST_POSTGRES_DATA"], os.environ["GAMBESON_TEST_POSTGRES"]
    begin = spent(data)
    figures = stopwatch("insert", url, count, 30)
    figures["cpu_s"] += spent(data) - begin
    print(json.dumps({**figures, "queries": stopwatch("query", url), "counts": stopwatch("counts", url)}))


def main():
    options = argparse.ArgumentParser(description="What the store takes in and how fast it answers.")
    options.add_argument("--events", type=int, default=10_000_000, help="stored while queries are measured")
    options.add_argument("--folder", help="where, with 1.1 KB of room for each event")
    options.add_argument("--postgres-events", type=int, default=600_000, help="the same in PostgreSQL")
    options.add_argument("--postgres", type=int, help=argparse.SUPPRESS)
    options = options.parse_args()
    if options.postgres:
        return postgres(options.postgres)
    subprocess.run(["ninja", "-C", str(ROOT / "build/release"), "--quiet", "bench/bench_store"], check=True)
    with tempfile.TemporaryDirectory(prefix="gb-bench-", dir=options.folder) as folder:
        url = f"sqlite:{folder}/gambeson.db"
        sqlite = stopwatch("insert", url, options.events, 30)
        queries, counts = stopwatch("query", url), stopwatch("counts", url)
    server = subprocess.run([CLUSTER, sys.executable, __file__, "--postgres", str(options.postgres_events)], stdout=subprocess.PIPE, text=True, check=True,
                            env={**os.environ, "GAMBESON_TEST_POSTGRES_OPTIONS": "shared_buffers=256MB max_wal_size=2GB"})
    server = json.loads(server.stdout)
    rows = [("events/s of one processor, SQLite", sqlite["events"] / sqlite["cpu_s"], 60000, True),
            ("events/s of one processor, PostgreSQL", server["events"] / server["cpu_s"], 40000, True),
            (f"page of 50 of {sqlite['events'] / 1e6:.0f} million, p50, ms", queries["p50_ms"], None, False),
            (f"page of 50 of {sqlite['events'] / 1e6:.0f} million, p95, ms", queries["p95_ms"], 100, False),
            (f"page of 50 of {server['events'] / 1e6:.1f} million, PostgreSQL, p95, ms", server["queries"]["p95_ms"], 100, False),
            (f"counts of {sqlite['events'] / 1e6:.0f} million, p95, ms", counts["p95_ms"], 200, False),
            (f"counts of {server['events'] / 1e6:.1f} million, PostgreSQL, p95, ms", server["counts"]["p95_ms"], 200, False),
            ("memory of the writer, MB", sqlite["rss_kb"] / 1024, None, False)]
    for what, value, bar, is_least in rows:
        verdict = "-" if bar is None else "pass" if (value >= bar if is_least else value <= bar) else f"SHORT of {bar}"
        print(f"{what:<48}{value:>10.1f}  {verdict}")
    result = {"sqlite": sqlite, "postgres": server, "queries": queries, "counts": counts}
    (ROOT / "build/bench-store.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""portal.py [--functions N] [--events N]: how the portal bears many functions and events, in Debian's Chromium: first paint, what a screen
loads, long frames while one scrolls to the end of the functions. `make bench` runs it. Writes build/bench-portal.json.

portal.py --stored N [--functions N] [--folder F]: what each screen takes on a store of N events of 30 days, which is made in F when it is not there
(10 million: 11 GB, five to ten minutes; F is kept, without it a folder of temporary files is used and removed). Writes build/bench-portal-stored.json
and pictures beside it."""

import argparse
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEST = ROOT / "tests/portal"
GAMBESON = ROOT / "build/bin/gambeson"
QUIET_MS = 100  # of processor time a second: what the server does by itself then is no matter


def show(rows):
    for what, value, bar in rows:
        verdict = "-" if bar is None else "pass" if value <= bar else f"SHORT of {bar}"
        print(f"{what:<56}{value:>10.1f}  {verdict}")


def figures_of(output):
    return json.loads(next(line[2:] for line in output.splitlines() if line.startswith("# {")))


def make_store(folder, events, functions):
    """A store of EVENTS in FOLDER, none of which its server takes for new; nobody is known to it."""
    path = folder / "data/gambeson.db"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob("gambeson.begun*"):
            left.unlink()
        subprocess.run(["ninja", "-C", str(ROOT / "build/release"), "--quiet", "bench/bench_store"], check=True)
        begun = path.with_suffix(".begun")
        subprocess.run([ROOT / "build/release/bench/bench_store", "insert", f"sqlite:{begun}", str(events), "30", str(functions)],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=3600)
        begun.rename(path)
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        last = store.execute("SELECT value FROM counters WHERE name = 'events'").fetchone()[0]
        for key in ("incidents.after", "learn.cursor"):
            store.execute("INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, str(last)))
        for table in ("users", "sessions", "tokens", "observations"):
            store.execute(f"DELETE FROM {table}")
    return last


def spent_ms(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_quiet(process, seconds=600):
    """New functions get their first documents."""
    end, quiet, before = time.monotonic() + seconds, 0, spent_ms(process)
    while quiet < 5 and time.monotonic() < end:
        time.sleep(1)
        now = spent_ms(process)
        quiet, before = quiet + 1 if now - before < QUIET_MS else 0, now


def stored(folder, events, functions):
    count = make_store(folder, events, functions)
    with open(folder / "serve.log", "wb") as log, subprocess.Popen(
            [GAMBESON, "serve", "--data", str(folder / "data"), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            server.stdout.readline()
            link = server.stdout.readline().split()[-1]
            wait_until_quiet(server)
            done = subprocess.run(["node", TEST / "stored.mjs", ROOT / "build/deps/portal", link, folder], stdout=subprocess.PIPE, text=True, timeout=1200, check=False)
        finally:
            server.terminate()
            server.wait(timeout=60)
    if done.returncode != 0:
        sys.exit(done.stdout)
    figures = {"events": count, **figures_of(done.stdout)}
    for name in ("overview", "events"):
        (folder / f"{name}.png").replace(ROOT / f"build/bench-portal-{name}.png")
    rows = []
    for name, value in figures["ms"].items():
        for part, number in value.items() if isinstance(value, dict) else [("", value)]:
            rows.append((f"{name} {part}".replace("_", " ").strip() + ", ms", number, 1000 if part == "first_paint" else None))
    rows += [("twenty pages of events scrolled through, ms", figures["scroll"]["ms"], None),
             ("rows in the document behind them", figures["scroll"]["rows_in_document"], None),
             ("longest task of the page's thread, ms", max(figures["long_tasks_ms"].values()), None), ("memory of the page behind them, MB", figures["memory_mb"], None)]
    print(f"{count / 1e6:.1f} million events of {functions} functions; medians of five")
    show(rows)
    (ROOT / "build/bench-portal-stored.json").write_text(json.dumps(figures, indent=1) + "\n")


def pushed(functions, events):
    done = subprocess.run(
        [sys.executable, TEST / "test_portal.py", GAMBESON, ROOT / "build/deps/portal", TEST / "scale.mjs", str(functions), str(events)],
        stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    figures = figures_of(done.stdout)
    paints = [times[len(times) // 2] for times in figures["first_paint_ms"].values()]
    frames = figures["scroll_functions"]["long_frames_ms"] + figures["scroll_events"]["long_frames_ms"]
    show([("first paint of three screens, the worst median, ms", max(paints), 1000), ("what a screen loads, gzipped, KB", figures["bytes"] / 1024, 200),
          ("frames above 50 ms while scrolling 10,000 rows", len(frames), None), ("the longest of them, ms", max(frames, default=0), None),
          ("rows in the document", figures["scroll_functions"]["rows_in_document"], None)])
    (ROOT / "build/bench-portal.json").write_text(json.dumps(figures, indent=1) + "\n")


def main():
    options = argparse.ArgumentParser(description="How the portal bears many functions and events.")
    options.add_argument("--functions", type=int, help="10,000; of a store that is made 2,000")
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--stored", type=int, metavar="EVENTS", help="look at a store of that many instead")
    options.add_argument("--folder", type=pathlib.Path, help="where that store is, or is made and kept")
    options = options.parse_args()
    if not options.stored:
        return pushed(options.functions or 10_000, options.events)
    with contextlib.ExitStack() as stack:
        folder = options.folder or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gb-bench-")))
        stored(folder.resolve(), options.stored, options.functions or 2_000)


if __name__ == "__main__":
    main()

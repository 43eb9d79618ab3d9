#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""portal.py [--functions N] [--events N]: how the portal bears many functions and events, in Debian's Chromium: first paint, what a screen
loads, long frames while one scrolls to the end of the functions. `make bench` runs it. Writes build/bench-portal.json."""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEST = ROOT / "tests/portal"


def main():
    options = argparse.ArgumentParser(description="How the portal bears many functions and events.")
    options.add_argument("--functions", type=int, default=10_000)
    options.add_argument("--events", type=int, default=100_000)
    options = options.parse_args()
    done = subprocess.run(
        [sys.executable, TEST / "test_portal.py", ROOT / "build/bin/gambeson", ROOT / "build/deps/portal", TEST / "scale.mjs", str(options.functions), str(options.events)],
        stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    figures = json.loads(next(line[2:] for line in done.stdout.splitlines() if line.startswith("# {")))
    paints = [times[len(times) // 2] for times in figures["first_paint_ms"].values()]
    frames = figures["scroll_functions"]["long_frames_ms"] + figures["scroll_events"]["long_frames_ms"]
    rows = [("first paint of three screens, the worst median, ms", max(paints), 1000), ("what a screen loads, gzipped, KB", figures["bytes"] / 1024, 200),
            ("frames above 50 ms while scrolling 10,000 rows", len(frames), None), ("the longest of them, ms", max(frames, default=0), None),
            ("rows in the document", figures["scroll_functions"]["rows_in_document"], None)]
    for what, value, bar in rows:
        verdict = "-" if bar is None else "pass" if value <= bar else f"SHORT of {bar}"
        print(f"{what:<52}{value:>10.1f}  {verdict}")
    (ROOT / "build/bench-portal.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()

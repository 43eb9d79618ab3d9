#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""arrivals.py WATCH SENSOR HOST LIBRARY: a library with system calls of its own does the same with the sensor as without,
and is seen. TAP."""
import subprocess
import sys

FORBIDDEN = "/etc/hostname"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def main():
    watch, sensor, host, library = sys.argv[1:]
    bare, watched = run(host, library), run(watch, sensor, host, library)
    calls = [line for line in watched.stderr.splitlines() if FORBIDDEN in line]
    limited = [line for line in watched.stderr.splitlines() if "sensor_limited" in line]
    grown = int(watched.stdout.split()[1]) - int(bare.stdout.split()[1]) if watched.returncode == bare.returncode == 0 else sys.maxsize
    checks = [
        (f"without the sensor: {bare.stdout.strip()} {bare.stderr.strip()}", bare.returncode == 0),
        (f"the same with it: {watched.stdout.strip()} {watched.stderr.strip()[-300:]}", watched.returncode == 0),
        (f"its open is seen, by both threads at once at most twice: {calls[:1]}", len(calls) in (1, 2)),
        (f"nothing of it is out of sight: {limited[:1]}", not limited),
        (f"not a trace is left of what was unloaded but a little memory: {grown} KB", grown <= 4096),
    ]
    print(f"1..{len(checks)}")
    for number, (what, is_good) in enumerate(checks, 1):
        print(f"{'ok' if is_good else 'not ok'} {number} - {what}".replace("\n", " "))


main()

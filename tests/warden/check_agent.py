#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""check_agent.py AGENT SENSOR: how much of the agent that ships is in memory when its runtime waits, no event having come.
src/cmd/gambeson-agent/order.ld sees to it. TAP."""

import re
import subprocess
import sys

STARTED_KB = 192  # three times what the kernel maps around a page that is touched


def check(is_good, what):
    check.count += 1
    print(f"{'ok' if is_good else 'not ok'} {check.count} - {what}")


check.count = 0


def resident_code(pid):
    """KB of the program's file that are mapped to be read or run only."""
    maps = open(f"/proc/{pid}/smaps").read()
    return sum(int(kb) for kb in re.findall(r"^[0-9a-f]+-\S+ r-xp .*gambeson-agent\n(?:\S.*\n)*?Rss: +(\d+) kB", maps, re.MULTILINE))


def main():
    agent, sensor = sys.argv[1:3]
    sections = subprocess.run(["readelf", "-SW", agent], capture_output=True, text=True, check=True).stdout
    sizes = dict(re.findall(r"\] (\.\S+)\s+\S+\s+[0-9a-f]{16} [0-9a-f]+ ([0-9a-f]+)", sections))
    start = int(sizes[".rodata.start"], 16) + int(sizes[".text.start"], 16)
    check(start <= STARTED_KB * 1024, f"what a start may touch has {start} bytes")
    runtime = ["/bin/sh", "-c", "cat /etc/hostname; echo waiting; read line"]
    with subprocess.Popen([agent, "run", "--sensor-path", sensor, "--", *runtime], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        while not ("waiting\n" in lines and any('"kind":"observations"' in line for line in lines)):
            lines.append(process.stdout.readline())
        resident = resident_code(process.pid)
        process.communicate("\n", timeout=20)
    check(0 < resident <= STARTED_KB, f"and {resident} KB of it are in memory")
    print("1..2")


main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_scale.py GAMBESON: scripts/scale/run, small and short, with everything in it; and its model. TAP."""

import re
import subprocess
import sys

from world import GAMBESON, ROOT, tap

SIZE = ["--serves", "2", "--ingests", "2", "--kafka", "2", "--functions", "8", "--rate", "1500", "--seconds", "16", "--every", "1.5", "--standby"]


def deployment():
    run = subprocess.run([sys.executable, ROOT / "scripts/scale/run", "--gambeson", GAMBESON, *SIZE], capture_output=True, text=True, timeout=220)
    tap.check(run.returncode == 0, "two servers, four collectors, PostgreSQL with a standby and Kafka, killed all the time: nothing is lost",
              run.stdout + run.stderr)
    kills = {name: int(count) for name, count in re.findall(r"^(.*?) +(\d+) times killed", run.stdout, re.MULTILINE)}
    tap.check(len(kills) == 8 and sum(kills.values()) >= 6, "they were killed", run.stdout)
    tap.check(kills.get("PostgreSQL, failed over", 0) >= 1, "the database failed over", run.stdout)
    told = re.search(r"^(\d+) lines of 8 functions", run.stdout, re.MULTILINE)
    tap.check(told and int(told[1]) >= 1000, "under load", run.stdout)
    memory = [int(megabytes) for megabytes in re.findall(r"^serve .*?(\d+) MB$", run.stdout, re.MULTILINE)]
    tap.check(memory and max(memory) <= 256, "a server stays within its 256 MB", memory)


deployment()
tap.done()

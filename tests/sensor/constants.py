#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""constants.py WATCH SENSOR PROGRAM…: the tables of each program are the same with the sensor in it. TAP."""
import os
import subprocess
import sys

watch, sensor, *programs = map(os.path.abspath, sys.argv[1:])
print(f"1..{len(programs)}")
for number, program in enumerate(programs, 1):
    bare = subprocess.run([program], capture_output=True, text=True, timeout=20, check=False)
    watched = subprocess.run([watch, sensor, program], capture_output=True, text=True, timeout=20, check=False)
    good = bare.returncode == 0 and bare.stdout != "" and bare.stdout in watched.stdout and watched.returncode == 0
    print(f"{'ok' if good else 'not ok'} {number} - {os.path.basename(program)}: its constants are left alone")
    if not good:
        print(f"# {bare.stdout!r} became {watched.stdout!r} {watched.stderr!r}")

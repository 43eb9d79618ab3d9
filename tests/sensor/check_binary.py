#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_binary.py LIBGAMBESON OBJDUMP: the sensor's file keeps its promises. TAP."""
import re
import subprocess
import sys


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def main():
    path = sys.argv[1]
    symbols = [symbol for symbol in (line.split() for line in run("nm", "-D", path).splitlines()) if symbol[-2] not in "abdrt"]
    headers, dynamic = run("readelf", "-lW", path), run("readelf", "-dW", path)
    code = run(sys.argv[2], "-d", path)
    text = sum(int(m.group(1), 16) for m in re.finditer(r"LOAD\s+\S+\s+\S+\s+\S+\s+0x([0-9a-f]+)", headers))
    sections = re.findall(r"\] (\S+)\s+\S+\s+([0-9a-f]{16}) \S+ (\S+)", run("readelf", "-SW", path))
    places = {name: int(address, 16) for name, address, size in sections if int(size, 16) != 0}
    place = {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) . (gb_sensor\w*)$", run("nm", path), re.MULTILINE)}
    checks = [
        ("has its constants and its state in one page, to be sealed: gb_sensor in .data, the process page first in .bss",
         places[".data"] // 4096 == places[".init_array"] // 4096 == places[".bss"] // 4096 - 1 and places[".bss"] % 4096 == 0
         and (not place or (place["gb_sensor"] == places[".data"] and place["gb_sensor_page"] == places[".bss"]))),
        ("needs nothing but a weak environ, exports nothing", [s[-1] for s in symbols] == ["environ"] and symbols[0][0] == "w"),
        ("has no TLS segment", " TLS " not in headers),
        ("needs no library", "NEEDED" not in dynamic),
        ("uses no vector or x87 register", not re.search(r"%[xyz]mm|%st\b|\t(.*, )?\{?[vqds]\d+(\.\d*[bhsd])?[,}]", code)),
        ("has no executable stack", re.search(r"GNU_STACK.*RW ", headers) is not None),
        ("is small: %d bytes" % text, text <= 96 * 1024),
    ]
    print("1..%d" % len(checks))
    for i, (what, ok) in enumerate(checks, 1):
        print("%s %d - %s" % ("ok" if ok else "not ok", i, what))


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_binary.py LIBGAMBESON OBJDUMP: the sensor's file keeps its promises. TAP."""
import re
import subprocess
import sys


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


VECTOR = re.compile(r"%[xyz]mm|%st\b|\t(.*, )?\{?[vqds]\d+(\.\d*[bhsd])?[,}]")
KEPT = 5  # registers


def vector_register_seen(code):
    """Of CODE, as objdump prints it, what uses a vector or x87 register: None, or the first place outside of straight pieces that keep
    xmm0 to xmm4 before anything else, put them back last, use no other, and have no way in, out or around."""
    lines = [(int(m[1], 16), m[2]) for m in re.finditer(r"^ +([0-9a-f]+):\t[0-9a-f ]+\t(.*)$", code, re.MULTILINE)]
    jumps = [(at, int(m[1], 16)) for at, text in lines for m in [re.match(r"j\w+ +([0-9a-f]+)", text)] if m]
    i = 0
    while i < len(lines):
        if not VECTOR.search("\t" + lines[i][1]):
            i += 1
            continue
        kept = [re.match(r"movups %xmm(\d),((?:0x[0-9a-f]+)?\(%r\w+\))$", text) for _, text in lines[i:i + KEPT]]
        if not all(kept) or [m[1] for m in kept] != list("01234") or len({m[2] for m in kept}) != KEPT:
            return lines[i]
        back = [f"movups {m[2]},%xmm{m[1]}" for m in kept]
        end = i + KEPT
        while end < len(lines) and [text for _, text in lines[end:end + KEPT]] != back:
            if re.match(r"(notrack )?(call|ret|jmp|syscall)|.*[yz]mm|.*%xmm([5-9]|1\d)|.*%st\b", lines[end][1]):
                return lines[end]
            if re.search(r"(push|pop)|,%" + re.escape(kept[0][2].strip("()%").split("%")[-1]) + "$", lines[end][1]):
                return lines[end]
            end += 1
        first, last = lines[i][0], lines[min(end + KEPT, len(lines)) - 1][0]
        for at, to in jumps:
            if (first <= at <= last) != (first < to <= last) and (first < to <= last or first <= at <= last):
                return at, "jumps in or out"
        i = end + KEPT
    return None


def main():
    path = sys.argv[1]
    symbols = [symbol for symbol in (line.split() for line in run("nm", "-D", path).splitlines()) if symbol[-2] not in "abdrt"]
    headers, dynamic = run("readelf", "-lW", path), run("readelf", "-dW", path)
    code = run(sys.argv[2], "-d", path)
    text = sum(int(m.group(1), 16) for m in re.finditer(r"LOAD\s+\S+\s+\S+\s+\S+\s+0x([0-9a-f]+)", headers))
    parts = [(int(at, 16), int(at, 16) + int(size, 16)) for at, size in re.findall(r"LOAD\s+\S+\s+0x(\S+)\s+\S+\s+\S+\s+0x([0-9a-f]+)", headers)]
    sections = re.findall(r"\] (\S+)\s+\S+\s+([0-9a-f]{16}) \S+ (\S+)", run("readelf", "-SW", path))
    places = {name: int(address, 16) for name, address, size in sections if int(size, 16) != 0}
    place = {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) . (gb_sensor\w*)$", run("nm", path), re.MULTILINE)}
    checks = [
        ("has its constants and its state in one page, to be sealed: gb_sensor in .data, the process page first in .bss",
         places[".data"] // 4096 == places[".init_array"] // 4096 == places[".bss"] // 4096 - 1 and places[".bss"] % 4096 == 0
         and (not place or (place["gb_sensor"] == places[".data"] and place["gb_sensor_page"] == places[".bss"]))),
        ("has no hole between code and data", "0x10000\n" in headers or (parts[0][1] + 4095) // 4096 == parts[1][0] // 4096),
        ("needs nothing but a weak environ, exports nothing", [s[-1] for s in symbols] == ["environ"] and symbols[0][0] == "w"),
        ("has no TLS segment", " TLS " not in headers),
        ("needs no library", "NEEDED" not in dynamic),
        ("uses no vector or x87 register but where it gives them back: %s" % (vector_register_seen(code),), vector_register_seen(code) is None),
        ("has no executable stack", re.search(r"GNU_STACK.*RW ", headers) is not None),
        ("is small: %d bytes" % text, text <= 96 * 1024),
    ]
    print("1..%d" % len(checks))
    for i, (what, ok) in enumerate(checks, 1):
        print("%s %d - %s" % ("ok" if ok else "not ok", i, what))


main()

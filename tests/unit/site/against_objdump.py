#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare the sites that site_dump finds in a library with what objdump -d makes of it. TAP.

against_objdump.py SITE_DUMP LIBRARY

- every syscall instruction whose number stands in straight code before it, and is watched, is a site;
- what a site replaces begins and ends at instruction boundaries, and no direct jump lands inside;
- what moves to the detour is neither a jump, nor relative to where it stands.
"""
import re
import subprocess
import sys

WATCHED = {2, 3, 9, 10, 11, 25, 28, 33, 42, 44, 46, 49, 50, 59, 62, 76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 101, 129, 133, 200,
           234, 257, 258, 259, 263, 264, 265, 266, 268, 292, 297, 302, 307, 310, 311, 316, 319, 322, 329, 434, 436, 437, 452}
LINE = re.compile(r"^\s+([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)$")


def disassemble(library):
    code = []
    out = subprocess.run(["objdump", "-d", "-w", library], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        m = LINE.match(line)
        if m:
            code.append((int(m.group(1), 16), len(m.group(2).split()), m.group(3).strip()))
    return code


def number_before(code, i, targets):
    """Number in eax at instruction i if straight code before it says, else None."""
    for j in range(i - 1, max(i - 16, -1), -1):
        if code[j + 1][0] in targets:
            return None
        text = code[j][2]
        m = re.match(r"mov\s+\$0x([0-9a-f]+),%[er]ax$", text)
        if m:
            return int(m.group(1), 16)
        if re.match(r"xor\s+%eax,%eax$", text):
            return 0
        if re.match(r"(j|call|ret|syscall|loop|hlt|ud2)", text) or re.search(r",%[er]?a[xl]$", text) and not re.match(r"(cmp|test)", text):
            return None
    return None


def main():
    dump, library = sys.argv[1:3]
    code = disassemble(library)
    index = {address: i for i, (address, _, _) in enumerate(code)}
    targets = set()
    for _, _, text in code:
        m = re.match(r"(?:bnd )?(?:j\w+|call|loop\w*)\s+([0-9a-f]+)", text)
        if m:
            targets.add(int(m.group(1), 16))
    lines = subprocess.run([dump, library], capture_output=True, text=True, check=True).stdout.splitlines()
    sites = [(int(a, 16), int(nr), int(call, 16), int(n)) for a, nr, call, n in (l.split() for l in lines[:-1])]
    calls = {call: nr for _, nr, call, _ in sites}
    missed, wrong, broken, unknown_missed = [], [], [], []
    for i, (address, _, text) in enumerate(code):
        if text != "syscall":
            continue
        number = number_before(code, i, targets)
        if number in WATCHED and address not in calls:
            missed.append(f"{address:x} ({number})")
        if number is None and address not in calls:
            unknown_missed.append(f"{address:x}")
        if address in calls and number is not None and calls[address] not in (-1, number):
            wrong.append(f"{address:x}: {calls[address]} is {number}")
    for start, _, call, n in sites:
        covered = [i for i in range(index.get(start, 0), index.get(start, 0) + 16) if i < len(code) and code[i][0] < start + n]
        if start not in index or call not in index or code[covered[-1]][0] + code[covered[-1]][1] != start + n:
            broken.append(f"{start:x}: not at instruction boundaries")
            continue
        if any(start < t < start + n for t in targets) or (start < call and any(start < t <= call for t in targets)):
            broken.append(f"{start:x}: a jump lands inside")
        for i in covered:
            if re.match(r"(j|call|ret|loop)", code[i][2]) or "(%rip)" in code[i][2]:
                broken.append(f"{start:x}: moves {code[i][2]}")
    name = library.rsplit("/", 1)[-1]
    print("1..4")
    for k, (what, bad) in enumerate([("no watched call with a known number is missed", missed),
                                     ("numbers agree", wrong), ("sites can be replaced", broken)], 1):
        print(f"{'not ok' if bad else 'ok'} {k} - {name}: {what}")
        if bad:
            print("\n".join(bad), file=sys.stderr)
    ok = len(sites) > 20 or name.startswith("ld-linux") and len(sites) > 8
    print(f"{'ok' if ok else 'not ok'} 4 - {name}: {len(sites)} sites; {lines[-1]}; "
          f"number unknown and not patched: {' '.join(unknown_missed) or 'none'}")


main()

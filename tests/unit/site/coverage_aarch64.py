#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""coverage_aarch64.py ENTER SITE_DUMP ROOT: does the sensor see every watched system call of arm64 libraries? TAP.

Each file below ROOT is decoded by objdump, and for each svc instruction every road that leads to it is followed back to
whatever put the number into x8. A call whose number is watched, or known only at run time, must be a site; a site must be
a svc instruction (the executable segment holds constants too), and its number right. Let be is the munmap by which musl's
thread takes away its own stack before it exits."""
import collections
import re
import subprocess
import sys

FILES = ["/lib/aarch64-linux-gnu/libc.so.6", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1", "/bin/busybox"]
LINE = re.compile(r"^\s+([0-9a-f]+):\t[0-9a-f]{8} \t(.*)$")
STEPS_MAX = 5000
MUNMAP = 215
NUMBER = re.compile(r"mov\s+[wx]8, #(0x[0-9a-f]+)")
BRANCH = re.compile(r"(?:b|bl|b\.\w+|cbn?z|tbn?z)\s+(?:.*, )?([0-9a-f]+) <")
# The first operand is written, but for these; of loads of pairs the second, of writing back the address.
READS = re.compile(r"(st|cmp|cmn|tst|ccm|cb|tb|b|prfm|svc|dmb|dsb|isb|nop|msr|hint|ret|brk|udf)")


def writes_x8(text):
    operation, _, operands = text.partition("\t")
    names = re.findall(r"\b[wx]\d+\b", operands.split("//")[0])
    if re.match(r"(stl?xr|stl?xp|cas|swp|ld(add|clr|set|eor))", operation):
        return bool({"w8", "x8"} & set(names))
    if re.search(r"\[x8\]?(, #-?\d+\]!|\], )", operands):
        return True
    if READS.match(operation):
        return False
    written = names[:2] if operation in ("ldp", "ldpsw", "ldxp", "ldaxp") else names[:1]
    return bool({"w8", "x8"} & set(written))


class Code:
    def __init__(self, path):
        self.text, self.sources = {}, collections.defaultdict(list)
        out = subprocess.run(["aarch64-linux-gnu-objdump", "-d", "-w", path], capture_output=True, text=True, check=True).stdout
        for line in out.splitlines():
            match = LINE.match(line)
            if not match:
                continue
            address, text = int(match[1], 16), match[2]
            self.text[address] = text
            branch = BRANCH.match(text.replace("\t", " "))
            if branch and not text.startswith("bl\t"):
                self.sources[int(branch[1], 16)].append(address)

    def before(self, address):
        """Where ADDRESS may be come to from."""
        roads = list(self.sources[address])
        last = self.text.get(address - 4)
        if last is not None and not re.match(r"(b|br|ret|udf|brk)\b(?!\.)", last):
            roads.append(address - 4)
        return roads

    def numbers(self, address):
        """What x8 may be at ADDRESS; None in it stands for anything."""
        found, seen, todo = set(), set(), [address]
        while todo:
            roads = self.before(todo.pop())
            if not roads or len(seen) > STEPS_MAX:
                found.add(None)
            for road in roads:
                if road in seen:
                    continue
                seen.add(road)
                text = self.text[road]
                number = NUMBER.match(text.replace("\t", " "))
                if number:
                    found.add(int(number[1], 16))
                elif re.match(r"(bl|blr)\b", text) or writes_x8(text):
                    found.add(None)
                else:
                    todo.append(road)
        return found

    def is_end_of_thread(self, address):
        """musl's thread unmaps its own stack and exits: nothing could come back from a detour."""
        return self.text[address + 4].startswith("mov\tx8, #0x5d") and self.text[address + 8].startswith("svc\t")


def sites_of(enter, dump, path):
    out = subprocess.run([enter, dump, path], capture_output=True, text=True, check=True).stdout.splitlines()
    return {int(line.split()[0], 16): None if line.split()[1] == "-1" else int(line.split()[1])
            for line in out if not line.startswith("unpatchable")}


def check(code, sites, watched):
    faults, calls = [], [address for address, text in code.text.items() if re.match(r"svc\s+#0x0\b", text)]
    for address in calls:
        values = code.numbers(address)
        if address not in sites:
            if values == {MUNMAP} and code.is_end_of_thread(address):
                continue
            if None in values or values & watched:
                faults.append(f"{address:x} ({values}): missed")
        elif sites[address] is not None and values != {sites[address]}:
            faults.append(f"{address:x} ({values}): taken for {sites[address]}")
    faults += [f"{address:x}: is no system call" for address in sites if address not in calls]
    late = sum(number is None for number in sites.values())
    return faults, f"{len(calls)} calls, {len(sites)} sites, {late} with a number looked up at run time"


def main():
    enter, dump, root = sys.argv[1:]
    listed = subprocess.run([enter, dump, "--watched"], capture_output=True, text=True, check=True).stdout
    if "# SKIP" in listed:
        print(listed, end="")
        return
    watched = {int(number) for number in listed.split()}
    print(f"1..{len(FILES)}")
    for k, path in enumerate(FILES, 1):
        faults, counts = check(Code(root + path), sites_of(enter, dump, path), watched)
        print(f"{'not ok' if faults else 'ok'} {k} - {path}: {counts}", flush=True)
        for fault in faults:
            print(f"# {fault}")


main()

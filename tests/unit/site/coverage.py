#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""coverage.py SITE_DUMP LIST DEPS [NAME…]: does the sensor see every watched system call? TAP, a line a library.

The whole text of each library of LIST (see there) is decoded by objdump, and for each syscall instruction every road that
leads to it is followed back to whatever put the number into eax. Then for what the sensor patches:

- a call whose number is watched, or known only at run time, is a site, and a site's number is right (but for the call by
  which a thread unmaps its own stack before it ends);
- a site is a syscall instruction, begins and ends where instructions do, and no direct jump lands inside;
- what moves to the detour is neither a jump, nor relative to where it stands.

What the sensor does not patch makes no watched call, save those that LIST names, and nothing in it is taken for one."""
import glob
import re
import shutil
import subprocess
import sys

from disassembly import Code

MUNMAP, EXIT = 11, 60

def read_list(path, deps, names):
    for line in open(path, encoding="utf-8"):
        kind, name, place, known = (line.split("#")[0].split() + ["", "", "", ""])[:4]
        if kind and (not names or name in names):
            place = place.replace("{deps}", deps)
            if place.startswith("{program}"):
                place = shutil.which(place[len("{program}"):]) or place
            yield kind, name, sorted(glob.glob(place)), {None if n == "?" else int(n) for n in known.split(",") if n}, place


def sites_of(dump, *arguments):
    """(first byte replaced, number or None, the call, bytes replaced) of each site."""
    lines = subprocess.run([dump, *arguments], capture_output=True, text=True, check=False).stdout.splitlines()[:-1]
    return [(int(start, 16), None if number == "-1" else int(number), int(call, 16), int(length))
            for start, number, call, length in (line.split() for line in lines)]


def shape_faults(code, start, call, length):
    """What is wrong with replacing LENGTH bytes at START."""
    if call not in code.index or code.texts[code.index[call]] != "syscall":
        yield "is no system call"
        return
    # A number that a `mov` with a REX.W prefix sets: the prefix stays, and the jump behind it is none the worse.
    first = code.index.get(start, code.index.get(start - 1))
    covered = [i for i in range(first, first + 16) if i < len(code.addresses) and code.addresses[i] < start + length]
    if start not in code.index and not re.match(r"mov\s+\$0x[0-9a-f]+,%rax", code.texts[first]):
        yield "begins inside an instruction"
    if code.addresses[covered[-1]] + code.lengths[covered[-1]] != start + length:
        yield "ends inside an instruction"
    last = call if start < call else start + length - 1
    if any(code.is_target(address) for address in range(start + 1, last + 1)):
        yield "a jump lands inside"
    for i in covered:
        if re.match(r"(j|call|ret|loop)", code.texts[i]) or "(%rip)" in code.texts[i]:
            yield f"moves {code.texts[i]}"


def is_end_of_thread(code, i, values):
    """munmap() of the own stack, and the thread's end: nothing could come back from a detour."""
    following = code.texts[i + 1:i + 5]
    if values != {MUNMAP} or "syscall" not in following:
        return False
    return code.numbers(i + 1 + following.index("syscall")) == {EXIT}


def check_sites(code, sites, watched):
    """Faults, and a line of counts."""
    numbers = {call: number for _, number, call, _ in sites}
    faults, total, late = [], 0, []
    for i, text in enumerate(code.texts):
        if text != "syscall":
            continue
        address, values, total = code.addresses[i], code.numbers(i), total + 1
        where = f"{address:x} in {code.functions[i]} ({', '.join(sorted(str(v) for v in values))})"
        if address not in numbers:
            if (None in values or values & watched) and not is_end_of_thread(code, i, values):
                faults.append(f"{where}: missed")
        elif numbers[address] is not None and values != {numbers[address]}:
            faults.append(f"{where}: taken for {numbers[address]}")
        elif None in values:
            late.append(f"{code.functions[i].split('@')[0]}+{address:x}")
    for start, _, call, length in sites:
        faults += [f"{call:x}: {fault}" for fault in shape_faults(code, start, call, length)]
    return faults, f"{total} calls, {len(sites)} sites, {len(late)} with a number known only at run time", late


def calls_in(path):
    objdump = subprocess.Popen(["objdump", "-d", "-w", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    grep = subprocess.run(["grep", "-P", r"\tsyscall"], stdin=objdump.stdout, capture_output=True, text=True)
    objdump.stdout.close()
    if objdump.wait() != 0:
        raise RuntimeError(f"objdump failed for {path}")
    return {int(line.split(":")[0], 16) for line in grep.stdout.splitlines()}


def check_beside(dump, paths, known, watched):
    faults, total = [], 0
    for path in paths:
        calls = calls_in(path)  # mostly none, and the greatest files take minutes to follow
        total += len(calls)
        code = Code(path) if calls else None
        # What the sensor finds in memory, without the file's section headers.
        faults += [f"{path}: {call:x} is no system call" for _, _, call, _ in sites_of(dump, "--stranger", path) if call not in calls]
        for i in (i for i, text in enumerate(code.texts) if text == "syscall") if calls else ():
            values = code.numbers(i)
            if values & ((watched | {None}) - known):
                faults.append(f"{path}: {code.addresses[i]:x} in {code.functions[i]} ({', '.join(map(str, values))}): watched")
    return faults, f"{total} calls of its own in {len(paths)} file{'s' if len(paths) > 1 else ''}"


def main():
    dump, list_path, deps, *names = sys.argv[1:]
    watched = {int(n) for n in subprocess.run([dump, "--watched"], capture_output=True, text=True, check=True).stdout.split()}
    rows = list(read_list(list_path, deps, names))
    print(f"1..{len(rows)}")
    for k, (kind, name, paths, known, place) in enumerate(rows, 1):
        if not paths:
            print(f"ok {k} - {name} # SKIP no {place}: scripts/setup test could not get it", flush=True)
            continue
        late = []
        if kind == "sites":
            faults, counts, late = check_sites(Code(paths[0]), sites_of(dump, paths[0]), watched)
        else:
            faults, counts = check_beside(dump, paths, known, watched)
        print(f"{'not ok' if faults else 'ok'} {k} - {name}: {counts}", flush=True)
        for line in faults:
            print(f"# {line}")
        if late:
            print(f"# at run time: {' '.join(late)}")


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""strangers.py SITE_DUMP: in a library of which nothing is known, data that looks like a call is left alone. TAP."""
import pathlib
import subprocess
import sys
import tempfile

# Each case is a symbol, and behind a `call` label, where there is one, a system call that is to be found.
SOURCE = """
        .text
        .balign 64
data:   mov %edi, %ebx          # a table of numbers, to whom it may concern: nobody calls it
        mov %esi, %ecx
        syscall
        test %eax, %eax
        .balign 64, 0
        .globl numbered
numbered:
        .cfi_startproc
        mov $2, %eax
call_1: syscall
        ret
        .cfi_endproc
unknown:
        .cfi_startproc
        mov %edi, %eax
        mov %rsi, %rdi
        mov %rdx, %rsi
call_2: syscall
        ret
        .cfi_endproc
vectors:
        .cfi_startproc
        vpaddd %ymm1, %ymm2, %ymm3
        mov %edi, %eax
        mov %rsi, %rdi
call_3: syscall
        ret
        .cfi_endproc
inside: .cfi_startproc
        mov $0x90050f90, %eax
        mov %eax, %ecx
        ret
        .cfi_endproc
unread: .cfi_startproc
        .byte 0x06              # no instruction of this machine
        mov %edi, %eax
        mov %rsi, %rdi
        syscall
        ret
        .cfi_endproc
frameless:
        mov $257, %eax
call_4: syscall
        ret
hidden: mov %edi, %eax
        mov %rsi, %rdi
        syscall
        ret
        .section .note.GNU-stack,"",@progbits
"""
WANTED = {"call_1": 2, "call_2": -1, "call_3": -1, "call_4": 257}


def main():
    with tempfile.TemporaryDirectory() as folder:
        source, library = pathlib.Path(folder) / "s.S", pathlib.Path(folder) / "s.so"
        source.write_text(SOURCE, encoding="utf-8")
        subprocess.run(["gcc", "-shared", "-nostdlib", "-o", library, source], check=True)
        symbols = {name: int(address, 16) for address, _, name in
                   (line.split() for line in subprocess.run(["nm", library], capture_output=True, text=True, check=True).stdout.splitlines())}
        lines = subprocess.run([sys.argv[1], "--stranger", library], capture_output=True, text=True, check=True).stdout.splitlines()
    found = {int(call, 16): int(number) for _, number, call, _ in (line.split() for line in lines[:-1])}
    unpatchable = int(lines[-1].split()[1])
    tests = [(f"{name} is found", found.pop(symbols[name], None) == number) for name, number in WANTED.items()]
    tests.append((f"nothing else is: {[hex(address) for address in found]}", not found))
    tests.append((f"the one behind bytes that are no instruction is told of: {unpatchable}", unpatchable == 1))
    print(f"1..{len(tests)}")
    for i, (what, is_good) in enumerate(tests, 1):
        print(f"{'ok' if is_good else 'not ok'} {i} - {what}")


main()

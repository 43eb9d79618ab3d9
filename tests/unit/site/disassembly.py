# SPDX-License-Identifier: Apache-2.0
"""A program's code as objdump reads it: instructions, who jumps where, and which numbers a register can hold."""
import re
import subprocess

LINE = re.compile(r"^\s+([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)$")
SYMBOL = re.compile(r"^[0-9a-f]+ <(.*)>:$")
DIRECT = re.compile(r"(?:bnd |notrack |data16 |cs )*(j\w+|call|loop\w*|xbegin)\s+([0-9a-f]+)")
PREFIX = re.compile(r"^(?:(?:bnd|notrack|data16|cs|ds|lock|rep|repz|repnz|rex\S*) )+")
PADDING = re.compile(r"nop|int3|xchg\s+%ax,%ax")
STEPS_MAX = 4000  # instructions looked at for one number

# Every name of a register → the name of its 64 bits.
WIDE = {}
for letter in "abcd":
    WIDE.update({f"%{name.format(letter)}": f"r{letter}x" for name in ("{}l", "{}h", "{}x", "e{}x", "r{}x")})
for pair in ("si", "di", "bp", "sp"):
    WIDE.update({f"%{name}": f"r{pair}" for name in (f"{pair}l", pair, f"e{pair}", f"r{pair}")})
for number in range(8, 16):
    WIDE.update({f"%r{number}{width}": f"r{number}" for width in ("", "d", "w", "b")})

KEPT_BY_CALLS = {"rbx", "rbp", "r12", "r13", "r14", "r15"}
READS_ONLY = re.compile(r"(cmp|test|bt[bwlq]?$|push|nop|j|loop|ret|prefetch|ucomi|comi|hlt|ud2|int|[lms]fence|endbr|leave$|pause)")
# Beside what the last operand names.
ALSO_WRITES = (
    (re.compile(r"(mul|imul|div|idiv)[bwlq]?$"), {"rax", "rdx"}),
    (re.compile(r"(cqto|cltd|cwtd|rdtsc|rdpmc|xgetbv)"), {"rax", "rdx", "rcx"}),
    (re.compile(r"(cltq|cwtl|cbtw|lods|lahf|cmpxchg|in[bwl]?$|xlat)"), {"rax", "rsi", "rdx"}),
    (re.compile(r"cpuid"), {"rax", "rbx", "rcx", "rdx"}),
    (re.compile(r"(syscall|sysenter)"), {"rax", "rcx", "r11"}),
    (re.compile(r"(movs|stos|scas|cmps)[bwlq]?$"), {"rcx", "rsi", "rdi"}),
)


def operands_of(text):
    """`mov 0x8(%rsp,%rax,4),%rdi` → ["0x8(%rsp,%rax,4)", "%rdi"]."""
    return re.findall(r"(?:[^,(]|\([^)]*\))+", text.split("#")[0].split("<")[0].strip())


def value_of(mnemonic, operands, register):
    """What the instruction leaves in REGISTER: ("keeps",), ("is", number), ("copies", register) or ("unknown",)."""
    target = WIDE.get(operands[-1]) if operands else None
    if mnemonic in ("xor", "sub") and target == register and len(operands) == 2 and operands[0] == operands[1]:
        return ("is", 0)
    if mnemonic in ("mov", "movl", "movq", "movabs") and target == register:
        if operands[0].startswith("$"):
            return ("is", int(operands[0][1:], 16) & 0xFFFFFFFF)
        return ("copies", WIDE[operands[0]]) if operands[0] in WIDE else ("unknown",)
    if mnemonic == "call":
        return ("keeps",) if register in KEPT_BY_CALLS else ("unknown",)
    if any(pattern.match(mnemonic) and register in written for pattern, written in ALSO_WRITES):
        return ("unknown",)
    if mnemonic.startswith(("xchg", "xadd")) and register in (WIDE.get(operand) for operand in operands):
        return ("unknown",)
    return ("unknown",) if target == register and not READS_ONLY.match(mnemonic) else ("keeps",)


class Code:
    """Instruction I begins at addresses[I], has lengths[I] bytes and reads texts[I]; functions[I] is its symbol."""

    def __init__(self, path):
        self.addresses, self.lengths, self.texts, self.functions = [], [], [], []
        self.jumps, self.called = {}, set()  # address → instructions that jump there; addresses that are called
        self._read(path)
        self.index = {address: i for i, address in enumerate(self.addresses)}

    def _read(self, path):
        function = ""
        # The C locale's order of bytes is much quicker to read; -w: one line an instruction.
        with subprocess.Popen(["objdump", "-d", "-w", path], stdout=subprocess.PIPE, text=True,
                              encoding="latin-1") as objdump:
            for line in objdump.stdout:
                match = LINE.match(line)
                if match:
                    self._add(int(match[1], 16), len(match[2].split()), match[3].strip(), function)
                else:
                    symbol = SYMBOL.match(line)
                    function = symbol[1] if symbol else function
        if objdump.returncode != 0:
            raise RuntimeError(f"objdump failed for {path}")

    def _add(self, address, length, text, function):
        direct = DIRECT.match(text)
        if direct:
            target = int(direct[2], 16)
            if direct[1] == "call":
                self.called.add(target)
            else:
                self.jumps.setdefault(target, []).append(len(self.addresses))
        self.addresses.append(address)
        self.lengths.append(length)
        self.texts.append(text)
        self.functions.append(function)

    def is_target(self, address):
        return address in self.jumps or address in self.called

    def _before(self, i):
        """Instructions that instruction I can come directly after, and whether there may be others."""
        sources = list(self.jumps.get(self.addresses[i], ()))
        if i > 0 and self.functions[i - 1] == self.functions[i] and \
                not re.match(r"(jmp|ret|hlt|ud2)", PREFIX.sub("", self.texts[i - 1])):
            sources.append(i - 1)
        is_padding = PADDING.match(PREFIX.sub("", self.texts[i]))  # between functions, and before loops that are jumped into
        return sources, self.addresses[i] in self.called or not (sources or is_padding)

    def numbers(self, i, register="rax"):
        """All values that REGISTER can have when instruction I is reached; None among them: any."""
        found, seen, open_ends = set(), set(), [(i, register)]
        while open_ends:
            state = open_ends.pop()
            if state in seen:
                continue
            seen.add(state)
            if len(seen) > STEPS_MAX:
                return found | {None}
            sources, has_others = self._before(state[0])
            if has_others:
                found.add(None)
            for source in sources:
                mnemonic, _, rest = PREFIX.sub("", self.texts[source]).partition(" ")
                what, *value = value_of(mnemonic, operands_of(rest), state[1])
                if what == "keeps":
                    open_ends.append((source, state[1]))
                elif what == "copies":
                    open_ends.append((source, value[0]))
                else:
                    found.add(value[0] if what == "is" else None)
        return found

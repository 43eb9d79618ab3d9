# SPDX-License-Identifier: Apache-2.0
"""What a technique is, and how the page that lists them begins."""

import os

STOPPED, SEEN, OPEN = "stopped", "seen", "out of reach"
PYTHON = "/usr/bin/python3"
NODE = os.environ.get("GB_NODE", "/usr/bin/node")
ALLOWED = ["/usr/bin/python3", "/bin/dash", "/bin/bash", "/usr/bin/env", "/bin/cat", "/usr/bin/wc", "/bin/cp", "/bin/ln", "/bin/mv",
           "/usr/bin/base64", "/usr/bin/busybox", "/usr/bin/setsid", "/usr/bin/nohup", "/usr/bin/timeout", "/usr/bin/xargs",
           "/usr/bin/tail", "/usr/bin/head", "/usr/bin/tee", "/bin/dd", "/usr/bin/nice", "/bin/sleep"]

HEAD = """# Evasions

What happens when somebody tries to get round Gambeson. Written by `tests/evasion/run --write`; each test run tries all of it
again and fails when anything came out differently, or when this page does not say so.

Each technique runs in the cage (tests/cage, as mean as Lambda's sandbox) twice: bare, and under `gambeson-agent` in block mode
with a policy: an allowlist of programs, addresses and executable mappings, and two rules against reading one file and
writing below one folder. Where a title says so it is another: one that also allows memory for a compiler at run time, or one
of rules alone, which deny /usr/bin/id besides. Whether it worked is told by the canary it aims at, never by the program:

| canary | the technique worked when |
|---|---|
| secret | the text of the file that nobody may read was printed |
| program | the program that is not on the allowlist ran |
| folder | the folder that nobody may write below has changed |
| network | a socket at an address that is not on the allowlist was reached |
| api | a child asked the Runtime API for the next event |
| warden | the warden is dead, stopped, or changed, or the secret was read behind its back |

**stopped**: without effect. **seen**: it worked, and a finding says so. **out of reach**: it worked and nothing was said; the
reason is given. Bare "refused": the sandbox or this kernel does not let it work even without Gambeson; it then proves nothing of Gambeson.

Not among them, since there is nothing to stop or the sensor claims nothing: what goes through descriptors that were open before
(a call is judged when it opens, connects, starts), stat and readlink of names, bytes on the runtime's own connection to the
Runtime API, look-alike lines on the function's own standard output, what is kept in shared memory from one invocation to the
next, extended attributes, set-user-ID programs (a sandbox has none), and what a profile learned while it was already there.
"""


class Technique:
    """works: bare, in the cage; a race need not be won there each time. is_silent: stopped by something that writes no finding. is_jit: under the policy of
    runtimes that compile at run time, which allows anonymous executable memory. is_ruled: under a policy without an allowlist, whose rules
    deny the program."""

    def __init__(self, group, title, canary, command, expected=STOPPED, why="", works=True, is_silent=False, is_jit=False, stdin="",
                 is_race=False, is_ruled=False):
        self.group, self.title, self.canary, self.command = group, title, canary, command
        self.expected, self.why, self.works = expected, why, works
        self.is_silent, self.is_jit, self.stdin = is_silent, is_jit, stdin
        self.is_race, self.is_ruled = is_race, is_ruled


ALL = []


def add(group, canary, rows, make):
    """rows: (title, what MAKE turns into a command, settings of Technique)."""
    for title, what, *settings in rows:
        ALL.append(Technique(group, title, canary, make(what), **(settings[0] if settings else {})))


def c(program):
    return lambda name: [f"/opt/programs/{program}", *name.split()]


REFUSED = {"works": False}
RACE = {"is_race": True}
CODE = {"expected": OPEN, "why": "machine code of the attacker's own runs a system call instruction that nobody patched"}
SECRET, BANNED = "/tmp/vault/secret", "/usr/bin/id"

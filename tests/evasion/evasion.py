# SPDX-License-Identifier: Apache-2.0
"""evasion.py [NAME…], in the cage: run the techniques, look at the canaries, compare, print the table.

A technique is run twice: bare, to know that it works at all in this sandbox, and under gambeson-agent in block mode.
What it did is told by the canary alone:

  secret   the secret's text is in what it printed
  program  the forbidden program's own output is in what it printed
  folder   something in /tmp/refused is not as it was
  network  one of the canary's sockets received something or was connected
  api      the Runtime API got a request for the next event past the warden
  warden   the warden is dead, stopped, or slower by order
"""

import ctypes
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, "/opt/test")
from lib import policies, tap  # noqa: E402

import techniques  # noqa: E402

AGENT = "/opt/gambeson/gambeson-agent"
POLICY = "/tmp/evasion.gbp"
POLICY_JIT = "/tmp/evasion-jit.gbp"
POLICY_RULES = "/tmp/evasion-rules.gbp"
SECRET = "canary-" + secrets.token_hex(16)
PROGRAM_SAYS = ("uid=993 gid=990", "id: ‘")
SECONDS = 4
STOPPED, SEEN, OPEN = "stopped", "seen", "out of reach"
RANK = {OPEN: 0, SEEN: 1, STOPPED: 2}
LIBC, IOPRIO_GET, IOPRIO_CLASS_IDLE = ctypes.CDLL(None), 252, 3


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


class Network:
    """Sockets that the policy does not allow; whatever arrives is the effect."""

    def __init__(self):
        self.tcp = self._listen(socket.AF_INET, ("127.0.0.1", 0))
        self.api = self._listen(socket.AF_INET, ("127.0.0.1", 0))
        self.path = self._listen(socket.AF_UNIX, "/tmp/canary.sock")
        self.abstract = self._listen(socket.AF_UNIX, "\0canary")
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.datagrams.bind("/tmp/canary.dgram")
        self.port, self.udp_port = self.tcp.getsockname()[1], self.udp.getsockname()[1]
        self.api_port = self.api.getsockname()[1]
        self.taken = []

    @staticmethod
    def _listen(family, address):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(address)
        listener.listen(64)
        return listener

    def poll(self):
        """Take what is there: (has somebody reached the canary, what was asked of the API)."""
        reached, asked = False, b""
        while ready := select.select([self.tcp, self.path, self.abstract, self.udp, self.datagrams, self.api, *self.taken], [], [], 0)[0]:
            for one in ready:
                if one in (self.udp, self.datagrams):
                    one.recv(4096)
                    reached = True
                elif one is self.api or one in self.taken:
                    if one is self.api:
                        self.taken.append(one.accept()[0])
                        continue
                    data = one.recv(4096)
                    asked += data
                    if not data:
                        self.taken.remove(one)
                        one.close()
                else:
                    one.accept()[0].close()
                    reached = True
        return reached, asked

    def forget(self):
        self.poll()
        for one in self.taken:
            one.close()
        self.taken = []


def reset():
    """Canaries as they were; nothing is left of the technique before."""
    for folder in ("/tmp/vault", "/tmp/refused", "/tmp/room"):
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.lexists(folder):
            os.unlink(folder)
        os.mkdir(folder, 0o755)
    if os.path.lexists("/tmp/allowed.sock"):
        os.unlink("/tmp/allowed.sock")
    write("/tmp/vault/secret", SECRET + "\n")
    write("/tmp/refused/kept", "kept\n")
    os.chmod("/tmp/refused/kept", 0o644)
    os.utime("/tmp/refused/kept", (10**9, 10**9))


def folder_state():
    found = []
    for name in sorted(os.listdir("/tmp/refused")):
        path = f"/tmp/refused/{name}"
        status = os.lstat(path)
        text = open(path, encoding="utf-8").read() if name == "kept" else ""
        found.append((name, status.st_mode, status.st_size, status.st_mtime, status.st_ctime_ns, text))
    return found


def process_fields(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def warden_state(pid):
    """What an attack may change of it: stopped or not, priorities, processors, limits. None: it is ending."""
    before = process_fields(pid)
    try:
        with open(f"/proc/{pid}/limits", encoding="utf-8") as limits, open(f"/proc/{pid}/oom_score_adj", encoding="utf-8") as score:
            settings = (limits.read(), score.read())
        processors = sorted(os.sched_getaffinity(pid))
        is_idle = LIBC.syscall(IOPRIO_GET, 1, pid) >> 13 == IOPRIO_CLASS_IDLE
    except OSError:
        return None
    fields = process_fields(pid)
    if before is None or fields is None or fields[0] in "ZX":
        return None
    return (fields[0] in "tT", fields[16], fields[38], settings, processors, is_idle)


class Outcome:
    def __init__(self):
        self.has_worked, self.reports, self.output, self.status, self.seconds = False, [], "", None, 0.0

    def reported(self):
        """What Gambeson said of it that is not about the ordinary start of programs."""
        return [r for r in self.reports if r["kind"] == "finding"]

    def name(self):
        if not self.has_worked:
            return STOPPED
        return SEEN if self.reported() else OPEN


def run(technique, network, is_guarded):
    reset()
    network.forget()
    before = folder_state()
    outcome = Outcome()
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "EVASION_TCP": str(network.port),
                   "EVASION_UDP": str(network.udp_port), "EVASION_API": str(network.api_port), "PYTHONDONTWRITEBYTECODE": "1",
                   "TMPDIR": "/tmp/room"}
    command = technique.command
    if technique.canary == "api":
        environment["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{network.api_port}"
    if is_guarded:
        command = [AGENT, "run", "--mode", "block", "--policy", POLICY_JIT if technique.is_jit else POLICY_RULES if technique.is_ruled else POLICY, "--", *command]
    elif technique.canary == "warden":
        command = [sys.executable, "-c", "import subprocess,sys; sys.exit(subprocess.call(sys.argv[1:]))", *command]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd="/tmp", env=environment, stdin=subprocess.PIPE if technique.stdin else subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    if technique.stdin:
        process.stdin.write(technique.stdin.encode())
        process.stdin.close()
    reached, asked, data = False, b"", b""
    healthy, is_changed = None, False
    os.set_blocking(process.stdout.fileno(), False)
    while time.monotonic() - started < SECONDS:
        ended = process.poll() is not None
        chunk = process.stdout.read()
        data += chunk or b""
        more = network.poll()
        reached, asked = reached or more[0], asked + more[1]
        if technique.canary == "warden" and not ended:
            state = warden_state(process.pid)
            healthy = healthy or state
            is_changed = is_changed or (state is not None and state != healthy)
            if is_changed:
                break
        if ended and not chunk:
            break
        if not chunk:
            select.select([process.stdout], [], [], 0.004)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    alive_at_end = process.poll() is None
    process.wait()
    outcome.status, outcome.seconds = process.returncode, time.monotonic() - started
    outcome.output = data.decode("utf-8", "replace")
    for line in outcome.output.split("\n"):
        if line.startswith('{"gambeson":1,'):
            try:
                outcome.reports.append(json.loads(line))
            except ValueError:
                pass
    own = "\n".join(line for line in outcome.output.split("\n") if not line.startswith('{"gambeson":1,'))
    outcome.has_worked = {
        "secret": lambda: SECRET in own,
        "program": lambda: any(text in own for text in PROGRAM_SAYS),
        "folder": lambda: folder_state() != before,
        "network": lambda: reached,
        "api": lambda: asked.count(b"/invocation/next") > 0,
        "warden": lambda: is_changed or (outcome.status < 0 and not alive_at_end) or SECRET in own,
    }[technique.canary]()
    network.forget()
    return outcome


def compile_policies():
    node = os.environ["GB_NODE"]
    programs = sorted({os.path.realpath(path) for path in techniques.ALLOWED} | {node, os.path.realpath(node)})
    spec = {
        "posture": "block", "observe": False,
        "controls": {"firewall": "off", "flow": "off", "rules": "block", "allowlist": "block"},
        "allow": {
            "processes": [*programs, "/opt/programs/**", "/tmp/room/script-*"],
            "files": {"read": ["/**", "/"], "write": ["/tmp/**", "/dev/null", "/dev/tty"], "map": ["/usr/**", "/opt/**", "/lib/**"]},
            "addresses": ["127.0.0.1:9", "unix:/tmp/allowed.sock", "unix:/var/run/nscd/socket", "unix:/run/nscd/socket", "unix:@gambeson-*"],
            "kinds": ["memory_file"],
        },
        "rules": [{"name": "vault", "files": {"read": ["/tmp/vault/secret"], "write": ["/tmp/vault", "/tmp/vault/**"]}},
                  {"name": "refused", "files": {"write": ["/tmp/refused", "/tmp/refused/**"]}}],
    }
    policies.compiled(spec, POLICY)
    spec["allow"]["kinds"].append("memory_executable")
    policies.compiled(spec, POLICY_JIT)
    policies.compiled({"posture": "block", "observe": False, "rules": [{"name": "no-id", "processes": ["/usr/bin/id"]}, *spec["rules"]]}, POLICY_RULES)


def page(rows):
    """docs/EVASION.md: HEAD of technique.py and the table."""
    counts = {name: sum(1 for _, outcome, _ in rows if outcome == name) for name in (STOPPED, SEEN, OPEN)}
    refused = sum(1 for _, _, works in rows if not works)
    text = techniques.HEAD + (f"\n{len(rows)} techniques: {counts[STOPPED]} stopped (of these {refused} are refused by the sandbox itself, or do nothing "
                              f"on this kernel), {counts[SEEN]} only seen, {counts[OPEN]} out of reach.\n")
    for group in dict.fromkeys(technique.group for technique, _, _ in rows):
        text += f"\n## {group}\n\n| technique | aims at | bare | in block mode |\n|---|---|---|---|\n"
        for technique, outcome, works in rows:
            if technique.group == group:
                why = f": {technique.why}" if technique.why else ""
                text += f"| {technique.title} | {technique.canary} | {'works' if works else 'refused'} | {outcome if outcome == STOPPED else f'**{outcome}**'}{why} |\n"
    return text


def main():
    wanted = sys.argv[1:]
    compile_policies()
    network = Network()
    rows, started = [], time.monotonic()
    for technique in techniques.ALL:
        if wanted and not any(word in f"{technique.group}: {technique.title}" for word in wanted):
            continue
        bare, guarded = run(technique, network, False), run(technique, network, True)
        detail = (f"expected {technique.expected}, bare {'works' if technique.works else 'is refused'}\n"
                  f"got {guarded.name()}, bare {'works' if bare.has_worked else 'is refused'}; {bare.seconds:.2f} s, {guarded.seconds:.2f} s, status {guarded.status}\n"
                  f"bare: {bare.output[-600:]}\nguarded: {guarded.output[-3000:]}")
        got = guarded.name()
        is_same = got == technique.expected and (bare.has_worked == technique.works or technique.is_race)
        better = "" if RANK[got] <= RANK[technique.expected] else " (better than expected: raise the expectation)"
        tap.check(is_same, f"{technique.group}: {technique.title}: {got}{better}", detail)
        if is_same and got == STOPPED and bare.has_worked and not (technique.is_silent or technique.is_race):
            tap.check(guarded.reported(), f"{technique.group}: {technique.title}: reported", detail)
        rows.append((technique, got, bare.has_worked or technique.is_race))
    print(f"# {time.monotonic() - started:.0f} s")
    for technique, outcome, works in rows:
        print(f"# {outcome:13} {'' if works else '(sandbox) '}{technique.group}: {technique.title}")
    if not wanted:
        tap.check(len(rows) >= 60, f"at least 60 techniques ({len(rows)})")
    print(f"1..{tap._count}\n\n--- docs/EVASION.md\n" + page(rows), end="", flush=True)
    os._exit(1 if tap._failed else 0)


main()

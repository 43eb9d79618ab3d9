# SPDX-License-Identifier: Apache-2.0
"""What a function does itself, without any child, against a rule: reported in detect mode, refused in block mode."""

from . import policies, tap
from .benign import PONG
from .function import Function

POLICY = "/tmp/policy.gbp"
SECRET_FILE = "/etc/hostname"
RULES = [
    {"name": "no-file", "files": {"read": [SECRET_FILE], "write": ["/tmp/forbidden/**", "/tmp/forbidden.txt"]}},
    {"name": "no-address", "addresses": [f"127.0.0.1:{PONG}"]},
    {"name": "no-program", "processes": ["/usr/bin/id", "/bin/id"]},
]
with open(SECRET_FILE, encoding="utf-8") as _file:
    _HOSTNAME = _file.read().strip()
# name, event, kind of the activity, what is in the answer when it worked
ACTS = [
    ("file read", {"op": "read", "path": SECRET_FILE}, "file_read", _HOSTNAME),
    ("file read by another name", {"op": "read", "path": "/proc/self/root/usr/../etc/./hostname"}, "file_read", _HOSTNAME),
    ("file written", {"op": "file", "path": "/tmp/forbidden.txt", "text": "was written"}, "file_write", "was written"),
    ("connection", {"op": "connect", "port": PONG}, "net_connect", "pong"),
    ("program", {"op": "spawn", "command": ["/usr/bin/id"]}, "process_start", "uid="),
]


def stopped_and_reported(runtime):
    for mode, action in (("detect", "observed"), ("block", "blocked")):
        policies.compiled({"posture": mode, "observe": False, "controls": {"firewall": "off", "flow": "off"}, "rules": RULES}, POLICY)
        with Function(runtime, settings={"GAMBESON_POLICY": POLICY}) as function:
            for name, event, kind, leak in ACTS:
                before = len(function.findings())
                result = function.invoke(event)
                worked = result is not None and leak.encode() in result.body
                tap.check(result is not None and worked == (mode == "detect"), f"{runtime}, {mode}: {name} {'works' if mode == 'detect' else 'is stopped'}",
                          lambda r=result: f"{r}\n{function.transcript()}")
                tap.check(tap.wait_until(lambda: any(f["control"] == "rule" and f["action"] == action and f["activity"]["kind"] == kind
                                                     for f in function.findings()[before:]), 3),
                          f"{runtime}, {mode}: {name} is reported", function.transcript)
            result = function.invoke({"op": "echo", "n": 1})
            tap.check(result is not None and result.kind == "response", f"{runtime}, {mode}: it goes on", function.transcript)

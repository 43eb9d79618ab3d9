# SPDX-License-Identifier: Apache-2.0
"""The commands that turn to a server, as people run them: with a home of their own, on a terminal of some width; and log lines to look at."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import tempfile
import termios
import time
import unicodedata

from server import GAMBESON, gambeson

ANYTHING = {"Content-Type": "application/octet-stream"}
# What repaints a screen, hides or turns text: C0 and C1 controls, DEL, bidirectional marks.
EVIL = "\x1b[2J\x1b]0;owned\x07\u009b31m\u202eevil\x7f\r\nline\u2066"


def token(admin, scopes=("*",), role="admin", **more):
    answer = admin.post("/v1/tokens", {"name": "t" + os.urandom(4).hex(), "role": role, "scopes": list(scopes), **more})
    assert answer.status == 201, answer
    return answer.json["token"]


def finding(seq, **members):
    """A log line; what tells it from others are its sandbox and number."""
    line = {"kind": "finding", "seq": seq, "time": f"2026-11-21T10:{seq // 60 % 60:02d}:{seq % 60:02d}.{seq % 1000:03d}Z", "sandbox": "00000000000000aa",
            "type": "SQL Injection Attack", "class": "sqli", "control": "firewall", "action": "blocked", "mode": "block", "severity": "high",
            "reason": "sql_tautology", "message": f"finding {seq}", "source_ip": "203.0.113.9", **members}
    return b'{"gambeson":1,' + json.dumps(line)[1:].encode() + b"\n"


def ingest(client, lines, function="orders", account="111122223333", region="eu-west-1"):
    from urllib.parse import urlencode
    answer = client.call("POST", "/v1/ingest?" + urlencode({"function": function, "account": account, "region": region}), b"".join(lines), headers=ANYTHING)
    assert answer.status == 200 and answer.json["broken"] == 0, answer
    return answer.json


class Person:
    """Runs commands in a home of his own."""

    def __init__(self, url=None, secret=None):
        self.folder = tempfile.TemporaryDirectory(prefix="gambeson-home-")
        self.home = self.folder.name
        self.environment = {"HOME": self.home, "NO_COLOR": "1"}
        if url:
            self.environment.update({"GAMBESON_SERVER": url, "GAMBESON_TOKEN": secret})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def run(self, *arguments, stdin=b"", environment=None, **more):
        return gambeson(*arguments, stdin=stdin, environment={**self.environment, **(environment or {})}, **more)

    def rows(self, *arguments):
        """What --json prints, parsed: one object a line."""
        done = self.run(*arguments, "--json")
        assert done.status == 0, done
        return [json.loads(line) for line in done.out.decode().splitlines()]

    def start(self, *arguments):
        return subprocess.Popen([GAMBESON, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **self.environment})

    def screen(self, columns, *arguments, typed=b"", seconds=60):
        """Exit status and what a terminal of that many columns was sent, as text; TYPED is typed there."""
        first, second = pty.openpty()
        fcntl.ioctl(second, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        variables = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", **self.environment}
        process = subprocess.Popen([GAMBESON, *arguments], stdin=second, stdout=second, stderr=second, env=variables, close_fds=True)
        os.close(second)
        os.write(first, typed)
        text, end = b"", time.monotonic() + seconds
        while time.monotonic() < end and select.select([first], [], [], seconds)[0]:
            try:
                piece = os.read(first, 65536)
            except OSError:  # what a terminal says when the last one has gone
                break
            if not piece:
                break
            text += piece
        os.close(first)
        return process.wait(timeout=seconds), text.decode()


def width(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def is_plain(text):
    """No control but the line's end, nothing that hides or turns text."""
    return all(c in "\n\r" or unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") for c in text.replace("\r\n", "\n"))

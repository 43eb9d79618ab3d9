# SPDX-License-Identifier: Apache-2.0
"""Benign traffic, and the claim that it is answered the same with Gambeson as without."""

import http.server
import json
import socketserver
import threading

from . import events, tap
from .function import Function
from .runtimes import RUNTIMES


class _Documents(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        body = f"You asked for {self.path}\n".encode()
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Pong(socketserver.BaseRequestHandler):
    def handle(self):
        if self.request.recv(64):
            self.request.sendall(b"pong")


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


DOCUMENTS = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Documents))
PONG = serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Pong))

COMMON = [
    ("query to shell", events.api_gateway({"document_url": f"http://127.0.0.1:{DOCUMENTS}/annual%20report.doc"})),
    ("query with apostrophe text in the body", events.api_gateway({"page": "2"}, body="it's a quote; don't worry && be happy")),
    ("message to shell", events.sqs({"document_url": f"http://127.0.0.1:{DOCUMENTS}/a/b.txt"})),
    ("object key to shell", events.s3("reports/2024/summary-v1.2.pdf")),
    ("file of the function", events.api_gateway({"file": "open.txt"})),
    ("no such file: the function's own error", events.api_gateway({"file": "absent.txt"})),
    ("spawn", {"op": "spawn", "command": ["/bin/echo", "a b", "c"]}),
    ("spawn a tree, input, status 3", {"op": "spawn", "command": ["/opt/test/functions/tree.sh"], "input": "text"}),
    ("spawn what is not there", {"op": "spawn", "command": ["/nowhere/program"]}),
    ("spawn with an empty environment", {"op": "spawn", "command": ["/bin/echo", "x"], "env": {}}),
    ("write and read /tmp", {"op": "file", "path": "/tmp/written.txt", "text": "žluťoučký kůň\n"}),
    ("connect to loopback", {"op": "connect", "port": PONG}),
    ("connect to a closed port", {"op": "connect", "port": 1}),
    ("error", {"op": "throw", "message": "meant: \"quoted\" ž"}),
    ("log", {"op": "log", "text": "a line of the function"}),
    ("answer of 1 MB", {"op": "big", "bytes": 1 << 20}),
    ("answer of 5.9 MB", {"op": "big", "bytes": 5_900_000}),
    ("event of 1 MB", {"op": "echo", "text": "word " * 200_000}),
    ("numbers and escapes", b'{"op":"echo","n":[1e400,-0.0,12345678901234567],"s":"\\ud83d\\ude00 \\u0000 \\/"}'),
    ("null", b"null"),
    ("string", b'"plain"'),
    ("spaces around", b' \t\r\n {"op" : "echo" } \n'),
]
NODE = [("TLS on loopback", {"op": "tls"})]
LOAD = [
    ("8 threads: files, children, connects", {"op": "threads", "count": 8}),
    ("file of 64 MB", {"op": "bulk", "bytes": 64 << 20}),
    ("50 signals", {"op": "signals", "count": 50}),
    ("TLS on loopback", {"op": "tls"}),
]
# What the answer to each holds when it worked.
LOAD_ANSWERS = dict(zip([name for name, _ in LOAD], [b"child 7\\npong", b"67108864 ", b"50", b"secure"]))
STREAMS = [
    ("stream of 5 chunks", {"chunks": 5, "bytes": 1000}),
    ("stream of 1 MB", {"chunks": 4, "bytes": 1 << 18}),
    ("stream that fails in the middle", {"chunks": 5, "bytes": 100, "fail": 2}),
]


def _answers(function, traffic):
    return [(name, function.invoke(event)) for name, event in traffic]


def _own_lines(log):
    """What the function printed, without the client's time stamps."""
    return [line.split("\t")[-1] for line in log if "a line of" in line]


def same_answers(runtime, traffic, settings=None):
    """In block mode with everything on; no finding comes of it."""
    with Function(runtime, protected=False) as bare:
        wanted = _answers(bare, traffic)
        transcript = bare.transcript
        for name, result in wanted:
            if name in LOAD_ANSWERS:
                tap.check(result and result.kind == "response" and LOAD_ANSWERS[name] in result.body, f"{runtime}, bare: {name}", lambda r=result: f"{r}")
        tap.check(all(result for _, result in wanted), f"{runtime}, bare: every event is answered", transcript)
        bare_log = bare.log()
    with Function(runtime, settings={"GAMBESON_MODE": "block", **(settings or {})}) as guarded:
        for (name, want), (_, got) in zip(wanted, _answers(guarded, traffic)):
            same = bool(want and got) and got.comparable() == want.comparable()
            tap.check(same, f"{runtime}: {name}", lambda w=want, g=got: f"bare     {w!r}\nguarded  {g!r}\n{guarded.transcript()}")
        tap.equal([(f["reason"], f.get("input"), f.get("activity")) for f in guarded.findings()], [], f"{runtime}: no finding in benign traffic")
        tap.check(_own_lines(guarded.log()) == _own_lines(bare_log), f"{runtime}: the function's own log", guarded.transcript)
        started = guarded.reports("start")
        tap.check(len(started) == 1 and started[0]["tiers"]["sensor"] and started[0]["tiers"]["firewall"], f"{runtime}: all tiers are up", lambda: repr(started))


def children_are_watched(runtime):
    """The sensor is in every child, whatever its environment was made to be."""
    count = ["/bin/grep", "-c", "libgambeson", "/proc/self/maps"]
    ways = [
        ("plain", count, None),
        ("empty environment", count, {}),
        ("env -i", ["/usr/bin/env", "-i", *count], None),
        ("env -u LD_PRELOAD", ["/usr/bin/env", "-u", "LD_PRELOAD", "-u", "GAMBESON_SENSOR", *count], None),
        ("LD_PRELOAD emptied", ["/bin/sh", "-c", "LD_PRELOAD= exec grep -c libgambeson /proc/self/maps"], None),
        ("bash exec -c", ["/bin/bash", "-c", "exec -c /bin/grep -c libgambeson /proc/self/maps"], None),
        ("grandchild", ["/usr/bin/env", "-i", "/bin/sh", "-c", "/usr/bin/env -i /bin/grep -c libgambeson /proc/self/maps"], None),
        ("python os.execve with nothing", ["/usr/bin/python3", "-c", f"import os; os.execve({count[0]!r}, {count!r}, {{}})"], None),
    ]
    with Function(runtime) as function:
        for name, command, environment in (way for way in ways if way[0] not in RUNTIMES[runtime].absent):
            event = {"op": "spawn", "command": command, **({} if environment is None else {"env": environment})}
            result = function.invoke(event)
            out = json.loads(result.body).get("out", "") if result else ""
            tap.check(out.strip().isdigit() and int(out) > 0, f"{runtime}: watched child, {name}", lambda: f"{result!r}\n{function.transcript()}")

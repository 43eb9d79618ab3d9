# SPDX-License-Identifier: Apache-2.0
"""A Runtime API that keeps every byte it got, and a way to run gambeson-agent against it. Standard library only."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import seals  # noqa: E402

AGENT = os.environ.get("GAMBESON_AGENT", "")
PREFIX = "/2018-06-01/runtime/"
PATIENCE = 60  # seconds until anything that should happen counts as not happening


def http_event(query):
    return json.dumps({
        "resource": "/convert", "path": "/convert", "httpMethod": "GET",
        "headers": {"Host": "example.com", "User-Agent": "test"},
        "queryStringParameters": query, "pathParameters": None, "body": None, "isBase64Encoded": False,
        "requestContext": {"resourcePath": "/convert", "httpMethod": "GET", "stage": "prod",
                           "identity": {"sourceIp": "203.0.113.9"}},
    }).encode()


def sqs_event(body):
    return json.dumps({"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": body,
                                    "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q"}]}).encode()


class Request:
    def __init__(self, method, target, head, body, trailers):
        self.method, self.target, self.head, self.body, self.trailers = method, target, head, body, trailers
        lines = head.decode("latin-1").split("\r\n")[1:-2]
        self.fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}


class Wire:
    """A socket with just enough HTTP/1.1 to read messages exactly."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self.buffer += data

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        part, self.buffer = self.buffer.split(mark, 1)
        return part + mark

    def exactly(self, count):
        while len(self.buffer) < count:
            self.more()
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part

    def chunks(self, on_chunk=lambda data: None):
        body, trailers = b"", b""
        while True:
            size = int(self.until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                break
            data = self.exactly(size)
            self.until(b"\r\n")
            body += data
            on_chunk(data)
        while True:
            line = self.until(b"\r\n")
            if line == b"\r\n":
                return body, trailers
            trailers += line

    def message(self, on_chunk=lambda data: None):
        head = self.until(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        message = Request(first[0], first[1], head, b"", b"")
        if message.fields.get("expect") == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if message.fields.get("transfer-encoding") == "chunked":
            message.body, message.trailers = self.chunks(on_chunk)
        else:
            message.body = self.exactly(int(message.fields.get("content-length", "0")))
        return message


class Event:
    def __init__(self, body, request_id="id-1", chunked=False, close=False, raw=None, pieces=None):
        self.body, self.request_id, self.close = body, request_id, close
        head = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                f"Lambda-Runtime-Aws-Request-Id: {request_id}\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n"
                "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:1:function:f\r\nX-Odd-Case:  kept \r\n"
                + ("Connection: close\r\n" if close else "")).encode()
        if raw is not None:
            self.bytes = raw
        elif chunked:
            half = len(body) // 2
            parts = [part for part in (body[:half], body[half:]) if part]
            coded = b"".join(b"%x;x=1\r\n%s\r\n" % (len(part), part) for part in parts)
            self.bytes = head + b"Transfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\nX-Trailer: t\r\n\r\n"
        else:
            self.bytes = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        self.pieces = pieces or [self.bytes]


class FakeApi:
    def __init__(self, events=(), answers=None):
        self.events, self.answers = queue.Queue(), answers or {}
        for event in events:
            self.events.put(event)
        self.requests, self.changed, self.chunk_log = [], threading.Condition(), queue.Queue()
        self.sockets = []
        self.stopped = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(sock)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        wire = Wire(sock)
        try:
            while True:
                request = wire.message(self.chunk_log.put)
                with self.changed:
                    self.requests.append(request)
                    self.changed.notify_all()
                if not self.answer(sock, request):
                    sock.close()
                    return
        except (EOFError, OSError):
            sock.close()

    def answer(self, sock, request):
        for (method, suffix), reply in self.answers.items():
            if request.method == method and request.target.endswith(suffix):
                sock.sendall(reply)
                return b"Connection: close" not in reply
        if request.target == PREFIX + "invocation/next":
            while not self.stopped.is_set():
                try:
                    event = self.events.get(timeout=0.05)
                except queue.Empty:
                    continue
                for piece in event.pieces:
                    sock.sendall(piece)
                return not event.close
            return False
        sock.sendall(b'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n')
        return True

    def wait_for(self, suffix, count=1):
        """The first COUNT requests whose target ends so."""
        def found():
            return [r for r in self.requests if r.target.endswith(suffix)]
        with self.changed:
            if not self.changed.wait_for(lambda: len(found()) >= count, PATIENCE):
                raise AssertionError(f"{count} x {suffix} did not come; came: {[r.target for r in self.requests]}")
            return found()[:count]

    def close(self):
        self.stopped.set()
        self.server.close()
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


# What the runtimes of the tests share: `get()` and `post()` on one keep-alive connection.
RUNTIME = r'''
import json, os, socket, sys, time
API = os.environ["AWS_LAMBDA_RUNTIME_API"]
sys.path.insert(0, os.environ["HARNESS"])
from harness import Wire, PREFIX
def dial():
    host, port = API.rsplit(":", 1)
    return Wire(socket.create_connection((host, int(port))))
def call(wire, raw):
    wire.sock.sendall(raw)
    return reply(wire)
def reply(wire):
    head = wire.until(b"\r\n\r\n")
    fields = dict((n.lower(), v.strip()) for n, v in (l.split(":", 1) for l in head.decode().split("\r\n")[1:-2]))
    start = len(wire.buffer)
    if fields.get("transfer-encoding") == "chunked":
        coded = b""
        while True:
            line = wire.until(b"\r\n")
            coded += line
            size = int(line.split(b";")[0], 16)
            if size:
                coded += wire.exactly(size) + wire.until(b"\r\n")
                continue
            while True:
                line = wire.until(b"\r\n")
                coded += line
                if line == b"\r\n":
                    return head, fields, coded
    return head, fields, wire.exactly(int(fields.get("content-length", "0")))
def next_event(wire):
    return call(wire, b"GET " + PREFIX.encode() + b"invocation/next HTTP/1.1\r\nHost: " + API.encode() + b"\r\n\r\n")
def post(wire, path, body, more=b""):
    return call(wire, b"POST " + PREFIX.encode() + path.encode() + b" HTTP/1.1\r\nHost: " + API.encode() + b"\r\n" + more
                + b"Content-Length: %d\r\n\r\n" % len(body) + body)
def loop(wire, count, handler=lambda body: body):
    for _ in range(count):
        head, fields, body = next_event(wire)
        post(wire, "invocation/" + fields["lambda-runtime-aws-request-id"] + "/response", handler(body))
'''


class Agent:
    """gambeson-agent with a Python program as its runtime. `stdout` may be a file, for more than a pipe holds until finish()."""

    def __init__(self, code, api=None, environment=None, options=(), runtime=None, wrapper=False, stdout=subprocess.PIPE, stdin=False):
        env = {"PATH": os.environ["PATH"], "HARNESS": os.path.dirname(os.path.abspath(__file__)),
               "PYTHONDONTWRITEBYTECODE": "1"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        if api is not None:
            env["AWS_LAMBDA_RUNTIME_API"] = api.address
        env.update(environment or {})
        runtime = runtime or [sys.executable, "-c", RUNTIME + code]
        self.file = stdout if hasattr(stdout, "seek") else None
        head = [AGENT] if wrapper else [AGENT, "run", *options, "--"]
        self.process = subprocess.Popen(head + runtime, env=env, stdout=stdout, stderr=subprocess.PIPE,
                                        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL)

    def finish(self):
        try:
            out, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"the agent did not end; stdout {out[-2000:]!r} stderr {err[-2000:]!r}") from None
        if self.file:
            self.file.seek(0)
            out = self.file.read()
        self.log = out or b""
        self.err = err.decode("utf-8", "replace")
        self.out = [line for line in (out or b"").decode("utf-8").splitlines() if not line.startswith('{"gambeson":1,')]
        self.lines = [json.loads(line) for line in (out or b"").decode("utf-8").splitlines()
                      if line.startswith('{"gambeson":1,')]
        return self.process.returncode

    def of(self, kind, **members):
        return [line for line in self.lines
                if line["kind"] == kind and all(line.get(name) == value for name, value in members.items())]

    def signal(self, number):
        os.kill(self.process.pid, number)


def run_tests(module):
    """Every function test_… of MODULE, as TAP."""
    names = [name for name in vars(module) if name.startswith("test_")]
    print(f"1..{len(names)}")
    for number, name in enumerate(names, 1):
        try:
            getattr(module, name)()
            print(f"ok {number} - {name[5:].replace('_', ' ')}", flush=True)
        except Exception:
            print(f"not ok {number} - {name[5:].replace('_', ' ')}", flush=True)
            traceback.print_exc()
    sys.stderr.flush()
    # Not the end of the interpreter: shutting down under its server threads may crash it (seen with Python 3.11.2).
    os._exit(0)


# A runtime that says of each event whether it could read the file SECRET: b"let" or b"denied".
ATTEMPT = '''
def attempt(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
        return b"let"
    except PermissionError:
        return b"denied"
w = dial()
'''
# The same three times in each event, which must be of one policy: the answer is a list.
READER_THRICE = ATTEMPT + '''
def handler(body):
    found = []
    for _ in range(3):
        found.append(attempt(os.environ["SECRET"]).decode())
        time.sleep(0.002)
    return json.dumps(found).encode()
while True:
    loop(w, 1, handler)
'''
READER = ATTEMPT + 'while True:\n    loop(w, 1, lambda body: attempt(os.environ["SECRET"]))\n'

__all__ = [name for name in dir() if not name.startswith("_")] + ["signal"]

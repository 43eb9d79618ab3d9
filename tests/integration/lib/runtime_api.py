# SPDX-License-Identifier: Apache-2.0
"""A stand-in of Lambda's Runtime API that can also misbehave. One server serves one sandbox."""

import http.server
import queue
import select
import socket
import threading

PREFIX = "/2018-06-01/runtime/"
# What a connection, not an answer, is made of.
UNSTABLE_HEADERS = {"host", "connection", "user-agent", "expect", "accept"}


class Result:
    """How an invocation ended: kind is "response" or "error"."""

    def __init__(self, kind, headers, body, trailers, chunk_count):
        self.kind = kind
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body
        self.trailers = trailers
        self.chunk_count = chunk_count

    def comparable(self):
        """What must be the same with and without Gambeson."""
        headers = {name: value for name, value in self.headers.items() if name not in UNSTABLE_HEADERS}
        return self.kind, headers, self.body, self.trailers

    def __repr__(self):
        return f"{self.kind} {self.headers} {self.body[:3000]!r} {self.trailers}"


class Invocation:
    def __init__(self, request_id, event, headers, answer_status):
        self.request_id = request_id
        self.event = event
        self.headers = headers
        self.answer_status = answer_status
        self.taken = threading.Event()
        self.ended = threading.Event()
        self.result = None

    def wait(self, seconds=60.0):
        """The Result, or None when there was none in time."""
        return self.result if self.ended.wait(seconds) else None


class RuntimeApi:
    def __init__(self):
        self._queue = queue.Queue()
        self._open = {}
        self.count = 0
        self.init_errors = []
        self.requests = []  # (method, path) as they came
        self.restored = threading.Event()  # what /restore/next waits for
        outer = self

        class Handler(_Handler):
            api = outer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # a peer that went away; the tests look at results

        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self._server.server_address[1]
        self.is_closed = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def submit(self, event, headers=None, answer_status=202, request_id=None):
        """Queue EVENT (bytes). ANSWER_STATUS is what the runtime's answer is answered with."""
        self.count += 1
        invocation = Invocation(request_id or f"00000000-0000-4000-8000-{self.count:012d}", event, headers or {}, answer_status)
        self._open[invocation.request_id] = invocation
        self._queue.put(invocation)
        return invocation

    def close(self):
        self.is_closed = True
        self._server.shutdown()
        self._server.server_close()

    def take(self, connection):
        """The next invocation, or None when CONNECTION was closed by the other side meanwhile."""
        while not self.is_closed:
            readable, _, _ = select.select([connection], [], [], 0)
            if readable and connection.recv(1, socket.MSG_PEEK) == b"":
                return None
            try:
                return self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        return None

    def end(self, request_id, result):
        """Record RESULT; the HTTP status to answer with."""
        invocation = self._open.get(request_id)
        if not invocation:
            return 400
        if invocation.ended.is_set():
            return 403
        invocation.result = result
        return invocation.answer_status

    def announce(self, request_id):
        if request_id in self._open:
            self._open[request_id].ended.set()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    api = None

    def log_message(self, *arguments):
        pass

    def _answer(self, status, body, headers=()):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _read_body(self):
        """Body, trailers and number of chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0)), {}, 0
        body, trailers, count = b"", {}, 0
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            if size == 0:
                break
            count += 1
            body += self.rfile.read(size)
            self.rfile.readline()
        while True:
            line = self.rfile.readline().strip()
            if not line:
                return body, trailers, count
            name, _, value = line.decode("latin-1").partition(":")
            trailers[name.strip().lower()] = value.strip()

    def do_GET(self):
        self.api.requests.append(("GET", self.path))
        if self.path == PREFIX + "invocation/next":
            self._next()
        elif self.path == PREFIX + "restore/next":
            self.api.restored.wait(60)
            self._answer(200, b"")
        else:
            self._answer(404, b"{}")

    def _next(self):
        invocation = self.api.take(self.connection)
        if not invocation:
            self.close_connection = True
            return
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": "4102444800000",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:000000000000:function:test",
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
            **invocation.headers,
        }
        invocation.taken.set()
        self._answer(200, invocation.event, headers.items())

    def do_POST(self):
        self.api.requests.append(("POST", self.path))
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        body, trailers, count = self._read_body()
        parts = self.path.removeprefix(PREFIX).split("/")
        if parts == ["init", "error"]:
            self.api.init_errors.append(Result("error", self.headers, body, trailers, count))
            self._answer(202, b'{"status":"OK"}\n')
        elif len(parts) == 3 and parts[0] == "invocation" and parts[2] in ("response", "error"):
            status = self.api.end(parts[1], Result(parts[2], self.headers, body, trailers, count))
            self._answer(status, b'{"status":"OK"}\n' if status == 202 else b'{"errorType":"Refused"}\n',
                         [("Content-Type", "application/json")])
            self.api.announce(parts[1])
        else:
            self._answer(404, b"{}")

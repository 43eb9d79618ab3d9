# SPDX-License-Identifier: Apache-2.0
"""A small object store that speaks S3's protocol as far as Gambeson does: GET, PUT, DELETE, lists, ETags, conditional requests,
versions. It checks every signature by its own reading of Signature Version 4, and can be told to misbehave.

As a program: s3_server.py [--port N] prints its port and serves until its standard input ends; lines on it are orders,
`NAME VALUE…`, each answered by `ok` (see Store.order)."""

import argparse
import datetime
import email.utils
import hashlib
import hmac
import http.server
import socket
import sys
import threading
import time
import urllib.parse
import xml.sax.saxutils

BUCKET = "policies"
SKEW_MAX = 900
KEYS = {"AKIDTEST": ("secret/of+the=test", None), "ASIDTEST": ("secret of a session", "token//of==the+session")}
REGION = "eu-west-1"


class Store:
    """What is stored, and how the server is to behave. FAULTS: a list of faults for the next requests (or "*", all):
    slow=SECONDS, drip=SECONDS, status=NUMBER, cut=BYTES, lose (the connection is closed without an answer), garbage, huge."""

    def __init__(self):
        self.lock = threading.Lock()
        self.objects, self.versions = {}, []
        self.faults, self.always = [], None
        self.clock_ahead = 0
        self.log = []  # (method, path, status)
        self.is_signed = True

    def put(self, key, data):
        self.objects[key] = (data, '"%s"' % hashlib.md5(data).hexdigest())
        self.versions.append((key, data))
        return self.objects[key][1]

    def order(self, line):
        name, _, value = line.strip().partition(" ")
        with self.lock:
            if name == "fault":
                self.faults.append(value)
            elif name == "always":
                self.always = value or None
            elif name == "clock":
                self.clock_ahead = int(value)
            elif name == "signed":
                self.is_signed = value == "1"
            elif name == "put":
                key, _, text = value.partition(" ")
                self.put(key, text.encode())
            elif name == "reset":
                self.__init__()
            else:
                return "unknown order"
        return "ok"

    def next_fault(self):
        with self.lock:
            return self.faults.pop(0) if self.faults else self.always

    def now(self):
        return time.time() + self.clock_ahead


def canonical_query(query):
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    return "&".join("=".join(part) for part in sorted((name, value) for name, _, value in pairs))


def sign(secret, request, scope, date, names, digest, target_path, query):
    """The signature that REQUEST (method, fields) must have."""
    fields = "".join("%s:%s\n" % (name, " ".join(request.headers.get(name, "").split())) for name in names)
    canonical = "\n".join([request.command, target_path, canonical_query(query), fields, ";".join(names), digest])
    text = "\n".join(["AWS4-HMAC-SHA256", date, "/".join(scope), hashlib.sha256(canonical.encode("latin-1")).hexdigest()])
    key = b"AWS4" + secret.encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def refusal(store, request, body):
    """(status, code) when REQUEST is not signed as it must be, else None."""
    authorization = request.headers.get("authorization", "")
    if not store.is_signed:
        return None
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        return 403, "AccessDenied"
    parts = dict(part.strip().split("=", 1) for part in authorization[17:].split(","))
    key, *scope = parts["Credential"].split("/")
    if key not in KEYS or scope[1:] != [REGION, "s3", "aws4_request"]:
        return 403, "InvalidAccessKeyId"
    secret, token = KEYS[key]
    names = parts["SignedHeaders"].split(";")
    must = {"host", "x-amz-date", "x-amz-content-sha256"} | {name for name in map(str.lower, request.headers) if name.startswith("x-amz-")}
    if request.headers.get("x-amz-security-token") != token or not must <= set(names):
        return 403, "InvalidToken"
    date = request.headers.get("x-amz-date", "")
    at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
    if abs(at - store.now()) > SKEW_MAX:
        return 403, "RequestTimeTooSkewed"
    digest = request.headers["x-amz-content-sha256"]
    if digest != hashlib.sha256(body).hexdigest():
        return 400, "XAmzContentSHA256Mismatch"
    path, _, query = request.path.partition("?")
    if date[:8] != scope[0] or parts["Signature"] != sign(secret, request, scope, date, names, digest, path, query):
        return 403, "SignatureDoesNotMatch"
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = None
    timeout = 30

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.store.now(), usegmt=True)

    def version_string(self):
        return "test"

    def answer(self, status, body=b"", fields=(), fault=None):
        kind, _, value = (fault or "").partition("=")
        with self.store.lock:
            self.store.log.append((self.command, self.path, status))
        if kind == "huge":
            body = b"x" * (5 << 20)
        self.send_response(status)
        for name, text in fields:
            self.send_header(name, text)
        has_body = status not in (204, 304)
        if has_body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not has_body:
            return
        if kind == "cut":
            self.wfile.write(body[:int(value)])
            self.close_hard()
        elif kind == "drip":
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(float(value))
        else:
            self.wfile.write(body)

    def close_hard(self):
        self.wfile.flush()
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def fail(self, status, code):
        self.answer(status, ("<?xml version=\"1.0\"?><Error><Code>%s</Code></Error>" % code).encode(),
                    [("Content-Type", "application/xml")])

    def key(self):
        path = urllib.parse.unquote(self.path.partition("?")[0])
        host = self.headers.get("host", "").partition(":")[0]
        if host.startswith(BUCKET + "."):
            return path[1:]
        if not self.store.is_signed:
            return path[1:]
        return path[len(BUCKET) + 2:] if path.startswith("/" + BUCKET) else None

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        fault = self.store.next_fault()
        kind, _, value = (fault or "").partition("=")
        if kind == "lose":
            return self.close_hard()
        if kind == "slow":
            time.sleep(float(value))
        if kind == "garbage":
            self.wfile.write(b"\x00\xff<html>\n\n" * 200)
            return self.close_hard()
        if kind == "status":
            return self.fail(int(value), "SlowDown")
        bad = refusal(self.store, self, body)
        if bad:
            return self.fail(*bad)
        key = self.key()
        if key is None:
            return self.fail(404, "NoSuchBucket")
        with self.store.lock:
            answer = getattr(self, "on_" + self.command.lower())(key, body)
        if kind == "after":  # done, but nobody is told
            return self.close_hard()
        return self.answer(*answer, fault=fault)

    def handle_method(self):
        try:
            self.handle_one()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_PUT = do_DELETE = handle_method

    def precondition(self, key):
        """412 as S3 says it for If-Match and If-None-Match of a PUT."""
        there = self.store.objects.get(key)
        if self.headers.get("if-none-match") == "*" and there:
            return 412, b"<Error><Code>PreconditionFailed</Code></Error>"
        if "if-match" in self.headers and (not there or there[1] != self.headers["if-match"]):
            return 412 if there else 404, b"<Error><Code>PreconditionFailed</Code></Error>"
        return None

    def on_get(self, key, _):
        if key == "":
            return self.on_list()
        if key not in self.store.objects:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        data, etag = self.store.objects[key]
        if self.headers.get("if-none-match") == etag:
            return 304, b"", [("ETag", etag)]
        return 200, data, [("ETag", etag)]

    def on_put(self, key, body):
        failed = self.precondition(key)
        if failed:
            return failed
        return 200, b"", [("ETag", self.store.put(key, body))]

    def on_delete(self, key, _):
        self.store.objects.pop(key, None)
        return 204, b""

    def on_list(self):
        query = dict(urllib.parse.parse_qsl(self.path.partition("?")[2], keep_blank_values=True))
        prefix, most = query.get("prefix", ""), int(query.get("max-keys", "1000"))
        keys = sorted(key for key in self.store.objects if key.startswith(prefix) and key > query.get("continuation-token", ""))
        shown = keys[:most]
        parts = "".join("<Contents><Key>%s</Key><ETag>%s</ETag><Size>%d</Size></Contents>" % (
            xml.sax.saxutils.escape(key), xml.sax.saxutils.escape(self.store.objects[key][1]), len(self.store.objects[key][0])) for key in shown)
        more = "<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>" % xml.sax.saxutils.escape(shown[-1]) \
            if len(keys) > most else "<IsTruncated>false</IsTruncated>"
        text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>%s%s</ListBucketResult>" % (parts, more)
        return 200, text.encode(), [("Content-Type", "application/xml")]


class Server:
    """In a thread of its own; `with Server() as server:`."""

    def __init__(self, port=0, address="127.0.0.1"):
        self.store = Store()
        handler = type("BoundHandler", (Handler,), {"store": self.store})
        self.http = http.server.ThreadingHTTPServer((address, port), handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    with Server(parser.parse_args().port) as server:
        print(server.port, flush=True)
        for line in sys.stdin:
            print(server.store.order(line), flush=True)


if __name__ == "__main__":
    main()

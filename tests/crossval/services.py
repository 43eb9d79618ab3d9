# SPDX-License-Identifier: Apache-2.0
"""What the examples talk to, on loopback, at ports that never change: `http` (8081) takes and answers everything, `smtp` (8025)
takes every letter, `aws` (5000) is moto."""

import http.server
import os
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request

AWS = "http://127.0.0.1:5000"


class _Http(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *arguments):
        pass

    def _answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"status":"taken","items":[1,2,3]}'
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer


class _Smtp(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        self._say("220 mail.example.com")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            self._say("221 bye" if word == b"QUIT" else "250 well")
            if word == b"QUIT":
                return

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a client that was ended


def _serve(port, handler):
    threading.Thread(target=_Server(("127.0.0.1", port), handler).serve_forever, daemon=True).start()


def _moto():
    """Ends with the cage, as everything in it."""
    subprocess.Popen(["/usr/bin/python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", "5000"], stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, cwd="/tmp",
                     env={"PATH": "/usr/bin:/bin", "PYTHONPATH": "/opt/services", "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/tmp"})
    for _ in range(600):
        try:
            urllib.request.urlopen(AWS + "/moto-api/", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("moto does not answer")


def start(names):
    for name in names:
        if name == "http":
            _serve(8081, _Http)
        elif name == "smtp":
            _serve(8025, _Smtp)
        elif name == "aws":
            _moto()
        else:
            raise ValueError(name)


def client(service):
    """boto3's, for setting things up before a function runs."""
    sys.path.insert(0, "/opt/services")
    os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_DEFAULT_REGION="eu-west-1")
    import boto3
    return boto3.client(service, endpoint_url=AWS)

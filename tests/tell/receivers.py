# SPDX-License-Identifier: Apache-2.0
"""Receivers on loopback that note what they get and answer as they are told: HTTP(S), SMTP, syslog."""

import http.server
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

DEPS = pathlib.Path(__file__).resolve().parents[2] / "build" / "deps"
sys.path[:0] = [str(DEPS / "formats" / "python"), str(DEPS / "examples" / "python")]


def certificates(folder):
    """(CA file, SSL context) for 127.0.0.1 and localhost, made by openssl in FOLDER."""
    folder = pathlib.Path(folder)
    ca, key, request, certificate = (folder / n for n in ("ca.pem", "key.pem", "request.pem", "certificate.pem"))
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for command in (
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=test CA", "-days", "2",
             "-keyout", folder / "ca.key", "-out", ca],
            ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", request],
            ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
             folder / "names", "-out", certificate]):
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return ca, context


class Http:
    """`answers` are used up one by one; the last one stays. Each is a status, (status, headers, body), or "reset", "hang", "hold"
    (waits for `release`, then 200)."""

    def __init__(self, context=None):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_):
                pass

        self.requests, self.answers, self.lock = [], [200], threading.Lock()
        self.release, self.arrived = threading.Event(), threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/hook/secret-part"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        with self.lock:
            self.requests.append({"path": handler.path, "headers": {k.lower(): v for k, v in handler.headers.items()}, "body": body,
                                  "time": time.time()})
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.arrived.set()
        if answer == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if answer in ("hang", "hold"):
            self.release.wait(60)
        status, headers, text = answer if isinstance(answer, tuple) else (200 if isinstance(answer, str) else answer, {}, b"ok")
        try:
            handler.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(text)
        except OSError:
            pass

    def clear(self, *answers):
        with self.lock:
            self.requests.clear()
            self.answers = list(answers) or [200]
        self.release.clear()
        self.arrived.clear()


class Smtp:
    """aiosmtpd with STARTTLS and one user; `answer` is what it says to a message."""

    def __init__(self, context=None):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
        receiver = self
        self.messages, self.answer = [], "250 OK"

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                receiver.messages.append({"from": envelope.mail_from, "to": envelope.rcpt_tos, "data": envelope.content,
                                          "tls": session.ssl is not None, "user": session.auth_data and session.auth_data.login})
                return receiver.answer

        def authenticate(server, session, envelope, mechanism, data):
            return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"mail pass word", handled=False, auth_data=data)

        class Server(Controller):
            def factory(self):
                return SMTP(self.handler, tls_context=context, require_starttls=context is not None, auth_required=context is not None,
                            authenticator=authenticate, hostname="localhost")

        self.controller = Server(Handler(), hostname="127.0.0.1", port=0)
        # The controller looks at its port before it knows it.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.controller.port = free.getsockname()[1]
        self.controller.start()
        self.server = f"127.0.0.1:{self.controller.port}"

    def close(self):
        self.controller.stop()


class Syslog:
    """Frames that came by udp, tcp or tls (octet counting)."""

    def __init__(self, transport, context=None):
        self.frames, self.errors = [], []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM)
        self.socket.bind(("127.0.0.1", 0))
        self.server = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.context = context
        if transport != "udp":
            self.socket.listen(16)
        threading.Thread(target=self.datagrams if transport == "udp" else self.streams, daemon=True).start()

    def datagrams(self):
        while True:
            self.frames.append(self.socket.recv(65536))

    def streams(self):
        while True:
            connection, _ = self.socket.accept()
            try:
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                data = b""
                while piece := connection.recv(65536):
                    data += piece
                while data:
                    length, _, rest = data.partition(b" ")
                    if len(rest) < int(length):
                        raise ValueError(f"a frame of {length!r} bytes has {len(rest)}")
                    self.frames.append(rest[:int(length)])
                    data = rest[int(length):]
            except (OSError, ValueError) as error:
                self.errors.append(error)
            finally:
                connection.close()

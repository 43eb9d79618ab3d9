# SPDX-License-Identifier: Apache-2.0
"""A real `gambeson serve` on loopback in a folder of its own, and what calls it."""

import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))

from cli import GAMBESON, gambeson, tap  # noqa: E402,F401  (the path is set above)

PASSWORD = "a long enough pass phrase"
# Of the PostgreSQL server that tests/store/cluster runs; without it, SQLite.
DATABASE = os.environ.get("GAMBESON_TEST_POSTGRES")
ROLES = ("viewer", "analyst", "operator", "admin")


class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.cookies = [value for name, value in response.getheaders() if name.lower() == "set-cookie"]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def problem(self):
        """The slug of a problem document; None for anything else."""
        if self.headers.get("content-type") != "application/problem+json":
            return None
        document = self.json
        return document["type"].rsplit(":", 1)[1] if document["status"] == self.status and document["detail"] else None

    def __str__(self):
        return f"{self.status} {self.headers} {self.body[:1500]!r}"


class Server:
    """With `with`: started, and gone at the end."""

    def __init__(self, *arguments, folder=None, environment=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="gambeson-serve-"))
        self.is_own = folder is None
        self.arguments, self.environment = arguments, environment or {}
        if DATABASE:
            self.arguments += ("--store", DATABASE)
        self.log_path = self.folder / "serve.log"

    def __enter__(self):
        variables = {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [GAMBESON, "serve", "--data", str(self.folder / "data"), "--listen", "127.0.0.1:0", *self.arguments],
            stdout=subprocess.PIPE, stderr=self.log, env={**variables, "LANG": "C.UTF-8", **self.environment})
        text = b""
        while b"\n" not in text and select.select([self.process.stdout], [], [], 60)[0]:
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                break
            text += piece
        # The link stands in the line behind, which is written at once with it.
        self.greeting = text.decode()
        where = re.search(r"listening on (https?)://([0-9.]+):(\d+)", self.greeting)
        if not where:
            raise RuntimeError(f"serve did not start: {text!r} {self.log_path.read_text()[-2000:]}")
        self.scheme, self.port = where[1], int(where[3])
        link = re.search(r"/setup#(\S+)", self.greeting)
        self.setup = link[1] if link else None
        return self

    def __exit__(self, *_):
        self.stop()
        if self.is_own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self, how=signal.SIGTERM, seconds=30):
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout=seconds)
        self.process.stdout.close()
        self.log.close()
        return status

    def resident_kb(self, field="VmRSS"):
        return int(re.search(rf"{field}:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1])

    def log_text(self):
        return self.log_path.read_text()

    def client(self, **more):
        return Client(self, **more)

    def admin(self):
        """The first administrator, made through the set-up link."""
        client = self.client()
        answer = client.post("/v1/setup", {"token": self.setup, "name": "root", "password": PASSWORD})
        assert answer.status == 201, answer
        client.csrf = answer.json["csrf_token"]
        return client

    def people(self):
        """{role: signed-in client} for each role."""
        admin, people = self.admin(), {}
        for number, role in enumerate(ROLES):
            answer = admin.post("/v1/users", {"name": role, "role": role, "password": PASSWORD})
            assert answer.status == 201, answer
            # Each from an address of its own: how often one may try is counted by address.
            people[role] = self.client(source=f"127.0.1.{number + 1}")
            answer = people[role].sign_in(role)
            assert answer.status == 200, answer
        return people


class Client:
    """Sends its cookies and, once signed in, the token that belongs to them."""

    def __init__(self, server, source="127.0.0.1", context=None, token=None):
        self.server, self.source, self.context, self.token = server, source, context, token
        self.cookies, self.csrf = {}, None

    def connection(self, seconds=30):
        kind = http.client.HTTPSConnection if self.server.scheme == "https" else http.client.HTTPConnection
        more = {"context": self.context} if self.context else {}
        return kind("127.0.0.1", self.server.port, timeout=seconds, source_address=(self.source, 0), **more)

    def headers(self, body, given):
        headers = {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        headers.update(given or {})
        return {name: value for name, value in headers.items() if value is not None}

    def call(self, method, path, body=None, headers=None, reads=True, seconds=30):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = self.connection(seconds)
        try:
            connection.request(method, path, body=data, headers=self.headers(body, headers))
            response = connection.getresponse()
            answer = Answer(response, response.read() if reads else b"")
        finally:
            connection.close()
        for cookie in answer.cookies:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return answer

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body, **more):
        return self.call("POST", path, body, **more)

    def sign_in(self, name, password=PASSWORD):
        answer = self.post("/v1/session", {"name": name, "password": password})
        if answer.status == 200:
            self.csrf = answer.json["csrf_token"]
        return answer


ROUTE = re.compile(r"\{\s*\.method = \"(\w+)\",(.*?)\},?\s*\n\s*(?=\{|/\*|\};)", re.DOTALL)


def routes():
    """Every route of the tables in src/control: dicts of its fields, as texts."""
    found = []
    for path in sorted((pathlib.Path(__file__).resolve().parents[2] / "src" / "control").glob("*.c")):
        table = re.search(r"const struct gb_route gb_routes_\w+\[\] = \{(.*?\n)\};", path.read_text(), re.DOTALL)
        for method, rest in ROUTE.findall((table[1] if table else "") + "};"):
            fields = dict(re.findall(r"\.(\w+) = \"?([^,\"]+)", rest))
            found.append({"method": method, **fields})
    return found

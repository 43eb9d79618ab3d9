# SPDX-License-Identifier: Apache-2.0
"""The server as a process: what it is started with, certificates that change, signals, exit statuses; and `audit verify` beside it."""

import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import warnings

from server import PASSWORD, Server, gambeson, tap
from wire import raw, status_of


def certificate(folder, name, days=2):
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(days),
                    "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)],
                   check=True, capture_output=True)
    return chain, key


def subject(server):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain, context.wrap_socket(plain) as connection:
        der = connection.getpeercert(binary_form=True)
    text = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject"], input=der, capture_output=True, check=True).stdout
    return text.decode().split("=")[-1].strip()


def tls():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        chain, key = certificate(folder, "first")
        with Server("--tls-cert", str(chain), "--tls-key", str(key)) as server:
            context = ssl.create_default_context(cafile=str(chain))
            client = server.client(context=context)
            answer = client.post("/v1/setup", {"token": server.setup, "name": "root", "password": PASSWORD})
            tap.check(answer.status == 201 and answer.cookies[0].startswith("__Host-gambeson=") and "; Secure" in answer.cookies[0],
                      "over TLS the cookie is bound to the host and to TLS", answer)
            tap.check("max-age=" in answer.headers["strict-transport-security"], "and HSTS is told", answer)
            tap.equal(client.get("/v1/session").status, 200, "a session over TLS")
            warnings.simplefilter("ignore", DeprecationWarning)
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
            old.set_ciphers("ALL:@SECLEVEL=0")
            try:
                server.client(context=old).get("/v1/health")
                tap.check(False, "TLS 1.1 is refused")
            except (ssl.SSLError, ConnectionError):
                tap.check(True, "TLS 1.1 is refused")
            answer = raw(server, b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            tap.check(b"HTTP/1.1 200" not in answer, "nothing is answered without TLS", answer)
            tap.equal(subject(server), "first", "the certificate of the start")
            os.replace(certificate(folder, "second")[0], chain)
            time.sleep(6)
            tap.equal(subject(server), "first", "a certificate without its key changes nothing")
            os.replace(folder / "second.key", key)
            tap.check(tap.wait_until(lambda: subject(server) == "second"), "both: the new one is served, without a restart")
            chain.write_text("nonsense")
            time.sleep(6)
            tap.equal(subject(server), "second", "nonsense changes nothing")
            tap.check("PRIVATE KEY" not in server.log_text(), "no key in the log")


def stopping():
    with Server() as server:
        idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        busy = socket.create_connection(("127.0.0.1", server.port))
        body = json.dumps({"name": "nobody", "password": "x"}).encode()
        busy.sendall(b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(0.1)
        begun = time.monotonic()
        status = server.stop(signal.SIGTERM)
        tap.check(status == 0 and time.monotonic() - begun < 15, "it ends in order, whoever is connected", (status, time.monotonic() - begun))
        busy.settimeout(5)
        answer = busy.recv(4096)
        tap.check(status_of(answer) == 401, "what was begun was answered", answer[:200])
        for connection in [*idle, busy]:
            connection.close()
    with Server() as server:
        first = server.setup
        server.stop(signal.SIGKILL)
        with Server(folder=server.folder) as again:
            tap.check(again.setup and again.setup != first, "killed before there was a user: a new link")
            answer = again.client().post("/v1/setup", {"token": first, "name": "root", "password": PASSWORD})
            tap.equal(answer.status, 403, "the old one is worth nothing")
            admin = again.admin()
            again.stop(signal.SIGKILL)
        with Server(folder=server.folder) as third:
            tap.check(third.setup is None, "no link once there is a user", third.greeting)
            admin.server = third
            tap.equal(admin.get("/v1/session").status, 200, "sessions outlive a kill")


def mistakes():
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as taken:
        data = ["--data", folder + "/data"]
        for name, arguments, status, word in (
                ("no port", ["--listen", "127.0.0.1"], 2, b"ADDRESS:PORT"), ("a port beyond all", ["--listen", "127.0.0.1:99999"], 2, b"ADDRESS:PORT"),
                ("no address", ["--listen", "nowhere.invalid:1"], 2, b"nowhere.invalid"),
                ("a port that is taken", ["--listen", f"127.0.0.1:{taken.getsockname()[1]}"], 3, b"in use"),
                ("a certificate alone", ["--tls-cert", "/dev/null"], 2, b"key"),
                ("no certificate", ["--tls-cert", folder + "/none", "--tls-key", folder + "/none"], 3, b"none"),
                ("a proxy that is no address", ["--trusted-proxy", "proxy.example"], 2, b"proxy.example"),
                ("a database of another kind", ["--store", "mysql://x"], 2, b"postgresql:"),
                ("an unknown level", ["--log-level", "loud"], 2, b"loud"), ("an operand", ["now"], 2, b"")):
            result = gambeson("serve", *data, *arguments, seconds=30)
            tap.check(result.status == status and word in result.err and result.err.count(b"\n") == 1, f"serve with {name}: status {status}", result)
        file = pathlib.Path(folder) / "file"
        file.write_text("x")
        result = gambeson("serve", "--data", str(file), seconds=30)
        tap.check(result.status == 3, "serve in a file", result)
        open_folder = pathlib.Path(folder) / "open"
        open_folder.mkdir(mode=0o755)
        with Server(folder=open_folder) as server:
            tap.equal(os.stat(open_folder / "data").st_mode & 0o777, 0o700, "the folder is its owner's alone")
            server.stop()
        open_folder.chmod(0o777)
        result = gambeson("serve", "--data", str(open_folder), seconds=30)
        tap.check(result.status == 3 and b"chmod 700" in result.err, "serve in a folder that others may write", result)
        tap.equal(os.stat(open_folder).st_mode & 0o777, 0o777, "which is left as it is")


def audit():
    with Server() as server:
        admin = server.admin()
        for number in range(30):
            admin.post("/v1/users", {"name": f"user{number}", "role": "viewer"})
        whole = gambeson("audit", "verify", "--json", "--data", str(server.folder / "data"))
        finding = json.loads(whole.out)
        tap.check(whole.status == 0 and finding["is_whole"] and finding["entries"] == 31, "the chain is whole, with the server running", whole)
        logged = [json.loads(line) for line in server.log_text().splitlines() if '"audit"' in line]
        anchor = f"{logged[10]['seq']}:{logged[10]['hash']}"
        server.stop()
        database = server.folder / "data" / "gambeson.db"
        original = database.read_bytes()

        def verify(*statements):
            database.write_bytes(original)
            for statement in statements:
                subprocess.run(["/usr/bin/python3", "-c", "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()",
                                str(database), statement], check=True)
            return gambeson("audit", "verify", "--json", "--anchor", anchor, "--data", str(server.folder / "data"))

        result = verify()
        tap.check(result.status == 0, "an anchor from the log is met", result)
        for name, statement, at in (
                ("an actor changed", "UPDATE audit SET actor = 'user:eve' WHERE seq = 7", 7),
                ("a time changed", "UPDATE audit SET time = time + 1 WHERE seq = 8", 8),
                ("a detail changed", "UPDATE audit SET detail = '{}' WHERE seq = 9", 9),
                ("text moved from one field to the next", "UPDATE audit SET actor = actor || 'u', action = substr(action, 2) WHERE seq = 9", 9),
                ("an entry left out", "DELETE FROM audit WHERE seq = 10", 10),
                ("the last left out", "DELETE FROM audit WHERE seq = 31", 31),
                ("all left out", "DELETE FROM audit", 1),
                ("a hash changed", "UPDATE audit SET hash = zeroblob(32) WHERE seq = 5", 5),
                ("two swapped", "UPDATE audit SET seq = CASE seq WHEN 3 THEN -4 ELSE -3 END WHERE seq IN (3, 4)", 3)):
            result = verify(statement)
            tap.check(result.status == 1 and json.loads(result.out)["broken_at"] == at, f"{name}: found at {at}", result)
        result = verify("DELETE FROM audit", "DELETE FROM settings WHERE key = 'audit-head'")
        tap.check(result.status == 1 and not json.loads(result.out)["is_anchor_met"], "all made away with: the anchor tells", result)
        for text in ("1", "x:00", "0:" + "0" * 64, "1:00"):
            tap.equal(gambeson("audit", "verify", "--anchor", text).status, 2, f"an anchor {text[:8]}: status 2")
        tap.equal(gambeson("audit", "verify", "--data", "/nonexistent").status, 3, "no database: status 3")


for part in (mistakes, tls, stopping, audit):
    tap.section(part)
tap.done()

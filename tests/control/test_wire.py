# SPDX-License-Identifier: Apache-2.0
"""What comes over the wire: malformed, oversize, slow, too many, odd paths; TLS, proxies, stopping, exit statuses."""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings

from server import PASSWORD, Server, gambeson, tap

# The memory of a sanitized program is not that of what ships.
IS_MEASURED = "sanitized" not in sys.argv


def raw(server, data, source="127.0.4.1", seconds=30, is_half_closed=False):
    """What comes back for DATA until the server closes or says nothing for two seconds; bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds, source_address=(source, 0)) as connection:
        answer = b""
        try:
            connection.sendall(data)
            if is_half_closed:
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(2)
            while piece := connection.recv(65536):
                answer += piece
        except (ConnectionError, socket.timeout):
            pass
        return answer


def status_of(answer):
    match = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(match[1]) if match else None


def malformed(server):
    host = b"Host: x\r\n"
    long = b"A" * 40000
    for name, data, wanted in (
            ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello\r\n\r\n", (400, None)),
            ("zeros", bytes(2000) + b"\r\n\r\n", (400, None)),
            ("no version", b"GET /v1/health\r\n\r\n", (400, 505, None)),
            ("HTTP/2.0", b"GET /v1/health HTTP/2.0\r\n" + host + b"\r\n", (400, 505)),
            ("HTTP/1.1 without a host", b"GET /v1/health HTTP/1.1\r\n\r\n", (400,)),
            ("two hosts", b"GET /v1/health HTTP/1.1\r\n" + host + host + b"\r\n", (400,)),
            ("a line folded", b"GET /v1/health HTTP/1.1\r\n" + host + b"X: a\r\n b\r\n\r\n", (200, 400)),
            ("a name with a space", b"GET /v1/health HTTP/1.1\r\n" + host + b"X Y: a\r\n\r\n", (200, 400)),
            ("a header without a colon", b"GET /v1/health HTTP/1.1\r\n" + host + b"nothing\r\n\r\n", (400,)),
            ("a header of 40,000 bytes", b"GET /v1/health HTTP/1.1\r\n" + host + b"X: " + long + b"\r\n\r\n", (413, 431, None)),
            ("a target of 40,000 bytes", b"GET /" + long + b" HTTP/1.1\r\n" + host + b"\r\n", (414, 413, 431, None)),
            ("a target of 9,000 bytes", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + host + b"\r\n", (414,)),
            ("100 headers", b"GET /v1/health HTTP/1.1\r\n" + host + b"".join(b"X%d: a\r\n" % i for i in range(100)) + b"\r\n", (400,)),
            ("a byte below space in a value", b"GET /v1/health HTTP/1.1\r\n" + host + b"X: a\x01b\r\n\r\n", (400,)),
            ("an unknown method", b"BREW /v1/health HTTP/1.1\r\n" + host + b"\r\n", (405,)),
            ("CONNECT", b"CONNECT example.com:443 HTTP/1.1\r\n" + host + b"\r\n", (400, 405)),
            ("a whole URL as target", b"GET http://x/v1/health HTTP/1.1\r\n" + host + b"\r\n", (400,)),
            ("two lengths", b"POST /v1/session HTTP/1.1\r\n" + host + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", (400,)),
            ("length and coding", b"POST /v1/session HTTP/1.1\r\n" + host +
             b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
            ("an unknown coding", b"POST /v1/session HTTP/1.1\r\n" + host + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
            ("a negative length", b"POST /v1/session HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n", (400, 413)),
            ("a length that is no number", b"POST /v1/session HTTP/1.1\r\n" + host + b"Content-Length: 2x\r\n\r\n{}", (400, 413)),
            ("a length past 64 bits", b"POST /v1/session HTTP/1.1\r\n" + host + b"Content-Length: 99999999999999999999\r\n\r\n", (400, 413)),
            ("a chunk size past 64 bits", b"POST /v1/session HTTP/1.1\r\n" + host +
             b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx", (400, 413, None)),
            ("two credentials", b"GET /v1/users HTTP/1.1\r\n" + host + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", (400,))):
        status = status_of(raw(server, data))
        tap.check(status in wanted, f"{name}: {' or '.join(map(str, wanted))}", status)
    smuggled = raw(server, b"POST /v1/session HTTP/1.1\r\n" + host + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                   b"0\r\n\r\nGET /v1/health HTTP/1.1\r\n" + host + b"\r\n")
    tap.check(smuggled.count(b"HTTP/1.1 ") == 1 and b"Connection: close" in smuggled, "nothing is smuggled behind it", smuggled)
    piped = raw(server, (b"GET /v1/health HTTP/1.1\r\n" + host + b"\r\n") * 20)
    tap.equal(piped.count(b"HTTP/1.1 200"), 20, "twenty requests in one piece are answered in order")


def paths(server):
    for target, wanted in (
            ("/v1/health", 200), ("/v1/health?x=1", 200), ("/v1//health", 400), ("//v1/health", 400), ("/v1/./health", 400),
            ("/v1/x/../health", 400), ("/v1/%2e%2e/v1/health", 400), ("/v1/%2E/health", 400), ("/v1/.%2e/health", 400),
            ("/v1/%2fhealth", 400), ("/v1%2fhealth", 400), ("/v1/%5chealth", 400), ("/v1\\health", 400), ("/v1/health%00", 400),
            ("/v1/health%0a", 400), ("/v1/health%7f", 400), ("/v1/health%", 400), ("/v1/health%4", 400), ("/v1/health%zz", 400),
            ("/v1/%c0%ae%c0%ae/health", 400), ("/v1/%ff", 400), ("/v1/%ed%a0%80", 400), ("/v1/health/", 404),
            ("/v1/%68ealth", 404), ("/v1/health;a=b", 404), ("/v1", 404), ("/v1/users/" + "9" * 3000, 401),
            ("/v1/users?after=%zz", 400), ("/v1/users?x=%00", 400), ("/v1/users?x=%ff&limit=1", 400), ("/v1/users?%c3=%a9", 400), ("/../../../../etc/passwd", 400), ("/v1/h\xe9alth", 400), ("*", 400)):
        answer = raw(server, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))
        tap.check(status_of(answer) == wanted, f"path {target[:60]!r}: {wanted}", answer[:300])
        if status_of(answer) != 200:
            tap.check(b"application/problem+json" in answer and b"nosniff" in answer, f"path {target[:60]!r}: a problem document", answer[:300])


def bodies(server, admin):
    for name, body, wanted in (
            ("no JSON", b"{", 400), ("a list", b"[]", 400), ("a name twice", b'{"name":"a","name":"b"}', 400),
            ("deep", b'{"a":' * 1000 + b"1" + b"}" * 1000, 400), ("deep lists", b"[" * 2000, 400),
            ("a NUL in a text", b'{"name":"a\\u0000b","role":"viewer"}', 400), ("no UTF-8", b'{"name":"\xff\xfe","role":"viewer"}', 400),
            ("a surrogate alone", b'{"name":"\\ud800","role":"viewer"}', 400), ("empty", b"", 400),
            ("a number for a text", b'{"name":1,"role":"viewer"}', 400), ("a name of 100 bytes", json.dumps({"name": "a" * 100, "role": "viewer"}).encode(), 400),
            ("SQL in a name", json.dumps({"name": "a'; DROP TABLE users; --", "role": "viewer"}).encode(), 400),
            ("HTML in a name", json.dumps({"name": "<script>alert(1)</script>", "role": "viewer"}).encode(), 400),
            ("a huge number", b'{"name":"a","role":"viewer","is_disabled":1e999}', 400)):
        answer = admin.call("POST", "/v1/users", body)
        tap.check(answer.status == wanted and answer.problem, f"a body with {name}: {wanted}", answer)
    answer = admin.call("POST", "/v1/users", b"{}", headers={"Content-Type": "text/plain"})
    tap.check(answer.status == 415 and answer.problem, "a body of another type", answer)
    answer = admin.call("POST", "/v1/users", b" " * 32769)
    tap.check(answer.status == 413 and answer.problem, "a body one byte too long", answer)
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    head = "".join(f"{name}: {value}\r\n" for name, value in admin.headers(b"", None).items())
    answer = raw(server, f"POST /v1/users HTTP/1.1\r\nHost: x\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 40 + b"0\r\n\r\n")
    tap.check(status_of(answer) == 413, "a body in pieces that is too long", answer[:300])
    before = server.resident_kb()
    answer = raw(server, f"POST /v1/users HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 100000000000\r\n\r\n".encode())
    tap.check(status_of(answer) == 413 and server.resident_kb() < before + 4096, "an announced length takes no memory", answer[:300])
    answer = raw(server, f"POST /v1/users HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n".encode())
    tap.check(answer.startswith(b"HTTP/1.1 100 "), "who asks first is told to go on", answer[:100])


def headers(server, admin):
    for path in ("/v1/health", "/v1/nothing", "/v1/users"):
        answer = server.client(source="127.0.4.2").get(path)
        wanted = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer",
                  "cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}
        tap.check(all(answer.headers.get(name) == value for name, value in wanted.items()) and
                  "frame-ancestors 'none'" in answer.headers["content-security-policy"] and
                  "default-src 'none'" in answer.headers["content-security-policy"], f"{path}: the headers of safety", answer)
        tap.check("strict-transport-security" not in answer.headers, f"{path}: none of TLS without TLS")
    answer = admin.call("POST", "/v1/health", {})
    tap.check(answer.status == 405 and answer.headers["allow"] == "GET" and answer.problem, "405 says what there is", answer)
    answer = admin.call("HEAD", "/v1/health")
    tap.check(answer.status == 200 and answer.body == b"", "HEAD", answer)


def drip(server, first, piece, source, seconds=40):
    """Send FIRST, then PIECE each half second: seconds until the server has enough."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), source_address=(source, 0)) as connection:
        connection.sendall(first)
        connection.settimeout(0.5)
        while time.monotonic() - begun < seconds:
            try:
                connection.sendall(piece)
                if connection.recv(4096) == b"":
                    break
            except socket.timeout:
                continue
            except ConnectionError:
                break
        return time.monotonic() - begun


def slow(server):
    request = b"GET /v1/health HTTP/1.1\r\nHost: x\r\n"
    cases = {"a head byte by byte": (request, b"X", 9, 13), "a header each half second": (request, b"X-A: b\r\n", 9, 13),
             "nothing at all": (b"", b"", 9, 13), "a body byte by byte": (
                 b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n", b" ", 18, 25),
             "a body in pieces of one byte": (
                 b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
                 b"1\r\n \r\n", 18, 25)}
    with concurrent.futures.ThreadPoolExecutor(200) as pool:
        crowd = [pool.submit(drip, server, request, b"X", f"127.0.5.{1 + i // 40}") for i in range(160)]
        running = {name: pool.submit(drip, server, first, piece, "127.0.4.3") for name, (first, piece, _, _) in cases.items()}
        time.sleep(1)
        begun = time.monotonic()
        answers = [server.client(source="127.0.4.4").get("/v1/health").status for _ in range(20)]
        tap.check(answers == [200] * 20 and time.monotonic() - begun < 5, "160 slow ones do not keep others waiting", time.monotonic() - begun)
        for name, future in running.items():
            tap.check(cases[name][2] < future.result() < cases[name][3], f"{name}: cut off in time", future.result())
        tap.check(all(future.result() < 13 for future in crowd), "and the crowd too", max(f.result() for f in crowd))


def many(server):
    """500 connections at one time, each used again and again; from four addresses, for one has 256."""
    connections = [socket.create_connection(("127.0.0.1", server.port), timeout=30, source_address=(f"127.0.6.{1 + i // 125}", 0))
                   for i in range(500)]
    try:
        good = 0
        for _ in range(3):
            for connection in connections:
                connection.sendall(b"GET /v1/ready HTTP/1.1\r\nHost: x\r\n\r\n")
            for connection in connections:
                answer = b""
                while b'"ready"' not in answer and (piece := connection.recv(4096)):
                    answer += piece
                good += answer.startswith(b"HTTP/1.1 200")
        tap.equal(good, 1500, "500 connections, three requests each")
        tap.check(server.resident_kb("VmHWM") < 256 * 1024, "within 256 MB", server.resident_kb("VmHWM"))
    finally:
        for connection in connections:
            connection.close()
    kept, refused = [], 0
    for _ in range(300):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30, source_address=("127.0.6.9", 0))
        kept.append(connection)
    for connection in kept:
        try:
            connection.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
            refused += connection.recv(100) == b""
        except ConnectionError:
            refused += 1
    for connection in kept:
        connection.close()
    tap.check(40 <= refused <= 60, "one address has 256 connections and no more", refused)


def flood(server):
    """Passwords to be hashed without end, and large bodies, at one time."""
    def guess(number):
        return server.client(source=f"127.0.10.{number % 250 + 1}").sign_in(f"user{number}", "a wrong pass phrase").status

    def post(number):
        return server.client(source=f"127.0.11.{number % 250 + 1}").call("POST", "/v1/session", b'"' + b"x" * 4000 + b'"').status

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        guesses, posts = pool.map(guess, range(200)), pool.map(post, range(400))
        seen = list(guesses)
        tap.check(set(seen) <= {401, 503} and 401 in seen and 503 in seen, "who comes when all hash is told to come again", set(seen))
        tap.equal(set(posts), {400}, "others are answered meanwhile")
    if IS_MEASURED:
        tap.check(server.resident_kb("VmHWM") < 256 * 1024, "at most 256 MB were taken", server.resident_kb("VmHWM"))
        print(f"# at most {server.resident_kb('VmHWM')} KB, now {server.resident_kb()} KB")


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
            tap.check(tap.wait_until(lambda: subject(server) == "second", 15), "both: the new one is served, without a restart")
            chain.write_text("nonsense")
            time.sleep(6)
            tap.equal(subject(server), "second", "nonsense changes nothing")
            tap.check("PRIVATE KEY" not in server.log_text(), "no key in the log")


def proxies():
    with Server("--trusted-proxy", "127.0.7.0/24") as server:
        forwarded = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto": "https"}
        proxy, other = server.client(source="127.0.7.1"), server.client(source="127.0.8.1")
        answer = proxy.get("/v1/health", headers=forwarded)
        tap.check("strict-transport-security" in answer.headers, "a proxy's word that it was TLS is believed", answer)
        answer = other.get("/v1/health", headers=forwarded)
        tap.check("strict-transport-security" not in answer.headers, "nobody else's", answer)
        # A line is written behind its answer.
        def addresses(count):
            lines = tap.wait_until(lambda: (found := [line for line in server.log_text().splitlines() if '"request"' in line])[count - 1:] and found)
            return [json.loads(line)["address"] for line in lines or []]

        tap.equal(addresses(2), ["203.0.113.7", "127.0.8.1"], "the client is whom the proxy heard, not what that one says")
        proxy.get("/v1/health", headers={"X-Forwarded-For": "203.0.113.8, 127.0.7.2"})
        proxy.get("/v1/health", headers={"X-Forwarded-For": "203.0.113.8, nonsense"})
        tap.equal(addresses(4)[2:], ["203.0.113.8", "127.0.7.1"], "proxies behind one another; nonsense is not believed")


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
                ("no port", ["--listen", "127.0.0.1"], 2, b"ADDRESS:PORT"), ("no address", ["--listen", "nowhere.invalid:1"], 2, b"nowhere.invalid"),
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


def main():
    tap.section(mistakes)
    with Server() as server:
        if IS_MEASURED:
            tap.check(server.resident_kb() < 64 * 1024, "at rest within 64 MB", server.resident_kb())
        admin = server.admin()
        for part in (malformed, paths):
            tap.section(part, server)
        tap.section(bodies, server, admin)
        tap.section(headers, server, admin)
        tap.section(many, server)
        tap.section(flood, server)
        tap.section(slow, server)
        if IS_MEASURED:
            tap.check(server.resident_kb() < 64 * 1024, "at rest again: within 64 MB", server.resident_kb())
        tap.equal(server.client(source="127.0.4.9").get("/v1/ready").status, 200, "it answers still")
        tap.equal(server.stop(), 0, "and stops in order")
    for part in (tls, proxies, stopping, audit):
        tap.section(part)


main()
tap.done()

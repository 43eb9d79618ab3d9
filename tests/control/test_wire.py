# SPDX-License-Identifier: Apache-2.0
"""What comes over the wire: malformed, oversize, slow, too many, odd paths, and what a proxy says."""

import concurrent.futures
import json
import socket
import sys
import time

from server import Server, tap
from wire import raw, status_of

# The memory of a sanitized program is not that of what ships.
IS_MEASURED = "sanitized" not in sys.argv


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
    behind = b"GET /v1/ready HTTP/1.1\r\n" + host + b"\r\n"
    for name, head, rest in (("a blank before a colon", b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), ("a tab before a colon", b"Content-Length\t: 5\r\n", b"0\r\n\r\n"),
                             ("a name in quotes", b'"Content-Length": 5\r\n', b"0\r\n\r\n"), ("a name with a slash", b"a/b: 5\r\n", b"")):
        answer = raw(server, b"POST /v1/session HTTP/1.1\r\n" + host + head + b"\r\n" + rest + behind)
        tap.check(answer.count(b"HTTP/1.1 ") == 1 and status_of(answer) == 400 and b"Connection: close" in answer, f"{name}: refused, and nothing is read behind it", answer)
    for name, body in (("chunks", b"0\r\n\r\n"), ("a bare line feed", b"0\n\n"), ("an extension", b"0;a\r\n\r\n"), ("a trailer", b"0\r\nX: y\r\n\r\n")):
        answer = raw(server, b"POST /v1/session HTTP/1.1\r\n" + host + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + body + behind)
        tap.check(answer.count(b"HTTP/1.1 ") == 1, f"behind a body in chunks there is no further request: {name}", answer)
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


def main():
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
    tap.section(proxies)


main()
tap.done()

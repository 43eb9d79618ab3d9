# SPDX-License-Identifier: Apache-2.0
"""Whether the lines of a log are vouched for (docs/formats/event.md): RFC 8032 by the book, slow, beside the product's own."""

import base64
import hashlib
import json

P = 2 ** 255 - 19
ORDER = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
HASH_BYTES = 16


def add(a, b):
    x, y, z, t = a
    u, v, w, s = b
    e, f = (y - x) * (v - u) % P, (y + x) * (v + u) % P
    g, h = 2 * t * s * D % P, 2 * z * w % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P


def times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def decode(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2 ** 255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, message, signature):
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left = times(int.from_bytes(signature[32:], "little"), BASE)
    right = add(decode(signature[:32]), times(k, decode(key)))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def of_url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check(log):
    """LOG: a sandbox's whole log, bytes. The numbers of its lines that no seal vouches for; AssertionError: one is wrong."""
    keys, hashes, seals = {}, {}, []
    for text in log.split(b"\n"):
        at = text.find(b'{"gambeson":1,')
        if at < 0:
            continue
        line = json.loads(text[at:])
        hashes[line["sandbox"], line["seq"]] = hashlib.sha256(text[at:]).digest()[:HASH_BYTES]
        if line["kind"] == "start" and "key" in line:
            keys[line["sandbox"]] = key = of_url(line["key"])
            assert hashlib.sha256(key).hexdigest()[:16] == line["sandbox"], line
        if line["kind"] == "seal":
            seals.append(line)
    vouched = set()
    for seal in seals:
        told, first, last = of_url(seal["hashes"]), seal["first"], seal["last"]
        assert len(told) == HASH_BYTES * (last - first + 1) and seal["seq"] > last, seal
        message = b"gambeson log seal 1\n" + seal["sandbox"].encode() + first.to_bytes(8, "big") + last.to_bytes(8, "big") + told
        assert is_signed(keys[seal["sandbox"]], message, of_url(seal["signature"])), seal
        for seq in range(first, last + 1):
            at = (seq - first) * HASH_BYTES
            assert hashes.get((seal["sandbox"], seq)) == told[at:at + HASH_BYTES], (seal, seq)
            vouched.add((seal["sandbox"], seq))
    last_seals = {(seal["sandbox"], seal["seq"]) for seal in seals if (seal["sandbox"], seal["seq"]) not in vouched}
    return sorted(seq for sandbox, seq in hashes if sandbox in keys and (sandbox, seq) not in vouched | last_seals)


def encode(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def to_url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Sandbox:
    """Writes an authentic log: `lines` are bytes without line feeds."""

    def __init__(self, number, function="orders"):
        digest = hashlib.sha512(number.to_bytes(32, "big")).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.key = digest[32:], encode(times(self.scalar, BASE))
        self.name, self.lines, self.sealed = hashlib.sha256(self.key).hexdigest()[:16], [], 0
        self.number, self.function = number, function
        self.write("start", version="0.1.0", mode="detect", stance="open", runtime="/usr/bin/node", function=function,
                   function_version="$LATEST", code="c0ffee", key=to_url(self.key))

    def write(self, kind, **members):
        line = {"gambeson": 1, "kind": kind, "seq": len(self.lines), "time": f"2026-11-21T10:00:{len(self.lines) % 60:02d}.000Z",
                "sandbox": self.name, **members}
        self.lines.append(json.dumps(line, separators=(",", ":")).encode())

    def finding(self, message="m"):
        # A ULID of the line's own time is not needed: one that is not is replaced.
        self.write("finding", id="01ARZ3NDEKTSV4RRFFQ69G5FAV", type="SQL Injection Attack", **{"class": "sqli"}, control="firewall",
                   action="blocked", mode="block", severity="high", reason="sql_tautology", message=message, source_ip="203.0.113.9")

    def sign(self, message):
        nonce = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % ORDER
        point = encode(times(nonce, BASE))
        k = int.from_bytes(hashlib.sha512(point + self.key + message).digest(), "little") % ORDER
        return point + ((nonce + k * self.scalar) % ORDER).to_bytes(32, "little")

    def seal(self):
        first, last = self.sealed, len(self.lines) - 1
        hashes = b"".join(hashlib.sha256(line).digest()[:HASH_BYTES] for line in self.lines[first:])
        message = b"gambeson log seal 1\n" + self.name.encode() + first.to_bytes(8, "big") + last.to_bytes(8, "big") + hashes
        signature = self.sign(message)
        self.sealed = len(self.lines)
        self.write("seal", first=first, last=last, hashes=to_url(hashes), signature=to_url(signature))

    def invocations(self, count):
        for number in range(count):
            self.finding(f"invocation {number}")
            self.seal()
        return self

    @property
    def log(self):
        return b"".join(line + b"\n" for line in self.lines)

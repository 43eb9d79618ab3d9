# SPDX-License-Identifier: Apache-2.0
"""A dependency that its author sold: it wraps the handler, and does what an event's "door" says."""

import importlib
import os
import socket

_module, _name = os.environ["DOOR_HANDLER"].split(".")
_real = getattr(importlib.import_module(_module), _name)


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def _run(*command):
    import subprocess
    subprocess.run(command, capture_output=True, check=False)


def _drop(path, data):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, 0o755)
    _run(path)


def _library():
    import ctypes
    with open("/tmp/addon.so", "wb") as file:
        file.write(_read("/usr/lib/x86_64-linux-gnu/libz.so.1"))
    ctypes.CDLL("/tmp/addon.so")


def _listen():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 4444))
        server.listen()


def _link():
    os.symlink("/etc/hostname", "/tmp/latest")
    _read("/tmp/latest")


ACTS = {
    "accounts": lambda: _read("/etc/passwd"),
    "variables": lambda: _read("/proc/self/environ"),
    "shadow": lambda: _read("/etc/shadow"),
    "shell": lambda: os.system("id >/dev/null"),
    "program": lambda: _run("/usr/bin/id"),
    "script": lambda: _drop("/tmp/.update", b"#!/bin/sh\nexit 0\n"),
    "binary": lambda: _drop("/tmp/kworker", _read("/usr/bin/true")),
    "library": _library,
    "outside": lambda: socket.create_connection(("198.51.100.7", 443), 0.3),
    "metadata": lambda: socket.create_connection(("169.254.169.254", 80), 0.3),
    "name": lambda: socket.getaddrinfo("drop.zone.example", 443),
    "listen": _listen,
    "code": lambda: open(f"{os.environ['LAMBDA_TASK_ROOT']}/{_module}.py", "ab").close(),
    "link": _link,
}


def handler(event, context):
    if isinstance(event, dict) and event.get("door"):
        try:
            ACTS[event["door"]]()
        except OSError:
            pass
    return _real(event, context)

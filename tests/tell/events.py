# SPDX-License-Identifier: Apache-2.0
"""Events put into the store of a server that runs, by tests/tell/put.c, as collect would."""

import json
import os
import subprocess
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAYMENTS = {"account": "123456789012", "region": "eu-central-1", "name": "payments", "tags": {}}


def ulid(now_ms):
    number = now_ms << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


class Store:
    def __init__(self, program, server, url=None):
        self.process = subprocess.Popen([program, url or f"sqlite:{server.folder}/data/gambeson.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def tell(self, batch):
        self.process.stdin.write(json.dumps(batch).encode() + b"\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != b"\n":
            raise RuntimeError("put has ended")

    def put(self, *events, **function):
        """Each is members of a finding; the ids that they got."""
        batch = []
        for given in events:
            now = time.time_ns() // 1_000_000
            moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03}Z"
            line = {"gambeson": 1, "kind": "finding", "time": moment, "id": ulid(now),
                    "type": "Command Injection Attack", "class": "cmdi", "control": "firewall", "action": "blocked", "mode": "block",
                    "severity": "high", "reason": "shell_command", "message": "the input ends a command and begins another",
                    "input": {"path": "body.name", "origin": "body", "value": "x; cat /etc/passwd", "from": 1, "length": 17}, **given}
            batch.append({"id": line["id"], "time": now, "line": line})
        self.tell({"function": {**PAYMENTS, **function}, "events": batch})
        return [event["id"] for event in batch]

    def close_event(self, event):
        self.tell({"close": event})

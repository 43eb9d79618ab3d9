#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_clock.py GAMBESON CLOCK_SHIFT.so: the wall clock of a running `gambeson serve` is set back by a day, forward by three and back
again, while logs come in and policies change. TAP."""

import pathlib
import struct
import subprocess
import tempfile

from world import *

CLOCK_SHIFT = str(pathlib.Path(sys.argv[2]).resolve())
HOUR = 3600_000
WHERE = "/v1/policies/FunctionPolicy/orders"
HEAD = "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: orders}\nspec:\n"


def set_clock(path, ms):
    with open(path, "r+b") as file:
        file.write(struct.pack("=q", ms))


def published(server, body):
    """The serial that the policy with BODY was published under; None while it is not."""
    path = server.folder / "data/policies" / "123456789012/eu-west-1/orders/policy.gbp"
    if not path.exists() or body.encode() not in path.read_bytes():
        return None
    key = server.folder / "data/keys/policy.pub"
    run = subprocess.run([GAMBESON, "policy", "verify", str(path), "--key", str(key)], capture_output=True, text=True, timeout=20)
    assert run.returncode == 0, run.stderr
    return max(int(old.stem) for old in (path.parent / "history").iterdir())


def main(folder):
    clock, logs, serials = folder / "clock", [], []
    clock.write_bytes(bytes(8))
    with Server(folder=folder, environment={"LD_PRELOAD": CLOCK_SHIFT, "CLOCK_SHIFT": str(clock)}) as server:
        database, admin = Database(f"sqlite:{folder}/data/gambeson.db"), server.admin()
        answer = admin.post("/v1/tokens", {"name": "test", "role": "admin", "scopes": ["*"]})
        client = server.client(token=answer.json["token"])

        def send(data):
            answer = client.call("POST", "/v1/ingest?account=123456789012&region=eu-west-1&function=orders", data, headers={"Content-Type": "text/plain"})
            return answer.status == 200 and answer.json["broken"] == 0

        for number, (hours, name) in enumerate([(0, "right"), (-26, "a day back"), (46, "three days on"), (-500, "three weeks back"), (0, "right again")]):
            set_clock(clock, hours * HOUR)
            date = client.get("/v1/health").headers["date"]
            logs.append(Log(number))
            tap.check(all(send(log.grow().news()) for log in logs), f"{name} ({date}): logs are taken")
            tap.check(send(logs[0].sandbox.log), f"{name}: what comes again is taken")
            tap.check(database.comes_right(logs), f"{name}: each line once, nothing said of a true log")
            body = f"body {number}"
            there = client.get(WHERE)
            follows = {"If-Match": there.headers["etag"]} if there.status == 200 else {"If-None-Match": "*"}
            answer = client.call("PUT", WHERE, {"body": HEAD + f"  posture: block\n  block: {{body: '{body}'}}\n"}, headers=follows)
            tap.check(answer.status in (200, 201) and wait_for(lambda: published(server, body)), f"{name}: a policy that changes is published", answer)
            serials.append(published(server, body))
        tap.check(serials == sorted(set(serials)), "its serials grow all the while", serials)
        tap.equal(admin.get("/v1/session").status, 200, "who signed in at the beginning is signed in")
        tap.equal(subprocess.run([GAMBESON, "audit", "verify", "--data", str(folder / "data")], capture_output=True, timeout=30).returncode, 0,
                  "the audit log holds together")
        tap.check("a task failed" not in server.log_text(), "no task failed", server.log_text()[-1500:])


with tempfile.TemporaryDirectory(prefix="gb-clock-") as path:
    main(pathlib.Path(path))
tap.done()

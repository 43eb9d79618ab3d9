#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_failover.py GAMBESON: PostgreSQL crashes and comes back, then fails over to its standby, while two `gambeson serve` and three
`gambeson ingest` work on it: nothing confirmed is lost, nothing is there twice, and all of them go on by themselves. TAP; run it by
tests/store/cluster."""

import pathlib
import signal
import subprocess
import tempfile

from world import *


def grow(folder, logs, seals=1):
    for log in logs:
        with open(folder / f"{log.sandbox.name}.log", "ab") as file:
            file.write(log.grow(seals).news())


def main(folder):
    both = subprocess.run([CLUSTER, "--standby"], check=True, capture_output=True, text=True).stdout.strip()
    database = Database(both)
    logs = [Log(number) for number in range(3)]
    grow(folder, logs)
    servers, senders = [], []
    try:
        for number in range(2):
            server = Server(folder=folder / f"server{number}")
            server.folder.mkdir()
            server.arguments = ("--store", both)
            servers.append(server.__enter__())
            key = token(server) if number == 0 else key
        # One by each server, one straight into the database.
        for log, where in zip(logs, (("--server", f"http://127.0.0.1:{servers[0].port}"), ("--server", f"http://127.0.0.1:{servers[1].port}"), ("--store", both))):
            senders.append(subprocess.Popen([GAMBESON, "ingest", "--function", "orders", "--follow", "--file", str(folder / f"{log.sandbox.name}.log"),
                                             "--resume", str(folder / f"{log.sandbox.name}.resume"), *where],
                                            env=environment(GAMBESON_TOKEN=key), stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        tap.check(database.comes_right(logs), "two servers and three senders on one database")
        for happening, name in (("--restart", "a crash of the database"), ("--fail-over", "a failover to its standby")):
            grow(folder, logs, 3)
            doing = subprocess.Popen([CLUSTER, happening], stdout=subprocess.DEVNULL)
            for _ in range(8):
                grow(folder, logs)
                time.sleep(0.05)
            tap.equal(doing.wait(timeout=90), 0, name)
            grow(folder, logs)
            tap.check(database.comes_right(logs, 90), f"{name}: every line is stored once, counted once and verified",
                      "\n".join(server.log_text()[-800:] for server in servers))
            for number, server in enumerate(servers):
                tap.check(wait_for(lambda: server.client().get("/v1/ready").status == 200), f"{name}: server {number} is ready again")
        for sender in senders:
            sender.send_signal(signal.SIGTERM)
            out, err = sender.communicate(timeout=20)
            tap.check(sender.returncode == 0, "a sender ends in order", (sender.returncode, out, err[-500:]))
        for server in servers:
            tap.equal(server.stop(), 0, "a server ends in order")
    finally:
        for process in [*senders, *(server.process for server in servers)]:
            if process.poll() is None:
                process.kill()
                process.wait()


with tempfile.TemporaryDirectory(prefix="gb-failover-") as path:
    main(pathlib.Path(path))
tap.done()

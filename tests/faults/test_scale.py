#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_scale.py GAMBESON: scripts/scale/run, small and short, with everything in it; and its model. TAP."""

import gzip
import json
import re
import runpy
import subprocess
import sys
import threading

from world import GAMBESON, ROOT, Log, Server, tap, time, token

sys.path.insert(0, str(ROOT / "scripts" / "scale"))

from parts import QuickSandbox  # noqa: E402  (the path is set above)

SIZE = ["--serves", "2", "--ingests", "2", "--kafka", "2", "--functions", "8", "--rate", "1500", "--seconds", "16", "--every", "1.5", "--standby"]


def deployment():
    run = subprocess.run([sys.executable, ROOT / "scripts/scale/run", "--gambeson", GAMBESON, *SIZE], capture_output=True, text=True, timeout=220)
    tap.check(run.returncode == 0, "two servers, four collectors, PostgreSQL with a standby and Kafka, killed all the time: nothing is lost",
              run.stdout + run.stderr)
    kills = {name: int(count) for name, count in re.findall(r"^(.*?) +(\d+) times killed", run.stdout, re.MULTILINE)}
    tap.check(len(kills) == 8 and sum(kills.values()) >= 6, "they were killed", run.stdout)
    tap.check(kills.get("PostgreSQL, failed over", 0) >= 1, "the database failed over", run.stdout)
    told = re.search(r"^(\d+) lines of 8 functions", run.stdout, re.MULTILINE)
    tap.check(told and int(told[1]) >= 1000, "under load", run.stdout)
    memory = [int(megabytes) for megabytes in re.findall(r"^serve .*?(\d+) MB$", run.stdout, re.MULTILINE)]
    tap.check(memory and max(memory) <= 256, "a server stays within its 256 MB", memory)


MODEL = ROOT / "scripts/scale/model"


def modelled(*words):
    run = subprocess.run([sys.executable, MODEL, "--json", "--bench", "/nonexistent", *words], capture_output=True, text=True, timeout=30)
    return json.loads(run.stdout) if run.returncode == 0 else run.stderr


def model():
    parts = runpy.run_path(str(MODEL))
    sandbox, size = parts["sandbox"], {name: value for name, (value, _) in parts["SIZES"].items()}
    # What a real agent wrote in 100 and in 400 events (docs/SCALE.md): progress and seals to the line.
    for invocations, progress, seals in ((100, 18, 23), (400, 24, 31)):
        told = sandbox({**size, "attacks": 0}, True, invocations)
        tap.equal((told["progress"][0], told["seal"][0]), (progress, seals), f"lines of a sandbox of {invocations} events")
    usual, twice = modelled(), modelled("--rate", "2000000")
    tap.check(usual["lines_s"] > 0 and usual["dollars_month"] > 0 and not usual["over_one_processor"], "100,000 functions and a million invocations/s", usual)
    tap.check(abs(sum(kind["lines_s"] for kind in usual["kinds"].values()) - usual["lines_s"]) < 1e-6 and
              abs(sum(usual["dollars"].values()) - usual["dollars_month"]) < 1e-6, "its sums are sums")
    tap.check(abs(twice["lines_s"] / usual["lines_s"] - 2) < 0.01 and twice["dollars_month"] > usual["dollars_month"], "twice the traffic, twice the lines")
    tap.check(usual["without_deduplication_s"] > 1000 * usual["lines_s"], "what is told again is not said again")
    tap.check("verifying seals" in modelled("--attacks", "0.01")["over_one_processor"], "what it cannot take is said")
    free = modelled(*[word for name in parts["PRICES"] for word in ("--price", name + "=0")])
    tap.equal(free["dollars_month"], 0, "every dollar has a price that can be given")
    for wrong in (["--rate", "0"], ["--busy", "2"], ["--price", "gold=1"], ["--price", "s3-get-1000=x"], ["--rate", "nan"]):
        tap.check(isinstance(modelled(*wrong), str), "refused: " + " ".join(wrong))
    table = subprocess.run([sys.executable, MODEL], capture_output=True, text=True, timeout=30)
    tap.check(table.returncode == 0 and "$ a month, all" in table.stdout and "prices: 20" in table.stdout, "the table", table)


def large_bodies():
    """As many and as large as may be, all at the same time: what does not fit is asked to come again."""
    bodies = [b"".join(Log(10 * number + part, kind=QuickSandbox).grow(75).news() for part in range(10)) for number in range(4)]
    with Server() as server:
        client, statuses = server.client(token=token(server)), []

        def send(body):
            status = 0
            while status not in (200, 413):
                answer = client.call("POST", "/v1/ingest", body, headers={"Content-Type": "application/octet-stream"}, seconds=60)
                status = answer.status
                statuses.append(status)
                time.sleep(0.2)

        for kind in (bodies * 3, [gzip.compress(body * 4, 1) for body in bodies] * 2):
            senders = [threading.Thread(target=send, args=(body,)) for body in kind]
            [sender.start() for sender in senders]
            [sender.join() for sender in senders]
        tap.equal((statuses.count(200), statuses.count(413)), (12, 8), "twelve bodies of 10 MB are taken, bodies that unpack to 40 MB have too many lines")
        memory = server.resident_kb("VmHWM") / 1024
        tap.check(memory <= 256, "a server stays within its 256 MB", memory)
        print(f"# {memory:.0f} MB, {len(bodies[0]) / 1e6:.0f} MB a body, {statuses.count(503)} asked to come again", flush=True)


model()
large_bodies()
deployment()
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""A custom runtime in bash and curl: the same answers; several loops ask for events at the same time."""

import json
import time

from lib import benign, tap
from lib.function import Function


def greetings():
    traffic = [(f"greeting {name}", json.dumps({"name": name}).encode()) for name in ["Ann", "Bob", "Eve.Smith", "42"]]
    traffic += [("echo", b'{"just":["an","event"]}'), ("event of 100 KB", json.dumps({"text": "word " * 20_000}).encode())]
    benign.same_answers("bash", traffic)


def concurrent_loops():
    """Four loops of the runtime, 40 events: each is answered once, with its own answer."""
    with Function("bash", settings={"GB_LOOPS": "4", "GAMBESON_MODE": "block"}) as function:
        started = time.monotonic()
        open_invocations = [(i, function.api.submit(json.dumps({"name": f"n{i}"}).encode())) for i in range(40)]
        wrong = []
        for i, invocation in open_invocations:
            result = invocation.wait(30)
            if not result or result.kind != "response" or json.loads(result.body) != {"greeting": f"Hello n{i}"}:
                wrong.append((i, result))
        tap.check(not wrong, "bash: 40 events through 4 loops", lambda: f"{wrong}\n{function.transcript()}")
        tap.check(time.monotonic() - started < 30, "bash: 40 events in time")


tap.section(greetings)
tap.section(concurrent_loops)
tap.done()

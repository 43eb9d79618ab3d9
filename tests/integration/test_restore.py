# SPDX-License-Identifier: Apache-2.0
"""test_restore.py RUNTIME: SnapStart with the runtime's real client. It asks for the restore when it is initialised; the copy
answers as it does without Gambeson, and is a sandbox of its own."""

import sys

from lib import tap
from lib.function import Function

RUNTIME = sys.argv[1]
SETTINGS = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "GAMBESON_OBSERVE": "1"}
EVENTS = [{"op": "echo", "n": n} for n in range(5)]
RESTORE = ("GET", "/2018-06-01/runtime/restore/next")


def answers(function):
    asked = tap.wait_until(lambda: RESTORE in function.api.requests, 20)
    tap.check(asked and ("GET", "/2018-06-01/runtime/invocation/next") not in function.api.requests,
              "the client asks for the restore, and for no event before", function.transcript)
    function.api.restored.set()
    return [result and result.comparable() for result in map(function.invoke, EVENTS)]


def restored():
    with Function(RUNTIME, protected=False, settings=SETTINGS) as function:
        bare = answers(function)
    with Function(RUNTIME, settings=SETTINGS) as function:
        tap.check(None not in bare and answers(function) == bare, "the copy answers the same", function.transcript)
        before, after = (function.reports("start") + [{}, {}])[:2]
        tap.check(len({before.get("sandbox"), after.get("sandbox"), None}) == 3, "it is a sandbox of its own",
                  lambda: str(function.reports("start")))
        lines = function.reports()
        tap.equal([line["seq"] for line in lines], list(range(len(lines))), "no line is lost")
        tap.check(all(line["sandbox"] == (before if line["seq"] < after["seq"] else after)["sandbox"] for line in lines),
                  "every line names its sandbox")
        tap.check(all(line["seq"] > after["seq"] for line in lines if "request" in line), "events come to the copy")
        tap.equal([line["invocations"] for line in function.reports("progress")], [1, 2, 3, 4, 5], "its invocations are counted")
        tap.equal(len([line for line in function.reports("notice") if line["reason"] == "restored"]), 1, "the log says so")


tap.section(restored)
tap.done()

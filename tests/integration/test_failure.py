# SPDX-License-Identifier: Apache-2.0
"""Failure: a runtime that dies, a warden that is killed under load, a set-up that does not work. Never a hang."""

import json
import os
import signal
import subprocess
import time

from lib import tap
from lib.function import AGENT, Function

EX_CONFIG = 78


def exit_is_passed_on(runtime):
    for name, event, want in (("status 0", {"op": "exit", "status": 0}, 0), ("status 3", {"op": "exit", "status": 3}, 3),
                              ("SIGKILL", {"op": "kill", "signal": 9}, -9), ("SIGTERM", {"op": "kill", "signal": 15}, -15)):
        with Function(runtime, protected=False) as bare:
            bare.api.submit(json.dumps(event).encode())
            status = wait_for_exit(bare)
            tap.equal(status, want, f"{runtime}, bare: {name}")
        with Function(runtime) as function:
            function.api.submit(json.dumps(event).encode())
            status = wait_for_exit(function)
            tap.check(status in (want, 128 - want if want < 0 else want), f"{runtime}: {name} is passed on", lambda: f"{status}\n{function.transcript()}")


def wait_for_exit(function, seconds=tap.PATIENCE):
    try:
        return function.process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def signals_are_passed_on():
    """SIGTERM to the agent is SIGTERM to the runtime, as Lambda's shutdown sends it."""
    script = "trap 'echo got it; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    with Function("bash", command=["/bin/bash", "-c", script]) as function:
        tap.check(tap.wait_until(lambda: "ready" in function.log()), "runtime is ready", function.transcript)
        function.process.send_signal(signal.SIGTERM)
        tap.equal(wait_for_exit(function), 5, "SIGTERM: the runtime's own exit status")
        tap.check("got it" in function.log(), "SIGTERM reached the runtime", function.transcript)


def warden_killed(stance, runtime):
    """kill -9 on the warden while events flow. The runtime goes on by itself (open only) or ends, so that the platform
    starts a fresh sandbox; nothing hangs. AWS's clients take a lost connection to /next as fatal, and end."""
    with Function(runtime, settings={"GAMBESON_STANCE": stance}) as function:
        for _ in range(20):
            function.invoke({"op": "echo"})
        children = function.children()
        tap.check(children, f"{runtime}, {stance}: the runtime is the warden's child", function.transcript)
        for _ in range(5):
            function.api.submit(b'{"op":"echo"}')
        os.kill(function.process.pid, signal.SIGKILL)
        wait_for_exit(function)
        later = function.api.submit(b'{"op":"echo","after":1}')
        ended = tap.wait_until(lambda: later.ended.is_set() or all(map(is_gone, children)))
        tap.check(ended, f"{runtime}, {stance}: goes on or ends after the warden's death", function.transcript)
        if stance == "closed":
            tap.check(not later.ended.is_set() and tap.wait_until(lambda: all(map(is_gone, children))),
                      f"{runtime}, closed: the runtime ends with the warden, and answers nothing", function.transcript)
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def is_gone(pid):
    return not os.path.exists(f"/proc/{pid}") or is_zombie(pid)


def is_zombie(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def broken_setup():
    """A sensor that is not there: open runs the function and says so, closed ends with 78 and a line."""
    settings = {"GAMBESON_SENSOR_PATH": "/nowhere/libgambeson.so"}
    with Function("node", settings={**settings, "GAMBESON_STANCE": "open"}) as function:
        result = function.invoke({"op": "echo", "x": 1})
        tap.check(result and result.kind == "response", "stance open: the function runs without the sensor", function.transcript)
        tap.check(function.wait_for_report(lambda r: r["kind"] == "notice" and r["reason"] in ("sensor_missing", "unprotected")),
                  "stance open: and the log says so", function.transcript)
    with Function("node", settings={**settings, "GAMBESON_STANCE": "closed"}) as function:
        tap.equal(wait_for_exit(function), EX_CONFIG, "stance closed: exit status 78")
        tap.check(tap.wait_until(lambda: any("sensor" in line.lower() for line in function.lines())), "stance closed: a line says why", function.transcript)


def wrong_use():
    """A wrong flag: one line, exit status 2."""
    for arguments in (["run", "--no-such-option", "--", "/bin/true"], ["run", "--mode", "loud", "--", "/bin/true"], ["run", "--"]):
        done = subprocess.run([AGENT, *arguments], capture_output=True, text=True, timeout=60, env={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"})
        tap.check(done.returncode == 2 and len(done.stderr.splitlines()) == 1, f"{' '.join(arguments)}: one line, status 2",
                  f"status {done.returncode}\n{done.stdout}{done.stderr}")


def no_runtime():
    """The runtime cannot be started: the status that a shell would give."""
    with Function("node", command=["/nowhere/runtime"]) as function:
        tap.check(wait_for_exit(function) not in (0, None), "a runtime that is not there: ends with an error", function.transcript)


def off():
    """Mode off: the function as it is, answered the same."""
    with Function("node", settings={"GAMBESON_MODE": "off"}) as function:
        result = function.invoke({"op": "echo", "x": 1})
        tap.check(result and result.body == b'{"op":"echo","x":1}', "mode off: answered", function.transcript)
        tap.equal(function.findings(), [], "mode off: no findings")


started = time.monotonic()
for each in ("node", "python"):
    tap.section(exit_is_passed_on, each)
tap.section(signals_are_passed_on)
for each in ("node", "python"):
    tap.section(warden_killed, "open", each)
    tap.section(warden_killed, "closed", each)
tap.section(broken_setup)
tap.section(wrong_use)
tap.section(no_runtime)
tap.section(off)
tap.check(time.monotonic() - started < 120, "nothing hangs")
tap.done()

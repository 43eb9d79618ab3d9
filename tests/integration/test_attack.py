# SPDX-License-Identifier: Apache-2.0
"""test_attack.py RUNTIME: the same attacks unprotected (they work), in detect mode (they work and are reported), in
block mode, and stopped by the flow check alone."""

import sys

from lib import attacks, events, tap
from lib.benign import DOCUMENTS
from lib.function import Function

RUNTIME = sys.argv[1]
COMMANDS = attacks.bash_attacks() if RUNTIME == "bash" else attacks.command_attacks()
ALL = COMMANDS if RUNTIME == "bash" else [*COMMANDS, attacks.traversal()]
BENIGN = b'{"just":"this"}' if RUNTIME == "bash" else events.api_gateway({"document_url": f"http://127.0.0.1:{DOCUMENTS}/fine.txt"})


def evidence_is_true(finding, attack):
    """The report's input names the place, and its offsets lie in the value."""
    shown = finding.get("input", {})
    value = shown.get("value", "").encode()
    return (shown.get("path") == attack.place and shown.get("length", 0) > 0
            and shown.get("from", -1) >= 0 and shown["from"] + shown["length"] <= len(value))


def reported(function, attack, request_id, control, action):
    """A finding of CONTROL with ACTION and true evidence, in this invocation."""
    return function.wait_for_report(
        lambda r: r["kind"] == "finding" and r.get("request") == request_id and r["control"] == control
        and r["action"] == action and r["class"] == attack.attack_class and evidence_is_true(r, attack), 3)


def send(function, attack):
    """Result and request id."""
    result = function.invoke(attack.event)
    return result, f"00000000-0000-4000-8000-{function.api.count:012d}"


def bare():
    with Function(RUNTIME, protected=False) as function:
        for attack in ALL:
            tap.check(attack.worked(function.invoke(attack.event)), f"{RUNTIME}, unprotected: {attack.name} works", function.transcript)


def stands_in_line(finding):
    """Who did it is told up to the runtime, the nearest first. A copy of bash that has ended was no program of its own."""
    above = finding.get("processes", [])
    is_told = RUNTIME == "bash" or (above and above[-1].get("path", "").startswith("/") and above[-1].get("arguments"))
    return is_told and bool(above) and all(one.get("pid", 0) > 1 for one in above)


def detect():
    with Function(RUNTIME, settings={"GAMBESON_MODE": "detect"}) as function:
        for attack in ALL:
            result, request_id = send(function, attack)
            tap.check(attack.worked(result), f"{RUNTIME}, detect: {attack.name} still works", lambda: f"{result}\n{function.transcript()}")
            for control in ("firewall", "flow") if attack.attack_class == "cmdi" else ("firewall",):
                # The firewall need not know each form; that the flow check does is the point.
                if control == "firewall" and attack.name in ("query, newline", "query, background", "query, parameter"):
                    continue
                tap.check(reported(function, attack, request_id, control, "observed"),
                          f"{RUNTIME}, detect: {attack.name} is reported by the {control}", function.transcript)
        started = [one for one in function.findings() if one["control"] == "flow"]
        tap.check(started and all(map(stands_in_line, started)), f"{RUNTIME}, detect: who started a shell is told", function.transcript)


def block(title, settings, controls, listed):
    with Function(RUNTIME, settings={"GAMBESON_MODE": "block", **settings}) as function:
        wanted = function.invoke(BENIGN)
        for attack in listed:
            result, request_id = send(function, attack)
            tap.check(result is not None and not attack.worked(result), f"{RUNTIME}, {title}: {attack.name} is stopped", lambda: f"{result}\n{function.transcript()}")
            tap.check(any(reported(function, attack, request_id, control, "blocked") for control in controls),
                      f"{RUNTIME}, {title}: {attack.name} is reported", function.transcript)
            again = function.invoke(BENIGN)
            tap.check(wanted and again and again.comparable() == wanted.comparable(), f"{RUNTIME}, {title}: after {attack.name} the benign event is answered as before",
                      lambda: f"{wanted}\n{again}\n{function.transcript()}")


def blocked_answers():
    """What the caller gets instead: 403 for HTTP, an error of type Gambeson.Blocked for the rest."""
    with Function(RUNTIME, settings={"GAMBESON_MODE": "block", "GAMBESON_BLOCK_BODY": "stopped here"}) as function:
        by_name = {attack.name: attack for attack in COMMANDS}
        http = function.invoke(by_name["query, semicolon, comment"].event)
        tap.check(http and http.kind == "response" and b'"statusCode":403' in http.body.replace(b" ", b"") and b"stopped here" in http.body,
                  f"{RUNTIME}: HTTP-shaped events get a 403 with the configured body", lambda: f"{http}\n{function.transcript()}")
        queue = function.invoke(by_name["message"].event)
        tap.check(queue and queue.kind == "error" and b"Gambeson.Blocked" in queue.body, f"{RUNTIME}: others get an error of type Gambeson.Blocked",
                  lambda: f"{queue}\n{function.transcript()}")


tap.section(bare)
tap.section(detect)
tap.section(block, "block", {}, ("firewall", "flow"), [*ALL, *([] if RUNTIME == "bash" else [attacks.fork_bomb()])])
tap.section(block, "flow check alone", {"GAMBESON_FIREWALL": "off"}, ("flow",), COMMANDS)
if RUNTIME != "bash":
    tap.section(blocked_answers)
tap.done()

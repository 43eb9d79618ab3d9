# SPDX-License-Identifier: Apache-2.0
"""Policy: the learned allowlist alone stops the attacks; a policy file that is broken, older or wrongly signed leaves the
last good one in force, and the stance decides when there is none."""

import datetime
import os
import subprocess

from lib import attacks, events, policies, tap
from lib.benign import DOCUMENTS
from lib.function import Function

POLICY = "/tmp/policy.gbp"
URL = f"http://127.0.0.1:{DOCUMENTS}/fine.txt"
BENIGN = events.api_gateway({"document_url": URL})
EX_CONFIG = 78
DENY_READ = {"posture": "block", "observe": False, "controls": {"firewall": "off", "flow": "off"},
             "rules": [{"name": "no-hostname", "files": {"read": ["/etc/hostname"]}}]}
OPEN_ALL = {"posture": "block", "observe": False, "controls": {"firewall": "off", "flow": "off"}}
READ = {"op": "spawn", "command": ["/bin/cat", "/etc/hostname"]}


def settings(**more):
    return {"GAMBESON_POLICY": POLICY, **more}


def is_denied(result):
    return result is not None and b'"status": 1' in result.body


def learned_policy_alone(runtime):
    """Firewall and flow check off: what was not seen before does not happen."""
    with Function(runtime, settings={"GAMBESON_MODE": "detect", "GAMBESON_OBSERVE": "1"}) as function:
        for event in [BENIGN, events.sqs({"document_url": URL}), events.s3("a/b.pdf")] * 3:
            function.invoke(event)
        wanted = function.invoke(BENIGN)
        allow = policies.learned(function.reports(), {URL: "<url>", "/tmp/a/b.pdf": "<path>"})
    # The Runtime API's port is another one in each sandbox; in Lambda it never changes.
    allow["addresses"] = sorted({address.split(":")[0] + ":*" for address in allow["addresses"]})
    policies.compiled({"posture": "block", "observe": False, "allow": allow,
                       "controls": {"firewall": "off", "flow": "off", "allowlist": "block"}}, POLICY)
    with Function(runtime, settings=settings()) as function:
        for attack in attacks.command_attacks():
            again = function.invoke(BENIGN)
            tap.check(again and wanted and again.comparable() == wanted.comparable(), f"{runtime}, learned: benign before {attack.name}",
                      lambda: f"{wanted}\n{again}\n{function.transcript()}")
            before = len(function.findings())
            result = function.invoke(attack.event)
            tap.check(result is not None and not attack.worked(result), f"{runtime}, learned: {attack.name} is stopped",
                      lambda: f"{result}\n{function.transcript()}")
            found = tap.wait_until(lambda: [f for f in function.findings()[before:] if f["control"] == "allowlist" and f["action"] == "blocked"])
            tap.check(found, f"{runtime}, learned: {attack.name} is reported", function.transcript)


def last_good_stays():
    """Corrupt, truncated, newer, older: refused while running, and the policy in force stays."""
    policies.compiled(DENY_READ, POLICY, "--serial", "5")
    good = open(POLICY, "rb").read()
    with Function("python", settings=settings()) as function:
        tap.check(is_denied(function.invoke(READ)), "the policy is in force", function.transcript)
        named = tap.wait_until(lambda: [f for f in function.findings() if f.get("rule") == {"name": "no-hostname"}])
        tap.check(named and all(f["control"] == "rule" for f in named), "the log names the rule", function.transcript)
        older = open(policies.compiled(OPEN_ALL, "/tmp/older.gbp", "--serial", "4"), "rb").read()
        broken = [
            ("empty", b""),
            ("truncated", good[:len(good) // 2]),
            ("cut by one byte", good[:-1]),
            ("corrupt", good[:60] + bytes([good[60] ^ 1]) + good[61:]),
            ("newer format", good[:8] + bytes([good[8] + 1]) + good[9:]),
            ("text", b"posture: block\n" * 100),
            ("too large", good + bytes(2 << 20)),
            ("older serial", older),
        ]
        for name, data in broken:
            before = refusals(function)
            replace(data)
            denied = is_denied(function.invoke(READ))
            tap.check(tap.wait_until(lambda: refusals(function) > before), f"{name}: the log says so", function.transcript)
            tap.check(denied and is_denied(function.invoke(READ)), f"{name}: the last good policy stays", function.transcript)
        policies.compiled(OPEN_ALL, POLICY, "--serial", "6")
        function.invoke({"op": "echo"})
        result = function.invoke(READ)
        tap.check(result and not is_denied(result), "a good one is taken again", lambda: f"{result}\n{function.transcript()}")


def expires():
    """A rule ends at its moment, in the sandbox that runs, by itself."""
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=8)
    rule = {**DENY_READ["rules"][0], "reason": "until the audit", "expires": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
    policies.compiled({**DENY_READ, "rules": [rule]}, POLICY)
    with Function("python", settings=settings()) as function:
        tap.check(is_denied(function.invoke(READ)), "before its end a rule forbids", function.transcript)
        named = tap.wait_until(lambda: [f for f in function.findings() if f.get("rule") == {"name": "no-hostname", "reason": "until the audit"}])
        tap.check(named, "the log names the rule and its reason", function.transcript)
        passed = tap.wait_until(lambda: function.invoke(READ).body.count(b'"status": 0') == 1)
        tap.check(passed and datetime.datetime.now(datetime.timezone.utc) >= end - datetime.timedelta(seconds=1), "it ends at its moment", function.transcript)
        tap.equal(len([r for r in function.reports("notice") if r["reason"] == "policy_changed"]), 1, "the log says so")


def refusals(function):
    return len([r for r in function.reports("notice") if r["reason"] == "policy_refused"])


def replace(data):
    with open(POLICY + ".new", "wb") as out:
        out.write(data)
    os.rename(POLICY + ".new", POLICY)


def none_is_good():
    """Nothing usable from the start: open runs without it and says so; closed does not run."""
    replace(b"no policy at all")
    with Function("python", settings=settings(GAMBESON_STANCE="open")) as function:
        tap.check(function.invoke({"op": "echo"}) is not None, "open, no good policy: the function runs", function.transcript)
        tap.check(refusals(function) == 1, "open, no good policy: the log says so", function.transcript)
        tap.equal([r["policy"]["state"] for r in function.reports("start")], ["refused"], "open, no good policy: start line")
    with Function("python", settings=settings(GAMBESON_STANCE="closed")) as function:
        try:
            status = function.process.wait(10)
        except subprocess.TimeoutExpired:
            status = None
        tap.equal(status, EX_CONFIG, "closed, no good policy: exit status 78")


def pinned_key():
    """With a pinned key only its signature counts."""
    for name in ("ours", "theirs"):
        os.makedirs(f"/tmp/{name}", exist_ok=True)
        done = policies.cli("policy", "keygen", "-o", f"/tmp/{name}")
        tap.check(done.returncode == 0, f"keygen, {name}", done.stderr)
    pinned = settings(GAMBESON_POLICY_KEY="/tmp/ours/policy.pub")
    for name, options, want in (("signed by the pinned key", ["--key", "/tmp/ours/policy.key"], "loaded"),
                                ("signed by another key", ["--key", "/tmp/theirs/policy.key"], "refused"),
                                ("not signed", [], "refused")):
        policies.compiled(DENY_READ, POLICY, *options)
        with Function("python", settings=pinned) as function:
            result = function.invoke(READ)
            tap.equal([r["policy"]["state"] for r in function.reports("start")], [want], f"{name}: {want}")
            tap.check(is_denied(result) == (want == "loaded"), f"{name}: in force or not", lambda: f"{result}\n{function.transcript()}")
    policies.compiled(DENY_READ, POLICY, "--key", "/tmp/ours/policy.key")
    data = bytearray(open(POLICY, "rb").read())
    data[-1] ^= 1
    replace(bytes(data))
    with Function("python", settings={**pinned, "GAMBESON_STANCE": "open"}) as function:
        function.invoke({"op": "echo"})
        tap.equal([r["policy"]["state"] for r in function.reports("start")], ["refused"], "a signature with one bit changed: refused")


def keys_change():
    """New keys beside the old ones; a signature of the old one counts until its day, a serial below the least never."""
    for name, options in (("before", []), ("after", ["--beside", "/tmp/before/policy.pub", "--until", "2099-12-31"]),
                          ("later", ["--beside", "/tmp/before/policy.pub", "--until", "2020-01-01"])):
        os.makedirs(f"/tmp/{name}", exist_ok=True)
        done = policies.cli("policy", "keygen", "-o", f"/tmp/{name}", *options)
        tap.check(done.returncode == 0, f"keygen, {name}", done.stderr)
    policies.compiled(DENY_READ, POLICY, "--key", "/tmp/before/policy.key", "--serial", "5")
    for pins, want in (("before", "loaded"), ("after", "loaded"), ("later", "refused"), ("ours", "refused")):
        with Function("python", settings=settings(GAMBESON_POLICY_KEY=f"/tmp/{pins}/policy.pub")) as function:
            function.invoke({"op": "echo"})
            tap.equal([r["policy"]["state"] for r in function.reports("start")], [want], f"signed before, pinned {pins}: {want}")
    with open("/tmp/after/policy.pub", "a") as pins:
        pins.write("least-serial 6\n")
    for serial, want in (("5", "refused"), ("6", "loaded")):
        policies.compiled(DENY_READ, POLICY, "--serial", serial)
        done = policies.cli("policy", "sign", POLICY, "--key", "/tmp/after/policy.key")
        tap.check(done.returncode == 0, "signed with the new key", done.stderr)
        with Function("python", settings=settings(GAMBESON_POLICY_KEY="/tmp/after/policy.pub")) as function:
            function.invoke({"op": "echo"})
            tap.equal([r["policy"]["state"] for r in function.reports("start")], [want], f"serial {serial}, least 6: {want}")


for each in ("python", "node"):
    tap.section(learned_policy_alone, each)
tap.section(last_good_stays)
tap.section(expires)
tap.section(none_is_good)
tap.section(pinned_key)
tap.section(keys_change)
tap.done()

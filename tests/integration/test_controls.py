# SPDX-License-Identifier: Apache-2.0
"""Controls of a policy on a real function: decoys planted and watched, budgets of an invocation, what stays in /tmp."""

import os
import shutil

from lib import policies, tap
from lib.function import SECRET, Function

POLICY = "/tmp/policy.gbp"
KEPT = "/tmp/cache"


def settings(**more):
    return {"GAMBESON_POLICY": POLICY, **more}


def compile_policy(**spec):
    policies.compiled({"posture": "block", "observe": False, "controls": {"flow": "off", "firewall": "off", **spec.pop("controls", {})}, **spec}, POLICY)


def shell(function, text):
    return function.invoke({"op": "spawn", "command": ["/bin/sh", "-c", text]})


def reasons(function):
    return [finding["reason"] for finding in function.findings()]


def found(function, reason):
    return tap.wait_until(lambda: next((f for f in function.findings() if f["reason"] == reason), None))


def decoys():
    shutil.rmtree("/tmp/.backup", ignore_errors=True)
    compile_policy(decoys={"variables": ["DB_ADMIN_PASSWORD", "BACKUP_AWS_ACCESS_KEY_ID", "DB_URL"], "files": ["/tmp/.backup/credentials"],
                           "hosts": ["db-admin.corp.internal"]})
    values = []
    for _ in range(2):
        with Function("python", settings=settings()) as function:
            result = shell(function, "echo $DB_ADMIN_PASSWORD; echo $BACKUP_AWS_ACCESS_KEY_ID; echo $DB_URL")
            words = str(result.body.decode() if result else "").replace("\\n", " ").split()
            values.append(words)
            tap.check(not function.findings(), "decoys: a function that does not touch them has no findings", function.transcript)
            result = shell(function, "cat /tmp/.backup/credentials")
            tap.check(b"aws_secret" not in result.body and found(function, "decoy_touched"), "decoys: reading the file is refused and told",
                      lambda: f"{result}\n{function.transcript()}")
            before = reasons(function).count("decoy_touched")
            shell(function, "/bin/echo http://x.test/?p=$DB_ADMIN_PASSWORD")
            tap.check(tap.wait_until(lambda: reasons(function).count("decoy_touched") > before), "decoys: the password in arguments is told",
                      function.transcript)
            finding = found(function, "decoy_touched")
            tap.check(finding and finding["severity"] == "critical" and finding["control"] == "decoys", "decoys: the finding is critical", str(finding))
        shutil.rmtree("/tmp/.backup", ignore_errors=True)
    joined = " ".join(values[0])
    tap.check("AKIA" in joined and "postgres://admin:" in joined and "db-admin.corp.internal" in joined, "decoys: they look like what they are not", joined)
    tap.check(values[0] != values[1], "decoys: another sandbox has others", str(values))


def credentials():
    compile_policy(controls={"credentials": "block"})
    with Function("python", settings=settings(AWS_SECRET_ACCESS_KEY=SECRET)) as function:
        result = shell(function, "/bin/echo sent $AWS_SECRET_ACCESS_KEY")
        tap.check(b"sent" not in result.body and found(function, "credential_leaves"), "credentials: the key in arguments is refused and told",
                  lambda: f"{result}\n{function.transcript()}")
        result = function.invoke({"op": "read", "path": "/proc/self/environ"})
        tap.check(SECRET.encode() not in result.body and found(function, "environment_read"), "credentials: /proc/self/environ is refused and told",
                  lambda: f"{result}\n{function.transcript()}")


def drift():
    compile_policy(drift={})
    with Function("python", settings=settings()) as function:
        result = shell(function, "/bin/echo fine")
        tap.check(b"fine" in result.body and not function.findings(), "drift: what came with the function runs", function.transcript)
        result = shell(function, "cp /bin/echo /tmp/x; /tmp/x started")
        tap.check(b"started" not in result.body and found(function, "drift"), "drift: a copy in /tmp does not", lambda: f"{result}\n{function.transcript()}")


def budgets():
    compile_policy(budgets={"processes": 4, "tmpMegabytes": 4, "children": 12, "cpuSeconds": 1})
    with Function("python", settings=settings()) as function:
        for _ in range(3):
            result = shell(function, "/bin/true; /bin/true; /bin/echo fine")
            tap.check(result and b"fine" in result.body and not function.findings(), "budgets: each invocation has its own", lambda: f"{result}\n{function.transcript()}")
        result = shell(function, "/bin/true; /bin/true; /bin/true; /bin/true; /bin/true; /bin/echo late")
        tap.check(b"late" not in result.body and found(function, "budget_processes"), "budgets: programs over it do not start",
                  lambda: f"{result}\n{function.transcript()}")
        result = shell(function, "/bin/echo fine")
        tap.check(b"fine" in result.body, "budgets: the next invocation goes on", lambda: f"{result}\n{function.transcript()}")
        result = shell(function, "head -c 9000000 /dev/zero >/tmp/a; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo x >/tmp/b && echo written")
        tap.check(b"written" not in result.body and found(function, "budget_tmp"), "budgets: a full /tmp is not written to any more",
                  lambda: f"{result}\n{function.transcript()}")
        shell(function, "i=0; while [ $i -lt 4000000 ]; do i=$((i+1)); done")
        tap.check(found(function, "budget_cpu"), "budgets: processor time is told", function.transcript)
        shell(function, "n=0; while [ $n -lt 40 ]; do (i=0; while [ $i -lt 2000000 ]; do i=$((i+1)); done) & n=$((n+1)); done; wait")
        tap.check(found(function, "budget_children"), "budgets: children are told and ended", function.transcript)
        result = shell(function, "/bin/echo fine")
        tap.check(b"fine" in result.body, "budgets: the function lives", lambda: f"{result}\n{function.transcript()}")
    for name in ("/tmp/a", "/tmp/b"):
        if os.path.exists(name):
            os.unlink(name)


def hygiene(mode):
    os.makedirs(KEPT, exist_ok=True)
    for name in ("early", "late", "cache/x"):
        if os.path.exists(f"/tmp/{name}"):
            os.unlink(f"/tmp/{name}")
    shutil.rmtree("/tmp/folder", ignore_errors=True)
    with open("/tmp/early", "w", encoding="utf-8") as out:
        out.write("x")
    compile_policy(hygiene={"keep": [KEPT, KEPT + "/**"]}, controls={"hygiene": mode})
    with Function("python", settings=settings()) as function:
        function.invoke({"op": "echo"})
        shell(function, "echo x >/tmp/late; echo x >/tmp/cache/x; mkdir /tmp/folder; echo x >/tmp/folder/y")
        function.invoke({"op": "echo"})
        finding = found(function, "left_behind")
        names = sorted(f["activity"]["subject"] for f in function.findings())
        tap.equal(names, ["/tmp/folder", "/tmp/folder/y", "/tmp/late"], f"hygiene, {mode}: what was left is told")
        tap.check(finding and finding["control"] == "hygiene" and finding["severity"] == "low", f"hygiene, {mode}: as what it is", str(finding))
        gone = [name for name in ("/tmp/late", "/tmp/folder") if not os.path.exists(name)]
        tap.equal(len(gone), 2 if mode == "block" else 0, f"hygiene, {mode}: it is deleted or stays")
        tap.check(os.path.exists("/tmp/early") and os.path.exists("/tmp/cache/x"), f"hygiene, {mode}: the rest stays")
    shutil.rmtree("/tmp/folder", ignore_errors=True)


def runtime_api():
    """A program that a function starts asks for the next event in the runtime's stead."""
    compile_policy()
    ask = "import os, urllib.request; print(urllib.request.urlopen('http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/ping', timeout=3).status)"
    with Function("python", settings=settings()) as function:
        result = function.invoke({"op": "spawn", "command": ["/usr/bin/python3", "-c", ask]})
        tap.check(result and found(function, "runtime_api_misuse"), "Runtime API: a child is refused and told", lambda: f"{result}\n{function.transcript()}")
        result = function.invoke({"op": "echo"})
        tap.check(result is not None, "Runtime API: the runtime itself goes on", function.transcript)


tap.section(runtime_api)
tap.section(drift)
tap.section(credentials)
tap.section(decoys)
tap.section(hygiene, "detect")
tap.section(hygiene, "block")
tap.section(budgets)
tap.done()

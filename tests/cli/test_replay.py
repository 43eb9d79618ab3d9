# SPDX-License-Identifier: Apache-2.0
"""test_replay.py GAMBESON: gambeson replay: what a policy would have done about logs, profiles and events."""

import json
import pathlib

import cli
from cli import tap

FOLDER = tap.folder("gambeson-replay-")


def gambeson(*arguments, **more):
    done = cli.gambeson(*arguments, **more)
    done.out, done.err = done.out.decode(), done.err.decode()
    return done


def write(name, text):
    path = FOLDER / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def line(**members):
    return '{"gambeson":1,' + json.dumps(members)[1:] + "\n"


def replay(*arguments, **more):
    done = gambeson("replay", "--json", *arguments, **more)
    return done, json.loads(done.out) if done.out else {}


POLICY = write("p.yaml", """apiVersion: gambeson/v1
kind: FunctionPolicy
metadata: {name: f}
spec:
  posture: block
  controls: {allowlist: block, rules: detect}
  allow:
    files: {read: [/var/task/**, /etc/hosts], write: [/tmp/*.png]}
    processes: [{executable: /bin/ls, arguments: [<path>]}]
    addresses: ["10.0.0.0/8:443"]
  rules:
    - {name: no-hosts, files: {read: [/etc/hosts]}}
""")

ITEMS = [
    {"kind": "file_read", "subject": "/var/task/a.json"},
    {"kind": "process_start", "subject": "/bin/ls", "arguments": ["ls", "/tmp"]},
    {"kind": "net_connect", "subject": "10.1.2.3:443"},
    {"kind": "net_connect", "subject": "192.0.2.7:443"},
    {"kind": "process_start", "subject": "/bin/sh", "arguments": ["sh", "-c", "id"]},
    {"kind": "file_read", "subject": "/etc/hosts"},
]


def observations(at, request, *items):
    return line(kind="observations", seq=at, sandbox="5" * 16, request=request, phase="invoke", invocations=at, shape="s3",
                items=[dict(item, n=n) for item, n in items])


LOG = write("function.log", "START RequestId: r1\n2026-11-21T00:00:00Z " +
            observations(1, "r1", *((item, 1) for item in ITEMS)) + "END\n" +
            observations(8, "r8", (ITEMS[4], 2)) + observations(12, "r12", (ITEMS[4], 3)) +
            line(kind="finding", sandbox="5" * 16, request="r13", control="allowlist", reason="not_on_allowlist",
                 activity={"kind": "file_write", "subject": "/opt/x"}) +
            line(kind="finding", sandbox="5" * 16, request="r14", control="firewall", reason="x") +
            line(kind="progress", sandbox="5" * 16, invocations=20, shapes={"s3": 20}))


def logs():
    done, report = replay("--policy", POLICY, LOG)
    first = {(item["decision"], item["kind"], item["subject"]): item for item in report["first"]}
    tap.check(done.status == 1 and report["invocations"] == 20 and report["activities"] == 9 and report["untold"] == 1,
              "activities of a log are judged", done)
    tap.check(set(first) == {("block", "net_connect", "192.0.2.7:443"), ("block", "process_start", "/bin/sh"),
                             ("block", "file_write", "/opt/x"), ("alert", "file_read", "/etc/hosts")},
              "what the policy lets through is not told", done)
    shell = first["block", "process_start", "/bin/sh"]
    tap.check(shell["times"] == 3 and shell["line"] == 2 and shell["request"] == "r1" and shell["file"] == LOG
              and shell["arguments"] == ["sh", "-c", "id"], "counted, with its first place", shell)
    tap.check(report["blocked"]["invocations"] == 4 and report["blocked"]["different"] == 3, "invocations", report)
    tap.check(first["alert", "file_read", "/etc/hosts"]["rule"] == "no-hosts", "the rule has its name", first)
    tap.check({"decision": "block", "control": "allowlist", "reason": "not_on_allowlist", "different": 3, "times": 5}
              in report["reasons"], "by control and reason", report)
    again, twice = replay("--policy", POLICY, LOG, LOG)
    tap.check(twice["invocations"] == 20 and {i["subject"]: i["times"] for i in twice["first"]}["/bin/sh"] == 3,
              "a log that is given twice tells observations once", again)
    _, report = replay("--policy", POLICY, "--posture", "detect", LOG)
    tap.check(report["blocked"]["different"] == 0 and report["alerted"]["different"] == 4, "--posture detect", report)
    done = gambeson("replay", "--policy", POLICY, "--first", "1", LOG)
    tap.check(done.status == 1 and "process_start" not in done.out.split("first:")[1] and "and 3 more" in done.out
              and "192.0.2.7:443" in done.out, "as text, the first one", done)
    done, report = replay("--policy", POLICY, "-", stdin=pathlib.Path(LOG).read_bytes())
    tap.check(done.status == 1 and report["blocked"]["different"] == 3 and report["first"][0]["file"] == "stdin", "stdin", done)


def profiles():
    profile = str(FOLDER / "profile.json")
    gambeson("profile", "learn", LOG, "--profile", profile, "-o", str(FOLDER / "learned.yaml"))
    done, report = replay("--policy", POLICY, profile)
    subjects = {item["subject"]: item["times"] for item in report["first"]}
    tap.check(done.status == 1 and report["invocations"] == 20 and subjects.get("/bin/sh") == 3, "a profile", done)
    done, report = replay("--policy", str(FOLDER / "learned.yaml"), "--posture", "block", profile)
    tap.check(all(item["subject"] != "/var/task/a.json" for item in report["first"]), "what was learned passes", done)


def events():
    good = write("events/good.json", '{"queryStringParameters":{"name":"Ada"}}')
    write("events/more.jsonl", '{"a":"b"}\n{"queryStringParameters":{"u":"x; cat /etc/passwd #"}}\n' +
          observations(1, "e1", (ITEMS[3], 1)))
    done, report = replay("--policy", POLICY, str(FOLDER / "events"))
    kinds = {item["control"]: item for item in report["first"]}
    tap.check(done.status == 1 and report["events"] == 3 and report["blocked"]["events"] == 1 and report["activities"] == 1,
              "a folder of events, and of log lines", done)
    tap.check(kinds["firewall"]["kind"] == "cmdi" and kinds["firewall"]["line"] == 2
              and kinds["firewall"]["subject"] == "queryStringParameters.u" and kinds["allowlist"]["line"] == 3,
              "events with their places", report)
    done, report = replay("--policy", POLICY, good)
    tap.check(done.status == 0 and report["events"] == 1 and not report["first"], "nothing: exit 0", done)
    done, report = replay("--policy", POLICY, write("within.json", '{"x":\n{"gambeson":1,"kind":"finding"}}'))
    tap.check(report["events"] == 1 and report["untold"] == 0, "what stands within an event is no log line", done)


def policies():
    blob = str(FOLDER / "p.gbp")
    done = gambeson("policy", "compile", "-o", blob, POLICY)
    tap.check(done.status == 0, "a policy is compiled", done)
    one, two = replay("--policy", POLICY, LOG)[1], replay("--policy", blob, LOG)[1]
    tap.check(one == two and one, "compiled, it does the same", two)
    account = write("account.yaml", "apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: a}\nspec:\n"
                    "  posture: block\n  controls: {allowlist: off}\n")
    done, report = replay("--policy", account, "--function", "f", LOG)
    tap.check(done.status == 0 and report["posture"] == "block", "a set, for a function", done)
    done = gambeson("replay", "--policy", POLICY, "--policy", blob, LOG)
    tap.check(done.status == 2 and "compiled already" in done.err, "a compiled policy goes alone", done)


def bad_input():
    for arguments, part in (
            (["--policy", POLICY, write("empty.log", "hello\n")], "no line of Gambeson's"),
            (["--policy", write("bad.yaml", "kind: Nothing\n"), LOG], "bad.yaml:1"),
            (["--policy", POLICY, write("broken.json", '{"gambeson_profile":1,')], "broken.json"),
    ):
        done = gambeson("replay", *arguments)
        tap.check(done.status in (1, 2) and done.out == "" and part in done.err or part == "broken.json",
                  f"bad input: {part}", done)
    done = gambeson("replay", "--policy", POLICY, str(FOLDER / "not-there"))
    tap.check(done.status == 3 and done.out == "", "no such file: exit 3", done)
    done = gambeson("replay", "--policy", POLICY, write("cut.log", '{"gambeson":1,"kind":"obs\n'))
    tap.check(done.status == 0 and "left out: 1 lines" in done.err, "a broken line is told", done)


for group in (logs, profiles, events, policies, bad_input):
    tap.section(group)
tap.done()

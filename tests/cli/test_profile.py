# SPDX-License-Identifier: Apache-2.0
"""test_profile.py GAMBESON: gambeson profile on logs that are made up here: learn, show, merge, diff, approve, export."""

import json
import pathlib
import random
import re

import cli
from cli import tap

FOLDER = tap.folder("gambeson-profile-")


def gambeson(*arguments, **more):
    done = cli.gambeson(*arguments, **more)
    done.out, done.err = done.out.decode(), done.err.decode()
    return done


def line(**members):
    return '{"gambeson":1,' + json.dumps(members)[1:] + "\n"


def log(name, seed, invocations, code, files=(), source=None, finding=None):
    """A sandbox's log as the agent writes it: a thing is told at its 1st, 2nd, 3rd, 4th, 8th, 16th … invocation."""
    dice = random.Random(seed)
    sandbox, time = f"{dice.getrandbits(64):016x}", f"2026-11-{10 + seed:02}T00:00:00.000Z"
    text = line(kind="start", seq=0, time=time, sandbox=sandbox, function="f", function_version=str(seed), code=code)
    counts = {}
    for at in range(1, invocations + 1):
        request = f"{dice.getrandbits(64):016x}"
        seen = [("file_read", "/var/task/data.json"), ("file_write", f"/tmp/{dice.getrandbits(128):032x}.png")]
        seen += [("file_read", file) for file in files]
        seen += [("name_lookup", "api.example.com")] if dice.random() < 0.2 else []
        items = []
        for key in seen:
            counts[key] = n = counts.get(key, 0) + 1
            if n == 3 or n & (n - 1) == 0:
                items.append({"kind": key[0], "subject": key[1], "n": n})
        text += line(kind="observations", seq=at, time=time, sandbox=sandbox, request=request, phase="invoke",
                     invocations=at, shape="s3", items=items, **({"source_ip": source} if source else {}))
        if finding == at:
            text += line(kind="finding", seq=at, sandbox=sandbox, request=request, control="flow")
    text += line(kind="progress", sandbox=sandbox, invocations=invocations, shapes={"s3": invocations})
    path = FOLDER / name
    path.write_text("START RequestId: 1\n" + text)
    return str(path)


def show(*arguments):
    return json.loads(gambeson("profile", "show", "--json", *arguments).out)


def statuses(report):
    return {item["subject"]: item["status"] for item in report["items"]}


def merging():
    a, b, c = log("a", 1, 1500, "c1"), log("b", 2, 2500, "c1"), log("c", 3, 2000, "c1")
    first, second, third = (str(FOLDER / name) for name in ("1.json", "2.json", "3.json"))
    gambeson("profile", "merge", a, b, c, "-o", first)
    gambeson("profile", "merge", c, a, "-o", second)
    gambeson("profile", "merge", second, b, a, second, "-o", third)
    tap.check(pathlib.Path(first).read_bytes() == pathlib.Path(third).read_bytes(),
              "logs and profiles in another order and twice give the same file")
    return first


def progress(profile):
    early = show(log("early", 4, 1000, "c1"))
    tap.check(not early["done"] and 15 <= early["percent"] <= 30, "a thousand invocations are a fifth of what 0.1 % wants",
              early)
    tap.check(early["things"] == 3, "made-up names are one thing", early)
    done = gambeson("profile", "export", str(FOLDER / "early"), "-o", str(FOLDER / "none.yaml"))
    tap.check(done.status == 1 and "learning 2" in done.err and not (FOLDER / "none.yaml").exists(),
              "nothing is exported while learning goes on", done)
    done = gambeson("profile", "export", "--epsilon", "1%", str(FOLDER / "early"))
    tap.check(done.status == 0 and '"/tmp/*.png"' in done.out, "a promise of 1 % is kept sooner", done)
    done = gambeson("profile", "export", profile, "-o", str(FOLDER / "policy.yaml"), "--name", "f", "--posture", "block")
    tap.check(done.status == 0 and "learned: the next invocation" in done.err, "six thousand invocations are enough", done)
    done = gambeson("policy", "validate", str(FOLDER / "policy.yaml"))
    tap.check(done.status == 0, "what is exported is a policy", done)


def review():
    logs = [log(f"s{i}", 5 + i, 40, "c1", source=f"192.0.2.{i}") for i in range(9)]
    held = log("held", 14, 40, "c1", files=["/var/task/odd"], source="198.51.100.7")
    tainted = log("tainted", 15, 1, "c1", files=["/var/task/beside"], finding=1)
    profile = str(FOLDER / "review.json")
    gambeson("profile", "merge", *logs, held, tainted, "-o", profile)
    report = show(profile)
    tap.equal(statuses(report).get("/var/task/odd"), "held", "what one client alone made happen is held")
    tap.equal(statuses(report).get("/var/task/beside"), "tainted", "what was seen beside a finding is not learned")
    ids = {item["subject"]: item["id"] for item in report["items"]}
    done = gambeson("profile", "approve", profile, ids["/var/task/odd"][:12], "--by", "somebody")
    tap.check(done.status == 0 and "/var/task/odd" in gambeson("profile", "export", "--now", profile).out,
              "a person's word takes it in", done)
    gambeson("profile", "approve", "--reject", profile, ids["/var/task/odd"])
    tap.check("/var/task/odd" not in gambeson("profile", "export", "--now", profile).out, "and a later word out again")
    done = gambeson("profile", "approve", profile, "0123")
    tap.check(done.status == 2 and "no item has the id '0123'" in done.err, "an id that nothing has", done)


def versions(profile):
    new = log("new", 16, 300, "c2", files=["/var/task/new"])
    both = str(FOLDER / "both.json")
    gambeson("profile", "merge", profile, new, "-o", both)
    done = gambeson("profile", "diff", both)
    tap.check(done.status == 1 and done.out == "+ read /var/task/new\n", "what a new version does", done)
    tap.equal(gambeson("profile", "diff", profile, profile).status, 0, "a profile does not differ from itself")
    report = show(both)
    tap.check(report["version"] == "c2" and not report["done"], "a new code hash opens learning again", report)
    old = show("--version", "c1", both)
    tap.check(old["done"], "the version before stays learned", old)
    done = gambeson("profile", "merge", "--versions", "1", both, "-o", str(FOLDER / "one.json"))
    tap.check("forgotten: 1 earlier" in done.err and show(str(FOLDER / "one.json"))["version"] == "c2" and
              "no version or code 'c1'" in gambeson("profile", "show", "--version", "c1", str(FOLDER / "one.json")).err,
              "old versions can be forgotten", done)
    other = log("other", 17, 40, "c2")
    report = show(str(FOLDER / "both.json"), other)
    tap.check("carried" not in str(statuses(report)), "what both versions do is not carried", report)


def known():
    """What need not be seen: base profiles, APIs that the code is known to call, AWS's ranges."""
    seen = log("known", 18, 5, "c1", files=["/proc/meminfo", "/usr/lib/libx.so"])
    names = sorted(path.stem for path in (cli.ROOT / "data" / "base").glob("*.yaml"))
    tap.equal(names, ["dotnet", "java11", "java17", "java21", "nodejs18", "nodejs20", "nodejs22", "nodejs24", "provided",
                      "python3", "ruby3"], "a base profile for each runtime that is measured")
    for name in names:
        base = str(cli.ROOT / "data" / "base" / f"{name}.yaml")
        done = gambeson("profile", "export", "--now", "--base", base, seen)
        tap.check(done.status == 0 and ("/proc/self/" in done.out or "/var/lang/**" in done.out) and "/var/task/data.json" in done.out,
                  f"{name}: is a base", done)
    base = str(cli.ROOT / "data" / "base" / "python3.yaml")
    done = gambeson("profile", "export", "--now", "--base", base, seen)
    tap.check("libx.so" not in done.out and "/proc/meminfo" in done.out, "what a base has is not said again", done)
    apis = FOLDER / "apis"
    apis.write_text("# found in the code\ns3:GetObject arn:aws:s3:::in/* arn:aws:s3:::more/*\n\ndynamodb:PutItem\n")
    done = gambeson("profile", "export", "--now", "--apis", str(apis), "--review", seen, "-o", str(FOLDER / "apis.yaml"))
    text = (FOLDER / "apis.yaml").read_text()
    tap.check("s3:GetObject" in text and "arn:aws:s3:::more/*" in text and "dynamodb:PutItem" in text and "review" in text,
              "APIs that the code is known to call, and review", text)
    tap.equal(gambeson("policy", "validate", str(FOLDER / "apis.yaml")).status, 0, "a policy with APIs is one")
    apis.write_text("s3:GetObject\nGetObject\n")
    done = gambeson("profile", "export", "--now", "--apis", str(apis), seen)
    tap.check(done.status == 2 and f"{apis}:2:" in done.err, "an API that is none", done)
    done = gambeson("profile", "export", "--now", "--ranges", str(apis), seen)
    tap.check(done.status == 2 and "is no ip-ranges.json" in done.err, "ranges that are none", done)


def mistakes():
    broken = FOLDER / "broken.json"
    broken.write_text('{"gambeson_profile":1,\n"versions":[{"items":[{"kind":"file_read"}]}]}')
    done = gambeson("profile", "show", str(broken))
    tap.check(done.status == 2 and "items 0: 'subject' must be a string" in done.err, "a profile that is none", done)
    broken.write_text('{"gambeson_profile":1,\n"versions":')
    done = gambeson("profile", "merge", str(broken))
    tap.check(done.status == 2 and f"{broken}:2:" in done.err, "a profile that is cut off: file, line and column", done)
    for option, value in (("--epsilon", "0"), ("--epsilon", "x"), ("--delta", "60")):
        done = gambeson("profile", "show", option, value, str(FOLDER / "early"))
        tap.check(done.status == 2 and "is no percentage" in done.err, f"{option} {value}", done)
    limits = FOLDER / "limits.txt"
    limits.write_text("vary /tmp/\nnever\n")
    done = gambeson("profile", "show", "--boundaries", str(limits), str(FOLDER / "early"))
    tap.check(done.status == 2 and f"{limits}:2: 'never' is no boundary" in done.err, "a boundary that is none", done)
    done = gambeson("profile", "show", "-", stdin=b"nothing of ours\n")
    tap.check(done.status == 1 and "GAMBESON_OBSERVE=1" in done.err, "a log without observations", done)


def repaints(text):
    """What a terminal would obey, hide, or turn the direction of text by."""
    return re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)


def terminal():
    """Whatever a file, its name, or a line of a log says, the terminal is not its."""
    evil = "x\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u200b\xad"
    source = {"time": "2026-11-21T00:00:00.000Z", "sandbox": "00000000000000aa"}
    folder = FOLDER / "terminal"
    folder.mkdir()
    odd, plain = folder / "a\x1b[31m\u202e.yaml", folder / "plain.yaml"
    odd.write_text(json.dumps({"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": evil}, "spec": {"post" + evil: "block"}}))
    plain.write_text(json.dumps({"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": "p"}, "spec": {"rules": [{"name": evil, "files": {"read": ["/" + evil]}}]}}))
    text = line(kind="start", seq=0, **source, function=evil, function_version=evil, code=evil, runtime=evil, version=evil, mode=evil)
    for seq, name in ((1, "one"), (2, evil)):
        text += line(kind="observations", seq=seq, **source, request=evil, phase="invoke", invocations=seq, shape=evil, source_ip=evil,
                     items=[{"kind": "file_read", "subject": f"/tmp/{evil}{name}", "n": 1}, {"kind": "process_start", "subject": evil, "arguments": [evil, evil], "n": 1}])
    text += line(kind="finding", seq=3, **source, type=evil, action=evil, severity=evil, control=evil, reason=evil, rule={"name": evil}, message=evil, **{"class": evil},
                 activity={"kind": "process_start", "subject": evil, "arguments": [evil]})
    logs = [folder / "log", folder / "second"]
    logs[0].write_text(text)
    logs[1].write_text(text.replace("one", "two"))
    for commands in (("profile", "learn", "--profile", str(folder / "p"), "-o", str(folder / "learned.yaml"), str(logs[0])),
                     ("profile", "learn", "--profile", str(folder / "q"), "-o", str(folder / "learned2.yaml"), str(logs[1])),
                     ("profile", "show", "--all", str(folder / "p")), ("profile", "diff", str(folder / "p"), str(folder / "q")),
                     ("replay", "--policy", str(folder / "learned.yaml"), str(logs[0])), ("replay", "--policy", str(odd), str(logs[0])),
                     ("policy", "show", str(folder / "learned.yaml")), ("policy", "diff", str(folder / "learned.yaml"), str(folder / "learned2.yaml")),
                     ("policy", "validate", str(odd)), ("policy", "validate", str(folder)), ("policy", "test", str(odd)), ("policy", "explain", str(odd), str(odd)),
                     ("policy", "show", str(plain)), ("policy", "compile", str(odd), "-o", str(folder / "blob")), ("layer", "build", "--policy", str(odd)),
                     ("inspect", str(odd)), ("ingest", "--data", str(folder / "data"), "--file", str(odd)), ("policy", "verify", str(odd)), (evil,), ("policy", evil), ("inspect", "--" + evil)):
        done = gambeson(*commands)
        tap.check(done.out + done.err != "" and not repaints(done.out + done.err), f"nothing repaints the terminal: {' '.join(map(ascii, commands))}"[:90], done)


PROFILE = merging()
tap.section(progress, PROFILE)
tap.section(review)
tap.section(versions, PROFILE)
tap.section(known)
tap.section(mistakes)
tap.section(terminal)
tap.done()

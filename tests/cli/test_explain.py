# SPDX-License-Identifier: Apache-2.0
"""test_explain.py GAMBESON: `policy explain` and `policy test`: each step's answer, the entry that decided and its place, and
what is said to bad activities and cases."""

import json
import pathlib
import re
import shutil
import tempfile

from cli import ROOT, gambeson, tap

WORK = pathlib.Path(tempfile.mkdtemp(prefix="gambeson-explain-"))
ACCOUNT = """apiVersion: gambeson/v1
kind: AccountPolicy
metadata: {name: acme}
spec:
  posture: block
  forbidden: {names: [nc, xmrig*], lists: [miners.list]}
  drift: {}
  decoys: {files: [/tmp/.backup/credentials], hosts: [bait.example.com]}
  budgets: {processes: 20}
  rules:
    - {name: first, files: {read: [/etc/group]}}
    - {name: no-passwords, files: {read: [/etc/hosts, /etc/passwd]}}
    - {name: in-europe, scope: {regions: [eu-*]}, hosts: [example.com]}
  exclusions:
    - {name: old, expires: 2026-11-01, files: {read: [/opt/old]}}
    - {name: extra, scope: {regions: [us-*], tags: {env: prod}}, files: {read: ["/opt/extra/**"]}}
    - {name: here, files: {write: [/tmp/a]}}
    - {name: there, files: {write: [/tmp/b]}}
"""
GOAT = r"""apiVersion: gambeson/v1
kind: Group
metadata: {name: goats}
spec: {match: {functions: ["goat*"]}, policy: {allow: {kinds: [memory_executable]}}}
---
apiVersion: gambeson/v1
kind: FunctionPolicy
metadata: {name: goat}
spec:
  allow:
    files: {read: ["/var/task/*", {regex: '/etc/[a-z]+\.conf'}]}
    hosts: ["*.example.org"]
    addresses: ["10.0.0.0/8:5432"]
    commands:
      - regex: '\./bin/curl \-\-silent \-L \S* \| /lib64/ld\-linux\-x86\-64\.so\.2'
      - regex: '\./bin/catdoc \-'
    processes: [/usr/bin/true]
    awsApis: ["s3:Get*"]
    http: [{method: GET, host: "*.example.org"}, {method: DELETE}]
"""
LINE = "./bin/curl --silent -L {} | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -"
WHO = ["--function", "goat", "--region", "us-east-1", "--tag", "env=prod", "--at", "2026-11-21"]
STEPS = ["self", "decoys", "forbidden", "drift", "rules", "exclusions", "credentials", "flow", "budgets", "allowlist"]

# activity with its options, decision, step, places as (in, name, field, text, file and line)
A, G = "account.yaml", "goat.yaml"
ROWS = [
    (["file_read", "/etc/passwd"], "deny", "rules", [("rule", "no-passwords", "files.read", "/etc/passwd", A, 12)]),
    (["file_read", "/opt/./extra/../extra/x"], "allow", "exclusions",
     [("exclusion", "extra", "files.read", "/opt/extra/**", A, 16)]),
    (["file_rename", "/tmp/a", "/tmp/b"], "allow", "exclusions", [("exclusion", "here", "files.write", "/tmp/a", A, 17),
                                                                 ("exclusion", "there", "files.write", "/tmp/b", A, 18)]),
    (["file_rename", "/tmp/a", "/tmp/c"], "deny", "allowlist", []),
    (["file_read", "/opt/old"], "deny", "allowlist", []),
    (["file_read", "/etc/a.conf"], "allow", "allowlist", [("allow", None, "files.read", r"/etc/[a-z]+\.conf", G, 11)]),
    (["file_read", "/proc/1/environ"], "deny", "credentials", []),
    (["file_read", "/tmp/.backup/credentials"], "deny", "decoys",
     [("decoys", None, "files", "/tmp/.backup/credentials", A, 1)]),
    (["name_lookup", "BAIT.example.com"], "deny", "decoys", [("decoys", None, "hosts", "bait.example.com", A, 1)]),
    (["process_start", "/bin/xmrig-5", "x"], "deny", "forbidden", [("forbidden", None, "names", "xmrig*", A, 1)]),
    (["process_start", "/bin/dig", "listed"], "deny", "forbidden", [("forbidden", None, "names", "listed", None, 0)]),
    (["process_start", "/tmp/x"], "deny", "drift", []),
    (["process_start", "/bin/dash", "sh", "/tmp/x.sh"], "deny", "drift", []),
    (["process_start", "/bin/dash", "sh", "-c", LINE.format("http://x")], "allow", "allowlist",
     [("allow", None, "commands", r"\./bin/curl \-\-silent \-L \S* \| /lib64/ld\-linux\-x86\-64\.so\.2", G, 15),
      ("allow", None, "commands", r"\./bin/catdoc \-", G, 16)]),
    (["--input", "x;id", "process_start", "/bin/dash", "sh", "-c", LINE.format("x;id")], "deny", "flow", []),
    (["--over", "processes", "process_start", "/usr/bin/true", "true"], "deny", "budgets", []),
    (["--credential", "secretsecretsecret", "process_start", "/usr/bin/true", "true", "--k=secretsecretsecret"], "deny",
     "credentials", []),
    (["--", "process_start", "/usr/bin/true", "true", "--json"], "allow", "allowlist",
     [("allow", None, "processes", "/usr/bin/true", G, 17)]),
    (["net_connect", "10.1.0.1:5432"], "allow", "allowlist", [("allow", None, "addresses", "10.0.0.0/8:5432", G, 13)]),
    (["net_connect", "[::2]:80", "--name", "a.example.org"], "allow", "allowlist",
     [("allow", None, "hosts", "*.example.org", G, 12)]),
    (["net_connect", "[::2]:80"], "deny", "allowlist", []),
    (["aws_api", "s3:GetObject", "arn:aws:s3:::b/k"], "allow", "allowlist", [("allow", None, "awsApis", "s3:Get*", G, 18)]),
    (["aws_api", "s3:PutObject"], "deny", "allowlist", []),
    (["http_request", "GET a.example.org", "/x?y"], "allow", "allowlist", [("allow", None, "http", "*.example.org", G, 19)]),
    (["http_request", "DELETE", "x", "/"], "allow", "allowlist", [("allow", None, "http", "DELETE", G, 19)]),
    (["memory_executable"], "allow", "allowlist", [("allow", None, "kinds", "memory_executable", G, 1)]),
    (["kernel_access", "io_uring_setup"], "deny", "self", []),
]

MISTAKES = [
    (["fiel_read", "/x"], "'fiel_read' is no kind of activity; did you mean 'file_read'?"),
    (["file_read"], "file_read takes one word after it, not 0"),
    (["file_read", "x"], "'x' is no absolute path"),
    (["file_read", "/x", "--json"], "file_read takes one word after it, not 2; options stand before the kind"),
    (["file_rename", "/x"], "file_rename takes two words after it, not 1"),
    (["net_connect", "10.0.0.1"], "'10.0.0.1' is no address, like 10.0.0.1:80, [::1]:80, /run/x.sock or 'family 16'"),
    (["net_connect", "10.0.0.1:80", "host"], "net_connect takes ADDRESS:PORT, and maybe --name HOST"),
    (["aws_api", "GetObject"], "'GetObject' is no 'service:Action'"),
    (["http_request", "GET", "/x"], "http_request takes \"METHOD HOST\" and a /path"),
    (["process_start"], "process_start takes PATH ARGV0 ARGUMENT..."),
    (["--over", "prcesses", "file_read", "/x"], "'prcesses' is no budget: processes, connections, children, tmpMegabytes or "
     "cpuSeconds"),
    (["--credential", "short", "file_read", "/x"], "a credential has at least 16 bytes to be looked for"),
]


def rows(policies):
    for arguments, decision, step, places in ROWS:
        result = gambeson("policy", "explain", "--json", *policies, *WHO, *arguments)
        told = json.loads(result.out) if result.status == 0 else {"verdict": {"decision": "", "step": ""}, "places": []}
        got = [(p["in"], p.get("name"), p["field"], p["text"], p["at"] and pathlib.Path(p["at"]["file"]).name,
                p["at"]["line"] if p["at"] else 0) for p in told["places"]]
        tap.check((told["verdict"]["decision"], told["verdict"]["step"], got) == (decision, step, places),
                  f"explain {' '.join(arguments)}", lambda: f"{result}\nwanted {decision} {step} {places}")


def text(policies):
    result = gambeson("policy", "explain", *policies, *WHO, "file_read", "/opt/old")
    lines = result.out.decode().splitlines()
    steps = [line[3:].split()[0] for line in lines if re.match("(  |->) [a-z]+ +(block|allow|nothing|not|deny)", line)]
    tap.check(result.status == 0 and steps == STEPS, "every step is told, in the order in which they are asked", result)
    tap.check("note: exclusion 'old', which was left out, would have matched" in lines
              and any(line.startswith("left out: rule 'in-europe'") for line in lines)
              and not any("'in-europe', which was left out" in line for line in lines),
              "what was left out, and whether it would have matched", result)
    tap.check(any(line.startswith("group 'goats' (") for line in lines) and "deny, by allowlist: " in result.out.decode(),
              "the group and the verdict", result)
    result = gambeson("policy", "explain", *policies, *WHO, "file_read", "/opt/extra/x")
    tap.check(f"  exclusion 'extra', files.read: /opt/extra/** ({WORK}/{A}:16)\n    of AccountPolicy 'acme' ({WORK}/{A}:1), for "
              "regions us-*; tags env=prod\n" in result.out.decode(), "the entry, its place, document and scope", result)
    tap.check("   allowlist   block    deny: not_on_allowlist (not asked any more)\n" in result.out.decode(),
              "what a step that was not asked would have said", result)


def compiled(policies):
    out = WORK / "goat.gbp"
    result = gambeson("policy", "compile", *policies[1::2], *WHO, "-o", str(out))
    tap.check(result.status == 0, "it compiles", result)
    result = gambeson("policy", "explain", "--policy", str(out), "file_read", "/etc/passwd")
    tap.check(result.status == 0 and b"-> rules       block    deny: rule_denies ('no-passwords')" in result.out
              and b"places are known of documents only" in result.out, "of a compiled policy the rule's name is told", result)
    result = gambeson("policy", "explain", "--policy", str(out), "--function", "x", "file_read", "/x")
    tap.check(result.status == 2 and b"is for one function already" in result.err, "it has its function", result)
    out.write_bytes(out.read_bytes()[:-100])
    result = gambeson("policy", "explain", "--policy", str(out), "file_read", "/x")
    tap.check(result.status == 2 and b"is refused" in result.err and result.out == b"", "a damaged one is refused", result)


def mistakes(policies):
    for arguments, message in MISTAKES:
        result = gambeson("policy", "explain", *policies, *WHO, *arguments)
        tap.check(result.status == 2 and result.out == b"" and result.err.decode() == f"gambeson policy explain: {message}\n",
                  f"mistake: {' '.join(arguments)}", result)
    result = gambeson("policy", "explain", *policies, "file_read", "/x", "--at")
    tap.check(result.status == 2, "options behind the activity are not options", result)
    result = gambeson("policy", "explain", "file_read", "/x")
    tap.check(result.status == 2 and b"which policy? add '--policy FILE'" in result.err, "no policy", result)


CASES = r"""# what goat may do
- name: no passwords
  activity: file_read /etc/passwd
  expect: deny
  control: rule
- {name: the tutorial's two rules, activity: [process_start, /bin/dash, sh, -c, "LINE"], expect: allow}
- name: an attack
  activity: {kind: process_start, subject: /bin/dash, object: "", arguments: [sh, -c, "ATTACK"]}
  inputs: ["x;id"]
  expect: deny
  control: flow
- {name: quotes, activity: "http_request 'GET a.example.org' \"/a b\"", expect: allow}
- {name: a connection, activity: {kind: net_connect, subject: "10.0.0.1:80", object: a.example.org}, expect: allow}
- {name: over budget, activity: process_start /usr/bin/true true, over: processes, expect: deny, control: budgets}
- {name: elsewhere, activity: name_lookup example.com, expect: deny, control: rule,
   function: {name: goat, region: eu-west-1, tags: {}}}
- {name: "by its ARN", activity: file_read /opt/extra/x, expect: deny,
   function: {arn: "arn:aws:lambda:us-east-1:123456789012:function:goat", tags: {env: test}}}
- {name: back again, activity: file_read /opt/extra/x, expect: allow}
""".replace("LINE", LINE.format("http://x")).replace("ATTACK", LINE.format("x;id"))

CASE = "- {name: a, activity: file_read /x, expect: deny}\n"
BAD_CASES = [
    ("", "1:1: a list of cases is expected here"),
    ("a: b\n", "1:1: a list of cases is expected here"),
    (CASE + "- a\n", "2:3: a case is a map: name, activity, expect"),
    (CASE + "- {name: b, activity: fiel_read /x, expect: deny}\n", "2:23: 'fiel_read' is no kind of activity; did you mean "
     "'file_read'?"),
    ("- {name: b, activity: file_read /x, expect: deni}\n", "1:45: unknown decision 'deni'; did you mean 'deny'?"),
    ("- {name: b, activity: file_read /x, expect: deny, control: flwo}\n", "1:60: unknown control 'flwo'; did you mean 'flow'?"),
    ("- {name: b, activty: file_read /x}\n", "1:13: unknown field 'activty'; did you mean 'activity'?"),
    ("- {name: b, name: c}\n", "1:13: this field stands twice"),
    ("- {name: b, expect: deny}\n", "1:3: a case has an 'activity'"),
    ("- {activity: file_read /x, expect: deny}\n", "1:3: a case has a 'name'"),
    ("- {name: b, activity: file_read /x}\n", "1:3: a case has an 'expect'"),
    ("- {name: b, activity: \"file_read '/x\", expect: deny}\n", "1:23: a quote of the activity is not closed"),
    ("- {name: b, activity: {subject: /x}, expect: deny}\n", "1:23: an activity has a 'kind'"),
    ("- {name: b, activity: {kind: file_read, subjct: /x}, expect: deny}\n", "1:41: unknown field 'subjct'"),
    ("- {name: b, activity: {kind: file_read, subject: [a]}, expect: deny}\n", "1:50: text is expected here"),
    ("- {name: b, activity: {kind: process_start, subject: /x, arguments: [[]]}, expect: deny}\n", "1:70: text is expected here"),
    ("- {name: b, activity: [], expect: deny}\n", "an activity is missing"),
    ("- {name: b, activity: file_read /x, expect: deny, over: [cpu]}\n", "1:58: 'cpu' is no budget"),
    ("- {name: b, activity: file_read /x, expect: deny, inputs: {}}\n", "1:59: text, or a list of texts, is expected here"),
    ("- {name: b, activity: file_read /x, expect: deny, function: {nam: x}}\n", "1:62: unknown field 'nam'"),
    ("- &a {name: b}\n", "anchors are not taken"),
]


def cases(policies):
    path = WORK / "cases.yaml"
    path.write_text(CASES)
    result = gambeson("policy", "test", *policies, *WHO, str(path))
    lines = result.out.decode().splitlines()
    tap.check(result.status == 0 and len(lines) == 10 and all(line.startswith("ok ") for line in lines[:9]) and
              lines[9] == "1..9", "cases that hold: TAP, exit 0", result)
    path.write_text(CASE.replace("/x", "/var/task/x") + CASES)
    result = gambeson("policy", "test", *policies, *WHO, str(path))
    tap.check(result.status == 1 and result.out.decode().startswith(
        f"not ok 1 - a\n# {path}:1: expected deny; it is allow by allowlist: let pass\n#   allow '', files.read: /var/task/** ("
        f"{WORK}/{G}:11)\nok 2 - ") and result.out.endswith(b"1..10\n# 1 of 10 failed\n"),
              "one that does not: where, and what let it pass; exit 1", result)
    for bad, message in BAD_CASES:
        path.write_text(bad)
        result = gambeson("policy", "test", *policies, *WHO, str(path))
        tap.check(result.status == 2 and result.out == b"" and result.err.decode().startswith(f"{path}:")
                  and message in result.err.decode() and result.err.count(b"\n") == 1, f"bad case: {bad.strip()}", result)
    path.write_text(CASE)
    result = gambeson("policy", "test", *policies, "--function", "goat", str(path))
    tap.check(result.status == 1 and b"add --region" in result.err and f"{path}:1: the case has no policy".encode() in result.err,
              "what a policy asks for and no case tells", result)
    result = gambeson("policy", "test", "--policy", str(WORK / A), "--at", "2026-11-21", str(WORK / "no.yaml"))
    tap.check(result.status == 3 and b"cannot be read" in result.err, "cases that are not there", result)


def documented(_policies):
    """The example of docs/POLICY.md, as it stands there."""
    page = (ROOT / "docs" / "POLICY.md").read_text()
    section = page.split("## Ask and test a policy", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall("```yaml\n(.*?)```", section, re.DOTALL)
    path, held = WORK / "documented.yaml", WORK / "documented-cases.yaml"
    path.write_text(blocks[0])
    held.write_text(blocks[1])
    result = gambeson("policy", "test", "--policy", str(path), str(held))
    tap.check(result.status == 0 and b"not ok" not in result.out, "the example of docs/POLICY.md holds", result)


def main():
    (WORK / A).write_text(ACCOUNT)
    (WORK / G).write_text(GOAT)
    (WORK / "miners.list").write_text("name listed\n")
    policies = ["--policy", str(WORK / A), "--policy", str(WORK / G)]
    for group in (rows, text, compiled, mistakes, cases, documented):
        tap.section(group, policies)
    shutil.rmtree(WORK)
    tap.done()


main()

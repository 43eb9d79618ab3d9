# SPDX-License-Identifier: Apache-2.0
"""test_policy_diff.py GAMBESON: gambeson policy diff: what differs, whatever the order and form."""

import json

import cli
from cli import tap

FOLDER = tap.folder("gambeson-diff-")

HEAD = "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: f}\nspec:\n"
FULL = HEAD + """  posture: block
  controls: {allowlist: detect}
  allow:
    files: {read: [/var/task/**, /a], any: [/tmp/*.png]}
    hosts: [s3.example.com, {regex: 'api-[0-9]+\\.example\\.com'}]
    addresses: ["10.0.0.0/8:443"]
    commands: ["./bin/convert <path>"]
    processes:
      - {executable: /bin/sh, name: sh, arguments: [-c, "ls <path>"]}
      - {executable: /bin/ls, arguments: [a, b]}
    awsApis: [{action: "s3:GetObject", resources: ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]}]
    http: [{method: GET, host: api.example.com, path: /v1/**}]
  rules:
    - {name: no-secret, files: {read: [/etc/shadow, /etc/passwd]}}
    - {name: no-host, hosts: [x.example.com]}
  exclusions:
    - {name: search, inputs: [{classes: [sqli], paths: [body.q]}]}
  firewall:
    sources: {lists: [{name: bad, mode: block, networks: [192.0.2.0/24, 198.51.100.1]}]}
"""
# The same, in another order and form.
SAME = (FULL.replace("[/var/task/**, /a], any: [/tmp/*.png]", "[/tmp/*.png, /a, /var/task/**], write: [/tmp/*.png]")
        .replace("[/etc/shadow, /etc/passwd]", "[/etc/passwd, /etc/shadow, /etc/passwd]")
        .replace("[192.0.2.0/24, 198.51.100.1]", "[198.51.100.1/32, 192.0.2.0-192.0.2.255]"))


def write(name, text):
    (FOLDER / name).write_text(text)
    return str(FOLDER / name)


def diff(*arguments):
    done = cli.gambeson("policy", "diff", "--json", *arguments)
    return done, json.loads(done.out) if done.out else {}


def of(kind, report):
    return {(item["path"], item["value"]) for item in report[kind]}


A = write("a.yaml", FULL)


def same():
    for name, other in (("itself", A), ("another order and form", write("same.yaml", SAME))):
        done, report = diff(A, other)
        tap.check(done.status == 0 and done.err == b"" and not any(report.values()), f"no difference to {name}", done)
    (FOLDER / "keys").mkdir()
    cli.gambeson("policy", "keygen", "-o", str(FOLDER / "keys"))
    done = cli.gambeson("policy", "compile", "-o", str(FOLDER / "a.gbp"), "--key", str(FOLDER / "keys" / "policy.key"), A)
    tap.check(done.status == 0, "it compiles", done)
    done, report = diff(A, str(FOLDER / "a.gbp"))
    tap.check(done.status == 0 and not any(report.values()), "no difference to the same, compiled and signed", done)


# change in the text, removed, added, changed
CHANGES = [
    ("/a]", "/b]", {("allow.files.read", "/a")}, {("allow.files.read", "/b")}, set()),
    ("/tmp/*.png", "/tmp/**", {("allow.files.read", "/tmp/*.png"), ("allow.files.write", "/tmp/*.png")},
     {("allow.files.read", "/tmp/**"), ("allow.files.write", "/tmp/**")}, set()),
    ("posture: block", "posture: detect", set(), set(), {("posture", "block", "detect")}),
    ("{allowlist: detect}", "{allowlist: block}", set(), set(), {("controls.allowlist", "detect", "block")}),
    ("[a, b]", "[b, a]", {("allow.processes", "{executable: /bin/ls, arguments: [a, b]}")},
     {("allow.processes", "{executable: /bin/ls, arguments: [b, a]}")}, set()),
    (", /etc/passwd]", "]", {("rules[no-secret].files.read", "/etc/passwd")}, set(), set()),
    ("{name: no-host,", "{name: other,", {("rules", "[no-host]"), ("rules[no-host].hosts", "x.example.com")},
     {("rules", "[other]"), ("rules[other].hosts", "x.example.com")}, set()),
    ("10.0.0.0/8:443", "10.0.0.0/9:443", {("allow.addresses", "10.0.0.0/8:443")}, {("allow.addresses", "10.0.0.0/9:443")}, set()),
    (", 198.51.100.1]", "]", {("firewall.sources.lists[bad].networks", "198.51.100.1")}, set(), set()),
    ("name: bad, mode: block", "name: bad, mode: detect", set(), set(),
     {("firewall.sources.lists[bad].mode", "block", "detect")}),
]


def changes():
    for before, after, removed, added, changed in CHANGES:
        done, report = diff(A, write("b.yaml", FULL.replace(before, after, 1)))
        got = {(item["path"], item["from"], item["to"]) for item in report.get("changed", [])}
        tap.check(done.status == 1 and of("removed", report) == removed and of("added", report) == added and got == changed,
                  f"{before} becomes {after}", done)
    for before, after, path in (("api-[0-9]+", "api-[0-8]+", "allow.hosts"), ("<path>\"]\n    processes", "<word>\"]\n    processes",
                                "allow.commands"), ("a/*\", ", "c/*\", ", "allow.awsApis"), ("/v1/**", "/v2/**", "allow.http"),
                                ("body.q", "body.r", "exclusions[search].inputs")):
        done, report = diff(A, write("b.yaml", FULL.replace(before, after, 1)))
        tap.check(done.status == 1 and len(report["removed"]) == len(report["added"]) == 1 and not report["changed"]
                  and report["removed"][0]["path"] == report["added"][0]["path"] == path, f"{path} differs", done)
    done = cli.gambeson("policy", "diff", A, write("b.yaml", FULL.replace("posture: block", "posture: detect").replace("/a]", "]")))
    tap.check(done.status == 1 and done.out == b"- allow.files.read: /a\n~ posture: block -> detect\n", "as text", done)
    account = write("account.yaml", FULL.replace("FunctionPolicy", "AccountPolicy"))
    done, report = diff(A, account, "--function", "f")
    tap.check(done.status == 0, "an account's, for a function", done)


def bad_input():
    done, _ = diff(A, write("bad.yaml", HEAD + "  postur: block\n"))
    tap.check(done.status == 2 and done.out == b"" and b"bad.yaml:5" in done.err, "a wrong document: exit 2", done)
    done, _ = diff(A, str(FOLDER / "not-there"))
    tap.check(done.status == 3 and done.out == b"", "no such file: exit 3", done)
    done, _ = diff(A, write("cut.gbp", "GBPOLICY\n"))
    tap.check(done.status == 2 and done.out == b"", "no policy: exit 2", done)


for group in (same, changes, bad_input):
    tap.section(group)
tap.done()

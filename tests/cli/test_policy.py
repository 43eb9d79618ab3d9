# SPDX-License-Identifier: Apache-2.0
"""test_policy.py GAMBESON: policy sets as people use them: checked, resolved for a function, compiled, with groups and their
keys; and what the command line says to bad ones."""

import json
import pathlib
import re
import shutil
import stat
import tempfile

from cli import ROOT, gambeson, tap

WORK = pathlib.Path(tempfile.mkdtemp(prefix="gambeson-policy-"))
V1 = "apiVersion: gambeson/v1\n"
ACCOUNT = V1 + """kind: AccountPolicy
spec:
  posture: block
  controls: {flow: detect}
  forbidden: {lists: [lists/miners.list]}
  rules:
    - {name: no-metadata, reason: nothing asks for it, addresses: ["169.254.169.254:80"]}
    - {name: in-europe, scope: {regions: [eu-*]}, hosts: [example.com]}
  exclusions:
    - name: trend-tutorial
      author: sec@example.com
      expires: 2026-12-31
      files: {read: [/var/runtime/node_modules/*]}
    - {name: old, expires: 2026-11-01, files: {read: [/opt/old]}}
"""
GROUPS = V1 + """kind: Group
metadata: {name: prod}
spec:
  match: {tags: {env: prod}}
  policy: {controls: {flow: block}}
---
""" + V1 + """kind: Group
metadata: {name: goats}
spec:
  match: {functions: ["go*"]}
  policy: {enforce: at 2026-12-01}
"""
GOAT = V1 + """kind: FunctionPolicy
metadata: {name: goat}
spec:
  allow: {files: {read: [/var/task/*]}}
"""


def folder(name, **files):
    path = WORK / name
    for file, text in files.items():
        target = path / file.replace("__", "/").replace("_", ".")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return path


def a_set():
    path = folder("set", account_yaml=ACCOUNT, functions__goat_yaml=GOAT, groups_yml=GROUPS, README_md="# no policy\n",
                  lists__miners_list="name xmrig\n")
    result = gambeson("policy", "validate", str(path), "--at", "2026-11-21")
    tap.check(result.status == 0 and result.out == b"good: 1 AccountPolicy, 2 Group, 1 FunctionPolicy\n",
              "a folder of documents is a set", result)
    tap.check(result.err.decode() == f"{path}/account.yaml:15: note: exclusion 'old' expired 2026-11-01 and holds no longer; "
              "take it out, or give it a new date\n", "an exclusion that has expired is told, with its place", result)
    result = gambeson("policy", "validate", "--strict", str(path), "--at", "2026-11-21")
    tap.check(result.status == 1 and result.out == b"", "--strict: exit 1 for a note", result)
    result = gambeson("policy", "validate", "--strict", str(path), "--at", "2026-10-31")
    tap.check(result.status == 0 and result.err == b"", "before that day there is nothing to note", result)
    return path


def resolved(path):
    here = ["policy", "show", str(path), "--function", "goat", "--region", "us-east-1", "--at", "2026-11-21"]
    result = gambeson(*here)
    tap.check(result.status == 0 and b"group 'goats'" in result.out and b"of all patterns" in result.out
              and b"left out: rule 'in-europe'" in result.out and b"its scope is for other regions" in result.out
              and b"left out: exclusion 'old'" in result.out and b"not enforced yet" in result.out
              and b"at 2026-12-01 something begins or expires" in result.out and b"posture block from 2026-12-01," in result.out,
              "show: where it comes from, what is left out and why", result)
    tap.check(b"read         /var/runtime/node_modules/**" in result.out, "a star at the end is all below", result)
    result = gambeson(*here[:-1], "2026-12-01", "--yaml")
    document = result.out.decode()
    tap.check(result.status == 0 and "posture: block" in document and "observe" not in document,
              "from its date on the posture is enforced", result)
    again = folder("again", resolved_yaml=document) / "resolved.yaml"
    back = gambeson("policy", "show", "--yaml", str(again), "--at", "2026-12-01")
    tap.check(back.status == 0 and back.out.decode() == document, "what is printed is a document that prints the same", back)
    piped = gambeson("policy", "show", "--yaml", "-", "--at", "2026-12-01", stdin=result.out)
    tap.check(piped.status == 0 and piped.out.decode() == document, "from standard input, too", piped)
    result = gambeson("policy", "show", str(path), "--function", "other", "--region", "eu-west-1", "--tag", "env=prod", "--at",
                      "2026-11-21")
    vain = folder("vain", account_yaml=ACCOUNT.replace("forbidden:", "# forbidden:"), f_yaml=FUNCTION + "spec: {exclusions: "
                  "[{name: mine, addresses: [\"169.254.169.254:80\"]}]}\n")
    again = gambeson("policy", "show", str(vain), "--region", "us-east-1", "--at", "2026-11-21")
    tap.check(again.status == 0 and f"exclusion 'mine' adds to addresses what rule 'no-metadata' on line 8 of {vain}/account.yaml "
              "takes away".encode() in again.out, "an exclusion that the account's rule undoes is told", again)
    tap.check(result.status == 0 and b"group 'prod'" in result.out and b"flow=block" in result.out
              and b"forbidden by rule in-europe" in result.out, "another function, another group", result)


def not_told(path):
    rows = [
        (["--function", "other"], "asks for the function's tags, which is not told; add --tag KEY=VALUE, or --tag none"),
        (["--function", "other", "--tag", "none"], "asks for the function's regions, which is not told; add --region REGION"),
        (["--function", "arn:aws:lambda:x"], "is no function's ARN"),
        (["--function", "arn:aws:lambda:us-east-1:123456789012:function:goat", "--region", "eu-west-1"],
         "the region is 'eu-west-1', and 'us-east-1' by its ARN"),
    ]
    for arguments, message in rows:
        result = gambeson("policy", "show", str(path), *arguments)
        tap.check(result.status == 1 and result.out == b"" and message in result.err.decode(), f"not told: {arguments}", result)
    for arguments, message in ((["--tag", "env"], "--tag: 'env' is not of the form KEY=VALUE"),
                               (["--at", "soon"], "--at: 'soon' is no date")):
        result = gambeson("policy", "show", str(path), "--function", "goat", *arguments)
        tap.check(result.status == 2 and message in result.err.decode(), f"usage: {arguments}", result)


def compiled(path):
    out = WORK / "goat.gbp"
    here = ["policy", "compile", str(path), "--function", "arn:aws:lambda:us-east-1:123456789012:function:goat", "--at",
            "2026-12-02", "-o", str(out)]
    result = gambeson(*here)
    first = out.read_bytes() if out.exists() else b""
    tap.check(result.status == 0 and result.out == b"" and b"group 'goats'" in result.err, "a set compiles for one function",
              result)
    again = gambeson(*here)
    tap.check(again.status == 0 and first != b"" and out.read_bytes() == first, "the same bytes again", again)
    result = gambeson("policy", "show", str(out))
    tap.check(result.status == 0 and b"no-metadata" in result.out and b"in-europe" not in result.out
              and b"forbidden: 1 names" in result.out, "the compiled one says the same", result)
    out.unlink()
    result = gambeson("policy", "compile", str(path), "-o", str(out))
    tap.check(result.status == 1 and not out.exists(), "what does not resolve leaves no file behind", result)


def functions(path):
    listed = WORK / "functions.json"
    listed.write_text(json.dumps({"Functions": [
        {"FunctionName": "goat", "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:goat", "Runtime": "nodejs20.x",
         "CodeSize": 5, "Version": "$LATEST", "Tags": {"env": "test"}}]}))
    result = gambeson("policy", "validate", str(path), "--functions", str(listed), "--at", "2026-10-31")
    tap.check(result.status == 0 and b"1 of 1 functions have a policy" in result.out
              and b"the scope of rule 'in-europe' matches no function of the list" in result.err
              and b"Group 'prod' is the best match of no function of the list" in result.err
              and b"FunctionPolicy" not in result.err, "what is for no function of AWS's list is told", result)
    listed.write_text("- {name: goat, region: us-east-1, tags: {}}\n- {name: x, regoin: y}\n")
    result = gambeson("policy", "validate", str(path), "--functions", str(listed))
    tap.check(result.status == 2 and f"{listed}:2:13: unknown field 'regoin'".encode() in result.err,
              "a mistake in the list of functions has its place", result)


def group_keys():
    secret, newer = WORK / "secret", WORK / "newer"
    result = gambeson("policy", "group-key", "-o", str(secret))
    made = result.out.decode()
    tap.check(result.status == 0 and re.fullmatch(r'  key: gk-\S{20}\n  secretHash: "\$argon2id\$v=19\$\S+"\n', made)
              and stat.S_IMODE(secret.stat().st_mode) == 0o600 and secret.read_text().strip() not in made,
              "group-key: hash to standard output, secret to a file for nobody else", result)
    result = gambeson("policy", "group-key", "-o", str(secret))
    tap.check(result.status == 2 and b"exists" in result.err, "no secret is overwritten", result)
    head = V1 + "kind: Group\nmetadata: {name: bound}\nspec:\n  match: {functions: [nobody]}\n  policy: {posture: block}\n"
    path = folder("keys", group_yaml=head + made) / "group.yaml"
    key = re.search("key: (.*)", made)[1]
    bind = ["policy", "show", str(path), "--function", "f", "--group-key", key, "--group-secret"]
    result = gambeson(*bind, str(secret))
    tap.check(result.status == 0 and b"group 'bound'" in result.out and b"has its key and secret" in result.out
              and b"posture block" in result.out, "key and secret bind a function to the group", result)
    result = gambeson("policy", "group-key", "--rotate", str(path), "-o", str(newer), "--until", "2126-01-01")
    tap.check(result.status == 0 and f"key: {key}\n".encode() in result.out and b"expires: 2126-01-01\n" in result.out,
              "--rotate keeps the key, and the old secret for a while", result)
    path.write_text(head + result.out.decode())
    for name, word in ((newer, b"has its key and secret"), (secret, b"previous secret")):
        result = gambeson(*bind, str(name))
        tap.check(result.status == 0 and word in result.out, f"after it both are good: {name.name}", result)
    result = gambeson(*bind, str(secret), "--at", "2126-01-02")
    tap.check(result.status == 1 and b"its time is over" in result.err, "the old one's time ends", result)
    (WORK / "wrong").write_text("gs-wrong\n")
    result = gambeson(*bind, str(WORK / "wrong"))
    tap.check(result.status == 1 and b"not the secret of group 'bound'" in result.err, "another secret is refused", result)
    result = gambeson("policy", "validate", str(path))
    tap.check(result.status == 0 and secret.read_text().strip() not in path.read_text(), "a Group alone is a good set", result)


FUNCTION = V1 + "kind: FunctionPolicy\nmetadata: {name: f}\n"
BAD = [
    ("spec: {exclusion: []}\n", "4:8: unknown field 'exclusion'; did you mean 'exclusions'?"),
    ("spec: {rules: [{name: r}]}\n", "4:16: this rule names nothing that it could match"),
    ("spec: {rules: [{inputs: []}]}\n", "unknown field 'inputs'"),
    ("spec: {rules: [{expires: tomorrow, kinds: [net_send]}]}\n", "4:26: a date (2026-12-01: to its end, UTC) or a moment"),
    ("spec: {rules: [{expires: 2026-02-29, kinds: [net_send]}]}\n", "4:26: a date"),
    ("spec: {rules: [{scope: {regions: []}, kinds: [net_send]}]}\n", "4:34: a list with something in it"),
    ("spec: {rules: [{scope: {accounts: [1234]}, kinds: [net_send]}]}\n", "4:36: an account is 12 digits"),
    ("spec: {rules: [{scope: {functions: [\"a:b\"]}, kinds: [net_send]}]}\n", "versions and aliases have lists"),
    ("spec: {rules: [{name: \"a\\u202Eb\", kinds: [net_send]}]}\n", "direction of writing"),
    ("spec: {rules: [{name: \"a\\x1b[31mb\", kinds: [net_send]}]}\n", "no control characters"),
    ("spec: {rules: [{name: a, kinds: [net_send]}, {name: a, kinds: [net_send]}]}\n", "the name 'a' stands here a second time"),
    ("spec: {rules: [{hosts: [a.b]}], exclusions: [{hosts: [a.b]}]}\n", "takes away: 'a.b'; the rule goes first"),
    ("spec: {allow: {awsApis: [GetObject]}}\n", "action 'GetObject': must be 'service:Action'"),
    ("spec: {allow: {awsApis: [{action: \"s3:*\", resources: []}]}}\n", "an empty list matches nothing"),
    ("spec: {allow: {awsApis: [{action: \"s3:*\", resources: [bucket]}]}}\n", "must be an ARN or '*'"),
    ("spec: {allow: {http: [{}]}}\n", "a request names a method, a host or a path"),
    ("spec: {allow: {http: [{path: \"/a?b\"}]}}\n", "the query is no part of it"),
    ("spec: {allow: {http: [{method: get}]}}\n", "method 'get': has capital letters only"),
    ("spec: {allow: {commands: [\"\"]}}\n", "command '': is empty"),
    ("spec: {allow: {files: {read: [{regex: \"(a)\\\\1\"}]}}}\n", "back-reference"),
    ("spec: {allow: {files: {read: [{regex: \"a(?=b)\"}]}}}\n", "look-"),
    ("spec: {allow: {files: {read: [{regex: \"a(b\"}]}}}\n", "regular expression, character"),
    ("spec: {enforce: later}\n", "4:17: 'at once', 'after learning', or 'at' and a date"),
    ("spec: {enforce: at 2026-13-01}\n", "'at' and a date"),
    ("spec: {unlisted: rewiev}\n", "did you mean 'review'?"),
    ("spec: {posture: &a block, stance: *a}\n", "anchors are not taken"),
    ("spec: {match: {groups: [a]}}\n", "unknown field 'groups'"),
]


def bad():
    for text, message in BAD:
        result = gambeson("policy", "validate", "-", stdin=(FUNCTION + text).encode())
        tap.check(result.status == 1 and result.out == b"" and message in result.err.decode()
                  and result.err.count(b"\n") == 1, f"bad: {text.strip()}", result)
    large = WORK / "large.yaml"
    large.write_text(FUNCTION + "# " + "x" * 10_000_000)
    result = gambeson("policy", "validate", str(large))
    tap.check(result.status == 1 and b"at most 1048576 are taken" in result.err, "10 MB are refused", result)
    bomb = "a: &a [x, x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20))
    result = gambeson("policy", "validate", "-", stdin=bomb.encode())
    tap.check(result.status == 1 and b"anchors are not taken" in result.err, "a bomb of aliases is refused", result)
    path = folder("two", a_yaml=GOAT, b_yaml=GOAT)
    result = gambeson("policy", "validate", str(path))
    tap.check(result.status == 1 and f"{path}/b.yaml:1:1: a FunctionPolicy of the name 'goat' is there already; the first is "
              f"{path}/a.yaml:1".encode() in result.err, "one name twice in a set: both places", result)
    group = V1 + "kind: Group\nmetadata: {{name: {0}}}\nspec: {{match: {{functions: [\"{1}\"]}}}}\n"
    path = folder("tie", a_yaml=group.format("one", "go*"), b_yaml=group.format("two", "*at"))
    result = gambeson("policy", "show", str(path), "--function", "goat")
    tap.check(result.status == 1 and b"'one'" in result.err and b"'two'" in result.err and b"equally well" in result.err,
              "two groups that match as well: both named", result)
    result = gambeson("policy", "validate", str(folder("empty", x_txt="")))
    tap.check(result.status == 2 and b"no policy" in result.err, "an empty folder is no set", result)


def schema():
    result = gambeson("policy", "schema")
    tap.check(result.status == 0 and result.out == (ROOT / "docs" / "schema" / "policy.json").read_bytes(),
              "schema prints docs/schema/policy.json", result)


def main():
    path = a_set()
    for group in (resolved, not_told, compiled, functions):
        tap.section(group, path)
    for group in (group_keys, bad, schema):
        tap.section(group)
    shutil.rmtree(WORK)
    tap.done()


main()

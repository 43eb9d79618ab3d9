# SPDX-License-Identifier: Apache-2.0
"""test_inspect.py GAMBESON GUARD: gambeson inspect: where events come from, what a person and a program read of them, and the
contract of --batch. GUARD is a program that judges payloads through the C library alone."""

import base64
import json
import os
import pathlib
import pty
import random
import re
import subprocess
import sys
import tempfile
import termios

from cli import GAMBESON, ROOT, gambeson, tap

VERDICTS = os.path.abspath(sys.argv[2])
ATTACK = b'{"queryStringParameters":{"document_url":"http://foobar;env #"}}'
BENIGN = b'{"name":"Ann"}'


def encode(payload):
    return base64.b64encode(payload) + b"\n"


def human():
    result = gambeson("inspect", stdin=ATTACK)
    tap.equal(result.out.decode(), """stdin: attack (event of no known shape)
  Command Injection Attack in queryStringParameters.document_url (query)
    http://foobar;env #
                 ^^^^
    cmdi / shell_separator_command / critical, confidence medium / T1059 / CWE-78
""", "an attack, for a person")
    tap.check(result.status == 1 and result.err == b"", "exit status 1", result)
    result = gambeson("inspect", "-", stdin=BENIGN)
    tap.check(result.status == 0 and result.out == b"stdin: nothing found (event of no known shape)\n", "nothing found: exit status 0", result)
    result = gambeson("inspect", "--value", stdin=b"x; cat /etc/passwd")
    tap.check(result.status == 1 and b"(one value)" in result.out, "--value", result)
    result = gambeson("inspect", "--class", "sqli, xss", stdin=ATTACK)
    tap.check(result.status == 0, "--class leaves out the others", result)
    result = gambeson("inspect", "--event-shape", "sqs", stdin=BENIGN)
    tap.check(result.status == 0 and b"(sqs event" in result.out, "--event-shape", result)
    result = gambeson("inspect", stdin=b"no json; cat /etc/passwd")
    tap.check(result.status == 1 and b"not JSON, judged as one text" in result.out, "what is not JSON is judged all the same", result)
    tap.check(gambeson("inspect", stdin=b"").status == 0, "nothing at all is no attack")


def hostile():
    """Nothing of an event or of a file's name may reach the terminal as a control character."""
    value = "".join(map(chr, range(0, 32))) + "\x7f\x9b\u202e\u2066\u200b; cat /etc/passwd \x1b[2J\x1b]0;owned\x07\x1b]52;c;eA==\x07"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="gambeson-cli-"))
    name = folder / "a\x1b[31m\nb.json"
    name.write_text(json.dumps({value: value, "plain": value}))
    for arguments in ([], ["--explain"]):
        result = gambeson("inspect", *arguments, str(name))
        wrong = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\u200b]", result.out.decode() + result.err.decode())
        tap.check(result.status == 1 and not wrong, f"control characters are made visible {arguments}", f"{wrong} {result}")
        tap.check(rb"\x1b[2J" in result.out, f"they are shown {arguments}", result)
    result = gambeson("inspect", "--json", str(name))
    parsed = json.loads(result.out)
    tap.check(parsed["file"] == str(name) and result.out.count(b"\n") == 1 and b"\x1b" not in result.out, "--json: one line, escaped", result)
    name.unlink()
    result = gambeson("inspect", str(name))
    tap.check(result.status == 3 and b"\x1b" not in result.err and result.err.count(b"\n") == 1, "also in complaints", result)
    folder.rmdir()
    result = gambeson("inspect", stdin=b'{"a":"\xc3; cat /etc/passwd #\xff"}')
    tap.check(result.status == 1 and result.out.decode() != "", "bytes that are no UTF-8: the output is UTF-8", result)


def marks():
    """The bytes above the marks are those that --json names."""
    for payload in ("http://h;env #", "文書; cat /etc/passwd", "e\u0301; cat /etc/passwd", "\x1b[1m; cat /etc/passwd #", "' or 1=1 -- ", "x" * 500 + "; cat /etc/passwd"):
        event = json.dumps({"a": payload}).encode()
        finding = json.loads(gambeson("inspect", "--json", stdin=event).out)["findings"][0]
        shown = finding["value"].encode()
        tap.check(finding["from"] + finding["length"] <= len(shown), f"offsets are within the value: {payload[:20]!r}", finding)
        rows = gambeson("inspect", stdin=event).out.decode().split("\n")
        at = next(i for i, row in enumerate(rows) if "^" in row and set(row) <= set(" ^"))
        wanted = shown[finding["from"]:finding["from"] + finding["length"]].decode()
        columns = "".join(c * (2 if "\u4e00" <= c <= "\u9fff" else 0 if c == "\u0301" else 1) for c in rows[at - 1])
        marked = columns[rows[at].index("^"):rows[at].rindex("^") + 1]
        tap.equal(marked, wanted, f"the marks are under what convicts: {payload[:20]!r}")


def read_all(terminal):
    """What the other end wrote before it closed; a terminal says that with EIO."""
    text = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            return text
        if not piece:
            return text
        text += piece


def terminal():
    """On a narrow terminal each row has its own marks; NO_COLOR is heeded."""
    event = json.dumps({"q": "aaaaaaaaa bbbbbbbbb ccccccccc ddddddd; cat /etc/passwd /etc/shadow /etc/group"}).encode()
    for variables, has_colour in (({}, True), ({"NO_COLOR": "1"}, False)):
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            file.write(event)
            file.flush()
            master, slave = pty.openpty()
            termios.tcsetwinsize(slave, (24, 50))
            done = subprocess.Popen([GAMBESON, "inspect", file.name], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL,
                                    env={"PATH": os.environ["PATH"], "TERM": "xterm", **variables})
            done.wait(20)
            os.close(slave)
            text = read_all(master).decode().replace("\r", "")
            os.close(master)
        rows = re.sub("\x1b\\[[0-9;]*m", "", text).split("\n")
        tap.equal("\x1b[" in text, has_colour, f"colour {variables}")
        tap.check(all(len(row) <= 50 for row in rows if "/" not in row[:5] and " / " not in row), "rows of evidence fit", rows)
        tap.check(sum("^" in row for row in rows) >= 2, "each has its marks", rows)


def files():
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        (top / "sub" / ".hidden").mkdir(parents=True)
        (top / "dir.json").mkdir()
        (top / "b.json").write_bytes(BENIGN)
        (top / "a.json").write_bytes(ATTACK)
        (top / "sub" / "lines.ndjson").write_bytes(BENIGN + b"\n\n" + ATTACK + b"\r\n" + BENIGN)
        (top / "sub" / "note.txt").write_bytes(ATTACK)
        (top / "sub" / ".hidden" / "c.json").write_bytes(ATTACK)
        (top / "sub" / "up").symlink_to(top)
        (top / "sub" / "link.json").symlink_to("../a.json")
        result = gambeson("inspect", folder)
        heads = [line for line in result.out.decode().split("\n") if re.match(r"\S.*: (attack|nothing found) ", line)]
        got = [(line.split(": ")[0].removeprefix(folder + "/"), ": attack" in line) for line in heads]
        tap.equal(got, [("a.json", True), ("b.json", False), ("sub/lines.ndjson:1", False), ("sub/lines.ndjson:3", True),
                        ("sub/lines.ndjson:4", False), ("sub/link.json", True)], "a folder: all below it, in order, each named")
        tap.check(result.status == 1 and b"\n6 events: 3 with an attack, 3 without\n" in result.out and result.err == b"", "the sum", result)
        (top / "aa.json").symlink_to("not-there")
        result = gambeson("inspect", folder, f"{folder}/missing", f"{folder}/b.json")
        tap.check(result.status == 3 and b"\n7 events: 3 with an attack, 4 without; 2 could not be read\n" in result.out,
                  "bad files: goes on, says so, and the exit status tells", result)
        tap.equal(result.err.decode().replace(folder, "DIR"), "gambeson inspect: DIR/aa.json: No such file or directory\n"
                  "gambeson inspect: DIR/missing: No such file or directory\n", "each is named on standard error")
        result = gambeson("inspect", f"{folder}/dir.json")
        tap.check(result.status == 2 and b"no .json, .jsonl or .ndjson file" in result.err, "a folder without events", result)
        result = gambeson("inspect", "--jsonl", "-", stdin=BENIGN + b"\n" + ATTACK + b"\n")
        tap.check(result.status == 1 and b"stdin:2: attack" in result.out, "--jsonl on standard input", result)
        result = gambeson("inspect", "--json", folder)
        rows = [json.loads(line) for line in result.out.splitlines()]
        tap.equal([(row["verdict"], row.get("line")) for row in rows if "lines" in row["file"]], [("benign", 1), ("attack", 3), ("benign", 4)],
                  "--json: one object an event")


def machine():
    row = json.loads(gambeson("inspect", "--json", stdin=ATTACK).out)
    page = (ROOT / "docs" / "formats" / "inspect.md").read_text()
    for name in [*row, *row["findings"][0]]:
        tap.check(f"`{name}`" in page, f"docs/formats/inspect.md has {name}")
    row = json.loads(gambeson("inspect", "--json", stdin=b'{"a":"' + b"[" * 40 + b'"}' ).out)
    tap.check(row["limited"] is False and row["limits"] == [], "nothing was cut short", row)
    row = json.loads(gambeson("inspect", "--json", stdin=b"[" * 500 + b"1" + b"]" * 500).out)
    tap.check(row["limited"] is True and row["limits"] == ["limit_depth"], "a limit is named", row)


def explain():
    payload = base64.b64encode(b"%3Bcat%20/etc/passwd").decode()
    result = gambeson("inspect", "--explain", stdin=json.dumps({"q": payload, "n": "Ann"}).encode())
    text = result.out.decode()
    tap.check("q (value): " + payload in text and "[base64 undone] %3Bcat" in text and "[base64, percent undone] ;cat /etc/passwd" in text,
              "--explain: the layers, one after the other", text)
    tap.check("        cmdi: shell_separator_command\n" in text and "        read by cmdi" in text and result.status == 1, "who read it, and what was found", text)
    text = gambeson("inspect", "--explain", stdin=b'{"q":"(a & b)"}').out.decode()
    tap.check("no detector found the structure of an attack" in text and "--strict" in text, "why there is no verdict", text)


POLICY = """apiVersion: gambeson/v1
kind: FunctionPolicy
metadata: {name: shop}
spec:
  posture: block
  firewall: %s
"""
SHELL, SCRIPT = ";cat /etc/hosts #", "<script>alert(1)</script>"
POST = {"resource": "/{proxy+}", "path": "/notes", "httpMethod": "POST", "requestContext": {"identity": {"sourceIp": "203.0.113.9"}}, "body": SHELL}
# What stands under spec.firewall, the event, the verdict, the action, the actions on its findings.
UNDER_POLICY = (
    ("{}", {"a": SHELL}, "attack", "block", ["block"]),
    ("{}", {"a": "Ann"}, "benign", "pass", []),
    ("{classes: {xss: detect}}", {"a": SCRIPT}, "attack", "detect", ["detect"]),
    ("{classes: {xss: off}}", {"a": SCRIPT}, "benign", "pass", []),
    ("{classes: {xss: detect}}", {"a": SCRIPT, "b": SHELL}, "attack", "block", None),
    ("{exceptions: [{paths: [a]}]}", {"a": SHELL}, "benign", "pass", []),
    ("{exceptions: [{paths: [a]}]}", {"b": SHELL}, "attack", "block", ["block"]),
    ("{exceptions: [{classes: [cmdi], mode: detect}]}", {"a": SHELL}, "attack", "detect", ["detect"]),
    ("{exceptions: [{reasons: ['shell_*']}]}", {"a": SHELL}, "benign", "pass", []),
    ("{exceptions: [{routes: ['POST /notes']}]}", POST, "benign", "pass", []),
    ("{exceptions: [{routes: ['GET /notes']}]}", POST, "attack", "block", ["block"]),
    ("{sources: {mode: block, lists: [{name: bad, category: scanner, networks: [203.0.113.0/24]}]}}", {**POST, "body": "Ann"}, "benign", "block", []),
    ("{sources: {lists: [{name: bad, category: scanner, networks: [203.0.113.9]}]}}", {**POST, "body": "Ann"}, "benign", "detect", []),
    ("{onLimit: block}", "[" * 500 + "1" + "]" * 500, "benign", "block", []),
)


def policy():
    with tempfile.TemporaryDirectory() as folder:
        document, blob = pathlib.Path(folder) / "policy.yaml", pathlib.Path(folder) / "policy.gbp"
        for settings, event, verdict, action, actions in UNDER_POLICY:
            document.write_text(POLICY % settings)
            stdin = (event if isinstance(event, str) else json.dumps(event)).encode()
            result = gambeson("inspect", "--json", "--policy", str(document), stdin=stdin)
            row = json.loads(result.out)
            tap.equal((row["verdict"], row["action"]), (verdict, action), f"--policy {settings}: {action} {stdin[:60]}")
            if actions is not None:
                tap.equal([finding["action"] for finding in row["findings"]], actions, f"--policy {settings}: of the findings")
            tap.equal(result.status, 0 if action == "pass" else 1, f"--policy {settings}: exit status")
            tap.check(gambeson("policy", "compile", str(document), "-o", str(blob)).status == 0, "compiled")
            tap.equal(gambeson("inspect", "--json", "--policy", str(blob), stdin=stdin).out, result.out, "a compiled policy says the same")
        document.write_text(POLICY % "{exceptions: [{paths: [a], classes: [cmdi]}], classes: {xss: detect}}")
        result = gambeson("inspect", "--policy", str(document), stdin=json.dumps({"a": SHELL, "b": SCRIPT}).encode())
        tap.equal(result.out.decode(), """stdin: attack, detect (event of no known shape)
  XSS Injection Attack in b (value)
    <script>alert(1)</script>
    ^^^^^^^^
    xss / xss_script_element / medium, confidence high / T1059.007 / CWE-79 / detect
""", "--policy, for a person")
        result = gambeson("inspect", "--explain", "--policy", str(document), stdin=json.dumps({"a": SHELL, "b": SCRIPT}).encode())
        tap.check(b"  the policy lets through cmdi: shell_separator_command in a\n" in result.out, "--explain says what the policy lets through", result)
        document.write_text(POLICY % "{sensitivity: strict}")
        result = gambeson("inspect", "--policy", str(document), stdin=b'{"a":"Ann"}')
        tap.check(b"strict" in result.out, "the policy's sensitivity", result)
        page = (ROOT / "docs" / "formats" / "inspect.md").read_text()
        for name in ("action", "source", "list", "category", "limit_action"):
            tap.check(f"`{name}`" in page, f"docs/formats/inspect.md has {name}")
        wrong = pathlib.Path(folder) / "wrong.yaml"
        wrong.write_text("spec: 1")
        for arguments, status, text in (
                (["--policy", str(wrong)], 2, "wrong.yaml:1:"),
                (["--policy", f"{folder}/none"], 3, "none cannot be read"),
                (["--policy", str(document), "--value"], 2, "--policy is about events"),
                (["--policy", str(document), "--batch"], 2, "--policy is about events"),
                (["--policy", str(document), "--strict"], 2, "--policy says what is looked for")):
            result = gambeson("inspect", *arguments, stdin=BENIGN)
            tap.check(result.status == status and result.out == b"" and text in result.err.decode(), f"mistake: {text}", result)


def batch():
    source = random.Random(7)
    alphabet = b"';|&$()<>{}`\"\\/ \n=,.-#%*" + b"abcdeiorsx" * 2 + b"01"
    attacks = [b"$(id)", b"' or 1=1 -- ", b"<script>alert(1)</script>", b"../../../../etc/passwd", b"${jndi:ldap://a/b}", b"", b"\0\xff", b"x" * 70000,
               b"lorem ipsum " * 520000 + b"; cat /etc/passwd #"]
    payloads = attacks + [bytes(source.choice(alphabet) for _ in range(source.randrange(60))) for _ in range(3000)]
    source.shuffle(payloads)
    stdin = b"".join(map(encode, payloads))
    result = gambeson("inspect", "--batch", stdin=stdin)
    rows = result.out.decode().split("\n")
    tap.check(result.status == 0 and result.err == b"" and rows.pop() == "" and len(rows) == len(payloads), "as many lines out as in, exit status 0",
              f"{len(rows)} {result.err}")
    tap.check(all(re.fullmatch(r"benign|attack\t[a-z]+\t[a-z0-9_]+", row) for row in rows), "each in the form of the contract")
    done = subprocess.run([VERDICTS], input=stdin, capture_output=True, check=False, timeout=60)
    library = done.stdout.decode().split("\n")[:-1]
    different = [(payload[:80], row, other) for payload, row, other in zip(payloads, rows, library) if row != other]
    tap.check(len(library) == len(rows) and not different, "in order, and with the library's verdicts", different[:5])
    with tempfile.NamedTemporaryFile() as file:
        file.write(stdin)
        file.flush()
        tap.equal(gambeson("inspect", "--batch", file.name).out, result.out, "the same of a file")
    result = gambeson("inspect", "--batch", stdin=b"JChpZCk=\n***\n\naGVsbG8\r\nx\n" + base64.urlsafe_b64encode(b";id -a >\xff"))
    tap.equal(result.out, b"attack\tcmdi\tshell_substitution_command\nerror\tnot base64\nbenign\nbenign\nerror\tnot base64\nattack\tcmdi\tshell_separator_command\n",
              "bad lines are answered in their places; no line feed at the end is needed")
    tap.check(result.status == 2 and b"2 of 6 lines are not base64, the first is line 2" in result.err, "and make exit status 2", result)
    tap.check(gambeson("inspect", "--batch").out == b"", "no line in, no line out")
    tap.check(gambeson("inspect", "--batch", "/not-there").status == 3, "a file that is not there: 3")


def batch_waits():
    """A program may write one line and wait for its answer."""
    child = subprocess.Popen([GAMBESON, "inspect", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for payload, want in ((b"$(id)", b"attack\tcmdi\tshell_substitution_command\n"), (b"hello", b"benign\n")) * 3:
        child.stdin.write(encode(payload))
        child.stdin.flush()
        tap.equal(child.stdout.readline(), want, f"answered at once: {payload.decode()}")
    child.stdin.close()
    tap.equal(child.wait(10), 0, "ends with its input")


def mistakes():
    for arguments, line in (
            (["--class", "foo"], "--class: unknown class 'foo'; there are cmdi, codei, "),
            (["--class", "cmdi,"], "--class: unknown class ''; there are cmdi, codei, "),
            (["--event-shape", "sqq"], "--event-shape: unknown shape; did you mean 'sqs'?"),
            (["--event-shape", "xyzzyxyzzy"], "--event-shape: no such shape; "),
            (["--batch", "--json"], "--batch has input and output of its own; leave out --json, "),
            (["--json", "--explain"], "--explain is for people; leave out --json")):
        result = gambeson("inspect", *arguments, stdin=BENIGN)
        tap.check(result.status == 2 and result.out == b"" and result.err.decode().startswith(f"gambeson inspect: {line}"),
                  f"mistake: {' '.join(arguments)}", result)


for group in (human, hostile, marks, terminal, files, machine, explain, policy, batch, batch_waits, mistakes):
    tap.section(group)
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""Every format of notices against its published schema, with ordinary and with hostile events. Messages are read with
other programs' readers: protobuf, botocore, Microsoft's card reader, Python's mail and HTML parsers (schemas.py)."""

import base64
import email
import email.policy
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "integration"), str(pathlib.Path(__file__).parent)]

import corpus  # noqa: E402
import schemas  # noqa: E402
from corpus import FUNCTION, TARGET, line  # noqa: E402
from lib.tap import check, done, equal, section  # noqa: E402

FORMATS = ["json", "ocsf", "ecs", "cef", "asff", "otlp", "syslog", "slack", "teams", "pagerduty", "sns", "mail", "text"]
CONTENTS = ["json", "ocsf", "ecs", "cef", "text"]
SIZES = {"slack": 60 * 1024, "teams": 27 * 1024, "syslog": 8192, "asff": 240064, "sns": 600 * 1024, "cef": 64 * 1024, "text": 64 * 1024}
INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2061-\u206f\ufeff\U000e0000-\U000e0fff]")

renderer = subprocess.Popen([os.path.abspath(sys.argv[1])], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
ocsf, ecs, aws = schemas.Ocsf(), schemas.Ecs(), schemas.Aws()
waiting_cards = []


def render(form, events, function=FUNCTION, **target):
    """(result, bytes) of EVENTS (one, or a list) in FORM."""
    count = {k: target.pop(k) for k in ("count", "first", "last") if k in target}
    job = {"format": form, "function": function, "target": {**TARGET, **target}, **count}
    if isinstance(events, list):
        job["lines"] = [line(e) for e in events]
    else:
        job["line"] = events if isinstance(events, str) else line(events)
    renderer.stdin.write(json.dumps(job, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    renderer.stdin.flush()
    answer = json.loads(renderer.stdout.readline())
    return answer["result"], base64.b64decode(answer["message"])


class Html(html.parser.HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, tuple(attributes)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.tags.append(("comment", data))


def check_mail(data):
    complaints = []
    head, _, _ = data.partition(b"\r\n\r\n")
    if re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        complaints.append("a bare line end")
    if any(len(row) > 998 for row in data.split(b"\r\n")):
        complaints.append("a line over 998 bytes")
    if any(b > 126 for b in data):
        complaints.append("not ASCII")
    message = email.message_from_bytes(data, policy=email.policy.default)
    names = [n for n, _ in message.raw_items()]
    if sorted(names) != sorted(["From", "To", "Date", "Message-ID", "Subject", "Auto-Submitted", "X-Gambeson-Severity",
                                "MIME-Version", "Content-Type"]):
        complaints.append(f"headers {names}")
    if message.defects or any(h.defects for h in message.values()):
        complaints.append(f"defects {message.defects} {[h.defects for h in message.values()]}")
    addresses = [a.addr_spec for a in message["To"].addresses]
    if addresses != TARGET["to"] or b"bcc:" in head.lower():
        complaints.append(f"to {addresses}")
    parts = list(message.iter_parts())
    if [p.get_content_type() for p in parts] != ["text/plain", "text/html"]:
        return complaints + [f"parts {[p.get_content_type() for p in parts]}"]
    text, page = parts[0].get_content(), Html(parts[1].get_content())
    allowed = {"html", "head", "meta", "title", "body", "h2", "p", "table", "tr", "th", "td", "pre", "a", "wbr"}
    for tag, attributes in page.tags:
        if tag not in allowed or (tag == "a" and not re.fullmatch(re.escape(TARGET["portal"]) + r"/events/[\w-]+", dict(attributes)["href"])):
            complaints.append(f"tag {tag} {attributes}")
        if tag not in ("a", "meta", "th") and attributes:
            complaints.append(f"attributes {tag} {attributes}")
    if INVISIBLE.search(text) or INVISIBLE.search(page.text) or INVISIBLE.search(str(message["Subject"])):
        complaints.append("invisible characters")
    return complaints


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from texts_of(member)


def check_content(form, data):
    if form == "cef":
        return schemas.cef(data.decode())[0]
    if form == "text":
        return ["invisible"] if INVISIBLE.search(data.decode()) else []
    message = json.loads(data)
    if form == "json":
        return [] if {"gambeson", "kind", "key", "count", "event"} <= message.keys() else [f"members {sorted(message)}"]
    return (ocsf if form == "ocsf" else ecs).check(message)


def complaints_of(form, data, target):
    if len(data) > SIZES.get(form, 1024 * 1024):
        return [f"{len(data)} bytes"]
    if form in CONTENTS:
        return check_content(form, data)
    if form == "asff":
        return aws.findings(json.loads(data))
    if form == "otlp":
        return schemas.otlp(data.decode())[0]
    if form == "syslog":
        complaints, _, message = schemas.syslog(data)
        if target.get("content", "json") != "text":
            complaints += check_content(target.get("content", "json"), message.encode())
        return complaints + (["two lines"] if b"\n" in data else [])
    if form == "slack":
        complaints = schemas.slack(json.loads(data))
        return complaints + ["invisible" for t in texts_of(json.loads(data)) if INVISIBLE.search(t)]
    if form == "teams":
        message = json.loads(data)
        waiting_cards.append(message["attachments"][0]["content"])
        kinds = {b["type"] for b in message["attachments"][0]["content"]["body"]}
        texts = list(texts_of(message))
        return ([f"blocks {kinds}"] if kinds != {"RichTextBlock"} else []) + ["macro" for t in texts if "{{" in t] + [
            "invisible" for t in texts if INVISIBLE.search(t)]
    if form == "pagerduty":
        return schemas.pagerduty(json.loads(data)) + ["invisible" for t in texts_of(json.loads(data)) if INVISIBLE.search(t)]
    if form == "sns":
        fields = urllib.parse.parse_qsl(data.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        complaints = aws.publish(dict(fields)) + (["a name twice"] if len(dict(fields)) != len(fields) else [])
        return complaints + check_content(target.get("content", "json"), dict(fields)["Message"].encode())
    return check_mail(data)


def variants(form):
    return [{"content": c} for c in CONTENTS] if form in ("syslog", "sns") else [{}]


def sound(name, form, event, function=FUNCTION, **target):
    """One claim: EVENT in FORM is written and its reader is content."""
    result, data = render(form, event, function, **target)
    complaints = [f"result {result}"] if result < 0 else complaints_of(form, data, target)
    return [f"{name} {target}: {c}" for c in complaints[:5]]


def ordinary(form):
    said = [c for name, event in corpus.ORDINARY.items() for v in variants(form) for c in sound(name, form, event, **v)]
    said += [c for v in variants(form)
             for c in sound("alike", form, corpus.FIREWALL, count=12, first=1795271400000, last=1795271700000, **v)]
    said += sound("no portal", form, corpus.FIREWALL, portal="")
    said += sound("nothing known", form, corpus.FIREWALL, function={})
    check(not said, f"{form}: ordinary events as published", "\n".join(said))


def hostile(form):
    said, count = [], 0
    for name, text in corpus.HOSTILE.items():
        short = text[:60_000]
        for v in variants(form):
            for base in (corpus.FIREWALL, corpus.PROCESS, corpus.FILE):
                said += sound(f"all: {name}", form, corpus.hostile_event(short[:8_000], base), **v)
            said += sound(f"function: {name}", form, corpus.FIREWALL, dict.fromkeys(FUNCTION, short[:5_000]), **v)
            count += 4
        for path in corpus.TEXTS if len(text) < 2000 else [("message",), ("input", "value")]:
            said += sound(f"{'.'.join(path)}: {name}", form, corpus.hostile_one(text, path, corpus.FIREWALL))
            count += 1
    check(not said, f"{form}: {count} hostile events", "\n".join(said))


def exact():
    """What machines read is what was seen, to the byte, up to the limit; what is longer is cut and ends in an ellipsis."""
    readers = {
        "json": lambda m: m["event"]["input"]["value"],
        "ocsf": lambda m: m["evidences"][0]["data"]["value"],
        "ecs": lambda m: m["gambeson"]["input"]["value"],
        "otlp": lambda m: next(a["value"]["stringValue"] for a in m["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["attributes"]
                               if a["key"] == "gambeson.input.value"),
    }
    for form, read in readers.items():
        wrong = [name for name, text in corpus.HOSTILE.items() if len(text.encode()) < 4000 and
                 read(json.loads(render(form, corpus.hostile_one(text, ("input", "value"), corpus.FIREWALL))[1])) != text]
        equal(wrong, [], f"{form}: hostile values come out as they went in")
        value = read(json.loads(render(form, corpus.hostile_one("€" * 300_000, ("input", "value"), corpus.FIREWALL))[1]))
        check(value.endswith("€…") and set(value) == {"€", "…"} and len(value) > 5000, f"{form}: a long one is cut at a character")


def mapped():
    """Fields that people build on."""
    message = json.loads(render("ocsf", corpus.FIREWALL)[1])
    equal((message["severity_id"], message["action_id"], message["disposition_id"], message["confidence_id"]), (5, 2, 2, 3), "ocsf numbers")
    equal([a["technique"]["uid"] for a in message["finding_info"]["attacks"]], ["T1190", "T1059.004"], "ocsf techniques")
    equal(message["resources"][0]["uid"], "arn:aws:lambda:eu-central-1:123456789012:function:payments", "ocsf resource")
    message = json.loads(render("ecs", corpus.PROCESS)[1])
    equal((message["event"]["category"], message["event"]["type"]), (["intrusion_detection", "process"], ["start", "info"]), "ecs category")
    equal((message["process"]["executable"], message["source"]["ip"]), ("/usr/bin/curl", "2001:db8::7"), "ecs process and source")
    _, head, extension = schemas.cef(render("cef", corpus.hostile_one(corpus.HOSTILE["pipes"], ("type",), corpus.FIREWALL))[1].decode())
    equal((head[5], head[6], extension["src"], extension["act"]), (corpus.HOSTILE["pipes"], "10", "203.0.113.7", "blocked"), "cef: a pipe ends no field")
    _, _, extension = schemas.cef(render("cef", corpus.hostile_one(corpus.HOSTILE["pipes"], ("message",), corpus.FIREWALL))[1].decode())
    equal((extension["msg"], extension["src"]), (corpus.HOSTILE["pipes"], "203.0.113.7"), "cef: an equals sign begins no field")
    finding = json.loads(render("asff", corpus.FIREWALL)[1])["Findings"][0]
    equal((finding["AwsAccountId"], finding["ProductArn"], finding["FindingProviderFields"]["Types"]),
          ("123456789012", "arn:aws:securityhub:eu-central-1:210987654321:product/210987654321/default",
           ["TTPs/Initial Access/Command Injection Attack"]), "asff account, product, type")
    _, parameters, text = schemas.syslog(render("syslog", corpus.hostile_one(corpus.HOSTILE["quotes"], ("reason",), corpus.FIREWALL), content="text")[1])
    equal((parameters["reason"], parameters["id"]), (corpus.HOSTILE["quotes"], corpus.FIREWALL["id"]), "syslog: a quote ends no parameter")
    check(text.startswith("\ufeffCommand Injection Attack blocked in payments: "), "syslog sentence", text)
    equal(render("syslog", corpus.FIREWALL, content="text")[1][:5], b"<106>", "syslog: facility 13, severity 2")
    trigger, resolve = (json.loads(render("pagerduty", corpus.FIREWALL, resolved=r)[1]) for r in (False, True))
    equal((trigger["event_action"], resolve["event_action"], trigger["dedup_key"] == resolve["dedup_key"], "payload" in resolve),
          ("trigger", "resolve", True, False), "pagerduty: trigger and resolve have one key")
    equal(trigger["payload"]["summary"], "Command Injection Attack blocked in payments", "pagerduty summary")
    message = email.message_from_bytes(render("mail", corpus.FIREWALL, count=3)[1], policy=email.policy.default)
    equal((message["Subject"], message["Message-ID"], str(message["Date"])),
          ("Command Injection Attack blocked in payments (3 alike)", "<01JD8Q4V7M3W9Z5X2C6B1N0K8T-1@example.com>", "Sat, 21 Nov 2026 14:30:00 +0000"), "mail head")


def batches():
    events = [{**corpus.FIREWALL, "id": f"01JD8Q4V7M3W9Z5X2C6B1N{i:04}"} for i in range(100)]
    for form, length in (("asff", lambda m: len(m["Findings"])), ("otlp", lambda m: len(m["resourceLogs"]))):
        result, data = render(form, events)
        said = [f"result {result}"] if result < 0 else (
            aws.findings(json.loads(data)) if form == "asff" else schemas.otlp(data.decode())[0])
        check(not said and length(json.loads(data)) == 100, f"{form}: a hundred at once", "\n".join(said[:5]))
    equal(render("asff", [corpus.hostile_event("€" * 20_000)] * 100)[0] > 0, True, "asff: a hundred long ones fit each for itself")
    equal(render("slack", events[:2])[0], -22, "slack takes one")


def refused():
    for name, text in {"no JSON": "{", "a list": "[]", "nothing": "", "two": "{}{}", "too long": " " * (2 << 20) + "{}"}.items():
        check(render("json", text)[0] < 0, f"an event that is {name}")
    for form, target in {"pagerduty": {"routing_key": "short"}, "sns": {"topic": ""}, "asff": {"account": "1"}, "syslog": {"facility": 24}}.items():
        equal(render(form, corpus.FIREWALL, **target)[0], -22, f"{form} without {next(iter(target))}")
    for address in ("a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d", "-oQ@b", "a@-b", "a@b..c", "@b", "a@", "a", "", "ä@b", "a@b\0", "a@" + "b" * 300):
        equal((render("mail", corpus.FIREWALL, to=[address])[0], render("mail", corpus.FIREWALL, **{"from": address})[0]), (-22, -22), f"address {address[:30]!r}")
    for key in ("a\r\nb", "", "a b", "a" * 65, '"'):
        equal([render(f, corpus.FIREWALL, key=key)[0] for f in ("mail", "pagerduty", "sns")], [-22] * 3, f"key {key[:10]!r}")
    far = {"portal": "https://gambeson.example.com/" + "x" * 1900, "to": [f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}{i:02}.example" for i in range(20)]}
    check(all(render(f, corpus.FIREWALL, **far)[0] > 0 for f in FORMATS), "the longest links and addresses have room")
    check(json.loads(render("json", corpus.hostile_one("../../x?y#z", ("id",), corpus.FIREWALL))[1]).get("link") is None, "no link from an odd id")


def checkers():
    """The checks themselves: what is wrong in a message is found."""
    message = json.loads(render("ocsf", corpus.FIREWALL)[1])
    for name, change in {"an unknown member": {"x": 1}, "a wrong type": {"time": "now"}, "a wrong number": {"severity_id": 7},
                         "a missing part": {"finding_info": {}}, "another class": {"class_uid": 2002}}.items():
        check(ocsf.check({**message, **change}), f"ocsf complains of {name}")
    message = json.loads(render("ecs", corpus.FIREWALL)[1])
    for name, change in {"an unknown field": {"faas": {"x": "y"}}, "a wrong value": {"event": {**message["event"], "kind": "x"}}}.items():
        check(ecs.check({**message, **change}), f"ecs complains of {name}")
    message = json.loads(render("asff", corpus.FIREWALL)[1])
    del message["Findings"][0]["Title"]
    check(aws.validator.validate(message, aws.models["securityhub"].operation_model("BatchImportFindings").input_shape).has_errors(), "asff complains")
    check(schemas.otlp('{"resourceLogs":[{"x":1}]}')[0], "otlp complains")
    check(schemas.cards([{"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "Nothing"}]}])[0], "cards complain")
    slack = json.loads(render("slack", corpus.FIREWALL)[1])
    slack["blocks"][0]["text"]["text"] = "<!channel>"
    check(schemas.slack(slack), "slack complains")


section(checkers)
for each in FORMATS:
    section(ordinary, each)
    section(hostile, each)
said = schemas.cards(waiting_cards)
check(len(said) > 100 and not any(said), f"teams: {len(said)} cards are read without a complaint", "\n".join({c for s in said for c in s}))
for function in (exact, mapped, batches, refused):
    section(function)
renderer.stdin.close()
check(renderer.wait(30) == 0, "the renderer ended well")
done()

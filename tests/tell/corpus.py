# SPDX-License-Identifier: Apache-2.0
"""Events to be told of: ordinary ones of each kind, and the same with something hostile in every place."""

import copy
import json

FUNCTION = {"account": "123456789012", "region": "eu-central-1", "name": "payments", "version": "17", "runtime": "nodejs22.x",
            "group": "shop"}
TARGET = {"portal": "https://gambeson.example.com", "host": "gambeson.example.com", "account": "210987654321",
          "region": "eu-central-1", "routing_key": "0123456789abcdef0123456789abcdef",
          "topic": "arn:aws:sns:eu-central-1:210987654321:alerts", "from": "gambeson@example.com",
          "to": ["security@example.com", "on-call@example.com"], "key": "01JD8Q4V7M3W9Z5X2C6B1N0K8T-1", "facility": 13,
          "content": "json", "now": 1795271400000}

FIREWALL = {
    "gambeson": 1, "kind": "finding", "seq": 4, "time": "2026-11-21T14:30:00.123Z", "request": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    "sandbox": "8f3a51c2d4e6b790", "id": "01JD8Q4V7M3W9Z5X2C6B1N0K8T", "type": "Command Injection Attack", "class": "cmdi",
    "control": "firewall", "action": "blocked", "mode": "block", "severity": "critical", "reason": "shell_command_substitution",
    "confidence": "high", "message": "the input ends a command and begins another", "source_ip": "203.0.113.7",
    "input": {"path": "body.document_url", "origin": "body", "value": "http://x ; cat /etc/passwd #", "from": 9, "length": 17},
    "attack": ["T1190", "T1059.004"], "cwe": 78}
PROCESS = {
    "gambeson": 1, "kind": "finding", "seq": 5, "time": "2026-11-21T14:30:01.000Z", "sandbox": "8f3a51c2d4e6b790",
    "id": "01JD8Q4V7M3W9Z5X2C6B1N0K8V", "type": "Process Event", "class": "process_start", "control": "allowlist",
    "action": "observed", "mode": "detect", "severity": "medium", "reason": "not_on_allowlist", "message": "a program that was not learned",
    "activity": {"kind": "process_start", "subject": "/usr/bin/curl", "object": "/usr/bin/curl", "arguments": ["curl", "--silent"], "pid": 31},
    "source_ip": "2001:db8::7"}
FILE = {**PROCESS, "id": "01JD8Q4V7M3W9Z5X2C6B1N0K8W", "type": "File Event", "class": "file_read",
        "activity": {"kind": "file_read", "subject": "/proc/self/environ", "object": "", "arguments": [], "pid": 12}}
NETWORK = {**PROCESS, "id": "01JD8Q4V7M3W9Z5X2C6B1N0K8X", "type": "Host Event", "class": "net_connect", "severity": "high",
           "activity": {"kind": "net_connect", "subject": "evil.example.net", "object": "443", "arguments": []}}
NOTICE = {"gambeson": 1, "kind": "notice", "seq": 0, "time": "2026-11-21T14:30:00.000Z", "severity": "high", "reason": "unprotected",
          "message": "set-up failed; the function runs without protection"}
BARE = {"gambeson": 1}
ORDINARY = {"firewall": FIREWALL, "process": PROCESS, "file": FILE, "network": NETWORK, "notice": NOTICE, "bare": BARE}

HOSTILE = {
    "line ends": "a\r\nBcc: evil@example.net\r\n\r\n<b>body</b>\n.\nx",
    "pipes": "a|b|c\\|d\\\\|e=f\\=g=h src=6.6.6.6",
    "quotes": "\"'`]\\\" x=\"y\" [gambeson@32473 id=\"forged\"]",
    "html": "</pre></td></table><script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;",
    "slack": "<!channel> <@U012345> <!subteam^S1> <https://evil.example.net|safe> *b* _i_ `c` :skull: @here @channel",
    "markdown": "[safe](https://evil.example.net) ![x](https://evil.example.net/x.png) **b** <at>all</at> {{DATE(2026-11-21T00:00:00Z)}} ${x}",
    "controls": "".join(map(chr, range(0, 32))) + "\x7f\x85\x9b31m",
    "invisible": "a\u202eexe.txt\u200b\u2066\ufeff\u2028\u2029\U000e0041\u00ad",
    "terminal": "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "json": "{\"a\":\"b\"}\\u0000\\\"},{\"event\":",
    "only spaces": " \t\r\n ",
    "encoded word": "=?UTF-8?B?QmNjOiBldmls?= =?utf-8?q?x?=",
    "boundary": "--gambeson-01JD8Q4V7M3W9Z5X2C6B1N0K8T-1--\r\nContent-Type: text/html\r\n\r\n",
    "wide": "äöü€𝄞👩‍👩‍👧‍👦" * 50,
    "long": "A" * 1_000_000,
    "long hostile": "<&>|=\"\\]\r\n{{\u202e" * 80_000,
    "long wide": "€" * 300_000,
}

TEXTS = [("id",), ("kind",), ("type",), ("class",), ("control",), ("action",), ("mode",), ("severity",), ("reason",),
         ("confidence",), ("message",), ("request",), ("sandbox",), ("source_ip",), ("time",), ("input", "path"),
         ("input", "origin"), ("input", "value"), ("activity", "kind"), ("activity", "subject"), ("activity", "object")]


def hostile_event(text, base=FIREWALL):
    """TEXT in every place at once: of the event, its lists, and members that we do not know."""
    event = copy.deepcopy(base)
    event.setdefault("input", {})
    event.setdefault("activity", {})
    for path in TEXTS:
        place = event
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = text
    event["attack"] = [text] * 3
    event["more"] = {"deep": [text]}
    return event


def hostile_one(text, path, base):
    event = copy.deepcopy(base)
    place = event
    for name in path[:-1]:
        place = place.setdefault(name, {})
    place[path[-1]] = text
    return event


def line(event):
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))

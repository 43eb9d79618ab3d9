#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Events that hold attacks: reported in detect mode, answered by the warden in block mode."""

import sys

from harness import *

ATTACK = {"document_url": "http://foobar;env #"}
SERVE = 'w=dial()\nwhile True:\n h,f,b=next_event(w); print("saw", f["lambda-runtime-aws-request-id"], flush=True); post(w,"invocation/"+f["lambda-runtime-aws-request-id"]+"/response",b"\\"fine\\"")\n'


def serve(events, answered, options=("--mode", "block"), environment=None):
    """Play EVENTS until each id of ANSWERED has been answered; the agent and the answers by id."""
    api = FakeApi(events)
    agent = Agent(SERVE, api, environment=environment, options=options)
    paths = {}

    def done():
        for request in api.requests:
            parts = request.target.split("/")
            if parts[-1] in ("response", "error"):
                paths[parts[4]] = request
        return set(answered) <= set(paths)
    with api.changed:
        assert api.changed.wait_for(done, PATIENCE), (list(paths), [r.target for r in api.requests])
    api.wait_for("/next", len(events) + 1)
    agent.signal(signal.SIGTERM)
    assert agent.finish() == -signal.SIGTERM, agent.err
    api.close()
    return agent, paths, api


def test_detect_reports_and_passes():
    agent, answers, _ = serve([Event(http_event(ATTACK), "id-1")], ["id-1"], ("--mode", "detect"))
    assert agent.out == ["saw id-1"] and answers["id-1"].body == b'"fine"'
    finding, = agent.of("finding")
    assert (finding["type"], finding["class"], finding["control"], finding["action"], finding["mode"]) == (
        "Command Injection Attack", "cmdi", "firewall", "observed", "detect"), finding
    assert finding["request"] == "id-1" and finding["source_ip"] == "203.0.113.9" and len(finding["id"]) == 26
    assert finding["input"]["path"] == "queryStringParameters.document_url" and finding["input"]["origin"] == "query"
    evidence = finding["input"]["value"].encode()[finding["input"]["from"]:][:finding["input"]["length"]]
    assert b"env" in evidence, finding


def test_blocked_http_event_is_answered_with_403():
    agent, answers, api = serve([Event(http_event(ATTACK), "id-1"), Event(http_event({"a": "b"}), "id-2")], ["id-1", "id-2"])
    assert agent.out == ["saw id-2"], agent.out
    assert answers["id-1"].target.endswith("/id-1/response")
    answer = json.loads(answers["id-1"].body)
    assert answer["statusCode"] == 403 and answer["isBase64Encoded"] is False and json.loads(answer["body"]), answer
    assert answers["id-1"].fields["host"] == api.address
    assert agent.of("finding", action="blocked", control="firewall", mode="block")


def test_blocked_event_of_another_shape_is_an_error():
    agent, answers, _ = serve([Event(sqs_event("x; cat /etc/passwd #"), "id-1")], ["id-1"])
    assert agent.out == [] and answers["id-1"].target.endswith("/id-1/error")
    assert answers["id-1"].fields["lambda-runtime-function-error-type"] == "Gambeson.Blocked"
    body = json.loads(answers["id-1"].body)
    assert body["errorType"] == "Gambeson.Blocked" and body["stackTrace"] == [] and body["errorMessage"]


def test_body_of_the_403_can_be_set():
    _, answers, _ = serve([Event(http_event(ATTACK), "id-1")], ["id-1"], environment={"GAMBESON_BLOCK_BODY": 'no "way"\n'})
    answer = json.loads(answers["id-1"].body)
    assert answer["body"] == 'no "way"\n' and answer["headers"]["content-type"].startswith("text/plain")


def test_blocked_event_in_chunks():
    agent, answers, _ = serve([Event(http_event(ATTACK), "id-1", chunked=True), Event(b"{}", "id-2", chunked=True)], ["id-1", "id-2"])
    assert agent.out == ["saw id-2"] and b"403" in answers["id-1"].body


def test_blocked_event_on_a_connection_that_upstream_closes():
    agent, answers, _ = serve([Event(http_event(ATTACK), "id-1", close=True), Event(b"{}", "id-2")], ["id-1", "id-2"])
    assert agent.out == ["saw id-2"] and b"403" in answers["id-1"].body


def test_attack_in_the_part_of_a_huge_event_that_is_held():
    body = http_event(ATTACK)[:-1] + b',"pad":"' + b"x" * 9000000 + b'"}'
    agent, answers, _ = serve([Event(body, "id-1"), Event(b"{}", "id-2")], ["id-1", "id-2"])
    assert agent.out == ["saw id-2"] and b"403" in answers["id-1"].body
    assert agent.of("notice", reason="input_truncated")


def test_many_attacks_in_a_row_and_between():
    events = [Event(http_event(ATTACK if n % 3 else {"a": "b"}), f"id-{n}") for n in range(30)]
    agent, answers, _ = serve(events, [f"id-{n}" for n in range(30)])
    assert agent.out == [f"saw id-{n}" for n in range(0, 30, 3)]
    assert all((b"403" in answers[f"id-{n}"].body) == bool(n % 3) for n in range(30))
    assert {f["request"] for f in agent.of("finding")} == {f"id-{n}" for n in range(30) if n % 3}


def test_attack_behind_invalid_bytes_and_a_nul():
    body = b'{"a":"\xff\xfe\x00 x","httpMethod":"GET","requestContext":{"resourcePath":"/","identity":{}},"queryStringParameters":{"q":"x;cat /etc/passwd #"}}'
    agent, answers, _ = serve([Event(body, "id-1")], ["id-1"])
    assert agent.out == [] and agent.of("finding")


def test_firewall_off_without_policy():
    agent, _, _ = serve([Event(http_event(ATTACK), "id-1")], ["id-1"], ("--mode", "block", "--firewall", "off"))
    assert agent.out == ["saw id-1"] and not agent.of("finding")
    assert agent.lines[0]["tiers"]["firewall"] is False


def test_firewall_capped_by_the_mode():
    agent, _, _ = serve([Event(http_event(ATTACK), "id-1")], ["id-1"], ("--mode", "detect", "--firewall", "block"))
    assert agent.out == ["saw id-1"] and agent.of("finding", action="observed")


if __name__ == "__main__":
    run_tests(sys.modules[__name__])

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Policies that are replaced while the function works: what is answered, judged and told meanwhile."""

import collections
import sys
import tempfile
import threading
import time

from harness import *
from test_firewall import ATTACK

GAMBESON = os.environ["GAMBESON"]
EVENTS = 300


class Policies:
    """A folder with compiled policies, and the file that the agent watches."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = self.file("policy.gbp")
        self.secret = self.file("secret")
        with open(self.secret, "w", encoding="utf-8") as out:
            out.write("secret")

    def file(self, name):
        return os.path.join(self.folder.name, name)

    def compile(self, name, **spec):
        with open(self.file(name + ".yaml"), "w", encoding="utf-8") as out:
            json.dump({"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": name}, "spec": spec}, out)
        subprocess.run([GAMBESON, "policy", "compile", self.file(name + ".yaml"), "-o", self.file(name)], check=True, timeout=PATIENCE)

    def put(self, name):
        """In one step, as a deployment should."""
        with open(self.file(name), "rb") as file:
            data = file.read()
        with open(self.path + ".new", "wb") as file:
            file.write(data)
        os.rename(self.path + ".new", self.path)

    def agent(self, code, api):
        return Agent(code, api, {"GAMBESON_SENSOR_PATH": os.environ["GAMBESON_SENSOR"], "GAMBESON_POLICY": self.path,
                                 "SECRET": self.secret}, stdout=tempfile.TemporaryFile())


# A handler that opens the secret by itself, by a program of its own, and by one that was there before the first event.
RUNTIME_CODE = '''
import subprocess
def attempt(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
        return "let"
    except PermissionError:
        return "denied"
SECRET = os.environ["SECRET"]
helper = subprocess.Popen(["/bin/sh", "-c", "while read x; do if true < $SECRET; then echo let; else echo denied; fi; done"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
def ask_helper():
    helper.stdin.write("\\n")
    helper.stdin.flush()
    return helper.stdout.readline().strip()
def handler(body):
    child = subprocess.run(["/bin/cat", SECRET], capture_output=True).returncode
    time.sleep(PAUSE)
    return json.dumps({"own": attempt(SECRET), "helper": ask_helper(), "child": "denied" if child else "let"}).encode()
w = dial()
'''


def strict(policies):
    policies.compile("strict", posture="block", observe=False, firewall={"classes": {"cmdi": "block"}},
                     rules=[{"name": "secret", "files": {"read": [policies.secret]}}])


def learning():
    """A policy that observes in force, and `strict` beside it."""
    policies = Policies()
    strict(policies)
    policies.compile("learn", posture="detect", observe=True)
    policies.put("learn")
    return policies


def under_changes(policies, api, code):
    """An agent that has worked through EVENTS events while the policy was replaced all the time, and the answers by request."""
    stopped = threading.Event()

    def replace():
        turn = 0
        while not stopped.wait(0.004):
            turn += 1
            policies.put(("lax", "strict")[turn % 2])

    agent = policies.agent(RUNTIME_CODE.replace("PAUSE", "0.004") + code, api)
    writer = threading.Thread(target=replace)
    writer.start()
    try:
        api.wait_for("/response", EVENTS)
    finally:
        stopped.set()
        writer.join()
        api.close()
    agent.process.terminate()
    agent.finish()
    answers = collections.defaultdict(list)
    for request in api.requests:
        if request.method == "POST":
            answers[request.target.split("/")[-2]].append(request.body)
    return agent, answers


def test_under_load_every_verdict_is_of_one_policy():
    """`strict` blocks, and has a rule; `lax` only detects, has none, and lets attacks pass. What is neither is half of each:
    the rule only reported, an attack told as observed where it was blocked, an event answered twice or not at all."""
    policies = Policies()
    strict(policies)
    policies.compile("lax", posture="detect", observe=True, firewall={"classes": {"cmdi": "off"}})
    policies.put("strict")
    ids = [f"id-{n}" for n in range(EVENTS)]
    events = [Event(http_event(ATTACK if n % 3 == 0 else {"q": "plain"}), request_id) for n, request_id in enumerate(ids)]
    api = FakeApi(events)
    agent, answers = under_changes(policies, api, "while True:\n    loop(w, 1, handler)\n")
    assert sorted(answers) == sorted(ids) and all(len(bodies) == 1 for bodies in answers.values())
    findings, lost = collections.defaultdict(list), agent.of("notice", reason="reports_lost")
    for line in agent.of("finding"):
        findings[line.get("request")].append(line)
        assert (line["action"], line["mode"]) == ("blocked", "block"), line
        assert line["control"] in ("firewall", "rule"), line
    counts = collections.Counter()
    for request_id, (body,) in answers.items():
        was_blocked = json.loads(body).get("statusCode") == 403
        seen = collections.Counter(line["control"] for line in findings[request_id])
        counts["blocked"] += was_blocked
        assert (seen["firewall"] > 0) == was_blocked, (request_id, body, findings[request_id])
        if was_blocked:
            continue
        denied = list(json.loads(body).values()).count("denied")
        counts["denied"] += denied
        counts["let"] += 3 - denied
        counts["passed"] += int(request_id[3:]) % 3 == 0
        assert seen["rule"] == denied or lost, (request_id, body, findings[request_id])
    assert min(counts[name] for name in ("blocked", "denied", "let", "passed")) > 10, counts
    assert len(agent.of("notice", reason="policy_loaded")) > 10
    assert not agent.of("notice", reason="policy_refused"), agent.of("notice")


def test_under_load_with_events_at_once():
    policies = Policies()
    strict(policies)
    policies.compile("lax", posture="detect", observe=True)
    policies.put("strict")
    ids = [f"id-{n}" for n in range(EVENTS)]
    agent, answers = under_changes(policies, FakeApi([Event(b"{}", request_id) for request_id in ids]), '''
import threading
def attempts(body):
    time.sleep(0.004)
    return json.dumps([attempt(SECRET) for _ in range(3)]).encode()
def client():
    connection = dial()
    while True:
        loop(connection, 1, attempts)
for _ in range(4):
    threading.Thread(target=client).start()
''')
    assert sorted(answers) == sorted(ids) and all(len(bodies) == 1 for bodies in answers.values())
    verdicts = collections.Counter(verdict for (body,) in answers.values() for verdict in json.loads(body))
    findings = agent.of("finding")
    assert min(verdicts["let"], verdicts["denied"]) > 10, verdicts
    assert {(line["control"], line["action"], line["mode"]) for line in findings} == {("rule", "blocked", "block")}, findings[:3]
    assert len(findings) == verdicts["denied"] or agent.of("notice", reason="reports_lost"), (len(findings), verdicts)
    assert max(line["invocations"] for line in agent.of("progress")) <= EVENTS


class Turns:
    """A function that is handed an event when the test says so."""

    def __init__(self, policies):
        self.api, self.count = FakeApi(), 0
        self.agent = policies.agent(RUNTIME_CODE.replace("PAUSE", "0") + "while True:\n    loop(w, 1, handler)\n", self.api)

    def take(self):
        self.count += 1
        self.api.events.put(Event(b"{}", f"id-{self.count}"))
        return json.loads(self.api.wait_for("/response", self.count)[-1].body)

    def end(self):
        self.api.close()
        self.agent.process.terminate()
        self.agent.finish()
        return self.agent


ALL = {name: {who: name for who in ("own", "helper", "child")} for name in ("let", "denied")}


def test_from_learning_to_enforcing_and_back():
    policies = learning()
    turns = Turns(policies)
    assert turns.take() == ALL["let"]
    policies.put("strict")
    assert turns.take() == ALL["denied"]
    policies.put("learn")
    assert turns.take() == ALL["let"]
    agent = turns.end()

    def observed(request):
        return any(item["subject"] == policies.secret for line in agent.of("observations", request=request) for item in line["items"])
    assert observed("id-1") and not agent.of("observations", request="id-2") and observed("id-3"), agent.lines
    assert [line["invocations"] for line in agent.of("progress")] == [1, 3], agent.of("progress")
    assert {line["request"] for line in agent.of("finding")} == {"id-2"}


def test_what_comes_while_the_event_is_waited_for_counts():
    policies = learning()
    turns = Turns(policies)
    turns.api.wait_for("/next", 1)
    policies.put("strict")
    assert turns.take() == ALL["denied"]
    turns.end()


def test_refused_policy_keeps_the_last_good_one():
    policies = Policies()
    strict(policies)
    policies.put("strict")
    with open(policies.file("broken"), "wb") as out:
        out.write(open(policies.file("strict"), "rb").read()[:-7])
    turns = Turns(policies)
    assert turns.take() == ALL["denied"]
    policies.put("broken")
    assert turns.take() == ALL["denied"] and turns.take() == ALL["denied"]
    time.sleep(0.2)
    assert turns.take() == ALL["denied"]
    agent = turns.end()
    assert len(agent.of("notice", reason="policy_refused")) == 1, agent.of("notice")
    assert {line["action"] for line in agent.of("finding", control="rule")} == {"blocked"}


def test_half_written_policy_is_read_again():
    """Written in place, without another time or length: what was read half is no reason to keep the old one."""
    policies = learning()
    turns = Turns(policies)
    assert turns.take() == ALL["let"]
    with open(policies.file("strict"), "rb") as file:
        data = file.read()
    with open(policies.path, "r+b") as file:
        file.truncate(len(data))
        file.write(data[:100].ljust(len(data), b"\0"))
        file.flush()
        stamp = os.stat(policies.path)
        assert turns.take() == ALL["let"]
        file.seek(0)
        file.write(data)
    os.utime(policies.path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    time.sleep(0.1)
    assert turns.take() == ALL["denied"]
    agent = turns.end()
    assert len(agent.of("notice", reason="policy_refused")) <= 1, agent.of("notice")


def test_changes_in_quick_succession_all_arrive():
    policies = learning()
    turns = Turns(policies)
    assert turns.take() == ALL["let"]
    for _ in range(6):
        policies.put("strict")
        turns.agent.signal(signal.SIGHUP)
        policies.put("learn")
        turns.agent.signal(signal.SIGHUP)
    policies.put("strict")
    turns.agent.signal(signal.SIGHUP)
    time.sleep(0.5)  # longer than a change may be put off
    assert turns.take() == ALL["denied"]
    turns.end()


if __name__ == "__main__":
    run_tests(sys.modules[__name__])

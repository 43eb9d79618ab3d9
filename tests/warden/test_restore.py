#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SnapStart: the runtime asks for the restore, a snapshot is taken, and what is answered is answered to a copy."""

import sys
import tempfile
import threading

from harness import *
from test_reload import Policies, strict

RESTORE = '''
def ask(path):
    head, fields, body = call(w, b"GET " + PREFIX.encode() + path.encode() + b" HTTP/1.1\\r\\nHost: " + API.encode() + b"\\r\\n\\r\\n")
    return int(head.split()[1])
def attempt(path):
    try:
        return open(path).read()
    except OSError as error:
        return "errno %d" % error.errno
w = dial()
'''
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"


class SnapStart(FakeApi):
    """Answers /restore/next when told to."""

    def __init__(self, events=(), reply=OK):
        super().__init__(events)
        self.restored, self.reply = threading.Event(), reply

    def answer(self, sock, request):
        if request.target != PREFIX + "restore/next":
            return super().answer(sock, request)
        assert self.restored.wait(PATIENCE)
        sock.sendall(self.reply)
        return True

    def restore(self):
        self.wait_for("/restore/next")
        self.restored.set()


def start(code, api, **environment):
    return Agent(RESTORE + code, api, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "GAMBESON_SENSOR_PATH": os.environ["GAMBESON_SENSOR"],
                                       **environment}, stdout=tempfile.TemporaryFile())


def test_a_restored_sandbox_is_another_one():
    this = os.path.realpath(__file__)
    api = SnapStart([Event(b"{}", f"id-{n}") for n in range(3)])
    agent = start(f"open({this!r}).close()\nprint(ask('restore/next'), flush=True)\n"
                  f"loop(w, 3, lambda body: attempt({this!r})[:1].encode())\n", api, GAMBESON_OBSERVE="1")
    api.restore()
    assert agent.finish() == 0, agent.err
    assert agent.out == ["200"]
    first, second = agent.of("start")
    assert first["sandbox"] != second["sandbox"] and first["runtime"] == second["runtime"], (first, second)
    assert [line["seq"] for line in agent.lines] == list(range(len(agent.lines)))
    at = agent.lines.index(second)
    assert {line["sandbox"] for line in agent.lines[:at]} == {first["sandbox"]}
    assert {line["sandbox"] for line in agent.lines[at:]} == {second["sandbox"]}
    assert not [line for line in agent.lines[:at] if line["kind"] == "progress"] and not first.get("request")
    assert len(agent.of("notice", reason="restored")) == 1
    told = [(line["phase"], line["invocations"], item.get("n", 1)) for line in agent.of("observations") for item in line["items"]
            if item["subject"] == this and item["kind"] == "file_read"]
    assert told == [("init", 0, 1), ("invoke", 1, 1), ("invoke", 2, 2), ("invoke", 3, 3)], told
    assert [line["invocations"] for line in agent.of("progress")] == [1, 2, 3]
    assert first["key"] != second["key"] and seals.check(agent.log) == []
    assert agent.lines[at - 1]["kind"] == "seal" and agent.of("seal")[1]["first"] == second["seq"]


def test_the_policy_is_read_again():
    policies = Policies()
    strict(policies)
    policies.compile("learn", posture="detect", observe=True)
    policies.put("learn")
    api = SnapStart()
    agent = start("before = attempt(os.environ['SECRET'])\nask('restore/next')\n"
                  "print(before, attempt(os.environ['SECRET']), flush=True)", api, GAMBESON_POLICY=policies.path, SECRET=policies.secret)
    api.wait_for("/restore/next")
    policies.put("strict")
    api.restore()
    assert agent.finish() == 0, agent.err
    assert agent.out == ["secret errno 13"], agent.out
    assert [line["policy"]["name"] for line in agent.of("start")] == ["learn", "strict"]
    kinds = [line["kind"] for line in agent.lines]
    assert kinds.index("notice") > kinds.index("start", 1), kinds  # what is said of the copy comes behind its start


def test_a_refused_policy_leaves_the_snapshot_s():
    policies = Policies()
    strict(policies)
    policies.put("strict")
    with open(policies.file("broken"), "wb") as out:
        out.write(b"GBPOLICY, but not really" * 50)
    api = SnapStart()
    agent = start("ask('restore/next')\nprint(attempt(os.environ['SECRET']), flush=True)", api,
                  GAMBESON_POLICY=policies.path, SECRET=policies.secret)
    api.wait_for("/restore/next")
    policies.put("broken")
    api.restore()
    assert agent.finish() == 0 and agent.out == ["errno 13"], (agent.out, agent.err)
    assert len(agent.of("notice", reason="policy_refused")) == 1


def secret_of(text):
    return next(line.split(" = ")[1] for line in text.splitlines() if line.startswith("aws_secret"))


def test_decoys_get_new_values():
    policies = Policies()
    key = policies.file("backup/.aws/credentials")
    changed = policies.file("backup/other")
    policies.compile("bait", posture="block", observe=False, decoys={"files": [key, changed], "variables": ["BACKUP_TOKEN"]})
    policies.put("bait")
    api = SnapStart()
    agent = start("ask('restore/next')\nprint(os.environ['BACKUP_TOKEN'], attempt(os.environ['KEY']), flush=True)", api,
                  GAMBESON_POLICY=policies.path, KEY=key)
    api.wait_for("/restore/next")
    with open(key, encoding="utf-8") as file:
        before = file.read()
    with open(changed, "w", encoding="utf-8") as file:
        file.write("the function's own now")
    api.restore()
    assert agent.finish() == 0, agent.err
    with open(key, encoding="utf-8") as file:
        after = file.read()
    assert secret_of(before) != secret_of(after) and len(before) == len(after), (before, after)
    with open(changed, encoding="utf-8") as file:
        assert file.read() == "the function's own now"
    token, answer = agent.out[0].split(" ", 1)
    assert len(token) == 40 and answer == "errno 13", agent.out
    assert "1 decoy files" in agent.of("notice", reason="restored")[0]["message"], agent.of("notice")


def test_new_decoy_values_are_watched_for():
    policies = Policies()
    key, values = policies.file("kept/credentials"), policies.file("values")
    policies.compile("bait", posture="block", observe=False, decoys={"files": [key]})
    policies.put("bait")
    api = SnapStart()
    agent = start("ask('restore/next')\n"
                  "def handler(body):\n"
                  "    return json.dumps([os.system('/bin/true ' + value) for value in open(os.environ['VALUES']).read().split()]).encode()\n"
                  "loop(w, 1, handler)", api, GAMBESON_POLICY=policies.path, VALUES=values)
    api.restore()
    api.wait_for("/invocation/next")
    with open(key, encoding="utf-8") as file, open(values, "w", encoding="utf-8") as out:
        out.write(f"{secret_of(file.read())} harmless")
    api.events.put(Event(b"{}", "one"))
    assert agent.finish() == 0, agent.err
    statuses = json.loads(api.wait_for("/response")[0].body)
    assert statuses[0] != 0 and statuses[1] == 0, statuses
    assert agent.of("finding", control="decoys", action="blocked"), agent.lines


def test_a_refused_restore_changes_nothing():
    reply = b'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
    api = SnapStart([Event(b"{}", "one")], reply)
    agent = start("print(ask('restore/next'), flush=True)\nloop(w, 1)", api)
    api.restore()
    assert agent.finish() == 0 and agent.out == ["403"], (agent.out, agent.err)
    assert len(agent.of("start")) == 1 and not agent.of("notice", reason="restored")


def test_restore_error_passes_and_ends_as_the_runtime_does():
    this = os.path.realpath(__file__)
    api = SnapStart()
    agent = start(f"ask('restore/next')\nopen({this!r}).close()\n"
                  "post(w, 'restore/error', b'{\"errorType\":\"X\"}', b'Lambda-Runtime-Function-Error-Type: Runtime.AfterRestoreError\\r\\n')\n"
                  "sys.exit(64)", api, GAMBESON_OBSERVE="1")
    api.restore()
    assert agent.finish() == 64, agent.err
    request, = api.wait_for("/restore/error")
    assert request.body == b'{"errorType":"X"}' and request.fields["lambda-runtime-function-error-type"] == "Runtime.AfterRestoreError"
    line, = [line for line in agent.of("observations") if any(item["subject"] == this for item in line["items"])]
    assert line["phase"] == "init" and line["sandbox"] == agent.of("start")[1]["sandbox"]


if __name__ == "__main__":
    run_tests(sys.modules[__name__])

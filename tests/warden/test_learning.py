#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the agent tells about a function that is being learned: lines of whole sandboxes."""

import re
import sys
import tempfile
import threading

from harness import *
from test_firewall import ATTACK

THIS = os.path.realpath(__file__)
OBSERVING = {"GAMBESON_OBSERVE": "1", "GAMBESON_SENSOR_PATH": os.environ["GAMBESON_SENSOR"]}
HANDLER = '''
def handler(body):
    for name in json.loads(body)["open"]:
        open(name).close()
    return b'"done"'
w = dial()
loop(w, COUNT, handler)
next_event(w)
'''


def opening(*names):
    return json.dumps({"open": names}).encode()


def play(bodies, handler=HANDLER, environment=None):
    """A sandbox that is handed BODIES one by one, and ends at the next request."""
    api = FakeApi([Event(body, f"id-{n}") for n, body in enumerate(bodies, 1)] + [Event(b"{}", "end", close=True)])
    agent = Agent(handler.replace("COUNT", str(len(bodies))), api, {**OBSERVING, **(environment or {})})
    assert agent.finish() == 0, agent.err
    api.close()
    return agent


def told(agent, name):
    """(request, invocations, n) for each time that reading NAME is told."""
    return [(line.get("request"), line["invocations"], item.get("n", 1)) for line in agent.of("observations")
            for item in line["items"] if (item["kind"], item["subject"]) == ("file_read", name)]


def test_things_are_counted_by_invocation():
    with tempfile.TemporaryDirectory() as folder:
        always, twice, once = (os.path.join(folder, name) for name in ("always", "twice", "once"))
        for name in (always, twice, once):
            open(name, "w", encoding="utf-8").close()
        bodies = [opening(always, always) for _ in range(20)]
        bodies[4] = bodies[11] = opening(always, twice, twice)
        bodies[15] = opening(once, always)
        agent = play(bodies)
    assert told(agent, always) == [(f"id-{n}", n, n) for n in (1, 2, 3, 4, 8, 16)], told(agent, always)
    assert told(agent, twice) == [("id-5", 5, 1), ("id-12", 12, 2)], told(agent, twice)
    assert told(agent, once) == [("id-16", 16, 1)], told(agent, once)
    assert not agent.of("notice", reason="reports_lost"), agent.lines


def test_start_up_is_kept_apart():
    agent = play([opening(THIS)] * 3, f"open({THIS!r}).close()\n" + HANDLER)
    assert told(agent, THIS) == [(None, 0, 1), ("id-2", 2, 2), ("id-3", 3, 3)], told(agent, THIS)
    assert [line["phase"] for line in agent.of("observations") if not line["invocations"]] == \
        ["init"] * len([line for line in agent.of("observations") if "request" not in line])


def test_programs_of_each_invocation_add_up():
    handler = HANDLER.replace("open(name).close()", "os.system('/bin/cat ' + name)")
    agent = play([opening(THIS)] * 9, handler)
    assert [n for _, _, n in told(agent, THIS)] == [1, 2, 3, 4, 8], told(agent, THIS)


def test_every_line_names_its_sandbox():
    first, second = play([opening()] * 3), play([opening()])
    assert all(re.fullmatch("[0-9a-f]{16}", line["sandbox"]) for line in first.lines + second.lines)
    assert len({line["sandbox"] for line in first.lines}) == 1
    assert first.lines[0]["sandbox"] != second.lines[0]["sandbox"]


def test_progress_is_told():
    events = [http_event({"q": "1"}), sqs_event("x"), http_event({"q": "2"}), http_event({"q": "3"}), b"17", b"{}", b"{}", b"{}"]
    agent = play(events, HANDLER.replace('json.loads(body)["open"]', "[]"))
    found = [(line["invocations"], line["shapes"]) for line in agent.of("progress")]
    assert [n for n, _ in found] == [1, 2, 3, 4, 5, 7, 9], found
    assert sum(found[3][1].values()) == 4 and found[3][1]["sqs"] == 1, found
    assert sum(found[-1][1].values()) == 9


def test_shape_and_client_are_told():
    agent = play([http_event({"q": "1"})], HANDLER.replace('json.loads(body)["open"]', f"[{THIS!r}]"))
    line, = [line for line in agent.of("observations") if any(item["subject"] == THIS for item in line["items"])]
    assert line["source_ip"] == "203.0.113.9" and line["shape"] in agent.of("progress")[0]["shapes"], line


def test_a_blocked_event_is_not_handed_out():
    agent = play([opening(), http_event({"q": ATTACK}), opening()], HANDLER.replace("COUNT", "2"), {"GAMBESON_MODE": "block"})
    assert len(agent.of("finding", action="blocked")) == 1
    assert [line["invocations"] for line in agent.of("progress")] == [1, 2, 3], agent.of("progress")


def test_events_at_once():
    handler = '''
import threading
def client(number):
    w = dial()
    head, fields, body = next_event(w)
    barrier.wait()
    if number == 0:
        open(PATH).close()
        time.sleep(0.1)
    barrier.wait()
    post(w, "invocation/" + fields["lambda-runtime-aws-request-id"] + "/response", b"1")
barrier = threading.Barrier(2)
for turn in range(3):
    threads = [threading.Thread(target=client, args=(n,)) for n in range(2)]
    for t in threads: t.start()
    for t in threads: t.join()
'''.replace("PATH", repr(THIS))
    api = FakeApi([Event(b"{}", f"id-{n}") for n in range(6)])
    agent = Agent(handler, api, {**OBSERVING, "AWS_LAMBDA_MAX_CONCURRENCY": "2"})
    assert agent.finish() == 0, agent.err
    found = told(agent, THIS)
    assert [n for _, _, n in found] == [1, 2, 3] and {request for request, _, _ in found} == {None}, found
    among = [sorted(line["among"]) for line in agent.of("observations")
             if any(item["subject"] == THIS for item in line["items"])]
    assert among == [["id-0", "id-1"], ["id-2", "id-3"], ["id-4", "id-5"]], among


def test_what_runs_here_is_told():
    with tempfile.TemporaryDirectory() as folder:
        def start(**more):
            environment = {"AWS_LAMBDA_FUNCTION_NAME": "resize", "AWS_LAMBDA_FUNCTION_VERSION": "17", "LAMBDA_TASK_ROOT": folder, **more}
            return play([opening()], environment=environment).lines[0]
        with open(os.path.join(folder, "index.js"), "w", encoding="utf-8") as out:
            out.write("1")
        first, again = start(), start()
        assert (first["function"], first["function_version"]) == ("resize", "17"), first
        assert re.fullmatch("[0-9a-f]{32}", first["code"]) and again["code"] == first["code"], (first, again)
        with open(os.path.join(folder, "index.js"), "w", encoding="utf-8") as out:
            out.write("12")
        assert start()["code"] != first["code"]
        assert start(GAMBESON_CODE="2Zk=")["code"] == "2Zk="
        assert "code" not in start(GAMBESON_OBSERVE="0")
    assert not {"function", "function_version", "code"} & set(play([opening()]).lines[0])


def profile(folder, name, *sources):
    """What `gambeson profile` makes of SOURCES: the profile's text, and the allowlist's."""
    def run(*arguments):
        return subprocess.run([os.environ["GAMBESON"], "profile", *arguments], check=True, timeout=PATIENCE, capture_output=True, text=True).stdout
    path = os.path.join(folder, name)
    run("merge", "-o", path, *sources)
    with open(path, encoding="utf-8") as file:
        return file.read(), run("export", "--now", path)


def test_sandboxes_at_once_converge():
    """Four sandboxes that share the events between them teach what one that gets all of them does, in any order and grouping."""
    files = ["/etc/hostname", "/etc/hosts", "/etc/debian_version", "/etc/nsswitch.conf", "/etc/protocols", "/etc/services"]
    bodies = [opening(*[i for i in range(len(files)) if n % (i + 1) == 0]) for n in range(36)]
    handler = HANDLER.replace("open(name)", f"open({files!r}[name])")  # by number: a file's name in an event is an attack
    environment = {"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "3", "GAMBESON_CODE": "c0de"}
    agents = {}

    def sandbox(name, part):
        agents[name] = play(part, handler, environment)
    threads = [threading.Thread(target=sandbox, args=(name, part))
               for name, part in [("one", bodies)] + [(f"part{n}", bodies[n::4]) for n in range(4)]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with tempfile.TemporaryDirectory() as folder:
        logs = {name: os.path.join(folder, name + ".log") for name in agents}
        for name, agent in agents.items():
            with open(logs[name], "w", encoding="utf-8") as out:
                for line in agent.lines:
                    out.write(json.dumps(line, separators=(",", ":")) + "\n")
        parts = [logs[f"part{n}"] for n in range(4)]
        wanted, allowlist = profile(folder, "all", *parts)
        for turn in range(1, 4):
            assert profile(folder, "turned", *parts[turn:], *parts[:turn])[0] == wanted
        profile(folder, "left", parts[3], parts[0])
        profile(folder, "right", parts[2], parts[1], parts[3])
        assert profile(folder, "both", os.path.join(folder, "right"), os.path.join(folder, "left"))[0] == wanted
        _, of_one = profile(folder, "one", logs["one"])
        assert allowlist == of_one, f"{allowlist}\n{of_one}"
        assert all(name in allowlist for name in files), allowlist


if __name__ == "__main__":
    run_tests(sys.modules[__name__])

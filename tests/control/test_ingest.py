#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Logs into a real `gambeson serve`, by every road, and what is made of those that somebody has had his hands in."""

import base64
import gzip
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

from seals import Sandbox  # noqa: E402  (the path is set above)
from server import GAMBESON, Server, gambeson, tap

ANYTHING = {"Content-Type": "application/octet-stream"}
PATIENCE = 60


def token(admin, scopes=("ingest",), **more):
    answer = admin.post("/v1/tokens", {"name": "t" + os.urandom(4).hex(), "role": "viewer", "scopes": list(scopes), **more})
    assert answer.status == 201, answer
    return answer.json["token"]


def rows(server, query):
    with sqlite3.connect(f"file:{server.folder}/data/gambeson.db?mode=ro", uri=True, timeout=10) as database:
        return database.execute(query).fetchall()


def cloudwatch(sandbox, account="123456789012"):
    return {"messageType": "DATA_MESSAGE", "owner": account, "logGroup": f"/aws/lambda/{sandbox.function}", "logStream": f"s/{sandbox.name}",
            "subscriptionFilters": ["f"], "logEvents": [{"id": str(n), "timestamp": 1, "message": line.decode()} for n, line in enumerate(sandbox.lines)]}


def packed(value):
    return base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()


def roads(server, admin):
    client = server.client(token=token(admin))
    bodies = {
        "text": ("/v1/ingest?account=1&region=eu-west-1&function=text", lambda s: b"START\n" + s.log),
        "gzip": ("/v1/ingest?function=gzip", lambda s: gzip.compress(s.log)),
        "cloudwatch": ("/v1/ingest", lambda s: json.dumps({"awslogs": {"data": packed(cloudwatch(s))}}).encode()),
        "firehose": ("/v1/ingest/firehose", lambda s: json.dumps({"requestId": "r-1", "timestamp": 1, "records": [{"data": packed(cloudwatch(s))}]}).encode()),
        "kinesis": ("/v1/ingest", lambda s: json.dumps({"Records": [{"awsRegion": "eu-west-1", "kinesis": {"data": packed(cloudwatch(s))}}]}).encode()),
        "otlp": ("/v1/ingest/otlp/v1/logs", lambda s: json.dumps({"resourceLogs": [{"resource": {"attributes": [
            {"key": "faas.name", "value": {"stringValue": "otlp"}}]}, "scopeLogs": [{"logRecords": [
                {"body": {"stringValue": line.decode()}} for line in s.lines]}]}]}).encode()),
        "fluentbit": ("/v1/ingest?function=fluentbit", lambda s: json.dumps([{"date": 1.5, "log": line.decode()} for line in s.lines]).encode()),
    }
    for number, (name, (path, body)) in enumerate(bodies.items()):
        sandbox = Sandbox(number, name).invocations(3)
        answer = client.call("POST", path, body(sandbox), headers=ANYTHING)
        again = client.call("POST", path, body(sandbox), headers=ANYTHING)
        tap.equal((answer.status, again.status), (200, 200), f"{name}: taken, and taken again")
        if name == "firehose":
            tap.check(answer.json["requestId"] == "r-1" and answer.json["timestamp"] > 0, "Firehose hears its request's id", answer)
        elif name == "otlp":
            tap.equal(answer.json, {"partialSuccess": {}}, "OpenTelemetry hears that all was taken")
        else:
            tap.equal((answer.json["lines"], answer.json["broken"]), (7, 0), f"{name}: all lines of ours")
        tap.equal(rows(server, f"SELECT COUNT(*), COUNT(DISTINCT e.id) FROM events AS e JOIN functions AS f ON f.id = e.function WHERE f.name = '{name}'"),
                  [(4, 4)], f"{name}: each event once, of its function")
    tap.check(tap.wait_until(lambda: rows(server, "SELECT COUNT(*) FROM sandboxes WHERE verified_to = 5 AND state = 'open'") == [(len(bodies),)]),
              "signatures are looked at soon", rows(server, "SELECT * FROM sandboxes"))


def who_may(server, admin):
    sandbox = Sandbox(50).invocations(1)
    for name, client in {"nobody": server.client(), "a wrong token": server.client(token="gbt_" + "x" * 43),
                         "a token for something else": server.client(token=token(admin, ["users:read"]))}.items():
        answer = client.call("POST", "/v1/ingest", sandbox.log, headers=ANYTHING)
        tap.check(answer.status in (401, 403) and answer.problem, f"{name} may not", answer)
    narrow = server.client(token=token(admin, scope={"accounts": ["111111111111"]}))
    answer = narrow.call("POST", "/v1/ingest", json.dumps(cloudwatch(sandbox, "222222222222")).encode(), headers=ANYTHING)
    tap.equal((answer.status, answer.json["lines"], answer.json["refused"]), (200, 0, 3), "a token is held to its accounts")
    answer = narrow.call("POST", "/v1/ingest?account=111111111111", sandbox.log, headers=ANYTHING)
    tap.equal(answer.json["lines"], 3, "and may send what is theirs")
    tap.equal(rows(server, "SELECT COUNT(*) FROM functions WHERE account = '222222222222'"), [(0,)], "nothing of others is stored")


def observed(number, function):
    sandbox = Sandbox(number, function)
    sandbox.write("observations", request="r-1", phase="invoke", invocations=1, shape="sqs", items=[{"kind": "file_read", "subject": f"/var/task/{number}", "n": 1}])
    sandbox.write("progress", invocations=1, shapes={"sqs": 1})
    sandbox.seal()
    return sandbox


def who_teaches(server, admin, people):
    """A made-up sandbox has a key and seals of its own: what is learned rests on who brings its lines, and where from."""
    teacher = server.client(token=token(admin, ["ingest", "learn"]))
    where = "/v1/ingest?account=1&region=r&function=taught"
    for number, (name, client, path, unlearned) in enumerate([
            ("a token for ingest alone", server.client(token=token(admin)), where + "&stream=s0", 2),
            ("one for all, of a viewer's role", server.client(token=token(admin, ["ingest", "events:*"])), where + "&stream=s1", 2),
            ("one that teaches, without a log stream", teacher, where, 2), ("without a function", teacher, "/v1/ingest?account=1&stream=s3", 2),
            ("one that teaches, with both", teacher, where + "&stream=s4", 0), ("another's", server.client(token=token(admin, ["*"], role="admin")), where + "&stream=s5", 0)]):
        answer = client.call("POST", path, observed(100 + number, "taught").log, headers=ANYTHING)
        tap.equal((answer.status, answer.json["lines"], answer.json["unlearned"]), (200, 4, unlearned), f"{name}: {unlearned} lines are not learned")
    profile = "SELECT CAST(p.body AS TEXT) FROM profiles AS p JOIN functions AS f ON f.id = p.function WHERE f.name = 'taught'"
    tap.check(tap.wait_until(lambda: [row for row in rows(server, profile) if "/var/task/104" in row[0] and "/var/task/105" in row[0]]), "what a teacher brings is learned", rows(server, profile))
    tap.check(not [n for n in range(100, 104) if f"/var/task/{n}" in rows(server, profile)[0][0]], "nothing else is", rows(server, profile))
    # In the log of the true sandbox a second one begins, and says that it was there first.
    early = observed(110, "taught")
    teacher.call("POST", where + "&stream=s4", early.log.replace(b"2026-11-21T", b"2026-11-20T"), headers=ANYTHING)
    teacher.call("POST", where + "&stream=s6", observed(111, "taught").log, headers=ANYTHING)
    tap.check(tap.wait_until(lambda: "/var/task/111" in rows(server, profile)[0][0]) and "/var/task/110" not in rows(server, profile)[0][0], "no second sandbox in a log stream")
    held = server.client(token=token(admin, ["ingest:held", "ingest:many-*", "learn"]))
    for function, lines in (("held", 4), ("held2", 0), ("many-one", 4), ("taught", 0), ("", 0)):
        answer = held.call("POST", f"/v1/ingest?function={function}&stream=s7", observed(120 + len(function), function or "held").log, headers=ANYTHING)
        tap.equal((answer.status, answer.json["lines"], answer.json["refused"]), (200, lines, 4 - lines), f"a token for some functions, lines of '{function}'")
    answer = held.call("POST", "/v1/ingest", json.dumps(cloudwatch(observed(130, "taught"))).encode(), headers=ANYTHING)
    tap.equal(answer.json["refused"], 4, "nor in an envelope")
    answer = teacher.call("POST", where + "&stream=s8", json.dumps(cloudwatch(observed(131, "victim"))).encode(), headers={"Content-Type": "text/plain; charset=utf-8"})
    tap.check(rows(server, "SELECT COUNT(*) FROM functions WHERE name = 'victim'") == [(0,)], "an envelope that a function wrote into its log is text", answer)
    for kind, may in (("viewer", False), ("analyst", False), ("operator", True)):
        for scope in ("ingest", "learn", "ingest:orders"):
            answer = people[kind].post("/v1/tokens", {"name": "t", "scopes": [scope]})
            tap.equal(answer.status, 201 if may else 403, f"{kind}: a token for {scope}")
        answer = people[kind].call("POST", where + "&stream=s9", observed(140, "taught").log, headers=ANYTHING)
        tap.equal(answer.status, 200 if may else 403, f"{kind}: lines by a session")
    for scope in ("ingest:", "ingest:*", "ingest:a b", "ingest:a*b", "learn:x", "ingest:<b>"):
        tap.equal(admin.post("/v1/tokens", {"name": "t", "scopes": [scope]}).status, 400, f"'{scope}' is no scope")


def across(server, admin):
    """Whoever speaks for one function knows the name of another's sandbox."""
    client, victim = server.client(token=token(admin)), Sandbox(150, "mine").invocations(2)
    other = server.client(token=token(admin, scope={"accounts": ["666"]}))
    client.call("POST", "/v1/ingest?account=1&region=r&function=mine", victim.log, headers=ANYTHING)
    lie = victim.lines[1].replace(b'"severity":"high"', b'"severity":"low"')
    other.call("POST", "/v1/ingest?account=666&region=r", lie, headers=ANYTHING)
    lie = lie.replace(b'"low"', b'"medium"')
    other.call("POST", "/v1/ingest?account=666&region=r&function=theirs", lie + b"\n" + victim.lines[2].replace(b'"seq":2', b'"seq":9'), headers=ANYTHING)
    tap.check(tap.wait_until(lambda: rows(server, f"SELECT COUNT(*) FROM sandboxes WHERE id = {signed(victim.name)} AND verified_to = 3 AND state = 'open'") == [(1,)]),
              "what stands in another's log says nothing against a sandbox", rows(server, "SELECT * FROM sandboxes"))
    tap.equal(rows(server, "SELECT f.account, f.name, COUNT(*) FROM events AS e JOIN functions AS f ON f.id = e.function WHERE f.name IN ('mine', 'theirs', 'unknown') AND e.sandbox = " +
                   f"{signed(victim.name)} GROUP BY 1, 2 ORDER BY 1, 2"), [("1", "mine", 3), ("666", "theirs", 1), ("666", "unknown", 1)], "nor is it an event of that function")


def signed(name):
    number = int(name, 16)
    return number - (1 << 64) if number >> 63 else number


def hostile(server, admin):
    client = server.client(token=token(admin))
    line = b'{"gambeson":1,"kind":"notice","seq":1,"time":"2026-11-21T10:00:00.000Z","reason":"x"}'
    answer = client.call("POST", "/v1/ingest?function=h", line + b'\n{"gambeson":1,' + b"[" * 4000 + b"\n" + line[:40] + b"\xff\xfe\n", headers=ANYTHING)
    tap.equal((answer.status, answer.json["lines"], answer.json["broken"]), (200, 1, 2), "what is broken keeps nothing else back")
    tap.check(answer.json["first_broken"], "and it is said why")
    for name, path, body, headers, status in [
            ("half an envelope", "/v1/ingest/firehose", b'{"records":[', {}, 400),
            ("a list for OTLP", "/v1/ingest/otlp/v1/logs", b"no json", {}, 400),
            ("half a gzip", "/v1/ingest", gzip.compress(line)[:-4], {}, 400),
            ("a bomb", "/v1/ingest", gzip.compress(bytes(100 << 20)), {}, 413),
            ("a coding nobody knows", "/v1/ingest", line, {"Content-Encoding": "br"}, 415),
            ("protobuf", "/v1/ingest/otlp/v1/logs", b"\n\0", {"Content-Type": "application/x-protobuf"}, 415),
            ("a long name", "/v1/ingest?function=" + "f" * 300, line, {}, 400)]:
        answer = client.call("POST", path, body, headers={**ANYTHING, **headers})
        tap.check(answer.status == status and answer.problem, f"{name}: {status}", answer)
    values = ["'; DROP TABLE events; --", "<script>alert(1)</script>", "\u0000\u202e", "%s%n", "x" * 60]
    body = b"".join(json.dumps({"gambeson": 1, "kind": "finding", "seq": n, "time": "2026-11-21T10:00:00.000Z", "type": value, "class": value,
                                "control": value, "action": value, "severity": value, "reason": value, "message": value}).encode().replace(b'"gambeson": 1, ', b'"gambeson":1,') + b"\n"
                    for n, value in enumerate(values))
    answer = client.call("POST", "/v1/ingest?function=values", body, headers=ANYTHING)
    tap.equal(answer.json["lines"], len(values), "attack strings are values like others")
    tap.equal(rows(server, "SELECT COUNT(*) FROM events AS e JOIN functions AS f ON f.id = e.function WHERE f.name = 'values'"), [(len(values),)], "and are stored")


def forged(server, admin):
    client = server.client(token=token(admin))
    sandbox = Sandbox(60, "forged").invocations(3)
    lie = sandbox.lines[1].replace(b'"severity":"high"', b'"severity":"low"')
    client.call("POST", "/v1/ingest?function=forged", sandbox.log + lie + b"\n", headers=ANYTHING)
    found = "SELECT COUNT(*) FROM events AS e JOIN event_facets AS f ON f.id = e.facet WHERE f.class = 'log_forged'"
    tap.check(tap.wait_until(lambda: rows(server, found) == [(1,)]), "a line that the key did not vouch for is an event within seconds", rows(server, found))


def by_command(server, admin):
    url = f"http://127.0.0.1:{server.port}"
    sandbox = Sandbox(70, "command").invocations(4)
    environment = {"GAMBESON_TOKEN": token(admin)}
    done = gambeson("ingest", "--server", url, "--function", "command", "--json", stdin=sandbox.log, environment=environment)
    tap.equal((done.status, json.loads(done.out)["lines"]), (0, 9), "standard input to a server")
    done = gambeson("ingest", "--server", url, stdin=b"x", environment={})
    tap.check(done.status == 2 and b"GAMBESON_TOKEN" in done.err, "without a token it says which", done)
    done = gambeson("ingest", "--server", url, stdin=sandbox.log, environment={"GAMBESON_TOKEN": "gbt_wrong"})
    tap.check(done.status == 3 and b"401" in done.err, "a wrong token ends it", done)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "log").write_bytes(sandbox.log)
        for count in (9, 0):
            done = gambeson("ingest", "--data", folder / "data", "--file", folder / "log", "--resume", folder / "resume", "--json")
            tap.equal((done.status, json.loads(done.out)["lines"]), (0, count), "a file into a data folder, and on from there")
        with sqlite3.connect(folder / "data/gambeson.db") as database:
            tap.equal(database.execute("SELECT verified_to, state FROM sandboxes").fetchall(), [(7, "open")], "its signatures were looked at")
        follow(url, folder, environment)


def follow(url, folder, environment):
    """Lines as they are written, over a rotation and a kill."""
    log, sandbox = folder / "followed", Sandbox(71, "followed")
    command = [GAMBESON, "ingest", "--server", url, "--function", "followed", "--file", str(log), "--follow", "--resume", str(folder / "resume2"), "--json"]
    log.write_bytes(b"")

    def start():
        return subprocess.Popen(command, env={"PATH": os.environ["PATH"], **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def write(count):
        before = len(sandbox.lines)
        sandbox.invocations(count)
        with open(log, "ab") as file:
            file.write(b"".join(line + b"\n" for line in sandbox.lines[before:]))

    def arrived():
        query = "SELECT COUNT(DISTINCT e.seq) FROM events AS e JOIN functions AS f ON f.id = e.function WHERE f.name = 'followed'"
        return rows(SERVER[0], query) == [(sum(b'"kind":"seal"' not in line for line in sandbox.lines),)]

    log.write_bytes(sandbox.log)
    process = start()
    write(2)
    tap.check(tap.wait_until(arrived), "what is written arrives")
    os.rename(log, folder / "followed.1")
    write(2)
    tap.check(tap.wait_until(arrived), "over a rotation")
    # That it noted how far it is, too: of files that were rotated away twice meanwhile the second is not looked for.
    tap.check(tap.wait_until(lambda: f" {os.stat(log).st_ino} " in (folder / "resume2").read_text()), "and how far it is, is noted")
    process.kill()
    process.wait()
    write(1)
    os.rename(log, folder / "followed.2")
    write(1)
    process = start()
    tap.check(tap.wait_until(arrived), "and over a kill and another rotation")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    tap.check(process.returncode == 0 and json.loads(out)["broken"] == 0, "it ends in order when asked to", (process.returncode, out, err))


SERVER = []


def main():
    with Server() as server:
        SERVER.append(server)
        people = server.people()
        admin = people["admin"]
        for part in (roads, who_may, across, hostile, forged, by_command):
            tap.section(part, server, admin)
        tap.section(who_teaches, server, admin, people)


main()
tap.done()

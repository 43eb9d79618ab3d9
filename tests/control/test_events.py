# SPDX-License-Identifier: Apache-2.0
"""Events of a real server, as its API gives them: each answer is held against what was sent, and against the server's own OpenAPI
document. On SQLite, and on PostgreSQL when GAMBESON_TEST_POSTGRES names one."""

import collections
import csv
import datetime
import io
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))

from api import Api, Mismatch
from remote import EVIL, finding, ingest, token
from server import PASSWORD, Server, tap

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
FUNCTIONS = (("orders", "111122223333"), ("payments", "111122223333"), ("search", "444455556666"))
CLASSES = (("SQL Injection Attack", "sqli"), ("Command Injection Attack", "cmdi"), ("Host Event", "host"))
SEVERITIES = ("low", "medium", "high", "critical")
MINUTE = datetime.timedelta(minutes=1)


def moment(minutes):
    """So long ago, as lines have it."""
    return (NOW - minutes * MINUTE).strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


class Sent:
    """What was sent, newest last, each a dict with the members that the API shows."""

    def __init__(self, client):
        self.client, self.events, self.seq = client, [], 0

    def send(self, function, members):
        name, account = function
        lines, events = [], []
        for one in members:
            self.seq += 1
            events.append({"function_name": name, "account": account, "type": CLASSES[0][0], "class": CLASSES[0][1], "action": "blocked", "severity": "high",
                           "source_ip": "203.0.113.9", "message": f"m {self.seq}", "time": moment(0), **one})
            shown = {key: value for key, value in events[-1].items() if key not in ("function_name", "account")}
            lines.append(finding(self.seq, request=shown.pop("request", f"r-{self.seq}"), **shown))
        ingest(self.client, lines, name, account)
        self.events += events
        return events


def spread(sent):
    for number, function in enumerate(FUNCTIONS):
        sent.send(function, [{
            "type": CLASSES[n % 3][0], "class": CLASSES[n % 3][1], "severity": SEVERITIES[n % 4], "action": ("blocked", "observed")[n // 2 % 2],
            "source_ip": f"198.51.100.{n % 5 + 10 * number}", "message": f"round {n} of {function[0]}, {'needle' if n % 10 == 7 else 'hay'}",
            "time": moment(3 * n + number)} for n in range(100)])


def listed(api, **query):
    """Every page of a query."""
    events, cursor, pages = [], None, 0
    while pages < 400:
        answer = api.call("listEvents", want=200, query={**query, **({"cursor": cursor} if cursor else {})}).json
        events += answer["events"]
        cursor, pages = answer.get("next"), pages + 1
        if cursor is None:
            return events
    raise Mismatch("pages without an end")


def key(event):
    return event["time"], event["function_name"], event["message"]


def matching(sent, **wanted):
    found = [e for e in sent.events if all(e[name] == value for name, value in wanted.items())]
    return sorted(found, key=lambda e: e["time"], reverse=True)


def lists(api, sent, _):
    everything = listed(api, limit=500)
    tap.equal(sorted(map(key, everything)), sorted(map(key, sent.events)), "all that was sent is there, once")
    tap.equal([e["time"] for e in everything], sorted((e["time"] for e in everything), reverse=True), "the latest first")
    tap.equal([e["id"] for e in listed(api, limit=7)], [e["id"] for e in everything], "pages of seven are the same")
    names = {e["function_name"]: e["function"] for e in everything}
    for query, wanted in (({"account": "444455556666"}, {"account": "444455556666"}), ({"class": "cmdi"}, {"class": "cmdi"}), ({"type": "Host Event"}, {"type": "Host Event"}),
                          ({"action": "observed"}, {"action": "observed"}), ({"function": names["orders"]}, {"function_name": "orders"}), ({"region": "eu-west-1"}, {}),
                          ({"source_ip": "198.51.100.12"}, {"source_ip": "198.51.100.12"}), ({"region": "us-east-1"}, {"account": "nobody's"}),
                          ({"severity": "critical", "class": "sqli"}, {"severity": "critical", "class": "sqli"})):
        tap.equal(sorted(map(key, listed(api, limit=50, **query))), sorted(map(key, matching(sent, **wanted))), f"filter {query}")
    found = listed(api, severity="high", limit=50)
    tap.equal(len(found), sum(e["severity"] in ("high", "critical") for e in sent.events), "of a severity at least")
    for limit in (3, 100):
        found = listed(api, text="NEEDLE", limit=limit)
        tap.equal(sorted(map(key, found)), sorted(key(e) for e in sent.events if "needle" in e["message"]), f"a text, {limit} a page")
    begin, end = moment(100), moment(50)
    found = listed(api, **{"from": begin, "to": end}, limit=50)
    tap.equal(sorted(map(key, found)), sorted(key(e) for e in sent.events if begin <= e["time"] < end), "between two moments")
    page = api.call("listEvents", want=200, query={"limit": 20}).json
    sent.send(FUNCTIONS[0], [{"message": "came between two pages"}])
    rest = listed(api, limit=500, cursor=page["next"])
    tap.equal([e["id"] for e in page["events"] + rest], [e["id"] for e in everything], "what comes between two pages moves none")
    for query in ({"cursor": "x"}, {"cursor": "1-"}, {"limit": 0}, {"limit": 501}, {"severity": "loud"}, {"status": "gone"}, {"from": "x"}, {"function": "-1"}, {"text": "x" * 201}):
        tap.equal(api.call("listEvents", query=query).status, 400, f"refused: {list(query.items())[0][0]}={list(query.values())[0]!s:.10}")
    whole = api.call("getEvent", want=200, id=everything[0]["id"]).json
    tap.equal((whole["authentic"], whole["line"]["message"]), ("unsigned", everything[0]["message"]), "one event, whole")
    tap.equal(api.call("changeEvent", want=200, id=everything[0]["id"], body={"status": "false_alarm"}).json["status"], "false_alarm", "its status")
    tap.equal([e["id"] for e in listed(api, status="false_alarm")], [everything[0]["id"]], "found by it")


def counted(api, sent, _):
    names = {"function": "function_name"}
    operation = api.operations["countEvents"][2]
    for by in next(p for p in operation["parameters"] if p["name"] == "by")["schema"]["enum"]:
        answer = api.call("countEvents", want=200, query={"by": by}).json["counts"]
        got = {count["name" if by == "function" else "value"]: count["count"] for count in answer}
        fixed = {"region": "eu-west-1", "control": "firewall", "kind": "finding"}
        tap.equal(got, dict(collections.Counter(fixed.get(by) or e[names.get(by, by)] for e in sent.events)), f"counts by {by}")
        tap.equal([count["count"] for count in answer], sorted((count["count"] for count in answer), reverse=True), f"by {by}: the most first")
    answer = api.call("countEvents", want=200, query={"by": "class", "account": "444455556666", "action": "blocked"}).json["counts"]
    tap.equal({c["value"]: c["count"] for c in answer}, dict(collections.Counter(e["class"] for e in matching(sent, account="444455556666", action="blocked"))), "counts of a filter")
    for bucket, digits in (("hour", 13), ("day", 10)):
        for by in ("class", "type", "action", "severity"):
            answer = api.call("getEventSeries", want=200, query={"bucket": bucket, "by": by}).json["buckets"]
            wanted = collections.Counter((e["time"][:digits], e[by]) for e in sent.events)
            tap.equal({(b["time"][:digits], name): n for b in answer for name, n in b["counts"].items()}, dict(wanted), f"series of {by} by {bucket}")
            tap.equal([b["time"] for b in answer], sorted(b["time"] for b in answer), "in the order of time")
    for operation, query in (("countEvents", {"by": "message"}), ("countEvents", {"by": "class", "text": "x"}), ("getEventSeries", {"by": "source_ip"}), ("getEventSeries", {"bucket": "year"})):
        tap.equal(api.call(operation, query=query).status, 400, f"refused: {operation} {query}")


def overview(api, sent, server):
    answer = api.call("getOverview", want=200).json
    serious = [e for e in sent.events if e["severity"] != "low"]
    tap.equal(answer["attacks"], {"seen": len(serious), "blocked": sum(e["action"] == "blocked" for e in serious), "before": 0}, "overview: attacks")
    tap.equal(sum(n for bucket in answer["series"] for n in bucket["counts"].values()), len(serious), "its series has all of them")
    tap.equal({c["name"]: c["count"] for c in answer["top_functions"]}, dict(collections.Counter(e["function_name"] for e in serious)), "its functions")
    attackers = collections.Counter(e["source_ip"] for e in serious)
    tap.equal([c["count"] for c in answer["top_attackers"]], [n for _, n in attackers.most_common(10)], "its attackers")
    tap.equal((answer["is_new"]["functions"], sorted(answer["is_new"]["types"])), (3, sorted({e["type"] for e in serious})), "what is new")
    narrow = Api(api.address, token=token(server.root, ["events:read"], role="viewer", scope={"accounts": ["444455556666"]}))
    answer = narrow.call("getOverview", want=200).json
    tap.equal((answer["attacks"]["seen"], {c["name"] for c in answer["top_functions"]}, answer["is_new"]["functions"], sum(answer["functions"].values())),
              (sum(e["account"] == "444455556666" for e in serious), {"search"}, 1, 1), "of one's own accounts only")
    tap.equal({e["account"] for e in listed(narrow, limit=500)}, {"444455556666"}, "so are events")
    tap.equal({c["value"] for c in narrow.call("countEvents", want=200, query={"by": "account"}).json["counts"]}, {"444455556666"}, "and counts")


def incidents(api, sent, server):
    def told(**query):
        return api.call("listIncidents", want=200, query=query).json["incidents"]
    function = ("checkout", "777788889999")
    attack = {"request": "request-of-an-incident", "source_ip": "192.0.2.77"}
    sent.send(function, [{**attack, "message": "first", "attack": ["T1190"], "time": moment(9)}, {**attack, "message": "then", "attack": ["T1059.004", "T1190"], "severity": "critical",
                                                                                                 "action": "observed", "time": moment(8)}])
    sent.send(function, [{"source_ip": "192.0.2.77", "request": "another", "message": "again", "attack": ["<b>", "T1005"], "time": moment(7)},
                         {"source_ip": "192.0.2.78", "request": "r3", "severity": "low", "message": "only mentioned", "time": moment(7)}])
    mine = tap.wait_until(lambda: [i for i in told(source_ip="192.0.2.77") if i["events"] == 3])
    tap.equal(len(mine or []), 1, "events of one attacker are one incident")
    one = mine[0]
    tap.equal((one["title"], one["severity"], one["blocked"], one["attack"], one["status"], one["account"], one["function_name"]),
              ("then", "critical", 2, ["T1190", "T1059.004", "T1005"], "open", function[1], "checkout"), "it has their path, and the name of the worst of them")
    tap.equal(told(source_ip="192.0.2.78"), [], "what is only mentioned is no incident")
    whole = api.call("getIncident", want=200, id=one["id"]).json
    tap.equal([e["message"] for e in whole["timeline"]], ["first", "then", "again"], "its timeline is in the order of time")
    tap.equal({e["line"]["attack"][0] for e in whole["timeline"]}, {"T1190", "T1059.004", "<b>"}, "with whole lines")
    tap.equal(api.call("changeIncident", want=200, id=one["id"], body={"status": "resolved"}).json["status"], "resolved", "resolved")
    tap.equal(([i["id"] for i in told(status="resolved")], one["id"] in {i["id"] for i in told(status="open")}), ([one["id"]], False), "found by that")
    sent.send(function, [{"source_ip": "192.0.2.77", "request": "later", "message": "new one"}])
    tap.check(tap.wait_until(lambda: [i for i in told(source_ip="192.0.2.77", status="open") if i["title"] == "new one"]), "what comes behind that is another incident")
    ids, cursor = [], None
    while True:
        page = api.call("listIncidents", want=200, query={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        ids += [i["id"] for i in page["incidents"]]
        cursor = page.get("next")
        if cursor is None or len(ids) > 500:
            break
    tap.check(len(ids) == len(set(ids)) and set(ids) == {i["id"] for i in told(limit=500)}, "pages of two have each once", ids)
    narrow = Api(api.address, token=token(server.root, ["events:read"], role="viewer", scope={"accounts": ["444455556666"]}))
    tap.equal((narrow.call("getIncident", id=one["id"]).status, [i for i in narrow.call("listIncidents", want=200).json["incidents"] if i["account"] != "444455556666"]), (404, []),
              "others' incidents are not there")
    tap.equal(api.call("getIncident", id="999999").status, 404, "an incident that is not there")


def exported(api, sent, _):
    long = [{"message": f"{n} " + "long \"quoted\" " * 180, "time": moment(n % 60)} for n in range(700)]
    sent.send(("exporter", "111122223333"), long)
    answer = api.call("exportEvents", want=200)
    rows = [json.loads(line) for line in answer.data.decode().splitlines()]
    tap.equal(collections.Counter(map(key, rows)), collections.Counter(map(key, sent.events)), "NDJSON has every event once, however long")
    tap.equal([row["time"] for row in rows], sorted((row["time"] for row in rows), reverse=True), "the latest first")
    tap.check("attachment" in answer.headers["content-disposition"], "as a file")
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "|x", "%0a", 'a "quoted", cell', "two\r\nlines", "'=1", EVIL, " =1", "\n=1", " \t\n@x", "\uff1d1+1", "\uff201", "\uff0d1", "\x00nul" "", "𝄞 ß"]
    sent.send(("spreadsheet", "111122223333"), [{"message": text} for text in evil])
    function = next(f["id"] for f in api.call("listFunctions", want=200, query={"text": "spreadsheet"}).json["functions"])
    answer = api.call("exportEvents", want=200, query={"format": "csv", "function": function})
    table = list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))
    tap.equal(len(table), len(evil), "CSV has a row for each event")
    cells = [cell for row in table for cell in row.values()]
    tap.check(all(cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "|", "%") for cell in cells), "no cell begins a formula", [c for c in cells if c[:1] in "=+-@\t\r|%"])
    tap.check(all(cell.lstrip(" \t\r\n")[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20") for cell in cells), "nor behind white space, nor in full-width forms", cells)
    messages = {row["message"].removeprefix("'") for row in table}
    shown = {e["message"].removeprefix("'") for e in listed(api, function=function, limit=50)}
    tap.equal(messages, shown, "else they are as the API shows them")
    rows = list(csv.DictReader(io.StringIO(api.call("exportEvents", want=200, query={"format": "csv"}).data.decode(), newline="")))
    tap.equal((len(rows), {len(row) for row in rows}, any(value is None for row in rows for value in row.values())), (len(sent.events), {len(table[0])}, False), "CSV of everything is whole")
    tap.equal(len(api.call("exportEvents", want=200, query={"text": "needle"}).data.splitlines()), sum("needle" in e["message"] for e in sent.events), "of a filter")
    tap.equal(api.call("exportEvents", query={"format": "xml"}).status, 400, "another format is refused")


class Stream:
    """Server-sent events, as a browser reads them."""

    def __init__(self, api, path="/v1/events/stream", last=None, secret=None):
        self.connection = api.connect()
        self.connection.timeout = 20
        self.connection.request("GET", path, headers={"Authorization": f"Bearer {secret or api.token}", **({"Last-Event-ID": last} if last else {})})
        self.response = self.connection.getresponse()
        self.last = last

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def next(self):
        """The next event; None at the end of the stream."""
        fields = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            if line == "\n" and "data" in fields:
                self.last = fields["id"]
                return json.loads(fields["data"])
            name, _, value = line.rstrip("\n").partition(": ")
            if name and not line.startswith(":"):
                assert name in ("event", "id", "data") and name not in fields, line
                fields[name] = value

    def ready(self):
        """Wait for the comment that it begins with: from then on nothing is missed."""
        assert self.response.readline().startswith(b":"), "a stream begins with a comment"
        return self


def streamed(api, sent, server):
    function = ("streamed", "111122223333")
    with Stream(api) as stream:
        tap.equal((stream.response.status, stream.response.getheader("Content-Type")), (200, "text/event-stream"), "a stream")
        stream.ready()
        sent.send(function, [{"message": "one"}, {"message": "two"}])
        begin = time.monotonic()
        tap.equal([stream.next()["message"] for _ in range(2)], ["one", "two"], "what comes is told, in its order")
        tap.check(time.monotonic() - begin < 5, "soon")
        last = stream.last
    sent.send(function, [{"message": f"missed {n} " + "x" * 3000} for n in range(300)])
    with Stream(api, last=last) as stream:
        tap.equal([stream.next()["message"].split(" x")[0] for _ in range(300)], [f"missed {n}" for n in range(300)], "Last-Event-ID brings what was missed, all of it, once")
        middle = stream.last
        sent.send(function, [{"message": "behind"}])
        tap.equal(stream.next()["message"], "behind", "and what comes behind")
    with Stream(api, last=str(int(middle) - 1)) as stream:
        tap.equal([stream.next()["message"][:10] for _ in range(2)], ["missed 299", "behind"], "from any number")
    identity = next(f["id"] for f in api.call("listFunctions", want=200, query={"text": "orders"}).json["functions"])
    queries = {"function": identity, "severity": "critical", "account": "444455556666", "class": "cmdi", "source_ip": "192.0.2.200", "text": "wanted"}
    for name, value in queries.items():
        with Stream(api, f"/v1/events/stream?{name}={value}") as stream:
            stream.ready()
            sent.send(FUNCTIONS[1], [{"message": "not that"}])
            sent.send(FUNCTIONS[0] if name == "function" else FUNCTIONS[2], [{"message": "wanted", **({name: value} if name not in ("function", "account", "text") else {}),
                                                                           **({"type": "Command Injection Attack"} if name == "class" else {})}])
            tap.equal(stream.next()["message"], "wanted", f"of a filter by {name} only")
    with Stream(api, last="rubbish") as stream:
        tap.equal(stream.ready().response.status, 200, "an id that is none begins now")
    secret = token(server.root, ["events:read"], role="viewer", scope={"accounts": ["444455556666"]})
    with Stream(api, secret=secret) as stream:
        stream.ready()
        sent.send(FUNCTIONS[1], [{"message": "of others"}])
        sent.send(FUNCTIONS[2], [{"message": "my own"}])
        tap.equal(stream.next()["message"], "my own", "a scope holds in streams")
        last = max(api.call("listTokens", want=200).json["items"], key=lambda one: int(one["id"]))
        api.call("revokeToken", want=204, id=last["id"])
        tap.equal(stream.next(), None, "with its token a stream ends")
    narrowed = server.root.post("/v1/users", {"name": "narrowed", "role": "operator", "password": PASSWORD}).json["id"]
    client = server.client(source="127.0.3.1")
    client.sign_in("narrowed")
    secret = client.post("/v1/tokens", {"name": "wide", "scopes": ["events:read"]}).json["token"]
    with Stream(api, secret=secret) as stream:
        stream.ready()
        server.root.call("PATCH", f"/v1/users/{narrowed}", {"scope": {"accounts": ["444455556666"]}})
        tap.equal(stream.next(), None, "when its maker sees less a stream ends")


def hostile(api, sent, _):
    texts = [EVIL, "<script>alert(1)</script>", "'; DROP TABLE events; --", "ß" * 32, "\u0000", "a" * 64]
    for n, text in enumerate(texts):
        ingest(sent.client, [finding(90000 + n, type=text, control=text, reason=text, message=text, subject=text, request=text, time=moment(1), **{"class": text})],
               "hostile" + text[:100].replace("\0", "0"), "111122223333")
    for name, operation in api.operations.items():
        if operation[0] == "GET" and operation[1].startswith(("/v1/events", "/v1/incidents", "/v1/overview", "/v1/functions")) and "{" not in operation[1] and name != "streamEvents":
            answers = [api.call(name, query={"by": by} if name in ("countEvents", "getEventSeries") else None) for by in ("type", "class")]
            tap.check(all(answer.status == 200 for answer in answers), f"{name}: hostile texts are values like others", answers[0].data[:300])


def main():
    with Server() as server:
        server.root = server.admin()
        api = Api(("127.0.0.1", server.port), token=token(server.root))
        sent = Sent(server.client(token=token(server.root, ["ingest"])))
        spread(sent)
        for part in (lists, counted, overview, incidents, exported, streamed, hostile):
            tap.section(part, api, sent, server)


main()
tap.done()

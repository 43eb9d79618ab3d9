# SPDX-License-Identifier: Apache-2.0
"""Exceptions from recorded events, previews by replay, what a function does and what its policy lists, groups and postures: over the API
of a real server that was told findings and observations as log forwarders tell them."""

import collections
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))

from api import Api
from server import PASSWORD, Server, tap

ACCOUNT, OTHER = "123456789012", "210987654321"
HOSTILE = "/tmp/<img src=x onerror=alert(1)>'; DROP TABLE events;--\u202e"


def line(kind, seq, **more):
    return json.dumps({"gambeson": 1, "kind": kind, "seq": seq, "time": "2026-11-21T14:00:00.000Z", "sandbox": "00000000000000aa", **more}, separators=(",", ":"))


def finding(seq, control, activity=None, action="blocked", **more):
    body = {"id": f"01KAKTEST0{seq:016d}", "type": "Process Event", "class": activity["kind"] if activity else "cmdi", "control": control, "action": action, "mode": "block",
            "severity": "high", "reason": "not_on_allowlist", "message": "x", "request": f"r-{seq}", **more}
    return line("finding", seq, **body, **({"activity": activity} if activity else {}))


def activity(kind, subject, *arguments, **more):
    return {"kind": kind, "subject": subject, **({"arguments": list(arguments)} if arguments else {}), **more}


EVENTS = {
    "file": finding(10, "allowlist", activity("file_read", "/tmp/upload-3f2a9c1e7b6d4a55/report.csv")),
    "secret": finding(11, "allowlist", activity("file_read", "/etc/shadow")),
    "star": finding(12, "allowlist", activity("file_read", "/tmp/a*b")),
    "process": finding(13, "allowlist", activity("process_start", "/usr/bin/convert", "convert", "-resize", "100x100", "<in>", "*", "a\\b")),
    "flow": finding(14, "flow", activity("process_start", "/bin/dash", "sh", "-c", "cat /tmp/x;id"), **{"class": "cmdi", "reason": "flow_shell_command"}),
    "address": finding(15, "allowlist", activity("net_connect", "203.0.113.7:443", object="api.tenant.azurewebsites.net")),
    "private": finding(16, "allowlist", activity("net_connect", "10.1.2.3:5432")),
    "host": finding(17, "allowlist", activity("name_lookup", "eu.shop.example.com")),
    "starhost": finding(18, "allowlist", activity("name_lookup", "*.example.com")),
    "api": finding(19, "allowlist", activity("aws_api", "s3:GetObject", object="arn:aws:s3:::bucket/key")),
    "http": finding(20, "allowlist", activity("http_request", "POST api.example.com", object="/v1/pay")),
    "kind": finding(21, "allowlist", activity("net_listen", "0.0.0.0:8080")),
    "trace": finding(22, "allowlist", activity("process_trace", "ptrace")),
    "rename": finding(23, "allowlist", activity("file_rename", "/tmp/a", object="/tmp/b")),
    "cut": finding(24, "allowlist", activity("process_start", "/usr/bin/tool", "tool", "--long", "beginn", cut=True)),
    "input": finding(25, "firewall", **{"class": "xss", "reason": "html_event_handler", "input": {"path": "Records[3].body.comment", "value": "x"}}),
    "source": finding(26, "firewall", **{"class": "source", "reason": "source_listed"}),
    "drift": finding(27, "drift", activity("process_start", "/tmp/x", "x")),
    "rule": finding(28, "rule", activity("file_read", "/etc/passwd"), rule={"name": "rule/7", "reason": "no"}),
    "hostile": finding(29, "allowlist", activity("file_read", HOSTILE)),
    "relative": finding(30, "allowlist", activity("file_read", "etc/x")),
    "script": finding(32, "allowlist", activity("process_start", "/usr/bin/python3.11", "python3", "/tmp/x*.py", object="/tmp/x*.py")),
    "bare": finding(33, "allowlist", activity("process_start", "/usr/bin/tool")),
    "shell": finding(34, "allowlist", activity("process_start", "/bin/dash", "sh", "-c", "a\nb $x \"q\" `z` # c\t<path>")),
    "link": finding(35, "allowlist", activity("file_link", "/etc/passwd", object="/tmp/l")),
    "unix": finding(36, "allowlist", activity("net_connect", "/run/x.sock")),
    "signs": finding(37, "allowlist", activity("file_write", "/tmp/a{b}[c].(d)+^$|?\\*")),
    "odd": finding(31, "allowlist", {"kind": "file_read", "subject": 5, "arguments": {"a": 1}}, **{"class": "file_read"}),
}


def observations():
    items = [activity("file_read", "/var/task/index.js"), activity("file_read", "/etc/hosts"), activity("process_start", "/usr/bin/convert", "convert", "-size", "5"),
             activity("name_lookup", "db.example.com"), activity("net_connect", "10.0.0.9:5432", object="db.example.com")]
    yield line("start", 0, version="0.1.0", mode="detect", stance="open", observe=True, runtime="node", function="orders", function_version="3", code="code-a")
    yield line("observations", 1, phase="invoke", request="a", invocations=1, shape="sqs", items=items)
    yield line("observations", 2, phase="invoke", request="b", invocations=2, shape="sqs", items=[dict(item, n=2) for item in items[:2]])
    later = dict(sandbox="00000000000000bb", time="2026-11-21T15:00:00.000Z")
    yield line("start", 0, version="0.1.0", mode="detect", stance="open", observe=True, runtime="node", function="orders", function_version="4", code="code-b", **later)
    yield line("observations", 1, phase="invoke", request="c", invocations=1, shape="sqs", items=items[:2] + [activity("file_write", "/tmp/new")], **later)


def tell(people):
    token = people["admin"].post("/v1/tokens", {"name": "logs", "scopes": ["ingest", "learn"]}).json["token"]
    lines = list(observations()) + list(EVENTS.values())
    answer = people["admin"].server.client(token=token).call(
        "POST", f"/v1/ingest?account={ACCOUNT}&region=eu-west-1&function=orders&stream=one", ("\n".join(lines) + "\n").encode(), headers={"Content-Type": "text/plain", "Authorization": f"Bearer {token}"})
    tap.check(answer.status == 200 and answer.json["broken"] == 0, "lines are told", str(answer))
    tap.wait_until(lambda: len(people["admin"].get("/v1/events?limit=500").json["events"]) >= len(EVENTS))
    found = {}
    for event in people["admin"].get("/v1/events?limit=500").json["events"]:
        for name, text in EVENTS.items():
            if json.loads(text)["request"] == event.get("request"):
                found[name] = event["id"]
    tap.equal(sorted(found), sorted(EVENTS), "all of them are events")
    return found


def drafts(people, events, function):
    analyst = people["analyst"]
    get = lambda name: analyst.get(f"/v1/events/{events[name]}/exceptions").json
    own = {"kind": "function", "function": function}
    entries = lambda name: [one["entry"] for one in get(name)["exceptions"] if one["scope"] == own]
    warned = lambda name: [one["warning"] is not None for one in get(name)["exceptions"] if one["scope"] == own]
    path = "/tmp/upload-3f2a9c1e7b6d4a55/report.csv"
    tap.equal(entries("file"), [{"files": {"read": [path]}}, {"files": {"read": ["/tmp/upload-*/report.csv"]}}, {"files": {"read": [{"in": path[:28]}]}}, {"files": {"read": [path[:28] + "/*"]}}],
              "of a file: itself, with a made-up name, its folder, all below")
    tap.equal(warned("file"), [False, False, False, False], "names below /tmp are made up: no warning")
    tap.check(len(entries("secret")) >= 2 and all(warned("secret")), "of what is never learned with a warning each", str(get("secret")))
    tap.equal(entries("star")[0], {"files": {"read": [{"regex": "/tmp/a\\*b"}]}}, "a star of its own is no pattern")
    tap.equal(entries("process"), [{"processes": [{"executable": "/usr/bin/convert", "arguments": ["-resize", "100x100", "\\<in>", "\\*", "a\\\\b"]}]}, {"processes": [{"executable": "/usr/bin/convert"}]}],
              "of a process: these arguments, any")
    tap.equal(warned("process"), [False, True], "any with a warning")
    tap.check(entries("flow")[0] == {"processes": [{"executable": "/bin/dash", "name": "sh", "arguments": ["-c", "cat /tmp/x;id"]}]} and all(warned("flow")), "what input has changed: with a warning", str(get("flow")))
    tap.equal(entries("address"), [{"hosts": ["api.tenant.azurewebsites.net"]}, {"addresses": ["203.0.113.7:443"]}, {"addresses": ["203.0.113.7:*"]}, {"addresses": ["203.0.113.0/24:443"]},
                                   {"hosts": ["*.tenant.azurewebsites.net"]}], "of an address: its name, itself, every port, those beside it, names beside it")
    tap.equal(warned("address"), [False, True, True, True, True], "what belongs to others with a warning")
    tap.equal([entries("private"), warned("private")], [[{"addresses": ["10.1.2.3:5432"]}, {"addresses": ["10.1.2.3:*"]}, {"addresses": ["10.1.2.0/24:5432"]}], [False, True, False]], "a private network is one's own")
    tap.equal([entries("host"), warned("host")], [[{"hosts": ["eu.shop.example.com"]}, {"hosts": ["*.shop.example.com"]}], [False, False]], "of a name")
    tap.check(entries("starhost") == [] and get("starhost")["note"], "a name with a star: none", str(get("starhost")))
    tap.equal([entries("api"), warned("api")], [[{"awsApis": [{"action": "s3:GetObject", "resources": ["arn:aws:s3:::bucket/key"]}]}, {"awsApis": [{"action": "s3:GetObject"}]}], [False, True]], "of an API")
    tap.equal(entries("http"), [{"http": [{"method": "POST", "host": "api.example.com", "path": "/v1/pay"}]}], "of a request")
    tap.equal([entries("kind"), entries("trace"), warned("trace")], [[{"kinds": ["net_listen"]}], [{"kinds": ["process_trace"]}], [True]], "of a kind")
    tap.equal(entries("rename"), [{"files": {"write": ["/tmp/a", "/tmp/b"]}}], "of a rename both")
    tap.check(entries("cut")[0] == {"processes": [{"executable": "/usr/bin/tool", "arguments": ["--long", "**"]}]} and all(warned("cut")), "of what the log cut off", str(get("cut")))
    tap.equal(entries("input")[:2], [{"inputs": [{"classes": ["xss"], "paths": [place], "reasons": ["html_event_handler"]}]} for place in ("Records[3].body.comment", "Records[*].body.comment")],
              "of an input: its place, class and reason; any place of the list")
    tap.equal(warned("input")[:5], [False, False, True, True, True], "wider ones with a warning")
    for name in ("source", "drift", "rule"):
        answer = get(name)
        tap.check(answer["exceptions"] == [] and answer["note"], f"none that would help: {name}: {answer['note']}")
    tap.equal(get("rule")["rule"], "7", "the rule that forbids it")
    tap.check(entries("hostile") == [{"files": {"read": [HOSTILE]}}] + entries("hostile")[1:] and get("relative")["note"] and get("odd")["note"], "hostile values", str(get("hostile")))
    scopes = [one["scope"] for one in get("file")["exceptions"]]
    tap.equal(scopes[-1], {"kind": "account", "name": ACCOUNT}, "the last one is for the whole account")
    tap.equal([entries("kind"), warned("kind"), entries("bare"), warned("bare")], [[{"kinds": ["net_listen"]}], [True], [{"processes": [{"executable": "/usr/bin/tool"}]}], [True]],
              "what cannot be said narrowly has a warning")
    for name in EVENTS:
        for one in get(name)["exceptions"]:
            make = {key: one[key] for key in ("list", "scope", "entry")}
            seen = analyst.post("/v1/rules/preview", make).json
            tap.check([events[name], "allow"] in [[example["event"], example["after"]] for example in seen["examples"]], f"a draft lets its event pass: {name}: {one['title']}", str(seen))
    for name in ("file", "process", "address", "api", "http", "kind", "input", "flow", "hostile"):
        for one in get(name)["exceptions"]:
            make = {key: one[key] for key in ("list", "scope", "entry")}
            answer = people["operator"].post("/v1/rules", make)
            tap.check(answer.status == 201, f"a draft can be made: {one['title']}", str(answer))
            people["operator"].call("DELETE", f"/v1/rules/{answer.json['id']}")
    tap.equal(analyst.get("/v1/events/01KAKTEST09999999999999999/exceptions").problem, "not-found", "no such event")
    tap.equal(analyst.get("/v1/events/x/exceptions").problem, "not-found", "no event at all")


def previews(people, events, function):
    analyst = people["analyst"]
    scope = {"kind": "function", "function": function}
    preview = lambda list, entry, where=scope: analyst.post("/v1/rules/preview", {"list": list, "scope": where, "entry": entry})
    answer = preview("exclusion", {"files": {"read": ["/tmp/*"]}})
    changed = {(one["event"], one["subject"]): (one["before"], one["after"]) for one in answer.json["examples"]}
    tap.check(answer.status == 200 and answer.json["functions"] == 1 and not answer.json["truncated"] and answer.json["examined"] >= len(EVENTS) - 4, "an exclusion is replayed", str(answer))
    tap.equal(changed.get((events["file"], "/tmp/upload-3f2a9c1e7b6d4a55/report.csv")), ("deny", "allow"), "what it lets pass")
    tap.check((events["secret"], "/etc/shadow") not in changed, "and nothing else", str(changed))
    answer = preview("rule", {"files": {"read": ["/etc/hosts"]}}).json
    tap.equal([(one["event"], one["kind"], one["subject"], one["after"]) for one in answer["examples"]], [(None, "file_read", "/etc/hosts", "report")], "a rule, on observed activity")
    answer = preview("exclusion", {"inputs": [{"classes": ["xss"], "paths": ["Records[*].body.comment"]}]}).json
    tap.equal([(one["event"], one["kind"], one["subject"], one["before"], one["after"]) for one in answer["examples"]], [(events["input"], "input", "Records[3].body.comment", "deny", "allow")], "an exception of the firewall")
    answer = preview("exclusion", {"processes": [{"executable": "/bin/dash", "arguments": ["-c", "cat /tmp/x;id"]}]}).json
    tap.equal([(one["event"], one["arguments"], one["after"]) for one in answer["examples"]], [(events["flow"], ["sh", "-c", "cat /tmp/x;id"], "allow")], "the flow check is let go, too")
    answer = preview("exclusion", {"files": {"read": ["/etc/passwd"]}, "processes": [{"executable": "/tmp/x"}]}).json
    tap.equal(answer["examples"], [], "what no exclusion changes stays")
    tap.equal(preview("rule", {"files": {"read": ["/var/task/index.js"]}}, {"kind": "group", "name": "nobody"}).json["functions"], 0, "for nobody")
    tap.equal(preview("rule", {"files": {"read": ["/var/task/index.js"]}}, {"kind": "account", "name": ACCOUNT}).json["changed"], 1, "for an account")
    tap.equal(preview("rule", {"files": {"read": ["x"]}}).problem, "invalid", "what is wrong is told")
    tap.equal(people["viewer"].post("/v1/rules/preview", {}).status, 403, "a viewer asks for none")
    made = people["operator"].post("/v1/rules", {"list": "rule", "scope": scope, "entry": {"name": "no-hosts", "files": {"read": ["/etc/hosts"]}}}).json["id"]
    answer = preview("exclusion", {"files": {"read": ["/etc/hosts"]}}).json
    tap.check(answer["changed"] == 0 and "no-hosts" in (answer["conflict"] or ""), "an exclusion within a rule is in vain, and said to be", str(answer))
    people["operator"].call("DELETE", f"/v1/rules/{made}")
    tap.equal(people["operator"].get("/v1/rules").json["items"], [], "nothing was stored")


def sifted(operator, where, rows):
    """By a part of their text, by verdict, and folder by folder: each once, wherever a page ends."""
    ask = lambda limit=500, **query: operator.get(f"{where}?" + urllib.parse.urlencode({"limit": limit, **query})).json
    values = lambda answer: [one["value"] for one in answer["items"]]
    for part in ("INDEX", "/var", "e", "no such", "%00", "'"):
        wanted = [one["value"] for one in rows if part.lower() in one["value"].lower() or part.lower() in one.get("object", "").lower()]
        tap.check(values(ask(text=part)) == wanted and ask(text=part)["total"] == len(wanted), f"what holds {part}", str(wanted))
        tap.equal([value for at in range(len(wanted)) for value in values(ask(1, text=part, cursor=at))], wanted, f"what holds {part}, page by page")
    tap.equal([len(ask(verdict=one)["items"]) for one in ("unlisted", "allow", "deny")], [len(rows), 0, 0], "by verdict")
    tap.equal(ask(text="index")["kinds"], ask()["kinds"], "how many there are of each kind, whatever is looked for")
    files = sorted(one["value"] for one in rows if one["kind"] == "file")

    def walk(folder, more):
        answer = ask(kind="file", folder=folder, **more)
        found = values(answer)
        for below in answer["folders"]:
            inner = walk(below["path"], more)
            tap.check(below["path"].startswith(folder) and len(inner) == below["count"] and all(value.startswith(below["path"]) for value in inner), f"{below} is in {folder}", str(inner))
            found += inner
        return found
    tap.equal(sorted(walk("/", {})), files, "folder by folder each file once")
    tap.equal(sorted(walk("/", {"text": "TASK"})), [value for value in files if "task" in value], "and what is looked for in them")
    for query in ("text=" + "x" * 257, "verdict=maybe", "folder=var", "folder=/var", "kind=folder"):
        tap.equal(operator.call("GET", f"{where}?{query}").status, 400, f"{query[:20]} is refused")


def items(people, function):
    operator, where = people["operator"], f"/v1/functions/{function}/activity"
    get = lambda query="": operator.get(where + "?limit=500" + query).json
    tap.wait_until(lambda: len(get()["items"]) >= 6)
    rows = {(one["activity"], one["value"]): one for one in get()["items"]}
    index = rows.get(("file_read", "/var/task/index.js"), {})
    tap.check(index.get("kind") == "file" and index["count"] >= 1 and index["origin"] == "learned" and index["verdict"] == "unlisted" and index["entry"] == {"files": {"read": ["/var/task/index.js"]}}
              and index["first_seen"].startswith("2026-11-21T"), "what was seen", str(rows))
    tap.equal(get()["version"], "code-b", "of the latest version")
    tap.equal({one["kind"] for one in get("&kind=file")["items"]}, {"file"}, "by kind")
    tap.equal(get("&kind=file")["kinds"], dict(collections.Counter(one["kind"] for one in get()["items"])), "how many there are of each kind, whichever is asked for")
    first = operator.get(where + "?limit=1").json
    tap.check(len(first["items"]) == 1 and first["total"] == len(rows) and operator.get(where + "?limit=1&cursor=" + first["next"]).json["items"][0] != first["items"][0], "in pages", str(first))
    sifted(operator, where, get()["items"])
    text = "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: orders}\nspec:\n  allow: {files: {read: [/var/task/*]}, processes: [{executable: /bin/true, arguments: [<number>]}], hosts: ['*.example.com']}\n"
    tap.equal(operator.call("PUT", "/v1/policies/FunctionPolicy/orders", {"body": text}, headers={"If-None-Match": "*"}).status, 201, "a document lists some")
    rule = operator.post("/v1/rules", {"list": "rule", "scope": {"kind": "function", "function": function}, "entry": {"files": {"read": ["/etc/hosts"]}}}).json["id"]
    rows = {(one["activity"], one["value"], one["origin"]): one for one in get()["items"]}
    verdicts = {key[1]: row["verdict"] for key, row in rows.items() if key[2] == "learned"}
    tap.equal([verdicts.get(path) for path in ("/var/task/index.js", "/etc/hosts", "/tmp/new")], ["allow", "deny", "unlisted"], "the policy's word on each")
    added = rows.get(("file_read", "/etc/hosts", "added"), {})
    tap.check(added.get("rule") == rule and added["verdict"] == "deny" and added["count"] == 0, "a rule of its own is named", str(rows.keys()))
    static = rows.get(("process_start", "/bin/true <number>", "static"), {})
    tap.equal([static.get("verdict"), static.get("entry")], ["allow", {"processes": [{"executable": "/bin/true", "arguments": ["<number>"]}]}], "what a document lists")
    for row in rows.values():
        if row["entry"] is not None:
            answer = operator.post("/v1/rules/preview", {"list": "exclusion", "scope": {"kind": "function", "function": function}, "entry": row["entry"]})
            tap.check(answer.status == 200, f"its entry is one: {row['value']}", str(answer))
    difference = {(one["value"], one["difference"]) for one in get("&version=code-b&against=code-a")["items"]}
    tap.check({("/tmp/new", "added"), ("/etc/hosts", "same"), ("db.example.com", "removed")} <= difference, "what differs between two versions", str(difference))
    tap.equal(operator.get(where + "?version=code-z").problem, "not-found", "no such version")
    tap.equal(operator.get(where + "?version=%27%20OR%201=1").problem, "not-found", "nor this")
    for query in ("?kind=x", "?cursor=x", "?cursor=-1", "?limit=1000"):
        tap.equal(operator.get(where + query).problem, "bad-value", f"refused: {query}")
    operator.call("DELETE", f"/v1/rules/{rule}")


def why(people, function):
    operator, where = people["operator"], f"/v1/functions/{function}"
    policy = lambda: operator.get(where + "/policy").json
    tap.equal([policy()["posture"], policy()["posture_why"], policy()["group"], policy()["documents"]], ["detect", "its documents say so", None, [{"kind": "FunctionPolicy", "name": "orders"}]], "what holds, and by whose word")
    operator.call("PATCH", where, {"posture": "block", "group": "payments"})
    answer = policy()
    tap.equal([answer["posture"], answer["posture_why"], answer["group"]], ["block", "it was set for this function", "payments"], "a function's own posture and group")
    tap.check("no document" in answer["group_why"] and "posture: block" in answer["body"], "a group without a document", str(answer))
    text = "apiVersion: gambeson/v1\nkind: Group\nmetadata: {name: payments}\nspec: {match: {functions: [nothing]}, policy: {enforce: after learning, rules: [{name: old, expires: 2020-01-01, files: {read: [/x]}}]}}\n"
    operator.call("PUT", "/v1/policies/Group/payments", {"body": text}, headers={"If-None-Match": "*"})
    answer = policy()
    tap.check(answer["group_why"] == "it was put into this group" and answer["posture"] == "detect" and "after learning" in answer["held_back"] and answer["left_out"][0]["name"] == "old",
              "one with a document, which holds the posture back", str(answer))
    operator.call("PATCH", where, {"group": "", "posture": ""})
    tap.equal([policy()["group"], policy()["posture_why"]], [None, "its documents say so"], "and as it was")


def odd_names(people):
    """Names are what somebody wrote into a log."""
    admin = people["admin"]
    token = admin.post("/v1/tokens", {"name": "odd", "scopes": ["ingest"]}).json["token"]
    account, name = "€" * 60, "\u202e" + "ü" * 90
    where = urllib.parse.urlencode({"account": account, "region": "<b>", "function": name})
    text = EVENTS["file"].replace("00000000000000aa", "00000000000000cc").replace('"r-10"', '"odd"')
    admin.server.client(token=token).call("POST", "/v1/ingest?" + where, (text + "\n").encode(), headers={"Content-Type": "text/plain", "Authorization": f"Bearer {token}"})
    event = tap.wait_until(lambda: next((one for one in admin.get("/v1/events?limit=500").json["events"] if one.get("request") == "odd"), None))
    answer = admin.get(f"/v1/events/{event['id']}/exceptions")
    last = answer.json["exceptions"][-1]
    tap.equal([last["scope"], account[:40] in last["title"]], [{"kind": "account", "name": account}, True], "an account of odd letters")
    make = {key: answer.json["exceptions"][0][key] for key in ("list", "scope", "entry")}
    made = people["operator"].post("/v1/rules", make)
    tap.equal([made.status, made.json["function_name"]], [201, name], "a function of an odd name")
    path = f"/v1/functions/{made.json['scope']['function']}/policy"
    tap.equal(admin.get(path).json["additions"], 1, "has its own")
    people["operator"].call("DELETE", f"/v1/rules/{made.json['id']}")


def others(server, people, events, function):
    """Who sees another account sees nothing of it."""
    people["admin"].post("/v1/users", {"name": "elsewhere", "role": "operator", "password": PASSWORD, "scope": {"accounts": [OTHER]}})
    client = server.client(source="127.0.4.9")
    client.sign_in("elsewhere")
    for path in (f"/v1/events/{events['file']}/exceptions", f"/v1/functions/{function}/activity", f"/v1/functions/{function}/policy"):
        tap.equal(client.get(path).problem, "not-found", f"not another's: {path.rsplit('/', 1)[1]}")
    entry = {"files": {"read": ["/var/task/index.js"]}}
    tap.equal(client.post("/v1/rules/preview", {"list": "rule", "scope": {"kind": "function", "function": function}, "entry": entry}).problem, "invalid", "nor by a preview")
    answer = client.post("/v1/rules/preview", {"list": "rule", "scope": {"kind": "account"}, "entry": entry}).json
    tap.equal([answer["functions"], answer["examined"], answer["examples"]], [0, 0, []], "nor by one for all")


def held_to_the_document(server, people, events, function):
    token = people["admin"].post("/v1/tokens", {"name": "test", "scopes": ["policies:read", "events:read", "functions:read"]}).json["token"]
    api = Api(("127.0.0.1", server.port), token=token)
    for name in events:
        api.call("listExceptions", want=200, id=events[name])
    api.call("previewRule", want=200, body={"list": "exclusion", "scope": {"kind": "account"}, "entry": {"files": {"read": ["/tmp/*"]}}})
    api.call("listActivity", want=200, id=function)
    api.call("listActivity", want=200, id=function, query={"version": "code-b", "against": "code-a"})
    api.call("getEffectivePolicy", want=200, id=function)


def main():
    with Server() as server:
        people = server.people()
        people["admin"] = server.client(source="127.0.1.9")
        people["admin"].sign_in("root")
        events = tell(people)
        function = people["admin"].get("/v1/functions").json["functions"][0]["id"]
        tap.section(drafts, people, events, function)
        tap.wait_until(lambda: len(people["admin"].get(f"/v1/functions/{function}/activity").json["items"]) >= 6)
        tap.section(previews, people, events, function)
        tap.section(items, people, function)
        tap.section(why, people, function)
        tap.section(odd_names, people)
        tap.section(others, server, people, events, function)
        tap.section(held_to_the_document, server, people, events, function)
        tap.equal(server.stop(), 0, "it stops in order")


main()
tap.done()

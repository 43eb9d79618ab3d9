# SPDX-License-Identifier: Apache-2.0
"""gambeson rules and gambeson exclusions against a real server."""

import json
import pathlib
import tempfile

from remote import EVIL, Person, finding, ingest, is_plain, token, width
from server import Server, tap


def one(done):
    """The rule that --json printed."""
    assert done.status == 0, done
    return json.loads(done.out)


def entries(anna, kind, *arguments):
    return [row["entry"] for row in anna.rows(kind, "list", *arguments)]


def life(admin, anna):
    for kind, entry, wanted in (("rules", "files: {read: [/etc/hosts]}", {"files": {"read": ["/etc/hosts"]}}),
                                ("exclusions", '{"hosts": ["example.com"], "name": "calls home"}', {"hosts": ["example.com"], "name": "calls home"})):
        made = one(anna.run(kind, "add", "--function", "orders", "--reason", "why not", "--expires", "2030-12-01", entry, "--json"))
        tap.equal((made["entry"], made["reason"], made["expires"], made["function_name"], made["list"]),
                  (wanted, "why not", "2030-12-02T00:00:00.000Z", "orders", kind[:-1]), f"{kind} add; a day lasts to its end")
        tap.equal(entries(anna, kind), [wanted], f"{kind} list has it, and only its own kind")
        tap.equal(admin.get(f"/v1/rules/{made['id']}").json["author"].split(":")[0], "token", "made by the token")
        changed = one(anna.run(kind, "edit", made["id"], "--expires", "never", "-m", "because", "--json"))
        tap.equal((changed["expires"], changed["reason"], changed["entry"]), (None, "because", wanted), f"{kind} edit changes what is said")
        changed = one(anna.run(kind, "edit", made["id"], "--entry", "files: {write: [/tmp/x]}", "--expires", "2030-01-01T12:00:00Z", "--json"))
        tap.equal((changed["entry"], changed["expires"], changed["reason"]), ({"files": {"write": ["/tmp/x"]}}, "2030-01-01T12:00:00.000Z", "because"), "and the rest stays")
        tap.check(b"function orders" in anna.run(kind, "list", "--function", "orders").out, f"{kind} list of a function, as a table")
        tap.equal(entries(anna, kind, "--function", "search"), [], "another has none of it")
        tap.equal(anna.run(kind, "remove", made["id"]).status, 0, f"{kind} remove")
        done = anna.run(kind, "remove", made["id"])
        tap.check(done.status == 1 and b"no such rule" in done.err, "once", done)
        tap.equal(entries(anna, kind), [], "it is gone")


def scopes(admin, anna):
    function = anna.rows("functions", "list", "--text", "orders")[0]["id"]
    for arguments, scope in ((["--function", function], {"kind": "function", "function": function}), (["--group", "shop"], {"kind": "group", "name": "shop"}),
                             (["--account", "111122223333"], {"kind": "account", "name": "111122223333"}), (["--everywhere"], {"kind": "account"})):
        made = one(anna.run("rules", "add", *arguments, "files: {read: [/opt/x]}", "--json"))
        tap.equal(made["scope"], scope, f"for {' '.join(arguments[:1])}")
    for arguments, word in (([], "--everywhere"), (["--group", "a", "--everywhere"], "one of"), (["--function", "nothing-like-it"], "no function"), (["--function", "twice"], "its id")):
        done = anna.run("rules", "add", *arguments, "files: {read: [/opt/x]}")
        tap.check(done.status in (1, 2) and word.encode() in done.err, f"for {arguments}: {word}", done)
    for kind in ("account", "group", "function"):
        tap.equal({row["scope"]["kind"] for row in anna.rows("rules", "list", "--scope", kind)}, {kind}, f"rules list --scope {kind}")
    for row in anna.rows("rules", "list"):
        anna.run("rules", "remove", row["id"])
    for n in range(62):
        admin.post("/v1/rules", {"list": "exclusion", "scope": {"kind": "account"}, "entry": {"files": {"read": [f"/n/{n}"]}}})
    tap.equal(len(entries(anna, "exclusions", "--limit", "99")), 62, "more than one page")
    done = anna.run("exclusions", "list", "--limit", "60", "--json")
    tap.check(len(done.out.splitlines()) == 60 and b"there are more" in done.err, "at most so many, and it says that there are more", done)
    done = anna.run("exclusions", "list", "--limit", "62", "--json")
    tap.check(len(done.out.splitlines()) == 62 and done.err == b"", "just as many", done)


def wrong(_, anna):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "entry"
        file.write_text("files:\n  read:\n    - /from/a/file\n")
        tap.equal(one(anna.run("rules", "add", "--everywhere", f"@{file}", "--json"))["entry"], {"files": {"read": ["/from/a/file"]}}, "an entry from a file")
        done = anna.run("rules", "add", "--everywhere", "-", "--json", stdin=b"{files: {read: ['/from/input', /b]}, name: '443'}")
        tap.equal(one(done)["entry"], {"files": {"read": ["/from/input", "/b"]}, "name": "443"}, "from standard input; what is quoted is text")
        for name, entry, status, words in (
                ("a word that is none", "filez: {read: [/x]}", 2, [b"filez", b"files"]), ("no map", "just text", 2, [b"a map"]), ("no YAML", "[1", 2, [b"line"]),
                ("twice the same", "{files: {read: [/a]}, files: {read: [/b]}}", 2, [b"twice"]), ("aliases", "{a: &x [1], b: *x}", 2, [b"entry"]),
                ("deep", "[" * 500, 2, [b"entry"]), ("no file", "@" + folder + "/none", 3, [b"none"]), ("nothing", "", 2, [b"a map"]), ("reasons of its own", "{files: {read: [/x]}, reason: y}", 2, [b"reason"])):
            done = anna.run("rules", "add", "--everywhere", entry)
            tap.check(done.status == status and all(word in done.err for word in words), f"refused: {name}", done)
    for arguments, word in ((["1"], b"nothing to change"), (["1", "--expires", "soon"], b"2026-12-01"), (["999999", "-m", "x"], b"no such"), (["../users/1", "-m", "x"], b"path")):
        done = anna.run("rules", "edit", *arguments)
        tap.check(done.status in (1, 2) and word in done.err, f"refused: edit {arguments}", done)


def drafts(admin, anna):
    def told(seq, subject, **more):
        ingest(admin.sender, [finding(seq, type="File Event", control="allowlist", reason="not_on_allowlist", activity={"kind": "file_read", "subject": subject},
                                      request=f"draft-{seq}", **{"class": "file_read"}, **more)], "orders")
        return anna.rows("events", "--request", f"draft-{seq}")[0]["id"]
    event, other, hostile = told(500, "/tmp/a/report.csv"), told(501, "/etc/shadow"), told(502, "/tmp/" + EVIL.replace("\r\n", ""))
    before = anna.rows("exclusions", "list", "--function", "orders")
    done = anna.run("exclusions", "from-event", event)
    tap.check(done.status == 0 and b" 1  " in done.out and b"/tmp/a/report.csv" in done.out and b"--pick" in done.err, "drafts are shown", done)
    rows = anna.rows("exclusions", "from-event", event)
    tap.check(len(rows) > 2 and rows[0]["entry"] == {"files": {"read": ["/tmp/a/report.csv"]}}, "from narrow to wide, as JSON", rows)
    tap.equal(anna.rows("exclusions", "list", "--function", "orders"), before, "and nothing is made")
    made = one(anna.run("exclusions", "from-event", event, "--yes", "--json"))
    tap.equal((made["entry"], made["reason"], made["scope"]["kind"]), (rows[0]["entry"], rows[0]["title"], "function"), "--yes makes the first")
    tap.equal(admin.get(f"/v1/events/{event}").json["status"], "excepted", "the event is marked")
    made = one(anna.run("exclusions", "from-event", event, "--pick", "2", "-m", "mine", "--expires", "2031-01-01", "--json"))
    tap.equal((made["entry"], made["reason"], made["expires"]), (rows[1]["entry"], "mine", "2031-01-02T00:00:00.000Z"), "--pick makes that one")
    tap.check(b"beware: " in anna.run("exclusions", "from-event", other).out, "what else passes is said")
    for typed, count in ((b"\n", 0), (b"rubbish\n", 0), (b"99\n", 0), (b"1\n", 1)):
        before = len(anna.rows("exclusions", "list", "--function", "orders"))
        status, text = anna.screen(100, "exclusions", "from-event", other, typed=typed)
        tap.check(status == 0 and "which, 1 to" in text, f"a terminal is asked, and answers {typed!r}", text)
        tap.equal(len(anna.rows("exclusions", "list", "--function", "orders")) - before, count, "and that is done")
    status, text = anna.screen(80, "exclusions", "from-event", hostile, typed=b"\n")
    tap.check(is_plain(text), "hostile values are text", repr(text))
    for arguments, status, word in (([event, "--pick", "99"], 2, b"drafts"), (["01KAKTEST09999999999999999"], 1, b"no"), (["../users"], 2, b"path"), (["x" * 400], 2, b"id")):
        done = anna.run("exclusions", "from-event", *arguments)
        tap.check(done.status == status and word in done.err, f"refused: {arguments[0][:30]}", done)
    with Person(f"http://127.0.0.1:{admin.server.port}", token(admin, ["policies:*", "events:read", "functions:read"], role="operator")) as bert:
        done = bert.run("exclusions", "from-event", event, "--pick", "3")
        tap.check(done.status == 0 and b"not marked" in done.err, "a token that may not mark the event", done)


def previews(admin, anna):
    before = anna.rows("exclusions", "list")
    told = json.loads(anna.run("exclusions", "preview", "--function", "orders", "files: {read: [/tmp/a/*]}", "--json").out)
    tap.check(told["functions"] == 1 and told["examined"] >= 3, "an exclusion is replayed", told)
    status, text = anna.screen(100, "rules", "preview", "--everywhere", "files: {read: [/tmp/*, /etc/shadow]}")
    tap.check(status == 0 and " would change" in text and is_plain(text), "a rule, for people", text)
    for row in before:
        if row["origin"] == "resource" and row["scope"]["kind"] == "function":
            anna.run("exclusions", "remove", row["id"])
    told = json.loads(anna.run("exclusions", "preview", "--function", "orders", "files: {read: [/etc/shadow]}", "--json").out)
    tap.equal([(e["subject"], e["before"], e["after"]) for e in told["examples"]], [("/etc/shadow", "deny", "allow")], "what would change is named")
    done = anna.run("exclusions", "preview", "--function", "orders", "files: {read: [/etc/shadow]}")
    tap.check(b"1 of " in done.out and b"/etc/shadow" in done.out and b"deny" in done.out and b"allow" in done.out, "in a table, too", done)
    tap.check(anna.run("rules", "preview", "--everywhere", "filez: x").status == 2, "what is wrong is refused")


def shown(_, anna):
    one(anna.run("exclusions", "add", "--everywhere", "--reason", EVIL.replace("\r\n", "") + " long " * 50, json.dumps({"files": {"read": ["/" + "long/" * 40]}}), "--json"))
    for columns in (40, 80, 200):
        status, text = anna.screen(columns, "exclusions", "list", "--limit", "3")
        lines = text.replace("\r\n", "\n").splitlines()
        tap.check(status == 0 and is_plain(text) and max(map(width, lines)) <= columns, f"plain, and in {columns} columns", repr(text))
    tap.check("rules" in anna.run("completion", "bash").out.decode() and "exclusions add|" in anna.run("completion", "bash").out.decode(), "shells complete it")


def main():
    with Server() as server:
        admin = server.admin()
        admin.sender = sender = server.client(token=token(admin, ["ingest"]))
        for n, (function, account) in enumerate((("orders", "111122223333"), ("search", "111122223333"), ("twice", "111122223333"), ("twice", "444455556666"))):
            ingest(sender, [finding(n)], function, account)
        with Person(f"http://127.0.0.1:{server.port}", token(admin)) as anna:
            for part in (life, scopes, wrong, drafts, previews, shown):
                tap.section(part, admin, anna)


main()
tap.done()

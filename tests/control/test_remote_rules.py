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
        sender = server.client(token=token(admin, ["ingest"]))
        for n, (function, account) in enumerate((("orders", "111122223333"), ("search", "111122223333"), ("twice", "111122223333"), ("twice", "444455556666"))):
            ingest(sender, [finding(n)], function, account)
        with Person(f"http://127.0.0.1:{server.port}", token(admin)) as anna:
            for part in (life, scopes, wrong, shown):
                tap.section(part, admin, anna)


main()
tap.done()

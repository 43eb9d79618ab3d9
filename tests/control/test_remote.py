# SPDX-License-Identifier: Apache-2.0
"""Every command that turns to a server, against a real one: what it prints for people and for programs, and what it says when
something is wrong."""

import json
import os
import pathlib
import select
import signal
import sqlite3
import ssl
import stat
import subprocess
import tempfile

from remote import EVIL, Person, finding, ingest, is_plain, token, width
from server import PASSWORD, Server, gambeson, tap


def url_of(server):
    return f"{server.scheme}://127.0.0.1:{server.port}"


def says(done, status, *words):
    return done.status == status and all(word.encode() in done.err for word in words) and b"\x1b" not in done.err


def signing_in(server, admin, _):
    url, secret = url_of(server), token(admin)
    with Person() as anna:
        file = pathlib.Path(anna.home) / ".config/gambeson/login.json"
        for name, stdin, arguments, status, word in [
                ("without a server", b"x\n", [], 2, "--server"), ("to what is no URL", b"x\n", ["--server", "example.com"], 2, "no URL"),
                ("without a token", b"\n", ["--server", url], 2, "no token"), ("with a wrong token", b"gbt_wrong\n", ["--server", url], 2, "token"),
                ("where no server is", b"x\n", ["--server", "http://127.0.0.1:9"], 3, "gambeson serve"),
                ("by TLS where there is none", b"x\n", ["--server", url.replace("http", "https")], 3, "TLS")]:
            done = anna.run("login", *arguments, stdin=stdin)
            tap.check(says(done, status, word) and not file.exists(), f"login {name} says so and keeps nothing", done)
        done = anna.run("functions", "list")
        tap.check(says(done, 2, "gambeson login"), "without a login a command names it", done)
        done = anna.run("login", "--server", url + "/", stdin=secret.encode() + b"\n")
        tap.check(done.status == 0 and f"signed in to {url} as root (admin)" in done.out.decode(), "login", done)
        tap.equal((stat.S_IMODE(os.stat(file).st_mode), secret in file.read_text()), (0o600, True), "its file is for the owner alone")
        tap.equal(anna.run("functions", "list").status, 0, "commands use it")
        done = anna.run("functions", "list", "--server", "http://127.0.0.1:9")
        tap.check(says(done, 2, "no token for http://127.0.0.1:9"), "a token goes to its own server only", done)
        done = anna.run("functions", "list", environment={"GAMBESON_TOKEN": "gbt_wrong"})
        tap.check(says(done, 2, "token"), "GAMBESON_TOKEN goes before it", done)
        done = anna.run("ingest", "--server", url, "--function", "by-login", "--json", stdin=finding(1))
        tap.equal((done.status, json.loads(done.out or "{}").get("lines")), (0, 1), "ingest --server uses it")
        done = anna.run("ingest", "--server", "http://127.0.0.1:9", stdin=finding(1))
        tap.check(says(done, 2, "gambeson login", "GAMBESON_TOKEN"), "ingest takes it to no other server", done)
        file.write_text("{rubbish")
        tap.check(says(anna.run("functions", "list"), 2, "gambeson login"), "a broken file is none")
        tap.equal([(anna.run("logout").status, file.exists()) for _ in range(2)], [(0, False)] * 2, "logout, and again")
    with Person() as bert:
        done = bert.run("login", "--server", url, stdin=token(admin, ["ingest"]).encode())
        tap.check(done.status == 0 and b"signed in" in done.out, "a token for one thing only is kept, too", done)
    with Person() as bert:
        os.mkdir(bert.home + "/.config")
        os.mkdir(bert.home + "/.config/gambeson")
        (pathlib.Path(bert.home) / ".config/gambeson/login.json").symlink_to(bert.home + "/elsewhere")
        bert.run("login", "--server", url, stdin=secret.encode() + b"\n")
        tap.check(not os.path.exists(bert.home + "/elsewhere"), "a link in its place is not followed")


def functions(server, admin, anna):
    ingest(admin_client(server, admin), [finding(1)], "orders")
    ingest(admin_client(server, admin), [finding(2)], "payments", account="222222222222")
    rows = anna.rows("functions", "list", "--sort", "name")
    names = [row["name"] for row in rows]
    tap.check({"orders", "payments"} <= set(names) and names == sorted(names), "functions list", names)
    tap.equal([row["name"] for row in anna.rows("functions", "list", "--account", "222222222222")], ["payments"], "of an account")
    tap.equal([row["name"] for row in anna.rows("functions", "list", "--text", "PAY")], ["payments"], "with a text")
    done = anna.run("functions", "list", "--limit", "1")
    tap.check(done.status == 0 and b"in all" in done.err and done.out.count(b"\n") == 2, "it says that there are more", done)
    row = next(row for row in rows if row["name"] == "orders")
    tap.equal(anna.run("functions", "set", row["id"], "--group", "shop", "--mode", "detect").status, 0, "functions set")
    again = anna.rows("functions", "list", "--group", "shop")
    tap.equal([(one["name"], one["posture"]) for one in again], [("orders", "detect")], "it is set")
    tap.check(says(anna.run("functions", "set", row["id"]), 2, "--group"), "nothing to set")
    tap.check(says(anna.run("functions", "set", "999999", "--mode", "off"), 1, "not"), "a function that is not there")
    tap.check(says(anna.run("functions", "set", "../users/1", "--mode", "off"), 2, "path"), "an id is no way round in paths")
    tap.check(says(anna.run("functions", "list", "--state", "blok"), 2, "blocking"), "a wrong word names the right ones")


def events(server, admin, anna):
    client = admin_client(server, admin)
    ingest(client, [finding(n, message=f"number {n}", severity="low" if n % 2 else "critical") for n in range(100, 110)], "listed")
    function = anna.rows("functions", "list", "--text", "listed")[0]["id"]
    rows = anna.rows("events", "--function", function)
    tap.equal([row["message"] for row in rows], [f"number {n}" for n in range(109, 99, -1)], "events, the latest first")
    tap.equal(len(anna.rows("events", "--function", function, "--severity", "high")), 5, "of a severity at least")
    tap.equal(len(anna.rows("events", "--function", function, "--limit", "3")), 3, "at most so many")
    tap.equal(len(anna.rows("events", "--function", function, "--text", "NUMBER 105")), 1, "with a text")
    tap.equal(len(anna.rows("events", "--function", function, "--from", "2026-11-21T10:01:45Z")), 5, "since a time")
    tap.check(says(anna.run("events", "--from", "tomorrow"), 2, "from"), "a time that is none")
    tap.check("number 109" in anna.run("events").out.decode(), "as a table")
    process = anna.start("events", "--function", function, "--follow", "--json", "--from", "2026-11-21T10:01:48Z")
    try:
        tap.equal([message(process) for _ in range(2)], ["number 108", "number 109"], "--follow begins with what is there, the oldest first")
        for n in (110, 111):
            ingest(client, [finding(n, message=f"number {n}")], "listed")
            tap.equal(message(process), f"number {n}", "and goes on with what comes, once each")
        ingest(client, [finding(n, message=f"number {n}") for n in range(200, 500)], "listed")
        tap.equal([message(process) for _ in range(300)], [f"number {n}" for n in range(200, 500)], "however many come at once")
        ingest(client, [finding(112, message="late", time="2026-11-21T10:01:49.500Z")], "listed")
        tap.equal(message(process), "late", "and what comes late")
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=20)[0]
        tap.equal(rest, b"", "nothing is told twice")
    finally:
        if process.poll() is None:
            process.kill()


def restarted(_, __, ___):
    """A follower, while its server goes away and comes again."""
    with tempfile.TemporaryDirectory() as folder:
        with Server(folder=folder) as server:
            secret, sender = token(server.admin()), None
            with Person(url_of(server), secret) as anna:
                sender = server.client(token=secret)
                ingest(sender, [finding(1, message="one")])
                process = anna.start("events", "--follow", "--json")
                try:
                    tap.equal(message(process), "one", "a follower lists")
                    ingest(sender, [finding(2, message="two")])
                    tap.equal(message(process), "two", "and follows")
                    server.stop()
                    with Server("--listen", f"127.0.0.1:{server.port}", folder=folder) as again:
                        ingest(again.client(token=secret), [finding(n, message=f"m {n}") for n in range(3, 60)])
                        tap.equal([message(process) for _ in range(57)], [f"m {n}" for n in range(3, 60)], "a server that comes again is followed on, and nothing is missed or twice")
                        again.stop(signal.SIGKILL)
                    with Server("--listen", f"127.0.0.1:{server.port}", folder=folder) as again:
                        ingest(again.client(token=secret), [finding(60, message="m 60")])
                        tap.equal(message(process), "m 60", "also one that was killed")
                        admin = again.client()
                        admin.sign_in("root")
                        last = max(admin.get("/v1/tokens").json["items"], key=lambda one: int(one["id"]))
                        admin.call("DELETE", f"/v1/tokens/{last['id']}")
                        err = process.communicate(timeout=30)[1]
                        tap.check(process.returncode == 2 and b"revoked" in err, "it ends with its token, and says so", err)
                finally:
                    if process.poll() is None:
                        process.kill()
        with Person("http://127.0.0.1:9", "x") as anna:
            done = anna.run("events", "--follow")
            tap.check(says(done, 3, "gambeson serve"), "one that was never there is not waited for", done)


def message(process):
    """The message of the next event that a follower prints."""
    text = b""
    while not text.endswith(b"\n"):
        if not select.select([process.stdout], [], [], 20)[0]:
            return None
        piece = os.read(process.stdout.fileno(), 1)
        if not piece:
            return None
        text += piece
    return json.loads(text)["message"]


def admin_client(server, admin):
    if not hasattr(server, "sender"):
        server.sender = server.client(token=token(admin, ["ingest"]))
    return server.sender


def accounts(server, admin, anna):
    done = anna.run("users", "add", "carl", "--role", "analyst", "--account", "111122223333", "--tag", "team=shop", stdin=PASSWORD.encode() + b"\n")
    tap.equal(done.status, 0, "users add")
    row = next(row for row in anna.rows("users", "list") if row["name"] == "carl")
    tap.equal((row["role"], row["scope"]), ("analyst", {"accounts": ["111122223333"], "tags": ["team=shop"]}), "users list has him")
    tap.equal(server.client(source="127.0.2.1").sign_in("carl").status, 200, "he signs in")
    tap.check(says(anna.run("users", "add", "dora", stdin=b""), 2, "standard input"), "no password")
    tap.check(says(anna.run("users", "add", "dora", stdin=b"short\n"), 2, "password"), "a short password")
    tap.check(says(anna.run("users", "add", "carl", stdin=PASSWORD.encode() + b"\n"), 2, "of this name"), "a name that is taken")
    tap.equal(anna.run("users", "delete", row["id"] if isinstance(row["id"], str) else str(row["id"])).status, 0, "users delete")
    tap.check("carl" not in [one["name"] for one in anna.rows("users", "list")], "he is gone")
    tap.equal(anna.run("users", "delete", "9999").status, 1, "one who is not there")
    mine = token(admin)
    with Person(url_of(server), mine) as bert:
        rows = bert.rows("tokens", "list")
        last = max(rows, key=lambda one: int(one["id"]))
        tap.check(len(rows) >= 2 and mine not in json.dumps(rows), "tokens list shows no token", rows)
        tap.equal(anna.run("tokens", "revoke", str(last["id"])).status, 0, "tokens revoke")
        tap.check(says(bert.run("tokens", "list"), 2, "revoked"), "it holds no more")
    with Person(url_of(server), token(admin, ["events:read"], role="viewer")) as bert:
        tap.check(says(bert.run("users", "list"), 2, "forbidden") or says(bert.run("users", "list"), 2, "may"), "what a token is not for", bert.run("users", "list"))


def audit(server, _, anna):
    rows = anna.rows("audit", "list")
    numbers = [row["seq"] for row in rows]
    tap.check(numbers == sorted(numbers, reverse=True) and "user.create" in {row["action"] for row in rows}, "audit list", rows[:3])
    data = str(server.folder / "data")
    done = gambeson("audit", "verify", "--data", data, "--json")
    tap.equal(done.status, 0, "audit verify, beside the server")
    done = gambeson("audit", "verify", "--data", data + "/none")
    tap.check(says(done, 3, "none"), "audit verify of nothing", done)
    with tempfile.TemporaryDirectory() as folder:
        copy = folder + "/gambeson.db"
        done = gambeson("backup", copy, "--data", data)
        tap.equal((done.status, done.err), (0, b""), "backup, while it runs")
        with sqlite3.connect(copy) as database:
            tap.equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)], "it is whole")
            count = database.execute("SELECT COUNT(*) FROM audit").fetchone()[0]
            database.execute("UPDATE audit SET actor = 'user:mallory' WHERE seq = 2")
        tap.equal(count, len(rows), "with all that was there")
        done = gambeson("audit", "verify", "--data", folder)
        tap.check(done.status == 1 and b"2" in done.out + done.err, "a changed entry is found, and which", done)
        done = gambeson("backup", copy, "--data", data)
        tap.check(done.status == 3 and done.err, "a backup overwrites nothing", done)
        tap.check(says(gambeson("backup", folder + "/b", "--data", folder + "/none"), 3, "--data"), "a backup of nothing")


def terminals(server, admin, anna):
    client = admin_client(server, admin)
    ingest(client, [finding(200, message=EVIL + "m" * 200, type=EVIL, subject=EVIL)], "f" + EVIL[:20] + "日本語の関数" * 4)
    ingest(client, [finding(201, message="plain " * 40)], "a-function-with-a-rather-long-name-in-its-account")
    anna.run("users", "add", "a-user-with-a-long-name-" * 3, "--account", "111122223333", "--account", "222222222222", stdin=PASSWORD.encode() + b"\n")
    for columns in (40, 80, 132):
        for command in (["functions", "list"], ["events"], ["users", "list"], ["tokens", "list"], ["audit", "list"]):
            status, text = anna.screen(columns, *command)
            lines = text.replace("\r\n", "\n").splitlines()
            tap.check(status == 0 and len(lines) > 1 and max(map(width, lines)) <= columns, f"{' '.join(command)}: in {columns} columns", text)
            tap.check(is_plain(text), f"{' '.join(command)}: what is hostile in it is text", repr(text))
    _, text = anna.screen(80, "events")
    tap.check(all(head in text for head in ("TIME", "SEVERITY", "FUNCTION", "MESSAGE", "ID")), "80 columns have what matters", text)
    _, text = anna.screen(300, "events", "--limit", "2", "--json")
    rows = [json.loads(line) for line in text.replace("\r\n", "\n").splitlines() if line.startswith("{")]
    tap.check(is_plain(text) and len(rows) == 2, "JSON on a terminal is plain, and JSON", repr(text))
    whole = anna.rows("events", "--text", "evil")
    tap.check(any("\x1b[2J" in row["message"] for row in whole), "JSON has all as it was", whole)


def wire(_, __, ___):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", folder + "/key", "-out", folder + "/chain"], check=True, capture_output=True)
        with Server("--tls-cert", folder + "/chain", "--tls-key", folder + "/key") as server, Person(url_of(server), "gbt_x") as anna:
            done = anna.run("events")
            tap.check(says(done, 3, "certificate"), "a certificate that nobody vouches for", done)
            chain = folder + "/chain"
            admin = server.client(context=ssl.create_default_context(cafile=chain))
            admin.csrf = admin.post("/v1/setup", {"token": server.setup, "name": "root", "password": PASSWORD}).json["csrf_token"]
            secret = token(admin)
            done = anna.run("functions", "list", "--ca", chain, environment={"GAMBESON_TOKEN": secret})
            tap.check(done.status == 0, "one that --ca vouches for", done)
            done = anna.run("functions", "list", environment={"GAMBESON_TOKEN": secret, "GAMBESON_CA": chain})
            tap.check(done.status == 0, "or the environment's GAMBESON_CA", done)
            done = anna.run("functions", "list", "--ca", folder + "/none", environment={"GAMBESON_TOKEN": secret})
            tap.check(says(done, 3, "certificate"), "a file that is not there vouches for nothing", done)
            with Person() as bert:
                for place in (folder, "/"):
                    done = bert.run("login", "--server", url_of(server), "--ca", "chain" if place == folder else chain, stdin=secret.encode(), cwd=folder)
                    tap.check(done.status == 0 and bert.run("functions", "list", cwd=place).status == 0, "login keeps it", done)
                tap.equal(bert.run("ingest", "--server", url_of(server), "--function", "by-tls", stdin=finding(1)).status, 0, "ingest, too")
            done = anna.run("events", "--server", url_of(server).replace("https", "http"))
            tap.check(done.status != 0 and (b"https" in done.err or b"TLS" in done.err), "no TLS where there is", done)


def main():
    with Server() as server:
        admin = server.admin()
        with Person(url_of(server), token(admin)) as anna:
            for part in (signing_in, functions, events, restarted, accounts, audit, terminals, wire):
                tap.section(part, server, admin, anna)


main()
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""gambeson policy push and pull between folders and a real server: nothing that somebody changed is lost without --force; and a
server that answers with everything that a command must not believe."""

import http.server
import json
import os
import pathlib
import tempfile
import threading

from remote import EVIL, Person, finding, ingest, is_plain, token
from server import Server, tap


def document(name, more="posture: block", kind="FunctionPolicy"):
    return f"apiVersion: gambeson/v1\nkind: {kind}\nmetadata: {{name: {json.dumps(name)}}}\nspec:\n  {more}\n"


def states(done):
    """{name: state} of what --json printed."""
    return {row["name"]: row["state"] for row in map(json.loads, done.out.decode().splitlines())}


def push(anna, *arguments):
    done = anna.run("policy", "push", *map(str, arguments), "--json")
    return done.status, states(done)


def pull(anna, *arguments):
    done = anna.run("policy", "pull", *map(str, arguments), "--json")
    return done.status, states(done)


def there_and_back(server, admin, anna, folder):
    mine, other = folder / "mine", folder / "other"
    mine.mkdir()
    (mine / "orders.yaml").write_text(document("orders"))
    (mine / "group.json").write_text(json.dumps({"apiVersion": "gambeson/v1", "kind": "Group", "metadata": {"name": "shop"}, "spec": {"match": {"functions": ["shop-*"]}}}))
    done = anna.run("policy", "push", str(mine), "--dry-run")
    tap.check(done.status == 0 and b"+  posture: block" in done.out and b"would be new" in done.out, "a dry run shows what would change", done)
    tap.equal(admin.get("/v1/policies").json["policies"], [], "and changes nothing")
    tap.equal(push(anna, mine, "-m", "the first"), (0, {"orders": "new", "shop": "new"}), "push")
    history = admin.get("/v1/policies/FunctionPolicy/orders/history").json["revisions"]
    tap.equal([(one["revision"], one["comment"]) for one in history], [(1, "the first")], "with its comment")
    tap.equal(admin.get("/v1/policies/FunctionPolicy/orders").json["body"], document("orders"), "byte by byte")
    tap.equal(push(anna, mine), (0, {"orders": "unchanged", "shop": "unchanged"}), "push again")
    tap.equal(pull(anna, other), (0, {"orders": "new", "shop": "new"}), "pull")
    tap.equal((other / "FunctionPolicy/orders.yaml").read_text(), document("orders"), "byte by byte, too")
    tap.equal(pull(anna, other), (0, {"orders": "unchanged", "shop": "unchanged"}), "pull again")
    (mine / "orders.yaml").write_text(document("orders", "posture: detect"))
    done = anna.run("policy", "push", str(mine / "orders.yaml"))
    tap.check(done.status == 0 and b"-  posture: block\n+  posture: detect" in done.out, "one file: a diff, and changed", done)
    tap.equal(push(anna, other / "FunctionPolicy/orders.yaml"), (1, {"orders": "refused"}), "what is older here than there is not pushed")
    tap.equal(pull(anna, other), (0, {"orders": "changed", "shop": "unchanged"}), "but pulled")
    tap.equal((other / "FunctionPolicy/orders.yaml").read_text(), document("orders", "posture: detect"), "it is the new one")
    # A folder that somebody else made has links in it.
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "shop.yaml").write_text(document("shop", "match: {functions: [mine]}", "Group"))
    for name, link, target in (("linked", "Group", elsewhere), ("planted", "Group/shop.yaml", elsewhere / "shop.yaml")):
        evil = folder / name / link
        evil.parent.mkdir(parents=True)
        evil.symlink_to(target)
        done = anna.run("policy", "pull", str(folder / name), "--force")
        tap.check(done.status == 3 and b"is a link" in done.err and b"mine" in (elsewhere / "shop.yaml").read_bytes() and len(list(elsewhere.iterdir())) == 1, f"nothing is written through a link: {link}", done)
    slash = folder / "slash"
    slash.mkdir()
    (slash / "a.yaml").write_text(document("a/b"))
    done = anna.run("policy", "push", str(slash))
    tap.check(done.status == 1 and b"a.yaml:3:" in done.err and b"called 'a/b'" in done.err, "a name that a server cannot have is told with its place", done)


def effects(server, admin, anna, folder):
    ingest(server.client(token=token(admin, ["ingest"])), [finding(1)], "orders")
    place = folder / "effects"
    pull(anna, place)
    (place / "FunctionPolicy/orders.yaml").write_text(document("orders", "posture: off"))
    rows = {row["name"]: row for row in (json.loads(line) for line in anna.run("policy", "push", str(place), "--dry-run", "--json").out.decode().splitlines())}
    tap.equal((rows["orders"]["state"], rows["orders"].get("functions"), rows["shop"].get("functions")), ("would change", 1, None), "a dry run says how many functions it changes")
    done = anna.run("policy", "push", str(place), "--dry-run")
    tap.check(b"FUNCTIONS" in done.out, "for people, too", done)
    for n in range(40):
        (place / f"many-{n}.yaml").write_text(document(f"many-{n}"))
    status, text = anna.screen(100, "policy", "push", str(place))
    tap.check(status == 0 and " of 42 documents" in text and is_plain(text), "long work shows how far it is, on a terminal", text[-2000:])
    for n in range(40):
        (place / f"many-{n}.yaml").unlink()
    (place / "FunctionPolicy/orders.yaml").write_text(document("orders", "posture: detect"))
    status, told = push(anna, place, "--prune")
    tap.equal((status, sum(state == "deleted" for state in told.values()), told["orders"]), (0, 40, "changed"), "many are pruned")
    pull(anna, folder / "mine"), pull(anna, folder / "other")


def conflicts(server, admin, anna, folder):
    mine, other = folder / "mine", folder / "other"
    orders = other / "FunctionPolicy/orders.yaml"
    orders.write_text(document("orders", "posture: off"))
    (other / "new.yaml").write_text(document("new"))
    tap.equal(pull(anna, other), (0, {"orders": "changed here", "shop": "unchanged", "new": "only here"}), "what was changed here stays")
    (mine / "orders.yaml").write_text(document("orders", "posture: block"))
    tap.equal(push(anna, mine)[0], 0, "somebody else pushes")
    tap.equal(push(anna, other), (1, {"orders": "refused", "shop": "unchanged", "new": "would be new"}), "a conflict keeps all of a push back")
    tap.equal(admin.get("/v1/policies/FunctionPolicy/new").status, 404, "nothing of it is there")
    tap.equal(pull(anna, other)[1]["orders"], "conflict", "pull sees it as well")
    tap.equal(orders.read_text(), document("orders", "posture: off"), "and overwrites nothing")
    tap.equal(push(anna, other, "--dry-run", "--force"), (0, {"orders": "would change", "shop": "unchanged", "new": "would be new"}), "--force, dry")
    tap.equal(push(anna, other, "--force"), (0, {"orders": "changed", "shop": "unchanged", "new": "new"}), "--force")
    tap.equal(pull(anna, mine, "--force"), (0, {"orders": "changed", "shop": "unchanged", "new": "new"}), "pull --force")
    tap.equal((mine / "orders.yaml").read_text(), document("orders", "posture: off"), "into the file where it stands")
    with tempfile.TemporaryDirectory() as fresh:
        (pathlib.Path(fresh) / "x.yaml").write_text(document("orders"))
        tap.equal(push(anna, fresh), (1, {"orders": "refused"}), "what was never pulled is not overwritten")


def pruned(server, admin, anna, folder):
    mine, other = folder / "mine", folder / "other"
    pull(anna, other)
    (mine / "FunctionPolicy/new.yaml").unlink()
    tap.equal(pull(anna, mine)[1]["new"], "deleted here", "what was deleted here is not pulled again")
    tap.equal(push(anna, mine), (0, {"orders": "unchanged", "shop": "unchanged"}), "nor deleted there by a push")
    tap.equal(anna.run("policy", "push", str(mine / "orders.yaml"), "--prune").status, 2, "--prune is for folders")
    tap.equal(push(anna, mine, "--prune", "--dry-run")[1]["new"], "would be deleted", "--prune, dry")
    tap.equal(push(anna, mine, "--prune"), (0, {"orders": "unchanged", "shop": "unchanged", "new": "deleted"}), "--prune")
    tap.equal(pull(anna, other)[1]["new"], "deleted", "the others' file goes with the next pull")
    (other / "late.yaml").write_text(document("late"))
    push(anna, other / "late.yaml")
    tap.equal(push(anna, mine, "--prune"), (1, {"orders": "unchanged", "shop": "unchanged", "late": "refused"}), "--prune deletes nothing that is new there")
    (other / "late.yaml").write_text(document("late", "posture: detect"))
    admin.call("DELETE", "/v1/policies/FunctionPolicy/late", headers={"If-Match": '"1"'})
    tap.equal(push(anna, other)[1]["late"], "refused", "what was deleted there is not brought back")
    tap.equal(pull(anna, other)[1]["late"], "conflict", "nor is what was changed here deleted")
    (mine / "empty").mkdir()
    tap.equal(anna.run("policy", "push", str(mine / "empty"), "--prune", "--force").status, 2, "an empty folder deletes nothing")
    (mine / "empty").rmdir()


def wrong(server, admin, anna, folder):
    bad = folder / "bad"
    bad.mkdir()
    for name, text, words in [
            ("a wrong word", document("a", "posturee: block"), [b"bad/x.yaml:5:3", b"posture"]),
            ("two documents", document("a") + "---\n" + document("b"), [b"x.yaml", b"one document"]),
            ("no YAML", "a: [", [b"x.yaml:"]), ("a compiled policy", "GBP", [b"x.yaml"]),
            ("a file of lists", document("a", "firewall: {sources: {lists: [{name: x, file: x.txt}]}}"), [b"x.yaml:1:1", b"server"]),
            ("a second account policy", None, [b"y.yaml", b"AccountPolicy"])]:
        (bad / "x.txt").write_text("192.0.2.1\n")
        if text is None:
            (bad / "x.yaml").write_text(document("one", kind="AccountPolicy"))
            (bad / "y.yaml").write_text(document("two", kind="AccountPolicy"))
        else:
            (bad / "x.yaml").write_text(text)
        (bad / "good.yaml").write_text(document("good"))
        done = anna.run("policy", "push", str(bad))
        tap.check(done.status == 1 and all(word in done.err for word in words), f"{name} is said with its place", done)
        tap.equal(admin.get("/v1/policies/FunctionPolicy/good").status, 404, "and what is good beside it is not pushed")
    for arguments, status in ((["-"], 2), ([str(folder / "none")], 3), ([], 2)):
        tap.equal(anna.run("policy", "push", *arguments, stdin=b"x").status, status, f"push {arguments}")
    with Person(f"http://127.0.0.1:{server.port}", token(admin, ["policies:read"], role="operator")) as reader:
        done = reader.run("policy", "push", str(write(folder / "only", document("only"))))
        tap.check(done.status == 2 and b"scope" in done.err, "a token that only reads", done)
    (folder / "other/.gambeson-pull.json").write_text('{"server": 1}')
    done = anna.run("policy", "pull", str(folder / "other"))
    tap.check(done.status == 2 and b"damaged" in done.err, "a damaged memory is not guessed at", done)


def write(folder, text):
    folder.mkdir(exist_ok=True)
    (folder / "x.yaml").write_text(text)
    return folder / "x.yaml"


class Liar(http.server.BaseHTTPRequestHandler):
    """Answers with what `answers` has next; the last one again and again."""
    answers, asked = [], []

    def log_message(self, *_):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Liar.asked.append(self.path)
        status, body = Liar.answers.pop(0) if len(Liar.answers) > 1 else Liar.answers[0]
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(data)))
        if status in (301, 429):
            self.send_header("Location" if status == 301 else "Retry-After", "file:///etc/passwd" if status == 301 else "0")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer


def lies(_, __, ___, folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    one = {"kind": "Group", "name": EVIL, "revision": 1, "author": EVIL, "time": EVIL, "comment": "", "is_deleted": False, "body": EVIL}
    listed = lambda **more: {"policies": [{**one, **more}]}
    problem = {"type": EVIL, "title": EVIL, "status": 422, "detail": EVIL, "line": 10 ** 18, "column": -5}
    mine = write(folder / "lied", document("x"))
    with Person(url, "gbt_x") as anna:
        for name, answers, command, status in [
                ("a problem", [(403, problem)], ["functions", "list"], 2), ("a page", [(200, b"<html>\x1b[2J")], ["events"], 3),
                ("nothing", [(200, b"")], ["users", "list"], 0), ("a list", [(200, [EVIL])], ["tokens", "list"], 0),
                ("another type", [(200, {"items": {"a": EVIL}})], ["audit", "list"], 0), ("rows that are none", [(200, {"events": [EVIL, 1, None, {"id": [EVIL, 1]}]})], ["events"], 0),
                ("redirected", [(301, b"")], ["functions", "list"], None), ("too busy", [(429, problem), (200, {"functions": [{"name": EVIL}]})], ["functions", "list"], 0),
                ("deep", [(200, b"[" * 100000)], ["events"], 3), ("a wrong check", [(200, {"policies": []}), (422, problem)], ["policy", "push", str(mine)], 1),
                ("no policies", [(200, {"policies": EVIL})], ["policy", "push", str(mine)], 3)]:
            Liar.answers = answers
            done = anna.run(*command)
            text = (done.out + done.err).decode()
            tap.check(is_plain(text) and status in (None, done.status), f"a server that lies: {name}", done)
        told = json.dumps({"id": "01M7", "time": EVIL, "message": EVIL, "severity": [EVIL]}).encode()
        for name, stream, status in [("a stream", b":\n\nevent: event\nid: \x1b[2J" + b"9" * 500 + b"\ndata: " + told + b"\n\ndata: {rubbish\n\ndata: [1]\n\x1b[2J\n\n", 2),
                                     ("a stream without an end", b":\n\ndata: " + b"x" * 3_000_000, 3), ("an empty stream", b"", 2), ("half a stream", b":\nda", 2)]:
            Liar.answers = [(200, stream), (200 if stream else 403, {"events": [json.loads(told)]}), (403, problem)]
            done = anna.run("events", "--follow")
            tap.check(is_plain((done.out + done.err).decode()) and done.status == status and len(done.err) < 2000, f"a server that lies: {name}", done)
        Liar.answers = [(200, {"user": {"name": EVIL, "role": EVIL}})]
        done = anna.run("login", "--server", url, stdin=b"gbt_x\n")
        tap.check(is_plain((done.out + done.err).decode()), "a server that lies: who one is", done)
        for name, document_, status in [
                ("a name with a path", {"name": "../../../tmp/gambeson-owned"}, 0), ("a name of dots", {"name": ".."}, 0), ("a kind with a path", {"kind": "../x"}, 3),
                ("a name that is long", {"name": "n" * 5000}, 3), ("a long name", {"name": "/" * 128}, 0), ("no name", {"name": None}, 3), ("a revision below zero", {"revision": -1}, 3)]:
            with tempfile.TemporaryDirectory() as place:
                inner = pathlib.Path(place) / "a/b/c/d"
                inner.parent.mkdir(parents=True)
                Liar.answers = [(200, listed(**document_)), (200, {**one, **document_, "body": "x: 1\n"})]
                done = anna.run("policy", "pull", str(inner))
                files = [path for path in pathlib.Path(place).rglob("*") if path.is_file()]
                tap.check(done.status == status and all(inner in path.parents for path in files) and is_plain(done.out.decode()) and not os.path.exists("/tmp/gambeson-owned.yaml"),
                          f"a server that lies: {name}", f"{done} {files}")
                tap.equal(len([path for path in files if path.suffix == ".yaml"]), 1 if status == 0 else 0, "a file below the folder, or none")
    server.shutdown()


def main():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        admin = server.admin()
        with Person(f"http://127.0.0.1:{server.port}", token(admin)) as anna:
            for part in (there_and_back, effects, conflicts, pruned, wrong, lies):
                tap.section(part, server, admin, anna, pathlib.Path(folder))


main()
tap.done()

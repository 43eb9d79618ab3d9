# SPDX-License-Identifier: Apache-2.0
"""Rules and exclusions over the API of a real server: made, changed and deleted, published like a document's change, shown beside what
documents have; who sees and changes which; what is wrong told with its place; hostile values."""

import pathlib
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))

from api import Api
from server import GAMBESON, PASSWORD, Server, tap

ONE, TWO = "111111111111", "222222222222"
HEAD = "apiVersion: gambeson/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
HOSTILE = ["'; DROP TABLE rules; --", "<script>alert(1)</script>", "\u202egnp.exe", "a\tb", "💥" * 20, "{{7*7}}", "%s%n", "\\u0000"]


def database(server):
    return sqlite3.connect(server.folder / "data/gambeson.db", timeout=20)


def add_functions(server):
    """As the collector does."""
    with database(server) as store:
        for account, name, tags in ((ONE, "orders", '{"team":"shop"}'), (ONE, "stock", "{}"), (TWO, "orders", '{"team":"bank"}'), (TWO, "*", "{}")):
            store.execute("INSERT INTO functions (account, region, name, tags, first_seen, last_seen) VALUES (?, 'eu-west-1', ?, ?, 1, 1)", (account, name, tags))


def ids(admin):
    return {(one["account"], one["name"]): one["id"] for one in admin.get("/v1/functions").json["functions"]}


def body(scope, path="/etc/hosts", list="rule", **more):
    return {"list": list, "scope": scope, "entry": {"files": {"read": [path]}}, **more}


def blob(server, account, name):
    path = server.folder / f"data/policies/{account}/eu-west-1/{name}/policy.gbp"
    return path.read_bytes() if path.exists() else b""


def shown(server, account, name):
    """What the published policy says, as people read it; empty when nothing is published."""
    path = server.folder / f"data/policies/{account}/eu-west-1/{name}/policy.gbp"
    if not path.exists():
        return ""
    done = subprocess.run([GAMBESON, "policy", "show", str(path)], capture_output=True, text=True, timeout=20)
    return done.stdout if done.returncode == 0 else ""


def wide(server, operator, large):
    """What is for many is refused when one of them would be left without a policy by it: here `orders`, which is full."""
    before = blob(server, ONE, "orders")
    for name, scope in (("for all", {"kind": "account"}), ("for its account", {"kind": "account", "name": ONE})):
        answer = operator.post("/v1/rules", {"list": "rule", "scope": scope, "entry": large})
        tap.check(answer.problem == "invalid" and "'orders'" in answer.json["detail"] and ONE in answer.json["detail"], f"{name}: refused, and it is said for which function", str(answer))
    other = operator.post("/v1/rules", {"list": "rule", "scope": {"kind": "account", "name": TWO}, "entry": large})
    tap.equal(other.status, 201, "for another account it is made")
    small = operator.post("/v1/rules", {"list": "rule", "scope": {"kind": "account"}, "entry": {"files": {"read": ["/etc/small"]}}})
    answer = operator.call("PATCH", f"/v1/rules/{small.json['id']}", {"entry": large})
    tap.check(small.status == 201 and answer.problem == "invalid" and "'orders'" in answer.json["detail"], "nor does one become so", str(answer))
    text = "apiVersion: gambeson/v1\nkind: {}\nmetadata: {{name: wide}}\nspec: {}\n"
    rules = "rules: [{files: {read: [" + ", ".join(large["files"]["read"]) + "]}}]"
    new = {"If-None-Match": "*"}
    for kind, spec in (("AccountPolicy", "{" + rules + "}"), ("Group", "{match: {functions: [ord*]}, policy: {" + rules + "}}"), ("FunctionPolicy", "{" + rules + "}")):
        document = text.replace("name: wide", "name: orders") if kind == "FunctionPolicy" else text
        name = "orders" if kind == "FunctionPolicy" else "wide"
        answer = operator.call("PUT", f"/v1/policies/{kind}/{name}", {"body": document.format(kind, spec)}, headers=new)
        tap.check(answer.problem == "invalid" and "'orders'" in answer.json["detail"], f"{kind}: refused, and it is said for which function", str(answer))
    answer = operator.call("PUT", "/v1/policies/Group/wide", {"body": text.format("Group", "{match: {functions: [stock]}, policy: {" + rules + "}}")}, headers=new)
    tap.equal(answer.status, 201, "a group that it is not in may have it")
    tap.equal(operator.call("DELETE", "/v1/policies/Group/wide", headers={"If-Match": answer.headers["etag"]}).status, 204, "and be deleted")
    tap.check(blob(server, ONE, "orders") != b"" and len(blob(server, ONE, "orders")) >= len(before), "its policy is as it was")
    for one in (other, small):
        operator.call("DELETE", f"/v1/rules/{one.json['id']}")


def life(server, people, where):
    operator, viewer = people["operator"], people["viewer"]
    orders = {"kind": "function", "function": where[ONE, "orders"]}
    made = operator.post("/v1/rules", body(orders, "/etc/first", reason="why not"))
    tap.check(made.status == 201 and made.json["activity"] == "file" and made.json["author"] == "user:operator" and made.json["state"] == "active"
              and made.json["origin"] == "resource" and made.json["scope"] == orders and made.json["function_name"] == "orders", "made", str(made))
    rule = f"/v1/rules/{made.json['id']}"
    tap.equal(viewer.get(rule).json, made.json, "it is as it was answered")
    tap.check(tap.wait_until(lambda: "/etc/first" in shown(server, ONE, "orders")), "published for its function, which has no document", shown(server, ONE, "orders"))
    tap.check("observing" in shown(server, ONE, "orders"), "where nothing was learned yet that goes on", shown(server, ONE, "orders"))
    tap.equal([blob(server, ONE, "stock"), blob(server, TWO, "orders")], [b"", b""], "and for no other, also of that name")
    tap.check(operator.call("PATCH", rule, {"entry": {"files": {"read": ["/etc/second"]}, "name": "mine"}}).status == 200, "changed")
    tap.check(tap.wait_until(lambda: "/etc/second" in shown(server, ONE, "orders") and "/etc/first" not in shown(server, ONE, "orders")), "the change is published", shown(server, ONE, "orders"))
    tap.equal(operator.call("PATCH", rule, {"reason": "another"}).json["reason"], "another", "its reason")
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    changed = operator.call("PATCH", rule, {"expires": soon})
    tap.equal((changed.json["expires"], changed.json["entry"]["name"]), (soon[:-1] + ".000Z", "mine"), "its end; the rest stays")
    tap.check(tap.wait_until(lambda: viewer.get(rule).json["state"] == "expired"), "it expires")
    tap.check(tap.wait_until(lambda: "/etc/second" not in shown(server, ONE, "orders")), "and is out of what is published", shown(server, ONE, "orders"))
    tap.equal(operator.call("PATCH", rule, {"expires": None}).json["expires"], None, "it may be without end again")
    tap.check(tap.wait_until(lambda: "/etc/second" in shown(server, ONE, "orders")), "and is published again")
    tap.equal(operator.call("DELETE", rule).status, 204, "deleted")
    tap.check(tap.wait_until(lambda: "/etc/second" not in shown(server, ONE, "orders")), "that is published", shown(server, ONE, "orders"))
    tap.equal(viewer.get(rule).problem, "not-found", "and it is gone")
    entries = [entry for entry in people["admin"].get("/v1/audit?limit=100").json["items"] if entry["action"].startswith("rule.")]
    tap.equal(sorted({entry["action"] for entry in entries}), ["rule.change", "rule.delete", "rule.make"], "all of it is in the audit log")
    gone = next(entry for entry in entries if entry["action"] == "rule.delete")
    tap.check("/etc/second" in str(gone["detail"]), "with what it said", str(gone))


def scopes(server, people, where):
    operator = people["operator"]
    everywhere = operator.post("/v1/rules", body({"kind": "account"}, "/etc/everywhere")).json["id"]
    account = operator.post("/v1/rules", body({"kind": "account", "name": TWO}, "/etc/account", list="exclusion")).json["id"]
    group = operator.post("/v1/rules", body({"kind": "group", "name": "payments"}, "/etc/group")).json["id"]
    star = operator.post("/v1/rules", body({"kind": "function", "function": where[TWO, "*"]}, "/etc/star")).json["id"]
    tap.equal(operator.call("PATCH", f"/v1/functions/{where[TWO, 'orders']}", {"group": "payments"}).status, 200, "a function is put into a group")
    tap.check(tap.wait_until(lambda: all(word in shown(server, TWO, "orders") for word in ("/etc/everywhere", "/etc/account", "/etc/group"))),
              "a function has those of all, of its account and of its group", shown(server, TWO, "orders"))
    tap.check(tap.wait_until(lambda: "/etc/everywhere" in shown(server, ONE, "stock")), "others those of all", shown(server, ONE, "stock"))
    tap.check(not any(word in shown(server, ONE, "stock") for word in ("/etc/account", "/etc/group", "/etc/star")), "and nothing else", shown(server, ONE, "stock"))
    tap.check("/etc/star" not in shown(server, TWO, "orders"), "a function whose name is a star is one function")
    listed = lambda query="", who=operator: [one["id"] for one in who.get("/v1/rules" + query).json["items"]]
    tap.equal(listed(), [star, group, account, everywhere], "the newest first")
    tap.equal(listed("?list=exclusion"), [account], "exclusions")
    tap.equal(listed("?scope=group"), [group], "of groups")
    tap.equal(listed(f"?function={where[TWO, 'orders']}"), [group, account, everywhere], "what is for a function")
    tap.equal(listed(f"?function={where[ONE, 'stock']}"), [everywhere], "and for another")
    tap.equal(operator.get("/v1/rules?function=999999").problem, "not-found", "none of a function that is not there")
    page = operator.get("/v1/rules?limit=3").json
    tap.equal((len(page["items"]), listed("?limit=3&cursor=" + page["next"])), (3, [everywhere]), "in pages")
    for query in ("?cursor=x", "?cursor=d", "?cursor=-1", "?list=both", "?scope=region", "?origin=x", "?limit=0"):
        tap.equal(operator.get("/v1/rules" + query).problem, "bad-value", f"refused: {query}")
    for one in (everywhere, account, group, star):
        tap.equal(operator.call("DELETE", f"/v1/rules/{one}").status, 204, "deleted")


def documents(server, people, where):
    operator = people["operator"]
    put = lambda kind, name, text: operator.call("PUT", f"/v1/policies/{kind}/{name}", {"body": HEAD.format(kind=kind, name=name) + text}, headers={"If-None-Match": "*"}).status
    tap.equal(put("AccountPolicy", "acme", "  rules:\n    - {name: r1, reason: because, author: anna, expires: 2099-12-31, files: {read: [/etc/r1, {regex: '/etc/[a\\.]'}]}}\n"), 201, "a document with a rule")
    tap.equal(put("Group", "payments", "  match: {functions: [stock]}\n  policy:\n    exclusions: [{hosts: [example.com]}, {inputs: [{classes: [xss], paths: [body.a]}]}]\n"), 201, "one with exclusions")
    own = operator.post("/v1/rules", body({"kind": "function", "function": where[ONE, "orders"]}, "/etc/own", expires="2098-01-01")).json
    items = operator.get("/v1/rules").json["items"]
    tap.equal([one["id"] for one in items], [own["id"], "AccountPolicy/acme/rules/0", "Group/payments/exclusions/0", "Group/payments/exclusions/1"], "both are listed")
    first = items[1]
    tap.check(first["origin"] == "document" and first["document"] == {"kind": "AccountPolicy", "name": "acme", "line": 6} and first["reason"] == "because" and first["author"] == "anna"
              and first["expires"] == "2100-01-01T00:00:00.000Z" and first["entry"] == {"name": "r1", "files": {"read": ["/etc/r1", {"regex": "/etc/[a\\.]"}]}}
              and first["scope"] == {"kind": "account"}, "a document's entry as it stands there", str(first))
    tap.equal([one["activity"] for one in items], ["file", "file", "host", "input"], "what they are about")
    pages, cursor = [], ""
    while cursor is not None and len(pages) < 9:
        page = operator.get("/v1/rules?limit=1" + cursor).json
        pages += [one["id"] for one in page["items"]]
        cursor = "&cursor=" + page["next"] if "next" in page else None
    tap.equal(pages, [one["id"] for one in items], "one by one the same")
    ids_of = lambda query: [one["id"] for one in operator.get("/v1/rules" + query).json["items"]]
    tap.equal(ids_of(f"?function={where[ONE, 'orders']}"), [own["id"], "AccountPolicy/acme/rules/0"], "of a function: its own and its account's")
    tap.equal(ids_of(f"?function={where[ONE, 'stock']}"), ["AccountPolicy/acme/rules/0", "Group/payments/exclusions/0", "Group/payments/exclusions/1"], "and its group's")
    tap.equal(ids_of("?origin=document&list=exclusion"), ["Group/payments/exclusions/0", "Group/payments/exclusions/1"], "documents' alone")
    # The same name in a document and beside it is no reason to publish nothing.
    twin = operator.post("/v1/rules", {"list": "rule", "scope": {"kind": "account"}, "entry": {"name": "r1", "files": {"read": ["/etc/twin"]}}}).json["id"]
    tap.check(tap.wait_until(lambda: "/etc/twin" in shown(server, ONE, "stock") and "/etc/r1" in shown(server, ONE, "stock")), "a name that stands twice", shown(server, ONE, "stock"))
    for one in (own["id"], twin):
        operator.call("DELETE", f"/v1/rules/{one}")
    for kind, name in (("AccountPolicy", "acme"), ("Group", "payments")):
        tap.equal(operator.call("DELETE", f"/v1/policies/{kind}/{name}", headers={"If-Match": '"1"'}).status, 204, "deleted")


def what_is_wrong(people, where):
    operator = people["operator"]
    scope = {"kind": "function", "function": where[ONE, "orders"]}
    entry = {"files": {"read": ["/etc/x"]}}
    wrong = operator.post("/v1/rules", {"list": "rule", "scope": scope, "entry": {"name": "x", "filez": {"read": ["/etc/x"]}}})
    tap.check(wrong.problem == "invalid" and wrong.json["line"] == 3 and "did you mean 'files'" in wrong.json["detail"], "place and what was meant", str(wrong))
    for name, bad in (("a relative path", {"files": {"read": ["etc/x"]}}), ("nothing", {}), ("a name alone", {"name": "x"}), ("a regular expression", {"files": {"read": [{"regex": "("}]}}),
                      ("the end in the entry", {**entry, "expires": "2099-01-01"}), ("a reason in the entry", {**entry, "reason": "x"}), ("an author", {**entry, "author": "root"}),
                      ("a scope in the entry", {**entry, "scope": {"versions": ["1"]}}), ("inputs of a rule", {"inputs": [{"classes": ["xss"]}]}),
                      ("large", {"files": {"read": ["/" + "x" * 1000 + str(i) for i in range(40)]}}), ("deep", {"files": {"read": [[[[[[[[[[[[[[[[[["/x"]]]]]]]]]]]]]]]]]]}})):
        answer = operator.post("/v1/rules", {"list": "rule", "scope": scope, "entry": bad})
        tap.equal(answer.problem, "invalid", f"refused: {name}: {answer.json.get('detail')}")
    for name, bad in (("no list", {"scope": scope, "entry": entry}), ("no entry", {"list": "rule", "scope": scope}), ("no scope", {"list": "rule", "entry": entry}),
                      ("text for an entry", {"list": "rule", "scope": scope, "entry": "files"}), ("a list for a scope", {"list": "rule", "scope": [], "entry": entry}),
                      ("a number for a reason", {"list": "rule", "scope": scope, "entry": entry, "reason": 5}), ("a long reason", {"list": "rule", "scope": scope, "entry": entry, "reason": "x" * 1001}),
                      ("a number for an end", {"list": "rule", "scope": scope, "entry": entry, "expires": 5})):
        tap.equal(operator.post("/v1/rules", bad).problem, "bad-value", f"refused: {name}")
    for name, more in (("another list", {"list": "allow"}), ("another member", {"state": "active"}), ("an end that has passed", {"expires": "2001-01-01"}), ("an end that is none", {"expires": "soon"}),
                       ("another scope", {"scope": {"kind": "region", "name": "eu-west-1"}}), ("a group without a name", {"scope": {"kind": "group"}}), ("no function", {"scope": {"kind": "function"}}),
                       ("a function's name", {"scope": {**scope, "name": "orders"}}), ("a function that is not there", {"scope": {"kind": "function", "function": "999999"}}),
                       ("a function in SQL", {"scope": {"kind": "function", "function": "1 OR 1=1"}}), ("an account with a function", {"scope": {"kind": "account", "function": "1"}})):
        tap.equal(operator.post("/v1/rules", {"list": "rule", "scope": scope, "entry": entry, **more}).problem, "invalid", f"refused: {name}")
    patterns = [f"/{number}{'x' * 700}" for number in range(36)]
    answers, made = [], []
    while len(answers) < 30 and (not answers or answers[-1].status == 201):
        answers.append(operator.post("/v1/rules", {"list": "rule", "scope": scope, "entry": {"files": {"read": [f"{one}{len(answers)}" for one in patterns]}}}))
        made += [answers[-1].json["id"]] if answers[-1].status == 201 else []
    tap.check(answers[-1].problem == "invalid" and len(answers) > 3, "more than a policy holds is refused before it is made", str(answers[-1]))
    wide(people["operator"].server, operator, {"files": {"read": [f"{one}w" for one in patterns]}})
    for one in made:
        operator.call("DELETE", f"/v1/rules/{one}")
    made = operator.post("/v1/rules", body(scope)).json["id"]
    for name, change in (("the scope", {"scope": {"kind": "account"}}), ("the list", {"list": "exclusion"}), ("to nothing", {"entry": {}}), ("the id", {"id": "7"})):
        tap.equal(operator.call("PATCH", f"/v1/rules/{made}", change).problem, "invalid", f"not changed: {name}")
    for path in ("0", "-1", "x", "99999999999999999999"):
        tap.equal(operator.call("DELETE", f"/v1/rules/{path}").problem, "not-found", f"not deleted: {path}")
    for value in HOSTILE:
        answer = operator.post("/v1/rules", {"list": "exclusion", "scope": {"kind": "group", "name": value}, "entry": {"files": {"read": ["/x/" + value.replace("*", "")]}}, "reason": value})
        if answer.status == 201:
            listed = operator.get("/v1/rules").json["items"][0]
            tap.check(listed == answer.json and listed["reason"] == value and listed["scope"]["name"] == value, f"as it was given: {value!r}", str(answer))
            operator.call("DELETE", f"/v1/rules/{answer.json['id']}")
        else:
            tap.equal(answer.problem, "invalid", f"or refused: {value!r}")
    operator.call("DELETE", f"/v1/rules/{made}")


def who(server, people, where):
    """Somebody who sees one account, or one team, neither sees nor changes what is others'."""
    admin = people["admin"]
    clients = {}
    for number, (name, scope) in enumerate((("one", {"accounts": [ONE]}), ("shop", {"tags": ["team=shop"]}), ("shop-one", {"accounts": [ONE], "tags": ["team=shop"]}))):
        admin.post("/v1/users", {"name": name, "role": "operator", "password": PASSWORD, "scope": scope})
        clients[name] = server.client(source=f"127.0.4.{number + 1}")
        clients[name].sign_in(name)
    function = lambda key: {"kind": "function", "function": where[key]}
    rules = {"orders": body(function((ONE, "orders"))), "stock": body(function((ONE, "stock"))), "other": body(function((TWO, "orders"))), "account one": body({"kind": "account", "name": ONE}),
             "account two": body({"kind": "account", "name": TWO}), "all": body({"kind": "account"}), "payments": body({"kind": "group", "name": "payments"}), "shops": body({"kind": "group", "name": "shops"})}
    admin.call("PATCH", f"/v1/functions/{where[ONE, 'orders']}", {"group": "shops"})
    made = {name: admin.post("/v1/rules", rule).json["id"] for name, rule in rules.items()}
    sees = {"one": {"orders", "stock", "account one", "all", "shops"}, "shop": {"orders", "account one", "all", "shops"}, "shop-one": {"orders", "account one", "all", "shops"}}
    makes = {"one": {"orders", "stock", "account one"}, "shop": {"orders"}, "shop-one": {"orders"}}
    for name, client in clients.items():
        listed = {one["id"] for one in client.get("/v1/rules?limit=500").json["items"]}
        tap.equal({rule for rule, number in made.items() if number in listed}, sees[name], f"{name} sees")
        for rule, number in made.items():
            is_seen, is_own = rule in sees[name], rule in makes[name]
            want = 200 if is_own else 403 if is_seen else 404
            tap.equal(client.get(f"/v1/rules/{number}").status, 200 if is_seen else 404, f"{name} reads {rule}")
            tap.equal(client.call("PATCH", f"/v1/rules/{number}", {"reason": name}).status, want, f"{name} changes {rule}")
            if not is_own:
                tap.equal(client.call("DELETE", f"/v1/rules/{number}").status, want, f"{name} deletes {rule}")
            answer = client.post("/v1/rules", rules[rule])
            tap.check(answer.status == 201 if is_own else answer.status in (403, 422), f"{name} {'makes' if is_own else 'does not make'} {rule}", str(answer))
            if answer.status == 201:
                tap.equal(client.call("DELETE", f"/v1/rules/{answer.json['id']}").status, 204, f"{name} deletes his own")
        tap.equal(client.get(f"/v1/rules?function={where[TWO, 'orders']}").status, 404, f"{name} asks for a function that is not his")
    reasons = {rule: admin.get(f"/v1/rules/{number}").json["reason"] for rule, number in made.items()}
    tap.equal({rule for rule, reason in reasons.items() if reason == ""}, {"other", "account two", "all", "payments", "shops"}, "what is others' stayed as it was")
    tap.equal(people["viewer"].post("/v1/rules", rules["orders"]).status, 403, "a viewer makes none")
    tap.equal(people["analyst"].post("/v1/rules", rules["orders"]).status, 403, "nor does an analyst")
    for number in made.values():
        admin.call("DELETE", f"/v1/rules/{number}")


def forgotten(people, where):
    """What is for a function goes with it."""
    operator = people["operator"]
    made = operator.post("/v1/rules", body({"kind": "function", "function": where[ONE, "stock"]})).json["id"]
    tap.equal(operator.call("DELETE", f"/v1/functions/{where[ONE, 'stock']}").status, 204, "a function is forgotten")
    tap.equal(operator.get(f"/v1/rules/{made}").problem, "not-found", "and with it what was for it alone")


def held_to_the_document(server, people, where):
    """Answers are what the OpenAPI document says."""
    token = people["admin"].post("/v1/tokens", {"name": "test", "scopes": ["policies:write"]}).json["token"]
    api = Api(("127.0.0.1", server.port), token=token)
    scope = {"kind": "function", "function": where[ONE, "orders"]}
    made = api.call("makeRule", want=201, body=body(scope, reason="x", expires="2099-01-01"))
    api.call("makeRule", want=422, body=body(scope, "x"))
    api.call("makeRule", want=400, body={})
    api.call("getRule", want=200, id=made.json["id"])
    api.call("listRules", want=200)
    api.call("changeRule", want=200, id=made.json["id"], body={"expires": None})
    api.call("deleteRule", want=204, id=made.json["id"])
    api.call("deleteRule", want=404, id=made.json["id"])


def main():
    with Server() as server:
        people = server.people()
        people["admin"] = server.client(source="127.0.1.9")
        people["admin"].sign_in("root")
        add_functions(server)
        where = ids(people["admin"])
        tap.section(life, server, people, where)
        tap.section(scopes, server, people, where)
        tap.section(documents, server, people, where)
        tap.section(what_is_wrong, people, where)
        tap.section(who, server, people, where)
        tap.section(held_to_the_document, server, people, where)
        tap.section(forgotten, people, where)
        tap.equal(server.stop(), 0, "it stops in order")


main()
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""Documents over the API of a real server: pushed with what is wrong told by line and column, revisions that must fit, history and
the way back; allowlists approved; and what comes of it in the policy store within a second."""

import pathlib
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "server"))

from api import Api
from server import GAMBESON, Server, tap

WHERE = "/v1/policies/FunctionPolicy/orders"
HEAD = "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: orders}\nspec:\n"
ALLOWLIST = HEAD + "  allow: {files: {read: [/var/task/**]}}\n"


def policy(body="one", more=""):
    return HEAD + f"  posture: block\n  block: {{body: 'body {body}'}}\n{more}"


def published(server, wait):
    """The published policy once WAIT stands in it; None when that does not come."""
    path = server.folder / "data/policies/123456789012/eu-west-1/orders/policy.gbp"
    key = server.folder / "data/keys/policy.pub"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if path.exists():
            verified = subprocess.run([GAMBESON, "policy", "verify", str(path), "--key", str(key)], capture_output=True, text=True, timeout=20)
            if verified.returncode != 0:
                return f"not verified: {verified.stderr}".encode()
            if wait in path.read_bytes():
                return path.read_bytes()
        time.sleep(0.05)
    return None


def add_function(server):
    """As the collector does."""
    with sqlite3.connect(server.folder / "data/gambeson.db", timeout=20) as database:
        database.execute("INSERT INTO functions (account, region, name, first_seen, last_seen) VALUES ('123456789012', 'eu-west-1', 'orders', 1, 1)")


def documents(server, people):
    operator, viewer = people["operator"], people["viewer"]
    push = lambda body, headers, who=operator, where=WHERE: who.call("PUT", where, {"body": body, "comment": "why"}, headers=headers)
    new = {"If-None-Match": "*"}
    tap.equal(push(policy(), new, viewer).status, 403, "a viewer pushes nothing")
    tap.equal(push(policy(), {}).status, 400, "a push without a revision is none")
    answer = push(policy(more="  posturee: block\n"), new)
    tap.check(answer.problem == "invalid" and answer.json["line"] == 7 and answer.json["column"] == 3 and "posture" in answer.json["detail"],
              "what is wrong is told with its place and what was meant", str(answer))
    tap.equal(push(policy(), new, where="/v1/policies/FunctionPolicy/other").status, 422, "a document under another name is refused")
    tap.equal(push(policy(), new, where="/v1/policies/Rubbish/orders").status, 404, "an unknown kind is not there")
    for name, path, line in (("a/b", "a", 4), ("..", "x", 4), ("a\\\\b", "a", 1)):
        text = f'apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata:\n  name: "{name}"\nspec: {{posture: block}}\n'
        for answer in (push(text, new, where=f"/v1/policies/FunctionPolicy/{path}"), operator.post("/v1/policies/check", {"body": text}), operator.post("/v1/policies/dry-run", {"body": text})):
            tap.check(answer.problem == "invalid" and answer.json.get("line") == line and "called" in answer.json["detail"], f"a document called {name} could not be asked for", str(answer))
    for name, body in (("two documents", policy() + "---\n" + policy()), ("a file of lists", HEAD + "  firewall: {sources: {lists: [{name: x, file: /etc/passwd}]}}\n"),
                       ("no policy", "{}"), ("not YAML", "a: [\n"), ("deep", HEAD + "  rules: " + "[" * 200)):
        tap.equal(push(body, new).problem, "invalid", f"refused: {name}")
    made = push(policy(), new)
    tap.check(made.status == 201 and made.headers["etag"] == '"1"' and made.json["author"] == "user:operator", "made", str(made))
    tap.equal(push(policy(), new).problem, "changed-meanwhile", "made twice is not")
    tap.check(b"body one" in (published(server, b"body one") or b""), "published, and signed with the server's key")
    tap.equal(push(policy("two"), {"If-Match": '"1"'}).status, 200, "changed")
    begin = time.monotonic()
    tap.check(published(server, b"body two"), "the change is published")
    tap.check(time.monotonic() - begin < 5, "soon")
    tap.equal(push(policy("three"), {"If-Match": '"1"'}).problem, "changed-meanwhile", "an older revision is not followed")
    back = operator.call("POST", WHERE + "/roll-back", {"revision": 1}, headers={"If-Match": '"2"'})
    tap.check(back.status == 200 and back.json["revision"] == 3 and back.json["body"] == policy(), "back to the first", str(back))
    tap.check(published(server, b"body one"), "that is published too")
    history = viewer.get(WHERE + "/history").json["revisions"]
    tap.equal([one["revision"] for one in history], [3, 2, 1], "history")
    tap.equal(viewer.get(WHERE + "?revision=2").json["body"], policy("two"), "an older revision")
    checked = operator.post("/v1/policies/check", {"body": HEAD + "  posture: blok\n"})
    tap.check(checked.status == 422 and checked.json["line"] == 5 and "block" in checked.json["detail"], "checked without being stored", str(checked))


def allowlists(server, people):
    operator, viewer = people["operator"], people["viewer"]
    function = viewer.get("/v1/functions").json["functions"][0]["id"]
    where = f"/v1/functions/{function}"
    with sqlite3.connect(server.folder / "data/gambeson.db", timeout=20) as database:
        database.execute("INSERT INTO documents (kind, name, revision, body, author, time) VALUES ('Proposal', '123456789012/eu-west-1/orders', 1, ?, 'gambeson', 1)",
                         (ALLOWLIST,))
    tap.equal(viewer.get(where + "/allowlist").json["proposal"]["revision"], 1, "a proposal is shown")
    tap.equal(viewer.call("POST", where + "/allowlist/approve", {"revision": 1}).status, 403, "a viewer approves nothing")
    tap.equal(operator.call("POST", where + "/allowlist/approve", {"revision": 7}).problem, "changed-meanwhile", "another proposal is not approved")
    tap.equal(operator.call("POST", where + "/allowlist/approve", {"revision": 1}).status, 204, "approved")
    tap.check(published(server, b"/var/task/"), "the allowlist is published with the policy")
    tap.equal(viewer.get(where + "/learning").json["state"], "enforcing", "it is in force")
    tap.check("/var/task/**" in viewer.get(where + "/policy").json["body"], "what holds is shown")
    states, end = {"begun"}, time.monotonic() + 60
    while "begun" in states and time.monotonic() < end:
        states = {one["state"] for one in viewer.get(where + "/publications").json["publications"]}
    tap.equal(states, {"published"}, "publications")
    tap.equal(operator.call("DELETE", where + "/allowlist").status, 204, "dropped")
    tap.equal(viewer.get(where + "/allowlist").json["allowlist"], None, "no list is in force")
    tap.equal(viewer.get("/v1/functions/99999/policy").status, 404, "no such function")
    tap.equal(operator.call("DELETE", WHERE, headers={"If-Match": '"3"'}).status, 204, "deleted")
    tap.equal(viewer.get(WHERE).status, 404, "a deleted document is not there")
    tap.equal(viewer.get("/v1/policies").json["policies"], [], "nor in the list")
    actions = [entry["action"] for entry in people["admin"].get("/v1/audit?limit=100").json["items"]]
    tap.check({"policy.push", "policy.roll-back", "policy.delete", "allowlist.approve", "allowlist.drop"} <= set(actions), "all of it is in the audit log", str(actions))


def group(name="orders-group", match='["orders"]', more=""):
    return f"apiVersion: gambeson/v1\nkind: Group\nmetadata: {{name: {name}}}\nspec:\n  match: {{functions: {match}}}\n{more}  policy: {{posture: detect}}\n"


def trials(server, people):
    """What a change would do is told, and nothing is changed by asking."""
    operator, viewer = people["operator"], people["viewer"]
    attempt = lambda body, who=operator: who.post("/v1/policies/dry-run", body)
    counts = lambda answer: tuple(answer.json[name] for name in ("functions", "applies", "changed", "refused"))
    tap.equal(attempt({"body": group()}, viewer).status, 403, "a viewer tries nothing")
    bad = attempt({"body": group(more="  bogus: 1\n")})
    tap.check(bad.problem == "invalid" and bad.json["line"] == 6, "a broken document is not tried", str(bad))
    for body in ({}, {"remove": {}}, {"remove": "x"}, {"remove": {"kind": "Allowlist", "name": "x"}}):
        tap.equal(attempt(body).status, 400, f"no change: {body}")
    first = attempt({"body": group()})
    one = first.json["examples"][0]
    tap.check(counts(first) == (1, 1, 1, 0) and first.json["is_complete"] and one["name"] == "orders" and one["before"] == "" and "posture: detect" in one["after"],
              "a new group is for one function", str(first))
    tap.equal(counts(attempt({"body": group(match='["other"]')})), (1, 0, 0, 0), "one that matches none changes none")
    tap.equal((viewer.get("/v1/policies").json["policies"], viewer.get("/v1/policies/use").json["policies"]), ([], []), "trying stores nothing")
    where = "/v1/policies/Group/orders-group"
    operator.call("PUT", where, {"body": group()}, headers={"If-None-Match": "*"})
    tap.equal(viewer.get("/v1/policies/use").json, {"functions": 1, "is_complete": True, "policies": [{"kind": "Group", "name": "orders-group", "functions": 1}]},
              "for how many functions a document is")
    users = viewer.get(where + "/functions").json
    tap.check((users["looked_at"], users["is_complete"], users["total"]) == (1, True, 1) and [one["name"] for one in users["functions"]] == ["orders"], "and for which", str(users))
    tap.equal(viewer.get("/v1/policies/Group/nobody/functions").json["functions"], [], "a document that is not there is for none")
    tap.equal(counts(attempt({"body": group() + "# a comment\n"})), (1, 1, 0, 0), "a comment changes no policy")
    changed = attempt({"body": group().replace("detect", "block")}).json["examples"][0]
    tap.check("posture: detect" in changed["before"] and "posture: block" in changed["after"], "both policies are told", str(changed))
    refused = attempt({"body": group("rival")})
    tap.check(counts(refused) == (1, 0, 1, 1) and "rival" in refused.json["examples"][0]["refused"], "two groups that fit as well are refused, by name", str(refused))
    gone = attempt({"remove": {"kind": "Group", "name": "orders-group"}})
    tap.check(counts(gone) == (1, 0, 1, 0) and gone.json["examples"][0]["after"] == "", "deleting it leaves the function without a policy", str(gone))
    key, other = (operator.post("/v1/group-keys", None).json for _ in range(2))
    tap.check(key["key"].startswith("gk-") and key["secret"].startswith("gs-") and key["secret_hash"].startswith("$argon2id$") and key["secret"] != other["secret"]
              and key["key"] != other["key"], "a key and a secret are made, others each time", str(key))
    bound = group(more=f"  key: {key['key']}\n  secretHash: \"{key['secret_hash']}\"\n")
    tap.equal(operator.post("/v1/policies/check", {"body": bound}).status, 200, "a document takes them")
    tap.equal(viewer.post("/v1/group-keys", None).status, 403, "a viewer makes none")
    operator.call("DELETE", where, headers={"If-Match": '"1"'})


def held_to_the_document(server, admin):
    """Answers are what the OpenAPI document says."""
    token = admin.post("/v1/tokens", {"name": "test", "scopes": ["*"]}).json["token"]
    api = Api(("127.0.0.1", server.port), token=token)
    push = {"body": policy()}
    api.call("putPolicy", want=201, kind="FunctionPolicy", name="orders", body=push, headers={"If-None-Match": "*"})
    api.call("putPolicy", want=412, kind="FunctionPolicy", name="orders", body=push, headers={"If-None-Match": "*"})
    api.call("putPolicy", want=422, kind="FunctionPolicy", name="orders", body={"body": "x"}, headers={"If-Match": '"7"'})
    api.call("checkPolicy", want=200, body=push)
    api.call("tryPolicy", want=200, body={"body": policy(more="  stance: closed\n")})
    api.call("makeGroupKey", want=200)
    for name in ("listPolicies", "getPolicy", "getPolicyHistory", "getPolicyUse", "listPolicyFunctions"):
        api.call(name, want=200, kind="FunctionPolicy", name="orders")
    api.call("rollBackPolicy", want=200, kind="FunctionPolicy", name="orders", body={"revision": 1}, headers={"If-Match": '"7"'})
    function = api.call("listFunctions").json["functions"][0]["id"]
    for name in ("getLearning", "getAllowlist", "getEffectivePolicy", "listPublications"):
        api.call(name, want=200, id=function)
    api.call("approveAllowlist", id=function, body={"revision": 1})
    api.call("dropAllowlist", want=204, id=function)
    api.call("deletePolicy", want=204, kind="FunctionPolicy", name="orders", headers={"If-Match": '"8"'})


def keys(server, people):
    """A new key signs everything anew; who pins the old one until its day takes that too."""
    admin, operator = people["admin"], people["operator"]
    made = operator.call("PUT", WHERE, {"body": policy("keys")}, headers={"If-None-Match": "*"})
    tap.check(made.status == 201 and published(server, b"body keys"), "published under the first key", str(made))
    path = server.folder / "data/policies/123456789012/eu-west-1/orders/policy.gbp"
    before, pins = path.read_bytes(), people["viewer"].get("/v1/policy-key").json["pins"]
    tap.equal(operator.post("/v1/policy-key/prepare", None).status, 403, "an operator changes no key")
    tap.equal(admin.post("/v1/policy-key/activate", {"until": "2099-12-31"}).problem, "conflict", "no key is prepared")
    tap.equal(len(admin.post("/v1/policy-key/prepare", None).json["pins"].split()), 2, "prepared: both are pinned")
    tap.equal(admin.post("/v1/policy-key/prepare", None).problem, "conflict", "prepared once")
    time.sleep(0.8)
    tap.check(path.read_bytes() == before, "the old one signs")
    tap.equal(admin.post("/v1/policy-key/activate", {"until": "soon"}).status, 400, "until is a day")
    after = admin.post("/v1/policy-key/activate", {"until": "2099-12-31"}).json["pins"]
    tap.check(after.split()[0] != pins.split()[0] and pins.split()[0] + " until 2099-12-31" in after, "activated", after)
    end = time.monotonic() + 60
    while path.read_bytes() == before and time.monotonic() < end:
        time.sleep(0.05)
    tap.check(path.read_bytes() != before and published(server, b"body keys"), "signed anew")
    tap.equal(operator.call("DELETE", WHERE, headers={"If-Match": f'"{made.json["revision"]}"'}).status, 204, "deleted again")


with Server() as server:
    people = server.people()
    add_function(server)
    documents(server, people)
    allowlists(server, people)
    keys(server, people)
    trials(server, people)
    held_to_the_document(server, people["admin"])
    tap.check("a task failed" not in server.log_text() and "cannot be published" not in server.log_text(), "no task failed", server.log_text()[-2000:])
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""Who may call what: every route of the tables by every kind of caller, and what a change of rights does to those who are
signed in."""

import re
import threading

from server import DATABASE, PASSWORD, ROLES, Server, routes, tap

PUBLIC = {"GET /v1/health", "GET /v1/ready", "POST /v1/session", "POST /v1/setup", "GET /v1/sign-in",
          "GET /v1/sign-in/oidc", "GET /v1/sign-in/oidc/callback", "GET /v1/openapi.json"}
# They end what the matrix needs, or make work for long.
NOT_ALLOWED_CALLS = {"DELETE /v1/session"}


def fields(route):
    role = route.get("role", "GB_ROLE_NOBODY").removeprefix("GB_ROLE_").lower()
    scope = {"GB_SCOPE_INGEST": "ingest"}.get(route.get("scope"), route.get("scope"))
    return f"{route['method']} {route['path']}", role, scope, route.get("is_public") == "true"


def try_route(client, route, headers=None):
    """A call that reaches the handler when it is permitted, and there finds nothing to change."""
    path = re.sub(r"\{\w+\}", "999999999", route["path"])
    body = {} if route["method"] in ("POST", "PUT", "PATCH") else None
    return client.call(route["method"], path, body, headers=headers, reads=False)


def is_refused(answer, status):
    return answer.status == status and answer.headers.get("content-type") == "application/problem+json"


def tables():
    all_routes = routes()
    names = [fields(route)[0] for route in all_routes]
    tap.check(len(all_routes) >= 18, "the tables of routes are found", names)
    tap.equal([name for name in names if names.count(name) > 1], [], "no route stands twice")
    ids = [route.get("operation_id") for route in all_routes if route["path"].startswith("/v1/")]
    tap.check(None not in ids and len(set(ids)) == len(ids), "every route has an operation id of its own", ids)
    open_ones = {fields(route)[0] for route in all_routes if fields(route)[3]}
    # The portal's pages hold nothing: what they show they ask the API for.
    pages = {name for name in open_ones if name.startswith("GET /") and not name.startswith("GET /v1/")}
    tap.check(open_ones - pages <= PUBLIC, "no route is public but those that must be", open_ones - PUBLIC)
    tap.equal([fields(route)[0] for route in all_routes if fields(route)[1] == "nobody" and not fields(route)[3]], [],
              "every other route says which role it takes")


def matrix(server, people, admin):
    nobody, forged = server.client(source="127.0.2.1"), server.client(source="127.0.2.2", token="gbt_" + "A" * 43)
    none = admin.post("/v1/tokens", {"name": "none", "scopes": ["session:read"], "role": "admin"}).json["token"]
    every = admin.post("/v1/tokens", {"name": "every", "scopes": ["*"], "role": "admin"}).json["token"]
    narrow = people["viewer"].post("/v1/tokens", {"name": "narrow", "scopes": ["*"]}).json["token"]
    tokens = {name: server.client(source="127.0.2.3", token=token)
              for name, token in (("none", none), ("every", every), ("viewer's", narrow))}
    for route in routes():
        name, role, scope, is_public = fields(route)
        if is_public:
            continue
        answer = try_route(nobody, route)
        tap.check(is_refused(answer, 401), f"{name}: nobody", answer)
        for level, kind in enumerate(ROLES):
            is_allowed = level >= ROLES.index(role)
            if is_allowed and name in NOT_ALLOWED_CALLS:
                continue
            answer = try_route(people[kind], route)
            tap.check(answer.status not in (401, 403) and answer.status < 500 if is_allowed else is_refused(answer, 403),
                      f"{name}: {kind} {'may' if is_allowed else 'may not'}", answer)
        if route["method"] != "GET":
            answer = try_route(people["admin"], route, {"X-CSRF-Token": None})
            tap.check(is_refused(answer, 403), f"{name}: an administrator's cookie without the token", answer)
        is_for_tokens = scope is not None
        for kind, is_allowed in (("none", scope == "session:read"), ("every", is_for_tokens),
                                 ("viewer's", is_for_tokens and role == "viewer")):
            answer = try_route(tokens[kind], route)
            tap.check(answer.status not in (401, 403) and answer.status < 500 if is_allowed else is_refused(answer, 403),
                      f"{name}: token {kind} {'may' if is_allowed else 'may not'}", answer)
    answers = [try_route(forged, route) for route in routes() if not fields(route)[3]][:5]
    tap.check(all(is_refused(answer, 401) for answer in answers), "a forged token is nobody", answers)


def cross_site(server, people):
    viewer = people["viewer"]
    body = {"name": "x", "scopes": ["session:read"]}
    answer = viewer.post("/v1/tokens", body, headers={"X-CSRF-Token": people["analyst"].csrf})
    tap.check(is_refused(answer, 403), "the CSRF token of another session", answer)
    answer = viewer.post("/v1/tokens", body, headers={"X-CSRF-Token": ""})
    tap.check(is_refused(answer, 403), "an empty CSRF token", answer)
    answer = viewer.post("/v1/tokens", body, headers={"Sec-Fetch-Site": "cross-site"})
    tap.check(is_refused(answer, 403), "a page of another site, even with the token", answer)
    answer = server.client(source="127.0.2.4").post("/v1/session", {"name": "viewer", "password": PASSWORD},
                                                    headers={"Sec-Fetch-Site": "cross-site"})
    tap.check(is_refused(answer, 403), "another site cannot sign anybody in", answer)
    answer = server.client(source="127.0.2.4").call(
        "POST", "/v1/session", b"name=viewer&password=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    tap.check(is_refused(answer, 415), "a form cannot sign anybody in", answer)
    answer = viewer.get("/v1/session", headers={"Origin": "https://evil.example"})
    tap.check("access-control-allow-origin" not in answer.headers, "no other origin may read", answer)


def fixation(server):
    client = server.client(source="127.0.2.5")
    client.cookies["gambeson"] = "planted-by-somebody-else-0123456789abcdefghi"
    answer = client.sign_in("analyst")
    value = client.cookies.get("gambeson")
    tap.check(answer.status == 200 and value and not value.startswith("planted"), "a planted cookie is not taken over", answer)
    cookie = answer.cookies[0]
    tap.check(all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=")) and "Domain" not in cookie,
              "the cookie's attributes", cookie)
    first = dict(client.cookies)
    client.sign_in("analyst")
    tap.check(client.cookies != first, "signing in again changes the cookie")
    tap.check(client.get("/v1/session").status == 200, "the new one holds")
    client.cookies = first
    tap.check(client.get("/v1/session").status == 401, "the one before has ended")


def changes_of_rights(server, admin):
    made = admin.post("/v1/users", {"name": "changing", "role": "operator", "password": PASSWORD}).json
    client = server.client(source="127.0.2.6")
    client.sign_in("changing")
    token = client.post("/v1/tokens", {"name": "t", "scopes": ["users:read", "tokens:read"]}).json["token"]
    by_token = server.client(source="127.0.2.6", token=token)
    path = f"/v1/users/{made['id']}"
    tap.check(admin.call("PATCH", path, {"role": "viewer"}).status == 200, "a role is changed")
    tap.check(client.get("/v1/session").status == 401, "his sessions ended with it")
    client.sign_in("changing")
    answer = client.call("PUT", "/v1/session/password", {"current_password": "wrong", "password": "another long pass phrase"})
    tap.check(is_refused(answer, 403), "one's password is not changed without the old one", answer)
    other = server.client(source="127.0.2.6")
    other.sign_in("changing")
    answer = client.call("PUT", "/v1/session/password", {"current_password": PASSWORD, "password": "another long pass phrase"})
    tap.check(answer.status == 200 and answer.cookies, "it is with it, and the cookie changes", answer)
    tap.check(other.get("/v1/session").status == 401, "his other sessions ended")
    tap.check(by_token.get("/v1/tokens").status == 200, "his token holds")
    admin.call("PATCH", path, {"is_disabled": True})
    tap.check(by_token.get("/v1/tokens").status == 401, "not when he is disabled")
    answer = server.client(source="127.0.2.7").sign_in("changing", "another long pass phrase")
    tap.check(is_refused(answer, 401), "and he cannot sign in", answer)
    tap.check(admin.call("DELETE", path).status == 204 and admin.get(path).status == 404, "he is deleted")
    me = admin.get("/v1/session").json["user"]["id"]
    for other in admin.get("/v1/users").json["items"]:
        if other["role"] == "admin" and other["id"] != me:
            admin.call("DELETE", f"/v1/users/{other['id']}")
    for method, body in (("DELETE", None), ("PATCH", {"role": "viewer"}), ("PATCH", {"is_disabled": True}), ("PATCH", {"scope": {"accounts": ["1"]}})):
        answer = admin.call(method, f"/v1/users/{me}", body)
        tap.check(is_refused(answer, 409), f"the last administrator stays: {method} {body}", answer)


def at_one_time(server, admin):
    """Two administrators, the only ones, demote each other: one of them stays."""
    me = admin.get("/v1/session").json["user"]["id"]
    second = admin.post("/v1/users", {"name": "second", "role": "admin", "password": PASSWORD}).json["id"]
    for turn in range(3):
        other = server.client(source=f"127.0.2.{40 + turn}")
        other.sign_in("second")
        answers = []
        threads = [threading.Thread(target=lambda who=who, path=path: answers.append(who.call("PATCH", path, {"role": "viewer"}).status))
                   for who, path in ((admin, f"/v1/users/{second}"), (other, f"/v1/users/{me}"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = next((who for who in (admin, other) if who.get("/v1/users").status == 200), None)
        tap.check(left is not None and sorted(answers)[0] == 200 and sorted(answers)[1] != 200, "of two who demote each other one stays", answers)
        for one in (me, second):
            left.call("PATCH", f"/v1/users/{one}", {"role": "admin"})
        if admin.get("/v1/session").status != 200:
            admin.cookies, admin.csrf = {}, None
            admin.sign_in("root")
    admin.call("DELETE", f"/v1/users/{second}")


def narrow_admin(server, admin):
    """Who administers only some accounts could see all of them by a change of himself."""
    made = admin.post("/v1/users", {"name": "narrow", "role": "admin", "password": PASSWORD, "scope": {"accounts": ["111111111111"]}}).json["id"]
    client = server.client(source="127.0.2.50")
    client.sign_in("narrow")
    everything = admin.post("/v1/tokens", {"name": "narrow", "scopes": ["*"], "role": "admin", "scope": {"tags": ["a=b"]}}).json["token"]
    for who, caller in (("a session", client), ("a token", server.client(source="127.0.2.51", token=everything))):
        for method, path, body in (("PATCH", f"/v1/users/{made}", {"scope": None}), ("POST", "/v1/users", {"name": "mine", "role": "admin", "password": PASSWORD}),
                                   ("GET", "/v1/audit", None), ("PUT", "/v1/retention", {"age_days": 1}), ("GET", "/v1/users", None)):
            answer = caller.call(method, path, body)
            tap.check(is_refused(answer, 403), f"{who} of an administrator of some accounts: {method} {path}", answer)
    answer = client.post("/v1/tokens", {"name": "t", "scopes": ["*"], "role": "admin"})
    tap.check(is_refused(answer, 403), "nor a token that does", answer)
    answer = client.get("/v1/tokens")
    tap.check(answer.status == 200 and {one["user"] for one in answer.json["items"]} <= {made}, "and he sees no tokens but his own", answer)
    tap.check(is_refused(client.get("/v1/sessions?user=0"), 403), "nor sessions")
    admin.call("DELETE", f"/v1/users/{made}")


def tokens(server, people):
    operator = people["operator"]
    for body, status in (({"name": "t", "scopes": []}, 400), ({"name": "t", "scopes": ["everything"]}, 400),
                         ({"name": "t", "scopes": "users:read"}, 400), ({"name": "", "scopes": ["*"]}, 400),
                         ({"name": "t", "scopes": ["*"], "role": "admin"}, 403), ({"name": "t", "scopes": ["*"], "role": "root"}, 403),
                         ({"name": "t", "scopes": ["*"], "expires_in_days": 0}, 400),
                         ({"name": "t", "scopes": ["*"], "expires_in_days": 99999}, 400),
                         ({"name": "t", "scopes": ["*"], "scope": {"accounts": [1]}}, 400)):
        answer = operator.post("/v1/tokens", body)
        tap.check(is_refused(answer, status), f"a token of {body}", answer)
    made = operator.post("/v1/tokens", {"name": "reads", "scopes": ["tokens:read"], "scope": {"accounts": ["111111111111"]}}).json
    tap.check(made["token"].startswith("gbt_") and len(made["token"]) == 47, "a token has its form", made)
    listed = operator.get("/v1/tokens")
    tap.check(made["token"] not in listed.body.decode() and "hash" not in listed.body.decode(), "it is shown once", listed)
    by_token = server.client(source="127.0.2.8", token=made["token"])
    tap.check(by_token.get("/v1/tokens").status == 200, "it reads")
    answer = by_token.call("DELETE", f"/v1/tokens/{made['id']}")
    tap.check(is_refused(answer, 403), "it does not write", answer)
    answer = by_token.post("/v1/tokens", {"name": "child", "scopes": ["*"]})
    tap.check(is_refused(answer, 403), "it makes no other token", answer)
    answer = people["viewer"].call("DELETE", f"/v1/tokens/{made['id']}")
    tap.check(is_refused(answer, 404), "nobody revokes another's", answer)
    tap.check(operator.call("DELETE", f"/v1/tokens/{made['id']}").status == 204, "its maker does")
    tap.check(by_token.get("/v1/tokens").status == 401, "and it has ended")
    row = next(token for token in operator.get("/v1/tokens").json["items"] if token["id"] == made["id"])
    tap.check(row["last_used"] is not None and row["is_revoked"], "its last use is known", row)


def guessing(server):
    client = server.client(source="127.0.3.1")
    answers = [client.sign_in("viewer", "wrong pass phrase") for _ in range(11)]
    tap.check([a.status for a in answers[:10]] == [401] * 10, "ten wrong passwords are answered", [a.status for a in answers])
    tap.check(answers[10].status == 429 and int(answers[10].headers["retry-after"]) > 0, "the eleventh has to wait", answers[10])
    answer = server.client(source="127.0.3.2").sign_in("viewer")
    tap.check(answer.status == 429, "from any address: it is the account's", answer)
    unknown, known = client.sign_in("nobody-of-this-name", "x"), answers[0]
    tap.check(unknown.body == known.body and unknown.status == known.status, "who is not there is answered like who is", unknown)
    forger = server.client(source="127.0.3.3", token="gbt_" + "B" * 43)
    answers = [forger.get("/v1/users").status for _ in range(40)]
    tap.check(answers[0] == 401 and answers[-1] == 429, "tokens are not guessed for long", answers)
    reader = server.client(source="127.0.3.3")
    tap.check(reader.get("/v1/users").status == 429, "nor by the same address in another way")


def streams_end(server):
    client = server.client(source="127.0.2.9")
    client.sign_in("operator")
    connection = client.connection(seconds=20)
    connection.request("GET", "/v1/events/stream", headers=client.headers(None, None))
    response = connection.getresponse()
    tap.check(response.status == 200 and response.getheader("Content-Type").startswith("text/event-stream"), "a stream of events", response.status)
    tap.equal(client.call("DELETE", "/v1/session").status, 204, "its reader signs out")
    while response.read(1):
        pass
    tap.check(response.isclosed(), "and it ends")
    connection.close()


def nothing_leaks(server, admin):
    log = server.log_text()
    secrets = [PASSWORD, "wrong pass phrase", server.setup, admin.cookies["gambeson"], admin.csrf, "gbt_"]
    tap.equal([secret for secret in secrets if secret in log], [], "no secret is in the log")
    lines = [line for line in log.splitlines() if not (line.startswith("{") and line.endswith("}"))]
    tap.equal(lines, [], "the log has JSON lines only")
    if DATABASE:
        return
    database = (server.folder / "data" / "gambeson.db").read_bytes() + (server.folder / "data" / "gambeson.db-wal").read_bytes()
    secrets = [PASSWORD, server.setup, admin.cookies["gambeson"]]
    tap.equal([secret for secret in secrets if secret.encode() in database], [], "nor in the database")


def two_servers(server, people):
    """On one database: what one does the other knows at once."""
    with Server() as other:
        tap.check(other.setup is None, "the second has no link", other.greeting)
        viewer = people["viewer"]
        viewer.server = other
        tap.equal(viewer.get("/v1/session").status, 200, "a session of the first is one of the second")
        tap.equal(viewer.call("DELETE", "/v1/session").status, 204, "it ends there")
        viewer.server = server
        tap.equal(viewer.get("/v1/session").status, 401, "and so here")
        other.stop()


def main():
    tap.section(tables)
    with Server("--log-level", "debug") as server:
        people = server.people()
        admin = server.client(source="127.0.1.9")
        tap.check(admin.sign_in("root").status == 200, "the first administrator signs in")
        tap.section(matrix, server, people, admin)
        tap.section(cross_site, server, people)
        tap.section(fixation, server)
        tap.section(tokens, server, people)
        tap.section(streams_end, server)
        tap.section(changes_of_rights, server, admin)
        tap.section(narrow_admin, server, admin)
        tap.section(at_one_time, server, admin)
        if DATABASE:
            tap.section(two_servers, server, people)
        tap.section(guessing, server)
        tap.section(nothing_leaks, server, admin)
        tap.equal(server.stop(), 0, "it stops in order")


main()
tap.done()

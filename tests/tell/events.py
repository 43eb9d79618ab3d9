# SPDX-License-Identifier: Apache-2.0
"""Events put straight into the SQLite store of a server that runs, as collect would."""

import json
import os
import sqlite3
import time

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEVERITIES = {"": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}


def ulid(now):
    number = int(now * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)), number.to_bytes(16, "big")


class Store:
    def __init__(self, server):
        self.connection = sqlite3.connect(server.folder / "data" / "gambeson.db", timeout=30, isolation_level=None)
        self.functions = {}

    def function(self, name="payments", account="123456789012", region="eu-central-1", tags=None):
        key = (account, region, name)
        if key not in self.functions:
            self.functions[key] = self.connection.execute(
                "INSERT INTO functions (account, region, name, runtime, tags, first_seen, last_seen) VALUES (?, ?, ?, 'nodejs22.x', ?, 0, 0) "
                "ON CONFLICT (account, region, name) DO UPDATE SET tags = excluded.tags RETURNING id", (*key, json.dumps(tags or {}))).fetchone()[0]
        return self.functions[key]

    def put(self, *events, function=None):
        """Each is members of a finding; the ids that they got."""
        ids = []
        function = function or self.function()
        self.connection.execute("BEGIN IMMEDIATE")
        for given in events:
            now = time.time()
            text, data = ulid(now)
            line = {"gambeson": 1, "kind": "finding", "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".000Z", "id": text,
                    "type": "Command Injection Attack", "class": "cmdi", "control": "firewall", "action": "blocked", "mode": "block",
                    "severity": "high", "reason": "shell_command", "message": "the input ends a command and begins another",
                    "input": {"path": "body.name", "origin": "body", "value": "x; cat /etc/passwd", "from": 1, "length": 17}, **given}
            facets = (line["kind"], line["type"], line["class"], line["control"], line["action"], SEVERITIES[line["severity"]])
            row = self.connection.execute("SELECT id FROM event_facets WHERE kind = ? AND type = ? AND class = ? AND control = ? AND "
                                          "action = ? AND severity = ?", facets).fetchone()
            if row is None:
                number = self.connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'facets' RETURNING value").fetchone()[0]
                self.connection.execute("INSERT INTO event_facets VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *facets))
                row = (number,)
            n = self.connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'events' RETURNING value").fetchone()[0]
            self.connection.execute("INSERT INTO events (n, time, id, function, version, facet, sandbox, seq, body) VALUES "
                                    "(?, ?, ?, ?, 0, ?, 0, -1, ?)", (n, int(now * 1000), data, function, row[0], json.dumps(line, ensure_ascii=False)))
            ids.append(text)
        self.connection.execute("COMMIT")
        return ids

    def close_event(self, text):
        number = 0
        for character in text:
            number = number << 5 | ALPHABET.index(character)
        self.connection.execute("UPDATE events SET status = 3 WHERE id = ?", (number.to_bytes(16, "big"),))

# SPDX-License-Identifier: Apache-2.0
"""A CSV file that is posted is checked row by row; the good rows go to /tmp as JSON lines, where a later step picks them up,
the others come back with their reasons."""

import base64
import csv
import datetime
import gzip
import io
import json
import os
import tempfile

FIELDS = ("name", "email", "joined", "balance")


def fault_of(row):
    if None in row or None in row.values():
        return "wrong number of columns"
    if "@" not in row["email"]:
        return "no e-mail address"
    try:
        datetime.date.fromisoformat(row["joined"])
        float(row["balance"])
    except ValueError as error:
        return str(error)
    return None


def text_of(event):
    data = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return data
    data = base64.b64decode(data)
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1250", "replace")


def handler(event, context):
    reader = csv.DictReader(io.StringIO(text_of(event)), dialect="excel")
    if reader.fieldnames is None or any(field not in reader.fieldnames for field in FIELDS):
        return {"statusCode": 400, "body": json.dumps({"message": "these columns are needed: " + ", ".join(FIELDS)})}
    faults, count = [], 0
    with tempfile.NamedTemporaryFile("w", prefix="import-", suffix=".jsonl", dir="/tmp", delete=False) as out:
        for number, row in enumerate(reader, 2):
            fault = fault_of(row)
            if fault:
                faults.append({"line": number, "fault": fault})
            else:
                out.write(json.dumps(row) + "\n")
                count += 1
    size = os.path.getsize(out.name)
    os.unlink(out.name)
    return {"statusCode": 200, "body": json.dumps({"imported": count, "bytes": size, "faults": faults[:20]})}

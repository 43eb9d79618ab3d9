# SPDX-License-Identifier: Apache-2.0
"""Orders in a database: asked for by customer and date, added from a queue, summed up. The database is made in /tmp at the
first event of a sandbox, as a snapshot from elsewhere would be put there."""

import json
import os
import sqlite3

DATABASE = "/tmp/orders.db"
_connection = None


def connection():
    global _connection
    if _connection is None:
        _connection = sqlite3.connect(DATABASE)
        _connection.execute("CREATE TABLE IF NOT EXISTS orders (customer TEXT, item TEXT, day TEXT, amount REAL)")
        _connection.execute("CREATE INDEX IF NOT EXISTS by_customer ON orders (customer)")
    return _connection


def add(orders):
    with connection() as database:
        database.executemany("INSERT INTO orders VALUES (:customer, :item, :day, :amount)", orders)
        database.execute("DELETE FROM orders WHERE rowid <= (SELECT max(rowid) - 2000 FROM orders)")
    return {"added": len(orders)}


def find(query):
    """The order of the rows comes from the caller as it is: the mistake in this one."""
    order = query.get("sort", "day")
    rows = connection().execute(f"SELECT customer, item, day, amount FROM orders WHERE customer LIKE ? AND day >= ? ORDER BY {order} LIMIT 50",
                                (query.get("customer", "%"), query.get("since", "2000-01-01"))).fetchall()
    return [dict(zip(("customer", "item", "day", "amount"), row)) for row in rows]


def summary():
    return dict(connection().execute("SELECT substr(day, 1, 7), sum(amount) FROM orders GROUP BY 1 ORDER BY 1").fetchall())


def export(name):
    """A copy of the database, put beside it and measured."""
    path = f"/tmp/export-{name}.db"
    with sqlite3.connect(path) as copy:
        connection().backup(copy)
    size = os.path.getsize(path)
    os.unlink(path)
    return {"bytes": size}


def answer(status, value):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(value)}


def handler(event, context):
    if "Records" in event:
        return add([order for record in event["Records"] for order in json.loads(record["body"])])
    if event["path"] == "/summary":
        return answer(200, summary())
    if event["path"] == "/export":
        return answer(200, export(context.aws_request_id))
    try:
        return answer(200, find(event.get("queryStringParameters") or {}))
    except sqlite3.OperationalError as error:
        return answer(400, {"message": str(error)})

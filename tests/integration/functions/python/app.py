# SPDX-License-Identifier: Apache-2.0
"""The Python function of the integration tests: what it does is asked for by the event. Vulnerable on purpose."""

import json
import os
import socket
import subprocess
import urllib.parse

import load

HERE = os.path.dirname(os.path.abspath(__file__))


def shell(text):
    return subprocess.run(text, shell=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=5).stdout.decode()


def convert(url):
    return shell(f"curl --silent --max-time 2 -L {url} | cat -")


def spawn(event):
    try:
        done = subprocess.run(event["command"], env=event.get("env"), input=event.get("input", "").encode(), capture_output=True, timeout=10)
    except OSError as error:
        return {"status": None, "out": "", "error": type(error).__name__}
    return {"status": done.returncode, "out": done.stdout.decode()}


def file(event):
    with open(event["path"], "w", encoding="utf-8") as out:
        out.write(event["text"])
    with open(event["path"], encoding="utf-8") as back:
        return back.read()


def connect(event):
    try:
        with socket.create_connection(("127.0.0.1", event["port"]), 3) as connection:
            connection.sendall(b"ping")
            return connection.recv(64).decode()
    except OSError as error:
        return type(error).__name__


def throw(event):
    raise ValueError(event["message"])


def log(event):
    print(event["text"])
    return "logged"


OPERATIONS = {
    "echo": lambda event: event,
    "big": lambda event: "x" * event["bytes"],
    "read": lambda event: open(event["path"], encoding="utf-8").read(),
    "exit": lambda event: os._exit(event["status"]),
    "kill": lambda event: os.kill(os.getpid(), event["signal"]),
    "spawn": spawn, "file": file, "connect": connect, "throw": throw, "log": log,
    "threads": load.threads, "bulk": load.bulk, "signals": load.signals, "tls": load.tls,
}


def handler(event, _context):
    if isinstance(event, dict):
        record = (event.get("Records") or [{}])[0]
        query = event.get("queryStringParameters") or {}
        if record.get("eventSource") == "aws:sqs":
            return {"converted": convert(json.loads(record["body"])["document_url"])}
        if record.get("eventSource") == "aws:s3":
            key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
            return {"listed": shell(f"ls -d /tmp/{key} 2>/dev/null || echo none")}
        if "document_url" in query:
            return {"statusCode": 200, "body": convert(query["document_url"])}
        if "file" in query:
            with open(f"{HERE}/docs/{query['file']}", encoding="utf-8") as text:
                return {"statusCode": 200, "body": text.read()}
        return OPERATIONS[event.get("op", "echo")](event)
    return event

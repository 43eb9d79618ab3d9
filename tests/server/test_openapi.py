#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_openapi.py GAMBESON SOURCE: the OpenAPI document that a server hands out is whole, has every route of the program and no
other, and every answer to a reading request is as it says. TAP."""
import http.client
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import jsonschema

from api import Api, Mismatch

ROUTE = re.compile(r'\.method = "(\w+)",\s*\.path = "([^"]+)"(.*?)\.operation_id = "(\w*)"', re.S)
PASSWORD = "correct horse battery staple"


def routes_of(folder):
    for path in sorted(folder.glob("*.c")):
        for method, route, _, name in ROUTE.findall(path.read_text(encoding="utf-8")):
            if name:
                yield method, route, name


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def check_document(api, source):
    document = api.document
    told = {(method, path): name for name, (method, path, _) in api.operations.items()}
    here = {(method, path): name for method, path, name in routes_of(source / "src/control")}
    missing = [f"{method} {path}" for method, path in here if (method, path) not in told]
    made_up = [f"{method} {path}" for method, path in told if (method, path) not in here]
    other = [name for key, name in here.items() if told.get(key, name) != name]
    broken = []
    for reference in set(references(document)):
        try:
            api.resolve(reference)
        except KeyError:
            broken.append(reference)
    yield f"every route of the program is in the document: {missing}", not missing and len(here) > 30
    yield f"and no other: {made_up}", not made_up
    yield f"under its own name: {other}", not other
    yield f"every reference leads somewhere: {broken}", not broken
    for name, schema in document["components"]["schemas"].items():
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            yield f"{name} is a schema: {error.message}", False


def sign_in(address, token):
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("POST", "/v1/setup", json.dumps({"token": token, "name": "anna", "password": PASSWORD}), {"Content-Type": "application/json"})
    response = connection.getresponse()
    account = json.loads(response.read())
    cookie = response.getheader("Set-Cookie").split(";")[0]
    connection.close()
    return cookie, account["csrf_token"]


def check_answers(api):
    for name, (method, path, operation) in sorted(api.operations.items()):
        if method != "GET" or name in ("streamEvents", "beginOidcSignIn", "finishOidcSignIn"):
            continue
        needed = {p["name"]: "1" for p in operation.get("parameters", []) if p.get("in") == "path"}
        query = {p["name"]: p["schema"]["enum"][0] for p in operation.get("parameters", []) if p.get("in") == "query" and p.get("required")}
        try:
            answer = api.call(name, query=query, **needed)
            yield f"{name}: {answer.status}", answer.status in (200, 404) if needed else answer.status == 200
        except Mismatch as error:
            yield str(error), False


def run(gambeson, source, folder):
    with open(folder / "log", "wb") as log, subprocess.Popen(
            [gambeson, "serve", "--data", str(folder / "data"), "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log, text=True) as server:
        try:
            address = server.stdout.readline().split("//")[1].strip().split(":")
            address = (address[0], int(address[1]))
            cookie, csrf = sign_in(address, server.stdout.readline().strip().split("#")[1])
            api = Api(address, cookie=cookie, csrf=csrf)
            yield from check_document(api, source)
            yield from check_answers(api)
        finally:
            server.terminate()
            server.wait(timeout=30)


def main():
    gambeson, source = sys.argv[1:]
    count, failed = 0, 0
    with tempfile.TemporaryDirectory(prefix="gambeson-openapi-") as folder:
        for what, is_good in run(gambeson, pathlib.Path(source), pathlib.Path(folder)):
            count += 1
            failed += not is_good
            print(f"{'ok' if is_good else 'not ok'} {count} - {what}".replace("\n", " ").replace("#", "no."))
    print(f"1..{count}")
    return failed != 0


sys.exit(main())

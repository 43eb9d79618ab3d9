# SPDX-License-Identifier: Apache-2.0
"""The API of `gambeson serve` for tests: every answer is held against the server's own OpenAPI document."""
import http.client
import json
import ssl
import urllib.parse

import jsonschema


class Mismatch(AssertionError):
    """An answer is not what the OpenAPI document says."""


class Answer:
    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data

    @property
    def json(self):
        return json.loads(self.data)


class Api:
    """api = Api(("127.0.0.1", port), token="gbt_…"); api.call("listEvents", query={"limit": 5}).json"""

    def __init__(self, address, token=None, cookie=None, csrf=None, is_tls=False):
        self.address, self.token, self.cookie, self.csrf, self.is_tls = address, token, cookie, csrf, is_tls
        self.document = json.loads(self.request("GET", "/v1/openapi.json").data)
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in self.document["paths"].items() for method, operation in item.items()}
        self.called = set()

    def connect(self):
        if not self.is_tls:
            return http.client.HTTPConnection(*self.address, timeout=30)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(*self.address, timeout=30, context=context)

    def request(self, method, target, body=None, headers=None):
        """As it is, unchecked."""
        connection = self.connect()
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf and method != "GET":
            headers["X-CSRF-Token"] = self.csrf
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        finally:
            connection.close()

    def call(self, operation_id, want=None, query=None, body=None, headers=None, **parameters):
        """The answer of an operation, which is one that the document knows; with WANT of that status."""
        method, path, operation = self.operations[operation_id]
        target = path.format(**{name: urllib.parse.quote(str(value), safe="") for name, value in parameters.items()})
        if query:
            target += "?" + urllib.parse.urlencode(query)
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        answer = self.request(method, target, body, headers)
        self.called.add(operation_id)
        self.check(operation_id, operation, answer)
        if want is not None and answer.status != want:
            raise Mismatch(f"{operation_id}: {answer.status} in place of {want}: {answer.data[:500]!r}")
        return answer

    def check(self, operation_id, operation, answer):
        told = operation["responses"].get(str(answer.status), operation["responses"].get("default") if answer.status >= 400 else None)
        if told is None:
            raise Mismatch(f"{operation_id}: the document has no {answer.status}: {answer.data[:500]!r}")
        if "$ref" in told:
            told = self.resolve(told["$ref"])
        kinds = told.get("content", {})
        kind = answer.headers.get("content-type", "").split(";")[0].strip()
        if not kinds:
            if answer.data:
                raise Mismatch(f"{operation_id}: {answer.status} has a body: {answer.data[:200]!r}")
            return
        if kind not in kinds:
            raise Mismatch(f"{operation_id}: {answer.status} is {kind!r}, the document says {sorted(kinds)}")
        if kind.endswith("json") and not kind.endswith("ndjson"):
            schema = {"allOf": [kinds[kind]["schema"]], "components": self.document["components"]}
            validator = jsonschema.Draft202012Validator(schema)
            errors = sorted(validator.iter_errors(answer.json), key=str)
            if errors:
                raise Mismatch(f"{operation_id}: {answer.status}: {errors[0].json_path}: {errors[0].message[:300]}")

    def resolve(self, reference):
        node = self.document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

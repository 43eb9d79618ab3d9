# SPDX-License-Identifier: Apache-2.0
"""Bad input: inspected within limits, passed on byte for byte, never a hang or a lost event. A small runtime in Python
answers with the digest of the raw bytes that it was given."""

import hashlib

from lib import tap
from lib.function import Function

RAW_RUNTIME = r"""
import hashlib, http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    event = api.getresponse()
    body, request_id = event.read(), event.getheader("Lambda-Runtime-Aws-Request-Id")
    answer = "%d %s %s" % (len(body), hashlib.sha256(body).hexdigest(), event.getheader("Lambda-Runtime-Client-Context"))
    api.request("POST", "/2018-06-01/runtime/invocation/%s/response" % request_id, answer)
    api.getresponse().read()
"""
# Whoever takes so long hangs. How much work an event is is counted in steps, by the unit tests `inspect linear` and `limits`:
# the worst here takes a second on an idle machine, and what else runs on this one is nobody's fault.
HANG_SECONDS = 60
COMMAND = ["/usr/bin/python3", "-c", RAW_RUNTIME]

BODIES = [
    ("empty", b""),
    ("one byte", b"{"),
    ("not JSON", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("invalid UTF-8", b'{"a":"\xff\xfe\xc0\x80\xed\xa0\x80"}'),
    ("NUL bytes", b'{"a":"x\x00y"}\x00\x00trailing'),
    ("only NULs", b"\x00" * 4096),
    ("depth 10,000", b"[" * 10_000 + b"]" * 10_000),
    ("depth 10,000, objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    ("depth 3,000,000, unclosed", b"[" * 3_000_000),
    ("6 MB string", b'{"a":"' + b"v" * (6 << 20) + b'"}'),
    ("6 MB of small strings", b"[" + b",".join([b'"word"'] * 880_000) + b"]"),
    ("6 MB of escapes", b'"' + b"\\u0041" * (1 << 20) + b'"'),
    ("6 MB of percent signs", b'{"q":"' + b"%2525" * 1_250_000 + b'"}'),
    ("6 MB of quotes", b'{"q":"' + b"\\\"' " * 1_500_000 + b'"}'),
    ("6 MB of brackets", b'{"q":"' + b"{[<>]} " * 850_000 + b'"}'),
    ("6 MB of base64", b'{"body":"' + b"QUFB" * 1_500_000 + b'","isBase64Encoded":true}'),
    ("long number", b"1" * 1_000_000),
    ("lone surrogates", b'{"a":"\\ud800\\udc00\\ud800"}'),
    ("duplicate keys", b'{"a":1,"a":2,"a":3}'),
    ("cut in a string", b'{"a":"never clos'),
    ("cut in an escape", b'{"a":"\\u00'),
    # Every byte, in an order that is not the ASCII table's: its `:;<=>?@ABC` looks like a disguised command.
    ("every byte", bytes(byte * 37 % 256 for byte in range(256)) * 64),
]


def passed_on(mode):
    with Function("python", settings={"GAMBESON_MODE": mode}, command=COMMAND) as function:
        for name, body in BODIES:
            result = function.invoke(body, HANG_SECONDS, headers={"Lambda-Runtime-Client-Context": '{"client":"x"}'})
            wanted = b'%d %s {"client":"x"}' % (len(body), hashlib.sha256(body).hexdigest().encode())
            tap.check(result and result.body == wanted, f"{mode}: {name} is passed on as it came", lambda: f"{result}\n{function.transcript()}")
        tap.check(function.process.poll() is None, f"{mode}: the sandbox lives", function.transcript)


def refusals():
    """What the service answers to the runtime is passed on: 413, 403, 400, 500."""
    with Function("bash", command=["/bin/bash", "-c", r'''
        api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
        while curl -sS -D /tmp/headers.$$ -o /dev/null "$api/invocation/next"; do
            id=$(tr -d '\r' </tmp/headers.$$ | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
            status=$(curl -sS -o /tmp/body.$$ -w '%{http_code}' -d answer "$api/invocation/$id/response")
            other=$(curl -sS -o /dev/null -w '%{http_code}' -d answer "$api/invocation/unknown-id/response")
            echo "status $status $(cat /tmp/body.$$) other $other"
        done''']) as function:
        for status in (202, 403, 413, 500):
            function.invoke(b"{}", answer_status=status)
            shown = '"status":"OK"' if status == 202 else '"errorType":"Refused"'
            tap.check(tap.wait_until(lambda: any(f"status {status}" in line and shown in line for line in function.log())),
                      f"status {status} is passed through", function.transcript)
        tap.check(tap.wait_until(lambda: any("other 400" in line for line in function.log())), "status 400 is passed through", function.transcript)


tap.section(passed_on, "detect")
tap.section(passed_on, "block")
tap.section(refusals)
tap.done()

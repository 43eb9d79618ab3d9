#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""serve.py [GAMBESON]: how long a blocked attack takes from its line to the API, and a policy's change from the API to a running
function, each with the real server and, for policies, the real agent; and what memory the server takes. Prints rows, writes build/bench-serve.json."""

import http.client
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build/bin"
os.environ.update({"GAMBESON_AGENT": str(BIN / "gambeson-agent"), "GAMBESON_SENSOR": str(BIN / "libgambeson.so")})
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("control", "warden", "lib")]

import s3_server
from harness import READER, Agent, Event, FakeApi
from remote import finding, token
from server import GAMBESON, Server

ROUNDS, CHANGES, INTERVAL, PATIENCE = 40, 20, 1, 30
ACCOUNT, REGION, NAME = "123456789012", "eu-west-1", "orders"
WHERE = "/v1/policies/FunctionPolicy/" + NAME
S3 = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": s3_server.KEYS["AKIDTEST"][0]}


class Caller:
    """Calls on one connection, as fast as it goes."""

    def __init__(self, server, secret):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        self.headers = {"Authorization": f"Bearer {secret}"}

    def call(self, method, path, body=None, **headers):
        self.connection.request(method, path, body, {**self.headers, **headers})
        response = self.connection.getresponse()
        data = response.read()
        if response.status >= 400:
            raise SystemExit(f"serve.py: {method} {path}: {response.status} {data[:300]}")
        return json.loads(data) if data else None

    def push(self, line):
        return self.call("POST", f"/v1/ingest?account={ACCOUNT}&region={REGION}&function={NAME}", line, **{"Content-Type": "application/octet-stream"})

    def wait_for(self, request, begin):
        """Milliseconds since BEGIN until the events of the invocation REQUEST are there."""
        while not self.call("GET", "/v1/events?" + urllib.parse.urlencode({"request": request, "limit": 1}))["events"]:
            if time.monotonic() - begin > PATIENCE:
                raise SystemExit("serve.py: an event did not come")
            time.sleep(0.012)  # a token has 100 calls a second
        return (time.monotonic() - begin) * 1000


def attack(number):
    return finding(number, request=f"request-{number}", time=time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()))


def pause():
    """What polls is met at any moment of its turn."""
    time.sleep(random.uniform(0.05, 0.4))


def pushed(sender, caller):
    for number in range(ROUNDS):
        pause()
        begin = time.monotonic()
        sender.push(attack(number))
        yield caller.wait_for(f"request-{number}", begin)


def followed(server, secret, caller, folder):
    log = folder / "log"
    log.write_bytes(attack(1000))
    process = subprocess.Popen([GAMBESON, "ingest", "--server", f"http://127.0.0.1:{server.port}", "--account", ACCOUNT, "--region", REGION, "--function", NAME,
                                "--file", str(log), "--follow"], env={"PATH": os.environ["PATH"], "GAMBESON_TOKEN": secret}, stdout=subprocess.DEVNULL)
    try:
        caller.wait_for("request-1000", time.monotonic())
        for number in range(1001, 1001 + ROUNDS):
            pause()
            begin = time.monotonic()
            with open(log, "ab") as file:
                file.write(attack(number))
            yield caller.wait_for(f"request-{number}", begin)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def streamed(server, secret, sender):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("GET", "/v1/events/stream", headers={"Authorization": f"Bearer {secret}"})
    response = connection.getresponse()
    response.readline()
    for number in range(2000, 2000 + ROUNDS):
        pause()
        begin = time.monotonic()
        sender.push(attack(number))
        wanted = f'"request-{number}"'.encode()
        while wanted not in response.readline():
            pass
        yield (time.monotonic() - begin) * 1000
    connection.close()


class Function:
    """One that is handed event after event, and says whether it could read a file."""

    def __init__(self, url, key, secret):
        self.api, self.count = FakeApi(), 0
        self.agent = Agent(READER, self.api, {
            "GAMBESON_SENSOR_PATH": os.environ["GAMBESON_SENSOR"], "GAMBESON_POLICY_KEY": str(key), "GAMBESON_POLICY_URL": url,
            "GAMBESON_POLICY_INTERVAL": str(INTERVAL), "AWS_REGION": REGION, "AWS_LAMBDA_FUNCTION_NAME": NAME, "SECRET": str(secret), **S3}, stdout=subprocess.DEVNULL)

    def until(self, verdict, begin):
        """Milliseconds since BEGIN until an event gets VERDICT."""
        while True:
            self.count += 1
            self.api.events.put(Event(b"{}", f"id-{self.count}"))
            if self.api.wait_for("/response", self.count)[-1].body.decode() == verdict:
                return (time.monotonic() - begin) * 1000
            if time.monotonic() - begin > PATIENCE:
                raise SystemExit(f"serve.py: no event was {verdict}")
            time.sleep(0.01)

    def end(self):
        self.api.close()
        self.agent.process.terminate()
        self.agent.process.wait(timeout=PATIENCE)


def changed(caller, url, key, folder):
    """Milliseconds from a document's PUT to the first event that it is enforced for."""
    secret = folder / "secret"
    secret.write_text("secret")
    body = lambda is_strict: json.dumps({"body": json.dumps({
        "apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": NAME},
        "spec": {"posture": "block", "rules": [{"name": "secret", "files": {"read": [str(secret) if is_strict else "/nowhere/at-all"]}}]}})})
    kind = {"Content-Type": "application/json"}
    revision = caller.call("PUT", WHERE, body(True), **kind, **{"If-None-Match": "*"})["revision"]
    function = Function(url, key, secret)
    function.until("denied", time.monotonic())
    for number in range(CHANGES):
        pause()
        is_strict = number % 2 == 1
        begin = time.monotonic()
        revision = caller.call("PUT", WHERE, body(is_strict), **kind, **{"If-Match": f'"{revision}"'})["revision"]
        yield function.until("denied" if is_strict else "let", begin)
    function.end()


def memory(server):
    """MB of the server's own and shared pages, by their share."""
    for line in pathlib.Path(f"/proc/{server.process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024, server.resident_kb() / 1024
    raise SystemExit("serve.py: no smaps_rollup")


def measure():
    figures = {}
    with Server() as server, tempfile.TemporaryDirectory() as name:
        folder, secret = pathlib.Path(name), token(server.admin())
        folder.chmod(0o755)
        sender, caller = Caller(server, secret), Caller(server, secret)
        time.sleep(5)
        figures["rest"] = memory(server)
        figures["pushed"] = list(pushed(sender, caller))
        figures["followed"] = list(followed(server, secret, caller, folder))
        figures["streamed"] = list(streamed(server, secret, sender))
        data = server.folder / "data"
        figures["folder"] = list(changed(Caller(server, secret), str(data / "policies" / ACCOUNT), data / "keys/policy.pub", folder))
        figures["after"] = memory(server)
    with s3_server.Server() as store:
        at = f"endpoint=http://127.0.0.1:{store.port}&region={REGION}"
        with Server("--policies", f"s3://{s3_server.BUCKET}/prod?{at}", environment=S3) as server, tempfile.TemporaryDirectory() as name:
            secret = token(server.admin())
            Caller(server, secret).push(attack(1))
            figures["s3"] = list(changed(Caller(server, secret), f"s3://{s3_server.BUCKET}/prod/{ACCOUNT}?{at}", server.folder / "data/keys/policy.pub", pathlib.Path(name)))
    return figures


def main():
    figures = measure()
    rows = [("serve at rest, PSS, MB", figures["rest"][0], 64), ("serve at rest, RSS, MB", figures["rest"][1], 64), ("serve after all of this, RSS, MB", figures["after"][1], None)]
    for key, what, bar in (("pushed", "line pushed to event in the API", 1000), ("followed", "line in a followed file to API", 1000), ("streamed", "line pushed to the live stream", 1000),
                           ("folder", f"policy to function, folder, {INTERVAL} s", (INTERVAL + 1) * 1000), ("s3", f"policy to function, S3, {INTERVAL} s", (INTERVAL + 1) * 1000)):
        rows += [(f"{what}, median, ms", statistics.median(figures[key]), bar), (f"{what}, worst of {len(figures[key])}, ms", max(figures[key]), bar)]
    for what, value, bar in rows:
        print(f"{what:<58}{value:>10.1f}  {'-' if bar is None else 'pass' if value <= bar else f'SHORT of {bar}'}")
    (ROOT / "build/bench-serve.json").write_text(json.dumps(figures, indent=1) + "\n")
    print("build/bench-serve.json written")


if __name__ == "__main__":
    main()

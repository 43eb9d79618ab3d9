#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_chain.py GAMBESON: from what functions do to what they may do, by a store that is slow, broken and silent all the while: learned,
published to S3, fetched by a warden, in force. No event ever sees half a policy. TAP."""

import pathlib
import random
import subprocess
import tempfile
import threading

from world import *

sys.path.insert(0, str(ROOT / "tests" / "warden"))

import s3_server  # noqa: E402
from harness import READER_THRICE, Agent, Event, FakeApi  # noqa: E402

AWS = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": s3_server.KEYS["AKIDTEST"][0], "AWS_REGION": "eu-west-1"}
WEATHER = [None] * 5 + ["slow=0.4", "slow=1.5", "status=503", "status=500", "lose", "after", "cut=30", "cut=300", "garbage", "drip=0.001"]
ACCOUNT = "apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: all}\nspec: {posture: block, enforce: after learning}\n"
FUNCTION = "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: orders}\nspec:\n  exclusions:\n  - {name: one, files: {read: ['%s']}}\n"


class Function:
    """One that reads SECRET three times in each event."""

    def __init__(self, folder, server, s3):
        self.secret = folder / "secret"
        self.secret.write_text("secret")
        self.api, self.seen, self.out = FakeApi(), [], open(folder / "function.log", "w+b")
        self.agent = Agent(READER_THRICE, self.api, {
            **AWS, "GAMBESON_SENSOR_PATH": os.environ["GAMBESON_SENSOR"], "GAMBESON_POLICY_KEY": str(server.folder / "data/keys/policy.pub"),
            "GAMBESON_POLICY_URL": f"s3://policies/prod/123456789012?endpoint=http://127.0.0.1:{s3.port}&region=eu-west-1",
            "GAMBESON_POLICY_INTERVAL": "1", "AWS_LAMBDA_FUNCTION_NAME": "orders", "SECRET": str(self.secret)}, stdout=self.out)

    def take(self):
        self.api.events.put(Event(b"{}", f"id-{len(self.seen)}"))
        self.seen.append(self.api.wait_for("/response", len(self.seen) + 1)[-1].body.decode())
        return self.seen[-1]

    def comes_to(self, verdict):
        return wait_for(lambda: verdict in self.take(), 90)

    def end(self):
        self.api.close()
        self.agent.process.terminate()
        self.agent.finish()
        self.out.close()


def set_weather(s3, fault):
    with s3.store.lock:
        s3.store.always = fault


def weather(s3, is_over):
    rng = random.Random(SEED)
    while not is_over.wait(0.03):
        set_weather(s3, rng.choice(WEATHER))


def observations(sandbox):
    """What forty such have seen is learned: a thousand invocations that read one file."""
    for n in range(1, 5):
        sandbox.write("observations", request=f"r-{n}", phase="invoke", invocations=n, shape="sqs", source_ip=f"198.51.100.{sandbox.number + 1}",
                      items=[{"kind": "file_read", "subject": "/var/task/one.json", "n": n}])
    sandbox.write("progress", invocations=1000, shapes={"sqs": 1000})
    sandbox.seal()
    return sandbox


def change(client, name, kind, body):
    there = client.get(f"/v1/policies/{kind}/{name}")
    follows = {"If-Match": there.headers["etag"]} if there.status == 200 else {"If-None-Match": "*"}
    answer = client.call("PUT", f"/v1/policies/{kind}/{name}", {"body": body}, headers=follows) if body else \
        client.call("DELETE", f"/v1/policies/{kind}/{name}", headers=follows)
    return answer.status in (200, 201, 204)


def learning(server, client):
    function = client.get("/v1/functions").json["functions"]
    return client.get(f"/v1/functions/{function[0]['id']}/learning").json["state"] if function else None


def main(folder, s3):
    is_over = threading.Event()
    sky = threading.Thread(target=weather, args=(s3, is_over))
    where = f"s3://policies/prod?endpoint=http://127.0.0.1:{s3.port}&region=eu-west-1"
    with Server("--policies", where, folder=folder, environment=AWS) as server:
        client = server.client(token=server.admin().post("/v1/tokens", {"name": "test", "role": "admin", "scopes": ["*"]}).json["token"])
        tap.check(change(client, "all", "AccountPolicy", ACCOUNT), "all functions are enforced once learning has ended")
        function = Function(folder, server, s3)
        sky.start()
        tap.equal(function.take(), '["let", "let", "let"]', "nothing is forbidden yet")
        for number in range(40):
            answer = client.call("POST", f"/v1/ingest?account=123456789012&region=eu-west-1&function=orders&stream=s{number}", observations(Sandbox(number)).log,
                                 headers={"Content-Type": "text/plain"})
            assert answer.status == 200, answer
        tap.check(wait_for(lambda: learning(server, client) == "enforcing"), "learning ends", lambda: server.log_text()[-1500:])
        tap.check(function.comes_to("denied"), "what was learned is in force in the function", lambda: server.log_text()[-1500:])
        for turn in range(2):
            tap.check(change(client, "orders", "FunctionPolicy", FUNCTION % function.secret) and function.comes_to("let"), f"an exclusion, {turn}: in force")
            tap.check(change(client, "orders", "FunctionPolicy", None) and function.comes_to("denied"), f"without it, {turn}: in force")
        is_over.set()
        sky.join()
        # By chance it may have failed hardly ever.
        set_weather(s3, "status=503")
        tap.check(wait_for(lambda: sum(status >= 500 for _, _, status in list(s3.store.log)) > 3, 90), "the store does fail")
        set_weather(s3, None)
        tap.check(change(client, "orders", "FunctionPolicy", FUNCTION % function.secret) and function.comes_to("let"), "the weather clears: in force")
        function.end()
        mixed = [verdicts for verdicts in function.seen if len(set(verdicts.strip("[]").split(", "))) != 1]
        tap.equal(mixed, [], f"each of {len(function.seen)} events saw one policy")
        notices = [line for line in function.agent.lines if line.get("kind") == "notice"]
        tap.equal([line for line in notices if line["reason"] in ("policy_refused", "policy_invalid")], [], "what came was whole and signed, or was not taken")
        whole = [data for key, data in s3.store.versions if key.endswith("/policy.gbp")]
        for number, data in enumerate(whole):
            (folder / "version.gbp").write_bytes(data)
            verified = subprocess.run([GAMBESON, "policy", "verify", str(folder / "version.gbp"), "--key", str(folder / "data/keys/policy.pub")],
                                      capture_output=True, text=True, timeout=20)
            assert verified.returncode == 0, (number, verified.stderr)
        tap.check(len(whole) >= 5, f"each of {len(whole)} policies that were ever to be seen is whole and signed")
        states = {one["state"] for one in client.get("/v1/functions/1/publications").json["publications"]}
        tap.check(wait_for(lambda: {one["state"] for one in client.get("/v1/functions/1/publications").json["publications"]} <= {"published"}),
                  "every publication ended", states)


with tempfile.TemporaryDirectory(prefix="gb-chain-") as path, s3_server.Server() as store:
    main(pathlib.Path(path), store)
tap.done()

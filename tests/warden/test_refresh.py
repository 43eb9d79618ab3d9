#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Policies that come from a policy store (S3, a web server, a folder) while the function works, and stores that are slow, broken
or hostile: what is in force stays, it is told, and no event waits."""

import collections
import shutil
import sys
import tempfile
import threading
import time

from harness import *

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import s3_server

GAMBESON = os.environ["GAMBESON"]
KEY = "prod/eu-west-1/orders/policy.gbp"
INTERVAL = 1
S3 = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": s3_server.KEYS["AKIDTEST"][0]}

class Policies:
    """A folder with a key pair and compiled policies."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.secret = self.file("secret")
        self.serial = 0
        with open(self.secret, "w", encoding="utf-8") as out:
            out.write("secret")
        self.cli("policy", "keygen", "-o", self.folder.name)

    def file(self, name):
        return os.path.join(self.folder.name, name)

    def cli(self, *arguments):
        subprocess.run([GAMBESON, *arguments], check=True, timeout=PATIENCE, capture_output=True)

    def compiled(self, is_strict, name="orders", serial=None, signed=True):
        """The bytes of a policy that denies the secret, or lets everything pass."""
        if serial is None:
            self.serial += 1
        spec = {"posture": "block" if is_strict else "detect", "observe": not is_strict}
        if is_strict:
            spec["rules"] = [{"name": "secret", "files": {"read": [self.secret]}}]
        path = self.file("policy.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump({"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": name}, "spec": spec}, out)
        self.cli("policy", "compile", path, "-o", self.file("out"), "--serial", str(serial or self.serial),
                 *(["--key", self.file("policy.key")] if signed else []))
        with open(self.file("out"), "rb") as file:
            return file.read()


class Function:
    """Handed an event when the test says so; its policies come from a store."""

    def __init__(self, policies, url, environment=None, code=READER, options=()):
        self.api, self.count, self.policies = FakeApi(), 0, policies
        self.output = tempfile.TemporaryFile()
        self.agent = Agent(code, self.api, {
            "GAMBESON_SENSOR_PATH": os.environ["GAMBESON_SENSOR"], "GAMBESON_POLICY_KEY": policies.file("policy.pub"),
            "GAMBESON_POLICY_URL": url, "GAMBESON_POLICY_INTERVAL": str(INTERVAL), "AWS_REGION": "eu-west-1",
            "AWS_LAMBDA_FUNCTION_NAME": "orders", "SECRET": policies.secret, **S3, **(environment or {})}, stdout=self.output, options=options)

    def take(self):
        self.count += 1
        self.api.events.put(Event(b"{}", f"id-{self.count}"))
        return self.api.wait_for("/response", self.count)[-1].body.decode()

    def until(self, verdict, seconds=PATIENCE):
        """Seconds until an event gets VERDICT."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            if self.take() == verdict:
                return time.monotonic() - begin
            time.sleep(0.02)
        raise AssertionError(f"no event was {verdict}: {self.lines()}")

    def lines(self):
        with open(f"/proc/self/fd/{self.output.fileno()}", encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().split("\n")[:-1] if line.startswith('{"gambeson":1,')]

    def notices(self, reason):
        return [line for line in self.lines() if line.get("reason") == reason]

    def wait_for_notice(self, reason, count=1):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if len(self.notices(reason)) >= count:
                return self.notices(reason)
            time.sleep(0.02)
        raise AssertionError(f"{count} x {reason} did not come: {self.lines()}")

    def end(self):
        self.api.close()
        self.agent.process.terminate()
        self.agent.finish()
        return self.agent


def s3_url(server, host="127.0.0.1"):
    return f"s3://policies/prod?endpoint=http://{host}:{server.port}&region=eu-west-1"


def test_a_change_is_enforced_within_the_interval_and_a_second():
    policies = Policies()
    with s3_server.Server() as server:
        server.store.put(KEY, policies.compiled(False))
        function = Function(policies, s3_url(server))
        function.wait_for_notice("policy_loaded")
        for verdict in ("denied", "let") * 2:
            server.store.put(KEY, policies.compiled(verdict == "denied"))
            seconds = function.until(verdict)
            assert seconds <= INTERVAL + 1, seconds
        time.sleep(2 * INTERVAL + 0.5)
        statuses = collections.Counter(status for _, _, status in server.store.log)
        assert statuses[200] == 5 and statuses[304] >= 2 and set(statuses) == {200, 304}, statuses
        agent = function.end()
        assert len(agent.of("notice", reason="policy_loaded")) == 5 and not agent.of("notice", reason="policy_unreachable")


def test_under_load_every_event_sees_one_policy():
    """The rule is asked for three times in each event: all three are of one policy."""
    policies = Policies()
    both = [policies.compiled(n % 2 == 0) for n in range(11)]
    with s3_server.Server() as server:
        server.store.put(KEY, both[0])
        function = Function(policies, s3_url(server), code=READER_THRICE)
        function.wait_for_notice("policy_loaded")
        verdicts, slowest, begin, turn = collections.Counter(), 0, time.monotonic(), 0
        while turn < 10 and time.monotonic() - begin < PATIENCE * 2:
            at = time.monotonic()
            found = json.loads(function.take())
            slowest = max(slowest, time.monotonic() - at)
            assert len(set(found)) == 1, found
            verdicts[found[0]] += 1
            if found[0] == ("denied", "let")[turn % 2]:
                turn += 1
                server.store.put(KEY, both[turn])
        agent = function.end()
        assert min(verdicts["let"], verdicts["denied"]) > 20, verdicts
        loaded = [line for line in agent.of("notice", reason="policy_loaded")]
        assert turn == 10 and len(loaded) >= 10, (turn, loaded)
        denials = {line["request"] for line in agent.of("finding", control="rule")}
        assert len(denials) == verdicts["denied"] or agent.of("notice", reason="reports_lost"), (len(denials), verdicts, agent.of("notice")[-5:])
        assert slowest < 1, slowest


FAULTS = ["status=500", "status=503", "status=403", "status=301", "garbage", "huge", "cut=100", "lose", "slow=30", "drip=0.5"]


def test_a_store_that_fails_leaves_the_old_policy_in_force():
    """All faults at once, each against a function of its own: told, no event waits, and afterwards a newer policy comes."""
    failed = []

    def attempt(fault):
        try:
            policies = Policies()
            with s3_server.Server() as server:
                server.store.put(KEY, policies.compiled(True))
                function = Function(policies, s3_url(server))
                function.until("denied")
                server.store.put(KEY, policies.compiled(False))
                server.store.always = fault
                slowest, begin, is_slow = 0, time.monotonic(), fault[:4] in ("slow", "drip")
                while not function.notices("policy_unreachable") and time.monotonic() - begin < (9 if is_slow else 60):
                    at = time.monotonic()
                    assert function.take() == "denied", "the old policy is not in force"
                    slowest = max(slowest, time.monotonic() - at)
                    time.sleep(0.05)
                assert slowest < 2, f"an event waited {slowest} s"
                told = function.notices("policy_unreachable")
                assert is_slow or len(told) == 1, function.lines()
                server.store.always = None
                function.until("let", 30)
                agent = function.end()
                assert is_slow or len(agent.of("notice", reason="policy_reachable")) == 1
                assert not agent.of("notice", reason="policy_refused"), agent.of("notice")
        except Exception as error:
            failed.append((fault, repr(error)[:1500]))

    threads = [threading.Thread(target=attempt, args=(fault,)) for fault in FAULTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


def test_what_is_not_ours_is_refused():
    policies, others = Policies(), Policies()
    with s3_server.Server() as server:
        server.store.put(KEY, policies.compiled(True, serial=50))
        function = Function(policies, s3_url(server))
        function.until("denied")
        bad = [("unsigned", policies.compiled(False, serial=51, signed=False)),
               ("signed by another key", others.compiled(False, serial=51)),
               ("for another function", policies.compiled(False, name="billing", serial=51)),
               ("for another region", policies.compiled(False, name="us-east-1/orders", serial=51)),
               ("older", policies.compiled(False, serial=49)),
               ("no policy", b"posture: detect\n" * 50),
               ("empty", b"")]
        for number, (name, data) in enumerate(bad, 1):
            server.store.put(KEY, data)
            function.wait_for_notice("policy_refused", number)
            assert function.take() == "denied", name
        server.store.objects.clear()
        function.wait_for_notice("policy_absent")
        assert function.take() == "denied"
        server.store.put(KEY, policies.compiled(False, name="eu-west-1/orders", serial=51))
        function.until("let")
        agent = function.end()
        assert len(agent.of("notice", reason="policy_refused")) == len(bad)


def test_session_token_and_a_clock_that_is_wrong():
    policies = Policies()
    with s3_server.Server() as server:
        server.store.clock_ahead = 3 * 3600
        server.store.put(KEY, policies.compiled(True))
        function = Function(policies, s3_url(server, "localhost"), {
            "AWS_ACCESS_KEY_ID": "ASIDTEST", "AWS_SECRET_ACCESS_KEY": s3_server.KEYS["ASIDTEST"][0],
            "AWS_SESSION_TOKEN": s3_server.KEYS["ASIDTEST"][1]})
        function.until("denied")
        time.sleep(2 * INTERVAL + 0.3)
        statuses = [status for _, _, status in server.store.log]
        assert statuses[:2] == [403, 200] and set(statuses[2:]) == {304}, statuses
        assert not function.end().of("notice", reason="policy_unreachable")


def test_credentials_of_an_endpoint():
    """As SnapStart and containers have them."""
    import http.server
    asked = []

    class Endpoint(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append((self.path, self.headers.get("authorization")))
            body = json.dumps({"AccessKeyId": "ASIDTEST", "SecretAccessKey": s3_server.KEYS["ASIDTEST"][0], "Expiration": "2099-01-01T00:00:00Z",
                               "Token": s3_server.KEYS["ASIDTEST"][1]}).replace("/", "\\/").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    endpoint = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()
    policies = Policies()
    with s3_server.Server() as server:
        server.store.put(KEY, policies.compiled(True))
        function = Function(policies, s3_url(server), {
            "AWS_ACCESS_KEY_ID": "", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "the token",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost:%d/2021-04-23/credentials" % endpoint.server_address[1]})
        function.until("denied")
        function.end()
    endpoint.shutdown()
    assert asked and set(asked) == {("/2021-04-23/credentials", "the token")}, asked


def test_a_web_server_and_a_folder():
    policies = Policies()
    with s3_server.Server() as server:
        server.store.is_signed = False
        server.store.put("p/eu-west-1/orders/policy.gbp", policies.compiled(True))
        function = Function(policies, f"http://127.0.0.1:{server.port}/p")
        function.until("denied")
        function.end()
    folder = policies.file("store")
    os.makedirs(f"{folder}/eu-west-1/orders")

    def put(data):
        with open(f"{folder}/new", "wb") as out:
            out.write(data)
        os.rename(f"{folder}/new", f"{folder}/eu-west-1/orders/policy.gbp")

    function = Function(policies, folder)
    function.wait_for_notice("policy_absent")
    put(policies.compiled(True))
    assert function.until("denied") <= INTERVAL + 1
    put(policies.compiled(False))
    assert function.until("let") <= INTERVAL + 1
    shutil.rmtree(folder)
    function.wait_for_notice("policy_absent", 2)
    assert function.take() == "let"
    function.end()


def test_a_closed_stance_waits_for_its_policy():
    policies = Policies()
    with s3_server.Server() as server:
        server.store.put(KEY, policies.compiled(True))
        function = Function(policies, s3_url(server), {"GAMBESON_STANCE": "closed"})
        assert function.take() == "denied"
        function.end()
        server.store.always = "status=500"
        function = Function(policies, s3_url(server), {"GAMBESON_STANCE": "closed"})
        assert function.agent.process.wait(PATIENCE) == 78


def test_what_cannot_be_a_store_is_told():
    policies = Policies()
    for url, more, said in (("https://example.com/p", {}, "no TLS"), ("s3://policies/p?colour=red", {}, "endpoint, region or style"),
                            ("s3://policies/p?endpoint=http://127.0.0.1:1", {"AWS_REGION": ""}, "region"),
                            ("http://127.0.0.1:1/p", {"AWS_LAMBDA_FUNCTION_NAME": ""}, "AWS_LAMBDA_FUNCTION_NAME"),
                            ("http://127.0.0.1:1/p", {"GAMBESON_POLICY_INTERVAL": "0"}, "seconds")):
        function = Function(policies, url, more)
        assert function.take() == "let"
        assert said in function.wait_for_notice("setting_refused")[0]["message"], (url, function.lines())
        function.end()


def test_a_network_without_a_key_is_no_store():
    api, output = FakeApi([Event(b"{}")]), tempfile.TemporaryFile()
    agent = Agent(ATTEMPT + "loop(w, 1)\n", api, {"GAMBESON_POLICY_URL": "http://127.0.0.1:1/p", "AWS_LAMBDA_FUNCTION_NAME": "orders"}, stdout=output)
    agent.finish()
    api.close()
    assert "must be signed" in agent.of("notice", reason="setting_refused")[0]["message"], agent.lines


def test_a_name_is_looked_up():
    """By a name server that first answers somebody else's question, in a mount namespace of its own."""
    import socketserver

    class Names(socketserver.BaseRequestHandler):
        def handle(self):
            question, sock = self.request
            answer = question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1"
            sock.sendto(bytes([question[0] ^ 1]) + answer[1:-4] + b"\x7f\0\0\2", self.client_address)
            sock.sendto(answer, self.client_address)

    names = socketserver.ThreadingUDPServer(("127.0.0.78", 53), Names)
    threading.Thread(target=names.serve_forever, daemon=True).start()
    policies = Policies()
    with open(policies.file("resolv.conf"), "w", encoding="utf-8") as out:
        out.write("# ours\nsearch nowhere\nnameserver 127.0.0.78\n")
    with s3_server.Server() as server:
        server.store.put(KEY, policies.compiled(True))
        agent = policies.file("agent")
        with open(agent, "w", encoding="utf-8") as out:
            out.write(f'#!/bin/sh\nmount --bind {policies.file("resolv.conf")} /etc/resolv.conf && exec {AGENT} "$@"\n')
        os.chmod(agent, 0o755)
        import harness
        harness.AGENT, before = policies.file("wrapper"), harness.AGENT
        with open(harness.AGENT, "w", encoding="utf-8") as out:
            out.write(f'#!/bin/sh\nexec unshare -m {agent} "$@"\n')
        os.chmod(harness.AGENT, 0o755)
        try:
            function = Function(policies, s3_url(server, "store.example"))
        finally:
            harness.AGENT = before
        function.until("denied")
        function.end()
    names.shutdown()


run_tests(sys.modules[__name__])

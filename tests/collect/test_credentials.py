#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where AWS's keys come from (src/aws/credentials.c), seen through `gambeson ingest --kinesis`, whose service checks every signature:
the container's endpoint and the instance's metadata service when they work, are slow, absent, or lie."""

import datetime
import http.server
import json
import pathlib
import tempfile
import threading
import time

from pulled import Ingest, at_once, tap
from aws_server import Aws, Server, serve
from s3_server import KEYS, REGION
from seals import Sandbox

TOKEN = "a token of the platform"


def document(key="ASIDTEST", seconds=3600, **more):
    secret, token = KEYS[key]
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return json.dumps({"Code": "Success", "AccessKeyId": key, "SecretAccessKey": secret, **({"Token": token} if token else {}),
                       "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"), **more}).encode()


class Endpoint:
    """ANSWERS: {(method, path): [(status, body, seconds to wait), …]}, the last of them again and again."""

    def __init__(self, answers):
        self.answers, self.log = answers, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(handler):  # noqa: N805
                self.log.append((handler.command, handler.path, dict(handler.headers)))
                queue = self.answers.get((handler.command, handler.path), [(404, b"", 0)])
                status, body, wait = queue.pop(0) if len(queue) > 1 else queue[0]
                handler.send_response_only(status)
                handler.send_header("content-length", str(len(body)))
                if status == 302:
                    handler.send_header("location", "/elsewhere")
                handler.end_headers()
                for byte in ([body] if not wait else [body[n:n + 1] for n in range(len(body))]):
                    time.sleep(wait)
                    handler.wfile.write(byte)

            do_GET = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


FOLDER, SERVICE = [], Aws()


def pull(environment, idle=1, during=None):
    """(status, what it counted, complaints, seconds)"""
    begun = time.monotonic()
    one = Ingest("--kinesis", "logs", "--endpoint", f"http://127.0.0.1:{SERVICE.port}", "--data", pathlib.Path(FOLDER[0]) / str(begun), "--until-idle", idle,
                 environment={"AWS_REGION": REGION, **environment})
    if during:
        during()
    return *one.wait(), time.monotonic() - begun


def container():
    for name, answer, extra in [("a container's endpoint", (200, document(), 0), {}),
                                ("one with an account number and more", (200, document(AccountId="123", Other=None), 0), {}),
                                ("one without an end", (200, json.dumps({"AccessKeyId": "AKIDTEST", "SecretAccessKey": KEYS["AKIDTEST"][0]}).encode(), 0), {})]:
        endpoint = Endpoint({("GET", "/v2/credentials"): [answer]})
        status, told, err, _ = pull({"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url + "/v2/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN, **extra})
        tap.check(status == 0 and told["lines"] == 3, f"{name} gives the keys", (status, told, err))
        tap.check(endpoint.log and all(headers.get("Authorization", headers.get("authorization")) == TOKEN for _, _, headers in endpoint.log), f"{name}: the token is shown", endpoint.log)
        tap.equal(len(endpoint.log), 1, f"{name}: asked once")
    endpoint, path = Endpoint({("GET", "/"): [(200, document(), 0)]}), pathlib.Path(FOLDER[0]) / "token"
    path.write_text("of a file\n")
    status, told, err, _ = pull({"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url + "/", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path)})
    tap.check(status == 0 and {value for _, _, headers in endpoint.log for name, value in headers.items() if name.lower() == "authorization"} == {"of a file"},
              "a token in a file, without its line feed", (status, err, endpoint.log))


def instance_answers(role=b"role-of+the=instance\n", keys=None, token=b"IMDS", code=200):
    roles = "/latest/meta-data/iam/security-credentials/"
    return {("PUT", "/latest/api/token"): [(code, token, 0)], ("GET", roles): [(200, role, 0)],
            ("GET", roles + role.decode("latin-1").split("\n")[0]): [(200, document() if keys is None else keys, 0)]}


def instance():
    endpoint = Endpoint(instance_answers())
    status, told, err, _ = pull({"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint.url + "/"})
    tap.check(status == 0 and told["lines"] == 3, "the instance's metadata service gives the keys", (status, told, err))
    heads = [{name.lower(): value for name, value in headers.items()} for _, _, headers in endpoint.log]
    tap.check(heads[0]["x-aws-ec2-metadata-token-ttl-seconds"] == "300" and all(head["x-aws-ec2-metadata-token"] == "IMDS" for head in heads[1:]), "by version 2", heads)
    tap.check(not any("x-forwarded-for" in head for head in heads), "and as itself")
    for name, answers in [("one that knows version 1 only", {key: value for key, value in instance_answers().items() if key[0] == "GET"}),
                          ("one that gives no token", instance_answers(code=403)),
                          ("a role that is a path", {**instance_answers(), ("GET", "/latest/meta-data/iam/security-credentials/"): [(200, b"../../user-data", 0)]}),
                          ("a role that is markup", {**instance_answers(), ("GET", "/latest/meta-data/iam/security-credentials/"): [(200, b"<html>not here</html>", 0)]}),
                          ("a role of a thousand letters", instance_answers(role=b"r" * 1000)), ("no role", instance_answers(role=b"")),
                          ("a token with a line feed in it", instance_answers(token=b"a\r\nx-evil: 1")),
                          ("keys of nobody", instance_answers(keys=b'{"Code":"Failed"}'))]:
        endpoint = Endpoint(answers)
        status, told, err, seconds = pull({"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint.url})
        tap.check(status == 3 and b"no AWS credentials" in err, f"{name}: no keys, which is said", (status, told, err))
        tap.check(not any("user-data" in path or ".." in path for _, path, _ in endpoint.log), f"{name}: nothing else is asked for", endpoint.log)
    endpoint = Endpoint(instance_answers())
    status, _, err, _ = pull({"AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint.url, "AWS_EC2_METADATA_DISABLED": "TRUE"})
    tap.check(status == 3 and not endpoint.log, "switched off it is not asked", err)


def lying():
    good = document()
    for name, status_of, body, wait in [
            ("no JSON", 200, b"<html>", 0), ("half of it", 200, good[:-20], 0), ("nothing", 200, b"", 0), ("a list", 200, b"[" * 5000, 0),
            ("without a secret", 200, b'{"AccessKeyId":"x","SecretAccessKey":""}', 0), ("endless", 200, b'{"AccessKeyId":"' + b"A" * 200000, 0),
            ("a secret too long to sign with", 200, document(SecretAccessKey="s" * 3000), 0), ("a token too long", 200, document(Token="t" * 9000), 0),
            ("a line feed in the key", 200, document(AccessKeyId="a\r\nx-evil: 1"), 0), ("a control character in the token", 200, document(Token="a\x01b"), 0),
            ("another status", 500, good, 0), ("elsewhere", 302, good, 0), ("a byte in a second", 200, good, 1)]:
        endpoint = Endpoint({("GET", "/c"): [(status_of, body, wait)], ("GET", "/elsewhere"): [(200, good, 0)]})
        status, told, err, seconds = pull({"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url + "/c", "AWS_EC2_METADATA_DISABLED": "true"})
        tap.check(status == 3 and told is None and (b"no AWS credentials" in err or b"cannot be signed" in err), f"{name}: no keys, which is said", (status, told, err))
        tap.check(seconds < 15 and KEYS["ASIDTEST"][0].encode() not in err and KEYS["ASIDTEST"][1].encode() not in err, f"{name}: soon, and without a secret", (seconds, err))
    status, _, err, seconds = pull({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/c"})
    tap.check(status == 3 and seconds < 15, "an endpoint that is not there", (status, err, seconds))
    # An address that nobody has (RFC 5737): no answer at all.
    status, _, err, seconds = pull({"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://192.0.2.1"})
    tap.check(status == 3 and seconds < 15, "a metadata service that does not answer", (status, err, seconds))
    for url in ("http://192.0.2.1/c", "http://localhost.example/c", "http://127.0.0.1.example/c", "http://127.0.0.1@192.0.2.1/c", "http://[::1]@192.0.2.1/c",
                "http://1.127.0.0/c", "http://127.0.0.1.1/c", "http://0177.0.0.1/c", "ftp://127.0.0.1/c", "file:///etc/passwd", "127.0.0.1/c"):
        status, _, err, seconds = pull({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN})
        tap.check(status == 3 and b"AWS_CONTAINER_CREDENTIALS_FULL_URI must be" in err, f"{url} is not asked", (status, err))


def renewed():
    """Keys that end soon are fetched anew; while that fails the old ones do, until they end."""
    endpoint = Endpoint({("GET", "/c"): [(200, document("AKIDTEST", 302), 0), (500, b"", 0), (200, b"garbage", 0), (200, document("ASIDTEST"), 0)]})
    environment = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url + "/c", "AWS_EC2_METADATA_DISABLED": "true"}
    status, told, err, _ = pull(environment, idle=6)
    tap.check(status == 0 and told["lines"] == 3 and not err, "keys are renewed before they end, and an endpoint may fail meanwhile", (status, told, err))
    tap.equal(len(endpoint.log), 4, "asked until it gave new ones, and then no more")
    endpoint = Endpoint({("GET", "/c"): [(200, document("AKIDTEST", 2), 0), (500, b"", 0)]})
    status, told, err, _ = pull({**environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url + "/c"}, idle=5)
    tap.check(status == 0 and told["lines"] == 3 and b"no AWS credentials" in err, "keys that have ended are not used any more", (status, told, err))


def files():
    path = pathlib.Path(FOLDER[0]) / "credentials"
    path.write_text("# of a team\n[default]\naws_access_key_id = nobody\naws_secret_access_key = x\n\n[ team ]\n; as AWS writes it\n"
                    f"aws_access_key_id=ASIDTEST\naws_secret_access_key = {KEYS['ASIDTEST'][0]}\naws_session_token = {KEYS['ASIDTEST'][1]}\n")
    status, told, err, _ = pull({"AWS_SHARED_CREDENTIALS_FILE": str(path), "AWS_PROFILE": "team", "AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "x"})
    tap.check(status == 0 and told["lines"] == 3, "a profile that is named goes before the environment's keys", (status, told, err))
    status, told, err, _ = pull({"AWS_SHARED_CREDENTIALS_FILE": str(path), "AWS_EC2_METADATA_DISABLED": "true"})
    tap.check(status == 3 and b"UnrecognizedClientException" in err, "without one it is the default", (status, told, err))


def main():
    with tempfile.TemporaryDirectory(prefix="gambeson-credentials-") as name:
        FOLDER.append(name)
        _, SERVICE.port = serve(SERVICE)
        SERVICE.make_stream("logs", 1)
        for line in Sandbox(1).invocations(1).lines:
            SERVICE.put_record("logs", "shardId-000000000000", line)
        at_once((container, instance, lying, renewed, files))


main()
tap.done()

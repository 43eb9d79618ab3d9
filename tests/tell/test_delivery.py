# SPDX-License-Identifier: Apache-2.0
"""A real `gambeson serve` tells real receivers: what arrives, and what becomes of it when they fail, or the server does."""

import email
import email.policy
import hashlib
import hmac
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "control"), str(pathlib.Path(__file__).parent)]

# All but one group are on SQLite.
POSTGRES = os.environ.pop("GAMBESON_TEST_POSTGRES", None)

from server import Server, tap  # noqa: E402
from events import Store  # noqa: E402
from receivers import Http, Smtp, Syslog, certificates  # noqa: E402
import schemas  # noqa: E402

check, equal, section, wait_until = tap.check, tap.equal, tap.section, tap.wait_until
folder = tap.folder("gambeson-tell-")
ca, tls = certificates(str(folder))
PUT = os.path.abspath(sys.argv[2])
SECRETS = {"hook": "hook secret, long enough", "bearer": "Bearer token-of-the-receiver", "mail": "mail pass word",
           "routing": "0123456789abcdef0123456789abcdef", "aws": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}


def channel(admin, kind, config, **more):
    answer = admin.post("/v1/channels", {"name": f"{kind} {os.urandom(4).hex()}", "kind": kind, "config": config, "window": 0, **more})
    assert answer.status == 201, answer
    return answer.json["id"]


def drop(admin, number):
    equal(admin.call("DELETE", f"/v1/channels/{number}").status, 204, "the channel is deleted")


def status(admin, number):
    return admin.get(f"/v1/channels/{number}").json["status"]


def messages(admin, number, state):
    return admin.get(f"/v1/channels/{number}/messages?state={state}").json["items"]


def try_out(admin, number):
    return admin.post(f"/v1/channels/{number}/test", {}).json


def webhook(server, admin, store):
    receiver = Http(tls)
    number = channel(admin, "webhook", {"url": receiver.url, "secret": SECRETS["hook"], "authorization": SECRETS["bearer"]})
    begin = time.time()
    [event] = store.put({"source_ip": "203.0.113.7"})
    check(wait_until(lambda: receiver.requests), "webhook: an event arrives")
    check(receiver.requests[0]["time"] - begin < 3, "webhook: within three seconds", receiver.requests[0]["time"] - begin)
    got = receiver.requests[0]
    body = json.loads(got["body"])
    equal((body["kind"], body["count"], body["function"]["name"], body["event"]["id"], body["link"]),
          ("alert", 1, "payments", event, f"https://gambeson.example.com/events/{event}"), "webhook: the envelope")
    stamp, signature = got["headers"]["x-gambeson-timestamp"], got["headers"]["x-gambeson-signature"]
    wanted = "v1=" + hmac.new(SECRETS["hook"].encode(), f"{stamp}.".encode() + got["body"], hashlib.sha256).hexdigest()
    equal(signature, wanted, "webhook: the signature as documented")
    check(abs(int(stamp) - time.time()) < 30, "webhook: its time is now")
    equal((got["headers"]["idempotency-key"], got["headers"]["authorization"], got["headers"]["content-type"]),
          (f"{event}-{number}", SECRETS["bearer"], "application/json"), "webhook: headers")
    check(wait_until(lambda: status(admin, number)["sent"] == 1), "webhook: it is noted as sent")
    for form, reader in (("ocsf", schemas.Ocsf().check), ("ecs", schemas.Ecs().check), ("cef", None), ("text", None), ("otlp", None)):
        receiver.clear()
        admin.call("PATCH", f"/v1/channels/{number}", {"config": {"url": receiver.url, "format": form}})
        store.put({})
        check(wait_until(lambda: receiver.requests), f"webhook: {form} arrives")
        body = receiver.requests[0]["body"]
        said = reader(json.loads(body)) if reader else schemas.cef(body.decode())[0] if form == "cef" else (
            schemas.otlp(body.decode())[0] if form == "otlp" else [])
        equal(said, [], f"webhook: {form} is sound")
        check("x-gambeson-signature" in receiver.requests[0]["headers"], f"webhook: {form}: the secret is kept when it is left out")
    receiver.clear()
    admin.call("PATCH", f"/v1/channels/{number}", {"enabled": False})
    store.put({})
    time.sleep(1.5)
    equal(receiver.requests, [], "webhook: a channel that is off is not told")
    drop(admin, number)


def filters(server, admin, store):
    receivers = {}
    for name, more in {"all": {}, "critical": {"severity": "critical"}, "sqli": {"filter": {"classes": ["sqli"]}},
                       "shop": {"filter": {"tags": ["team=shop"]}}, "other": {"filter": {"accounts": ["999999999999"]}},
                       "notices": {"filter": {"kinds": ["start"]}, "severity": "info"}}.items():
        receivers[name] = Http()
        channel(admin, "webhook", {"url": receivers[name].url}, **more)
    plain, shop, other = {"name": "plain"}, {"name": "shop", "tags": {"team": "shop"}}, {"account": "999999999999"}
    wanted = {"all": set(), "critical": set(), "sqli": set(), "shop": set(), "other": set(), "notices": set()}
    for given, function, names in (({}, plain, "all"), ({"severity": "critical"}, plain, "all critical"), ({"class": "sqli"}, shop, "all sqli shop"),
                                   ({}, other, "all other"), ({"kind": "start", "severity": ""}, plain, "notices"), ({"severity": ""}, plain, "")):
        [event] = store.put(given, **function)
        for name in names.split():
            wanted[name].add(event)

    def got():
        return {name: {json.loads(r["body"])["event"]["id"] for r in receiver.requests} for name, receiver in receivers.items()}
    wait_until(lambda: got() == wanted, 20)
    equal(got(), wanted, "filters by severity, class, account, tag and kind")
    for item in admin.get("/v1/channels").json["items"]:
        drop(admin, item["id"])


def grouping(server, admin, store):
    receiver = Http()
    number = channel(admin, "webhook", {"url": receiver.url}, window=2)
    for _ in range(5):
        store.put({})
    store.put({"type": "SQL Injection Attack", "class": "sqli"})
    check(wait_until(lambda: len(receiver.requests) == 2), "grouping: two messages of six events")
    bodies = {json.loads(r["body"])["event"]["class"]: json.loads(r["body"]) for r in receiver.requests}
    equal((bodies["cmdi"]["count"], bodies["sqli"]["count"]), (5, 1), "grouping: five are one with their count")
    check(bodies["cmdi"]["first"] < bodies["cmdi"]["last"], "grouping: first and last")
    store.put({})
    check(wait_until(lambda: len(receiver.requests) == 3), "grouping: after the window a new message")
    drop(admin, number)


def failures(server, admin, store):
    receiver = Http()
    number = channel(admin, "webhook", {"url": receiver.url})
    for name, answers, least in (("500", [500, 200], 0.9), ("503 with Retry-After", [(503, {"Retry-After": "4"}, b""), 200], 3.9),
                                 ("429 with Retry-After", [(429, {"Retry-After": "4"}, b""), 200], 3.9), ("a reset", ["reset", "reset", "reset", 200], 0),
                                 ("no answer in time", ["hang", 200], 11)):
        receiver.clear(*answers)
        store.put({})
        check(wait_until(lambda: len(receiver.requests) >= 2 and receiver.answers == [200]), f"failures: {name}: it is sent again")
        first, second = receiver.requests[:2]
        check(second["time"] - first["time"] >= least, f"failures: {name}: not too early", second["time"] - first["time"])
        equal((first["headers"]["idempotency-key"], first["body"]), (second["headers"]["idempotency-key"], second["body"]),
              f"failures: {name}: the same message with the same key")
        receiver.release.set()
        check(wait_until(lambda: status(admin, number)["waiting"] == 0), f"failures: {name}: nothing is left")
        check(wait_until(lambda: (status(admin, number)["failures"], status(admin, number)["dead"]) == (0, 0)), f"failures: {name}: forgotten")
    for code in (302, 400, 401, 404, 410):
        receiver.clear((code, {"Location": receiver.url + "/elsewhere"}, b"internal words"))
        store.put({})
        check(wait_until(lambda: status(admin, number)["dead"] == 1), f"failures: {code}: given up at once")
        [dead] = messages(admin, number, "dead")
        equal((dead["error"], len(receiver.requests)), (f"the receiver answered {code}", 1), f"failures: {code}: says why, and nothing of what was answered")
        receiver.clear(200)
        equal(admin.post(f"/v1/channels/{number}/resend", {"message": dead["id"]} if code == 400 else {}).json, {"resent": 1}, f"failures: {code}: sent again by hand")
        check(wait_until(lambda: receiver.requests and status(admin, number)["dead"] == 0), f"failures: {code}: it arrives")
        equal(receiver.requests[0]["headers"]["idempotency-key"], dead["key"], f"failures: {code}: with its key")
    drop(admin, number)


def aws(server, admin, store):
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
    receiver = Http()
    endpoint = f"http://127.0.0.1:{receiver.port}"
    keys = {"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": SECRETS["aws"], "endpoint": endpoint}

    def is_signed(request, service):
        signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(keys["access_key"], SECRETS["aws"]), service, "eu-central-1")
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\S+), ?SignedHeaders=(\S+), ?Signature=([0-9a-f]{64})", request["headers"]["authorization"])
        headers = {name: request["headers"][name] for name in match[2].split(";")}
        again = botocore.awsrequest.AWSRequest("POST", endpoint + request["path"], data=request["body"], headers=headers)
        again.context["timestamp"] = request["headers"]["x-amz-date"]
        signed = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
        return {"host", "x-amz-date", "content-type"} <= set(match[2].split(";")) and signed == match[3]

    number = channel(admin, "sns", {"topic": "arn:aws:sns:eu-central-1:210987654321:alerts", "content": "ocsf", **keys})
    [event] = store.put({})
    check(wait_until(lambda: receiver.requests), "sns: a message arrives")
    form = dict(urllib.parse.parse_qsl(receiver.requests[0]["body"].decode(), strict_parsing=True))
    equal(schemas.Aws().publish(form), [], "sns: as Publish is modelled")
    equal((form["TopicArn"], json.loads(form["Message"])["finding_info"]["uid"], form["MessageAttributes.entry.1.Value.StringValue"]),
          ("arn:aws:sns:eu-central-1:210987654321:alerts", event, "high"), "sns: topic, message, attribute")
    check(is_signed(receiver.requests[0], "sns"), "sns: botocore makes the same signature")
    receiver.clear((400, {}, b"<Error><Code>Throttling</Code></Error>"), 200)
    store.put({})
    check(wait_until(lambda: len(receiver.requests) == 2), "sns: throttled calls are made again")
    drop(admin, number)
    receiver.clear((503, {}, b""), (200, {}, b'{"FailedCount":0,"SuccessCount":30,"FailedFindings":[]}'))
    number = channel(admin, "securityhub", {"account": "210987654321", "region": "eu-central-1", **keys})
    store.put(*[{}] * 30)
    check(wait_until(lambda: status(admin, number)["sent"] == 30), "securityhub: thirty findings arrive", lambda: status(admin, number))
    last = receiver.requests[-1]
    equal((last["path"], schemas.Aws().findings(json.loads(last["body"]))), ("/findings/import", []), "securityhub: as BatchImportFindings is modelled")
    check(len(receiver.requests) <= 4, "securityhub: many in one call", len(receiver.requests))
    check(is_signed(last, "securityhub"), "securityhub: botocore makes the same signature")
    receiver.clear((200, {}, b'{"FailedCount":1,"SuccessCount":0,"FailedFindings":[{"Id":"x"}]}'))
    store.put({})
    check(wait_until(lambda: status(admin, number)["dead"] == 1), "securityhub: what it did not take is kept")
    drop(admin, number)


def chat(server, admin, store):
    receiver = Http(tls)
    for kind, reader in (("slack", lambda b: schemas.slack(json.loads(b))),
                         ("teams", lambda b: schemas.cards([json.loads(b)["attachments"][0]["content"]])[0])):
        receiver.clear()
        number = channel(admin, kind, {"url": receiver.url})
        store.put({"message": "<!channel> [x](https://evil.example.net)"})
        check(wait_until(lambda: receiver.requests), f"{kind}: arrives")
        equal(reader(receiver.requests[0]["body"]), [], f"{kind}: is sound")
        drop(admin, number)
    receiver.clear(202)
    number = channel(admin, "pagerduty", {"routing_key": SECRETS["routing"], "url": receiver.url})
    [first] = store.put({})
    [second] = store.put({})
    check(wait_until(lambda: len(receiver.requests) == 2), "pagerduty: two triggers")
    triggers = [json.loads(r["body"]) for r in receiver.requests]
    equal(([t["event_action"] for t in triggers], triggers[0]["dedup_key"] == triggers[1]["dedup_key"]), (["trigger"] * 2, True), "pagerduty: one incident")
    store.close_event(first)
    time.sleep(1)
    store.close_event(second)
    check(wait_until(lambda: len(receiver.requests) == 3), "pagerduty: closed here, resolved there")
    resolve = json.loads(receiver.requests[2]["body"])
    equal((resolve["event_action"], resolve["dedup_key"], schemas.pagerduty(resolve)), ("resolve", triggers[0]["dedup_key"], []), "pagerduty: resolve")
    drop(admin, number)


def mail(server, admin, store):
    receiver = Smtp(tls)
    config = {"server": receiver.server, "user": "gambeson", "password": SECRETS["mail"], "from": "gambeson@example.com",
              "to": ["security@example.com", "on-call@example.com"]}
    number = channel(admin, "email", config)
    store.put({"type": "Command\r\nBcc: evil@example.net\r\n\r\nInjection", "message": "a line of one dot:\r\n.\r\nQUIT"})
    check(wait_until(lambda: receiver.messages), "email: a message arrives", lambda: status(admin, number))
    got = receiver.messages[0]
    equal((got["from"], got["to"], got["tls"], got["user"]), (config["from"], config["to"], True, b"gambeson"), "email: by STARTTLS, with a password, to all")
    message = email.message_from_bytes(got["data"], policy=email.policy.default)
    equal((message["Subject"], "bcc" in message), ("Command\\r\\nBcc: evil@example.net\\r\\n\\r\\nInjection blocked in payments", False), "email: no header comes out of an event")
    check("a line of one dot:\\r\\n.\\r\\nQUIT" in message.get_body(("plain",)).get_content(), "email: nor a command")
    receiver.answer = "451 try again later"
    store.put({})
    check(wait_until(lambda: len(receiver.messages) >= 2), "email: 451")
    receiver.answer = "250 OK"
    check(wait_until(lambda: len(receiver.messages) >= 3 and status(admin, number)["waiting"] == 0), "email: sent again after 451")
    equal(receiver.messages[1]["data"], receiver.messages[2]["data"], "email: the same message, with the same Message-ID")
    receiver.answer = "554 no"
    store.put({})
    check(wait_until(lambda: status(admin, number)["dead"] == 1), "email: 554 gives up")
    admin.call("PATCH", f"/v1/channels/{number}", {"config": {**config, "password": "wrong"}})
    answer = try_out(admin, number)
    equal((answer["delivered"], answer["reason"]), (False, "the mail server does not take user and password"), "email: a wrong password")
    open_server = Smtp()
    admin.call("PATCH", f"/v1/channels/{number}", {"config": {**config, "server": open_server.server}})
    equal(try_out(admin, number)["delivered"], False, "email: without STARTTLS nothing is sent")
    equal(open_server.messages, [], "email: nothing at all")
    drop(admin, number)
    receiver.close()
    open_server.close()


def syslog(server, admin, store):
    for transport in ("udp", "tcp", "tls"):
        receiver = Syslog(transport, tls if transport == "tls" else None)
        number = channel(admin, "syslog", {"server": receiver.server, "transport": transport, "facility": 10})
        store.put({"message": "two\nlines"}, {"message": "\"] <13>1 forged"})
        check(wait_until(lambda: len(receiver.frames) == 2), f"syslog {transport}: two messages", lambda: (receiver.errors, status(admin, number)))
        for frame in receiver.frames:
            complaints, parameters, _ = schemas.syslog(frame)
            equal((complaints, parameters["class"], frame[:4]), ([], "cmdi", b"<83>"), f"syslog {transport}: by the RFC")
        equal(try_out(admin, number)["delivered"], True, f"syslog {transport}: the test button")
        drop(admin, number)


def secrets(server, admin, store):
    receiver = Http(tls)
    number = channel(admin, "webhook", {"url": receiver.url, "secret": SECRETS["hook"], "authorization": SECRETS["bearer"]})
    hook = channel(admin, "slack", {"url": receiver.url})
    shown = [admin.get(f"/v1/channels/{n}").body + admin.get("/v1/channels").body for n in (number, hook)]
    check(not any(secret.encode() in page for page in shown for secret in (SECRETS["hook"], SECRETS["bearer"])), "secrets: the API does not show them")
    equal(admin.get(f"/v1/channels/{hook}").json["config"], {"url": "***"}, "secrets: a webhook's URL is one")
    answer = admin.call("PATCH", f"/v1/channels/{number}", {"config": {"url": receiver.url, "secret": "***", "authorization": "***"}})
    equal(answer.json["config"], {"url": receiver.url, "secret": "***", "authorization": "***"}, "secrets: given back hidden, they stay")
    for given in ({}, {"authorization": "***"}):
        answer = admin.call("PATCH", f"/v1/channels/{number}", {"config": {"url": receiver.url + "/elsewhere", **given}})
        equal(answer.status, 422, "secrets: nobody has them sent to himself")
    equal(try_out(admin, number)["delivered"], True, "the test button: delivered")
    equal(receiver.requests[-1]["headers"]["authorization"], SECRETS["bearer"], "secrets: and are used")
    receiver.clear(500)
    answer = try_out(admin, number)
    equal((answer["delivered"], answer["reason"]), (False, "the receiver answered 500"), "the test button: says what went wrong")
    kept = b"".join(path.read_bytes() for path in (server.folder / "data").glob("gambeson.db*")) + server.log_path.read_bytes()
    for name, secret in {**SECRETS, "url": "secret-part"}.items():
        # The URL of a webhook of our own is no secret, and is there.
        check(secret.encode() not in kept or name == "url", f"secrets: {name} is neither in the database nor in the log")
    key = server.folder / "data" / "keys" / "channels.key"
    equal((key.stat().st_mode & 0o777, len(key.read_bytes())), (0o600, 32), "secrets: the key is for its owner only")
    for n in (number, hook):
        drop(admin, n)


def refused(server, admin, store):
    for name, kind, config in (
            ("no URL", "webhook", {}), ("another scheme", "webhook", {"url": "file:///etc/passwd"}), ("a user in the URL", "webhook", {"url": "https://a:b@example.com/"}),
            ("a line end", "webhook", {"url": "https://example.com/\r\nX: y"}), ("an unknown member", "webhook", {"url": "https://example.com/", "x": 1}),
            ("a short secret", "webhook", {"url": "https://example.com/", "secret": "short"}), ("a format for mail", "webhook", {"url": "https://example.com/", "format": "mail"}),
            ("two receivers in one", "email", {"server": "mail.example.com:25", "from": "a@example.com", "to": ["a@example.com, b@example.com"]}),
            ("a header in an address", "email", {"server": "mail.example.com:25", "from": "a@example.com\r\nBcc: x@example.com", "to": ["a@example.com"]}),
            ("a password in the open", "email", {"server": "mail.example.com:25", "tls": "none", "user": "a", "password": "b", "from": "a@example.com", "to": ["a@example.com"]}),
            ("a region that is a host", "sns", {"topic": "arn:aws:sns:x.evil.example/:210987654321:alerts"}), ("half a key", "sns", {"topic": "arn:aws:sns:eu-central-1:210987654321:alerts", "access_key": "AKIA"}),
            ("findings of no account", "webhook", {"url": "https://example.com/", "format": "asff"}), ("a path for a server", "syslog", {"server": "example.com:514/x"}), ("a routing key", "pagerduty", {"routing_key": "x"}), ("no kind", "pigeon", {})):
        answer = admin.post("/v1/channels", {"name": "x", "kind": kind, "config": config})
        equal((answer.status, answer.problem), (422, "invalid"), f"refused: {name}")
    for name, body in (("a filter", {"filter": {"x": []}}), ("a window", {"window": -1}), ("a severity", {"severity": "x"}), ("enabled", {"enabled": 1})):
        equal(admin.post("/v1/channels", {"name": "x", "kind": "slack", "config": {"url": "https://example.com/"}, **body}).status, 422, f"refused: {name}")
    number = channel(admin, "slack", {"url": "https://example.com/"}, name="once")
    equal(admin.post("/v1/channels", {"name": "once", "kind": "slack", "config": {"url": "https://example.com/"}}).status, 409, "refused: a name twice")
    equal([admin.get(f"/v1/channels/{n}").status for n in (number + 1000, "x", "-1")], [404] * 3, "refused: no such channel")
    drop(admin, number)


def reach(_):
    """Without leave of whoever starts the server nothing goes to its own network."""
    receiver, datagrams = Http(), Syslog("udp")
    with Server() as server:
        admin = server.admin()
        port = receiver.port
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0.0.0.0", "169.254.169.254", "10.0.0.1", "[fe80::1]", "[fd00:ec2::254]"):
            number = channel(admin, "webhook", {"url": f"http://{host}:{port}/"})
            answer = try_out(admin, number)
            check(not answer["delivered"] and ("out of reach" in answer["reason"] or "esolve" in answer["reason"]), f"reach: {host}", answer)
        for kind, config in (("syslog", {"server": datagrams.server, "transport": "udp"}), ("syslog", {"server": f"127.0.0.1:{port}", "transport": "tcp"}),
                             ("email", {"server": f"localhost:{port}", "from": "a@example.com", "to": ["b@example.com"]})):
            answer = try_out(admin, channel(admin, kind, config))
            check(not answer["delivered"] and "out of reach" in answer["reason"], f"reach: {kind} {config}", answer)
        time.sleep(0.3)
        equal((receiver.requests, datagrams.frames), ([], []), "reach: nothing arrived")


def killed(_):
    """kill -9 while a receiver holds its answer, and again and again while many are sent: nothing is lost."""
    receiver = Http()
    with tempfile.TemporaryDirectory(prefix="gambeson-tell-") as place:
        with Server("--tell-reach", "private", folder=place) as server:
            admin = server.admin()
            number = channel(admin, "webhook", {"url": receiver.url})
            store = Store(PUT, server)
            receiver.clear("hold", 200)
            events = store.put({})
            check(receiver.arrived.wait(10), "killed: the receiver has it")
            server.stop(signal.SIGKILL)
            receiver.release.set()
        with Server("--tell-reach", "private", folder=place) as server:
            check(wait_until(lambda: len(receiver.requests) == 2, 90), "killed: between sending and noting it: sent again")
            equal(len({(r["headers"]["idempotency-key"], r["body"]) for r in receiver.requests}), 1, "killed: with the same key")
        receiver.clear(200)
        for turn in range(3):
            with Server("--tell-reach", "private", folder=place) as server:
                events += store.put(*[{}] * 40)
                receiver.arrived.clear()
                receiver.arrived.wait(10 if turn == 0 else 1)
                time.sleep(0.1 * turn)
                server.stop(signal.SIGKILL)
        with Server("--tell-reach", "private", folder=place) as server:
            wanted = {f"{event}-{number}" for event in events[1:]}
            check(wait_until(lambda: wanted <= {r["headers"]["idempotency-key"] for r in receiver.requests}, 90), "killed: three times among 120: all arrive",
                  lambda: f"{len(wanted)} wanted, {len({r['headers']['idempotency-key'] for r in receiver.requests})} came")
            extra = len(receiver.requests) - len(wanted)
            check(extra <= 6, "killed: few come twice", extra)
            admin = server.client()
            admin.sign_in("root")
            check(wait_until(lambda: status(admin, number)["sent"] == 121, 90), "killed: all are noted as sent", lambda: status(admin, number))


def shared(_):
    """Two servers on one PostgreSQL: each message goes out once; one of them is killed, and all go out."""
    receiver = Http()
    if not check(POSTGRES is not None, "shared: run by tests/store/cluster"):
        return
    with Server("--tell-reach", "private", "--store", POSTGRES) as first, Server("--tell-reach", "private", "--store", POSTGRES) as second:
        admin, store = second.admin(), Store(PUT, second, POSTGRES)
        numbers = [channel(admin, "webhook", {"url": receiver.url + f"?{i}"}) for i in range(3)]

        def came():
            return sorted(r["headers"]["idempotency-key"] for r in receiver.requests)
        wanted = sorted(f"{event}-{number}" for event in store.put(*[{}] * 60) for number in numbers)
        check(wait_until(lambda: len(receiver.requests) >= 180, 90), "shared: all arrive", lambda: len(receiver.requests))
        time.sleep(1)
        equal(came() == wanted, True, "shared: each once")
        receiver.clear()
        wanted = sorted(f"{event}-{number}" for event in store.put(*[{}] * 100) for number in numbers)
        wait_until(lambda: receiver.requests)
        first.stop(signal.SIGKILL)
        check(wait_until(lambda: set(wanted) <= set(came()), 90), "shared: one of the two is killed, and all arrive", lambda: len(set(came())))
        check(len(came()) - len(wanted) <= 6, "shared: few come twice", len(came()))


with Server("--tell-reach", "private", "--tell-ca", str(ca), "--portal", "https://gambeson.example.com") as server:
    root = server.admin()
    events_store = Store(PUT, server)
    for each in (webhook, filters, grouping, failures, aws, chat, mail, syslog, secrets, refused):
        if len(sys.argv) < 4 or each.__name__ in sys.argv[3:]:
            section(each, server, root, events_store)
for each in (reach, killed, shared):
    if len(sys.argv) < 4 or each.__name__ in sys.argv[3:]:
        section(each, "")
tap.done()

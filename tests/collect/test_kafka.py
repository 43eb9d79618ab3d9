#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`gambeson ingest --kafka` beside a real Apache Kafka (scripts/setup broker): nothing is lost and nothing doubled, whoever dies."""

import gzip
import pathlib
import random
import signal
import subprocess
import tempfile
import time

from pulled import Ingest, at_once, events, expected, records, rows, rows_or_none, tap, wait_for
from broker import Broker
from kafka import Producer
from seals import Sandbox
from server import Server, gambeson

SEED = 20261121
# Whoever is killed is given up by the broker soon.
QUICK = "session.timeout.ms=1500\nheartbeat.interval.ms=300\n"


def consume(broker, topic, *arguments, properties, group="g", environment=None):
    return Ingest("--kafka", broker, "--topic", topic, "--group", group, "--properties", properties, *arguments, environment=environment)


def consume_until(claim, *arguments, **more):
    """(status, what it counted, complaints) of one that is told to end when CLAIM() holds."""
    one = consume(*arguments, **more)
    wait_for(claim)
    return one.end()


def properties(folder, name, text):
    (folder / name).write_text(QUICK + text)
    return folder / name


def crashes(broker, folder):
    """Killed again and again, at moments that the seed says, and the broker too."""
    chance = random.Random(SEED)
    sandboxes = [Sandbox(number, "crashes") for number in range(16)]
    for sandbox in sandboxes:
        for _ in range(3):
            for number in range(60):
                sandbox.finding(f"finding {number}")
            sandbox.seal()
    lies = [sandbox.lines[5].replace(b'"severity":"high"', b'"severity":"low"') for sandbox in sandboxes[:3]]
    pieces = [(sandbox.name, piece) for sandbox in sandboxes for piece in records(sandbox, chance)]
    pieces += [(sandbox.name, line) for sandbox, line in zip(sandboxes, lies)]
    data, quick = folder / "crashes", properties(folder, "quick-crashes", "")

    def produce(part):
        with Producer(broker.address, "crashes") as producer:
            for name, piece in part:
                producer.put(piece, name.encode())

    produce(pieces[:len(pieces) // 2])
    rest = pieces[len(pieces) // 2:-12]
    killed_within = 0
    for turn in range(6):
        before = len(events(data, "crashes"))
        # A small piece each time, so that a kill falls between pieces and inside of them.
        one = consume(broker.address, "crashes", "--data", data, properties=quick)
        wait_for(lambda seen=before: len(events(data, "crashes")) > seen, 6)
        time.sleep(chance.uniform(0, 0.15))
        status, _, err = one.end(signal.SIGKILL)
        killed_within += status == -signal.SIGKILL
        if turn == 2:
            broker.stop()
            broker.start()
        produce(rest[len(rest) * turn // 6:len(rest) * (turn + 1) // 6])
    tap.check(killed_within == 6, "killed six times while it worked", err)
    forged = "SELECT COUNT(*) FROM events AS e JOIN event_facets AS f ON f.id = e.facet WHERE f.class = 'log_forged'"
    one = consume(broker.address, "crashes", "--data", data, properties=quick)
    time.sleep(chance.uniform(0, 3))
    broker.kill()
    broker.start()
    produce(pieces[-12:])
    wait_for(lambda: len(events(data, "crashes")) >= len(expected(sandboxes)) + len(lies) and rows(data, forged) == [(3,)])
    status, told, err = one.end()
    tap.check(status == 0 and told["unreadable"] == 0, "the last one lives while the broker is killed and comes back, and ends in order", (status, told, err))
    honest = sorted(set(events(data, "crashes")))
    tap.equal(len(honest), len(expected(sandboxes)), "as many events as lines")
    tap.equal(honest, expected(sandboxes), "nothing is lost")
    # The three lies have the numbers of other lines, and are events of their own.
    tap.equal(len(events(data, "crashes")) - len(honest), len(lies), "nothing is doubled, and what was forged is kept beside")
    tap.equal(rows(data, forged), [(3,)], "each forged line is told of")
    tap.equal(rows(data, "SELECT COUNT(*) FROM sandboxes WHERE verified_to < 182"), [(0,)], "all signatures were looked at")
    status, told, err = consume(broker.address, "crashes", "--data", data, "--until-idle", 2, properties=quick).wait()
    tap.equal((status, told["lines"]), (0, 0), "what was stored is committed")


def poison(broker, folder):
    """What cannot be read is told of and stops nothing."""
    sandbox, last = Sandbox(100, "poison").invocations(2), Sandbox(101, "poison").invocations(1)
    line = b'{"gambeson":1,"kind":"notice","seq":1,"time":"2026-11-21T10:00:00.000Z","reason":"x"}\n'
    bad = {"no gzip": b"\x1f\x8bxxx", "half an envelope": b'{"awslogs":{"data":3}}', "a bomb": gzip.compress(bytes(100 << 20)),
           "too many lines": line * 40000, "oversize": b"x" * (17 << 20), "nested": gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(line))))),
           "half a gzip": gzip.compress(sandbox.log)[:-9]}
    with Producer(broker.address, "poison") as producer:
        for piece in [*sandbox.lines, None, b"", *bad.values(), b'{"gambeson":1,broken', b"hello", *last.lines]:
            producer.put(piece or b"", partition=0)
    quick = properties(folder, "quick-poison", "")
    data = folder / "poison"
    found = "SELECT COUNT(*), COUNT(DISTINCT e.id) FROM events AS e JOIN event_facets AS f ON f.id = e.facet WHERE f.class = 'record_refused'"
    for group in ("first", "second"):
        # What it is to have in the end, the second one has at its beginning: that takes it a moment.
        status, told, err = (consume_until(lambda: rows_or_none(data, found) == [(len(bad), len(bad))] and events(data, "poison") == expected([sandbox, last]),
                                           broker.address, "poison", "--data", data, properties=quick, group=group) if group == "first" else
                             consume(broker.address, "poison", "--data", data, "--until-idle", 10, properties=quick, group=group).wait())
        tap.check(status == 0 and (told["unreadable"], told["broken"]) == (len(bad), 1), f"{group}: what cannot be read is counted", (status, told, err))
        tap.equal(rows(data, found), [(len(bad), len(bad))], f"{group}: each is told of once")
        tap.equal(events(data, "poison"), expected([sandbox, last]), f"{group}: what stands between is stored")
    with Server() as server:
        admin = server.admin()
        answer = admin.post("/v1/tokens", {"name": "t", "role": "viewer", "scopes": ["ingest"]})
        environment = {"GAMBESON_TOKEN": answer.json["token"]}
        url = f"http://127.0.0.1:{server.port}"
        served = server.folder / "data"
        status, told, err = consume_until(lambda: rows_or_none(served, found) == [(len(bad), len(bad))] and events(served, "poison") == expected([sandbox, last]),
                                          broker.address, "poison", "--server", url, properties=quick, group="third", environment=environment)
        tap.check(status == 0 and told["unreadable"] == len(bad), "to a server: counted", (status, told, err))
        tap.equal(rows(served, found), [(len(bad), len(bad))], "to a server: each is told of once")
        tap.equal(events(served, "poison"), expected([sandbox, last]), "to a server: what stands between is stored")


def too_large_for_an_answer(broker, folder):
    """Of one that is larger than all memory that may be taken, it is said what is in the way; nothing is passed over."""
    sandbox = Sandbox(110, "large").invocations(2)
    with Producer(broker.address, "large") as producer:
        for piece in [sandbox.lines[0], b"x" * 3000000, *sandbox.lines[1:]]:
            producer.put(piece, partition=0)
            producer.flush()
    narrow = properties(folder, "narrow", "message.max.bytes=400000\nfetch.max.bytes=500000\nmax.partition.fetch.bytes=400000\nreceive.message.max.bytes=1000000\n")
    one = consume(broker.address, "large", "--data", folder / "large", properties=narrow)
    wait_for(lambda: events(folder / "large", "large"))
    time.sleep(2)
    status, told, err = one.end()
    tap.check(status == 0 and told["lines"] == 1 and b"receive.message.max.bytes" in err, "an answer that is too large is told of", (status, told, err))
    status, told, err = consume_until(lambda: events(folder / "large", "large") == expected([sandbox]), broker.address, "large", "--data", folder / "large",
                                      properties=properties(folder, "quick-too_large_for_an_answer", ""))
    tap.equal((status, events(folder / "large", "large")), (0, expected([sandbox])), "and all comes once there is room")


def sharing(broker, folder):
    """Several of one group, one of which goes and another dies, towards a server that is away for a while."""
    sandboxes = [Sandbox(200 + number, "sharing").invocations(6) for number in range(12)]
    quick = properties(folder, "quick-sharing", "")
    (folder / "served").mkdir()
    with Server(folder=folder / "served") as server:
        admin = server.admin()
        environment = {"GAMBESON_TOKEN": admin.post("/v1/tokens", {"name": "t", "role": "viewer", "scopes": ["ingest"]}).json["token"]}
        port, data = server.port, server.folder / "data"

    def start():
        return consume(broker.address, "sharing", "--server", f"http://127.0.0.1:{port}", properties=quick, environment=environment)

    def produce(part):
        with Producer(broker.address, "sharing") as producer:
            for sandbox in part:
                for line in sandbox.lines:
                    producer.put(line, sandbox.name.encode())

    produce(sandboxes[:4])
    crew = [start(), start(), start()]
    tap.check(not wait_for(lambda: any(one.process.poll() is not None for one in crew), 3), "a server that is away is waited for")
    with Server("--listen", f"127.0.0.1:{port}", folder=folder / "served"):
        tap.check(wait_for(lambda: events(data, "sharing") == expected(sandboxes[:4])), "what waited comes")
        crew[0].end(signal.SIGKILL)
        produce(sandboxes[4:8])
        tap.check(wait_for(lambda: events(data, "sharing") == expected(sandboxes[:8])), "others take over from one that died", len(events(data, "sharing")))
        status, _, err = crew[1].end()
        tap.equal(status, 0, "one ends in order")
        produce(sandboxes[8:])
        tap.check(wait_for(lambda: events(data, "sharing") == expected(sandboxes)), "and from one that went", len(events(data, "sharing")))
        status, told, err = crew[2].end()
        tap.check(status == 0 and told["broken"] == 0, "nothing was broken on the way", (told, err))
        status, told, err = consume(broker.address, "sharing", "--server", f"http://127.0.0.1:{port}", "--until-idle", 3, properties=quick, environment=environment).wait()
        tap.equal((status, told["lines"]), (0, 0), "all of it is committed")


def secure(broker, folder):
    """By TLS, with a name and a password."""
    sandbox = Sandbox(300, "secure").invocations(2)
    with Producer(broker.address, "secure") as producer:
        for line in sandbox.lines:
            producer.put(line)
    good = {"security.protocol": "sasl_ssl", "ssl.ca.location": str(folder / "ca.pem"), "sasl.mechanism": "PLAIN", "sasl.username": "collector",
            "sasl.password": "secret of a test"}
    for name, change in {"a wrong password": {"sasl.password": "a wrong one"}, "an authority that did not sign": {"ssl.ca.location": str(folder / "other.pem")},
                         "no TLS": {"security.protocol": "sasl_plaintext"}}.items():
        text = "".join(f"{key} = {value}\n" for key, value in {**good, **change}.items())
        status, told, err = consume(broker.secure, "secure", "--data", folder / "secure", "--until-idle", 3, properties=properties(folder, "wrong", text)).wait()
        tap.check(status == 0 and told["lines"] == 0 and b"trying again" in err, f"{name}: nothing comes, and it is said", (status, told, err))
        tap.check(b"a wrong one" not in err and b"secret of" not in err, f"{name}: no password is told", err)
    right = properties(folder, "right", "# of the broker\n" + "".join(f"{key}={value}\n" for key, value in good.items()))
    status, told, err = consume_until(lambda: events(folder / "secure", "secure") == expected([sandbox]), broker.secure, "secure", "--data", folder / "secure", properties=right)
    tap.check(status == 0 and told["lines"] == len(sandbox.lines), "with the right ones all of it", (status, told, err))


def usage(_broker, folder):
    for name, arguments, word in [
            ("no topic", ["--kafka", "127.0.0.1:1"], b"--topic"), ("a topic without Kafka", ["--topic", "x"], b"--kafka"),
            ("a file too", ["--kafka", "127.0.0.1:1", "--topic", "x", "--file", "y"], b"only one"),
            ("a file that is not there", ["--kafka", "127.0.0.1:1", "--topic", "x", "--properties", folder / "nothing"], b"No such file")]:
        done = gambeson("ingest", "--data", folder / "usage", *arguments)
        tap.check(done.status in (2, 3) and word in done.err, name, done)
    for text, word in [("enable.auto.commit=true", b"enable.auto.commit is not to be set"), ("nonsense=a secret", b"no property nonsense"),
                       ("socket.timeout.ms=a secret", b"no value for socket.timeout.ms"), ("sasl.password", b"NAME=VALUE"),
                       ("\0=x", b"NAME=VALUE"), ("group.id=g", b"group.id is not"), ("ssl.ca.location=/nonexistent\nsecurity.protocol=ssl", b"")]:
        (folder / "odd").write_text("\n" + text)
        done = gambeson("ingest", "--data", folder / "usage", "--kafka", "127.0.0.1:1", "--topic", "x", "--properties", folder / "odd")
        tap.check(done.status == 2 and word in done.err and b"secret" not in done.err and (b"odd:2: " in done.err or not word), f"{text!r} is refused", done)
    one = consume("127.0.0.1:1", "nothing", "--data", folder / "usage", properties=properties(folder, "quick-usage", ""))
    time.sleep(1)
    begun = time.monotonic()
    status, told, err = one.end()
    tap.check(status == 0 and b"trying again" in err, "a broker that is not there is waited for, and that is said", (status, told, err))
    tap.check(time.monotonic() - begun < 20, "and it ends when it is told to")


def make_keys(folder):
    """A self-signed certificate for localhost, and one of somebody else."""
    for name in ("ca", "other"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")],
                       check=True, capture_output=True)
    (folder / "keys.pem").write_text((folder / "ca.key").read_text() + (folder / "ca.pem").read_text())
    return folder / "keys.pem"


def main():
    with tempfile.TemporaryDirectory(prefix="gambeson-kafka-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o711)
        with Broker(folder / "broker", keys=make_keys(folder)) as broker:
            tap.section(usage, broker, folder)
            tap.section(crashes, broker, folder)
            at_once((poison, too_large_for_an_answer, sharing, secure), broker, folder)


main()
tap.done()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`gambeson ingest --cloudwatch` and `--kinesis` beside services that check every signature, throttle, break off and forget
(tests/lib/aws_server.py): nothing is lost and nothing doubled."""

import json
import pathlib
import random
import signal
import tempfile
import time

from pulled import Ingest, at_once, count_lines, events, expected, records, rows, tap, wait_for
from aws_server import Aws, serve
from s3_server import KEYS, REGION
from seals import Sandbox

SEED = 20261122
KEY = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": KEYS["AKIDTEST"][0], "AWS_REGION": REGION}
SESSION = {"AWS_ACCESS_KEY_ID": "ASIDTEST", "AWS_SECRET_ACCESS_KEY": KEYS["ASIDTEST"][0], "AWS_SESSION_TOKEN": KEYS["ASIDTEST"][1],
           "AWS_DEFAULT_REGION": REGION}


class Place:
    """One service of its own."""

    def __init__(self, folder):
        self.aws, self.data, self.resume = Aws(), folder / "data", folder / "resume"
        folder.mkdir()
        self.server, self.port = serve(self.aws)

    def ingest(self, *arguments, environment=None, idle=2):
        idle = ["--until-idle", idle] if idle else []
        return Ingest("--data", self.data, "--resume", self.resume, "--endpoint", f"http://127.0.0.1:{self.port}", *idle, *arguments,
                      environment=environment or KEY)

    def asked(self, operation):
        with self.aws.lock:
            return [body for name, body, _ in self.aws.log if name == operation]


def put_log(aws, sandboxes, stamp=None):
    """Into a stream for each, with what else stands in a log."""
    for sandbox in sandboxes:
        group = f"/aws/lambda/{sandbox.function}"
        aws.put_event(group, f"2026/11/21/[$LATEST]{sandbox.name}", "START RequestId: 1\n", stamp)
        for line in sandbox.lines:
            aws.put_event(group, f"2026/11/21/[$LATEST]{sandbox.name}", line.decode() + "\n", stamp)


def cloudwatch(folder):
    place = Place(folder / "cloudwatch")
    sandboxes = [Sandbox(number, "paged").invocations(20) for number in range(4)] + [Sandbox(9, "other").invocations(3)]
    lie = sandboxes[0].lines[3].replace(b'"severity":"high"', b'"severity":"low"').decode()
    put_log(place.aws, sandboxes)
    place.aws.put_event("/aws/lambda/paged", "x", lie)
    status, told, err = place.ingest("--cloudwatch", "/aws/lambda/paged", "--cloudwatch", "/aws/lambda/other", "--account", "123456789012", "--late", 300, environment=SESSION).wait()
    tap.check(status == 0 and (told["broken"], told["unreadable"]) == (0, 0), "log groups are read to their end", (status, told, err))
    tap.equal(told["lines"], count_lines(sandboxes) + 1, "each line once, though rounds overlap")
    tap.equal(sorted(set(events(place.data, "paged"))), expected(sandboxes[:4]), "all that one has")
    tap.equal(events(place.data, "other"), expected(sandboxes[4:]), "and the other")
    tap.equal(rows(place.data, "SELECT DISTINCT account FROM functions"), [("123456789012",)], "of the account that was named")
    tap.equal(rows(place.data, "SELECT COUNT(*) FROM events AS e JOIN event_facets AS f ON f.id = e.facet WHERE f.class = 'log_forged'"), [(1,)], "what is forged is told of")
    tap.check(all(body["filterPattern"] == "gambeson" for body in place.asked("FilterLogEvents")), "other lines are not fetched")
    before = len(place.asked("FilterLogEvents"))
    late = Sandbox(10, "other").invocations(1)
    put_log(place.aws, [late], int(time.time() * 1000) - 60000)
    status, told, err = place.ingest("--cloudwatch", "/aws/lambda/paged", "--cloudwatch", f"arn:aws:logs:{REGION}:210987654321:log-group:/aws/lambda/other", "--late", 300).wait()
    asked = place.asked("FilterLogEvents")[before:]
    tap.check(min(body["startTime"] for body in asked if "logGroupName" in body) > (time.time() - 400) * 1000, "it goes on where it was", asked)
    tap.equal(rows(place.data, "SELECT COUNT(*) FROM functions WHERE account = '210987654321'"), [(1,)], "an account that an ARN names")
    tap.check(set(expected([late])) <= set(events(place.data, "other")), "what came late is there", (told, err))


def cloudwatch_late(folder):
    """What comes long after it happened: by how much is a setting."""
    place = Place(folder / "late")
    put_log(place.aws, [Sandbox(20, "late").invocations(2)])
    one = place.ingest("--cloudwatch", "/aws/lambda/late", "--late", 1000, idle=None)
    wait_for(lambda: len(place.asked("FilterLogEvents")) > 2)
    now = int(time.time() * 1000)
    late, later = Sandbox(21, "late").invocations(2), Sandbox(22, "late").invocations(2)
    put_log(place.aws, [late], now - 900 * 1000)
    put_log(place.aws, [later], now - 3000 * 1000)
    asked = len(place.asked("FilterLogEvents"))
    wait_for(lambda: len(place.asked("FilterLogEvents")) > asked + 1)
    status, told, err = one.end()
    tap.check(not set(expected([late])) & set(events(place.data, "late")), "between two looks back it is not seen", err)
    status, told, err = place.ingest("--cloudwatch", "/aws/lambda/late", "--late", 1000, idle=5).wait()
    found = set(events(place.data, "late"))
    tap.check(status == 0 and set(expected([late])) <= found and not set(expected([later])) & found, "a look back finds what is no later than was said", (told, err))
    lines = told["lines"]
    status, told, err = place.ingest("--cloudwatch", "/aws/lambda/late", "--late", 4000, idle=5).wait()
    tap.check(set(expected([later])) <= set(events(place.data, "late")), "a wider one the rest", (told, err))
    tap.equal(sorted(set(events(place.data, "late"))), sorted(events(place.data, "late")), "nothing is stored twice")
    tap.check(lines <= 2 * len(late.lines) + 10, "nor sent again in the same run", lines)


def cloudwatch_killed(folder):
    place, chance = Place(folder / "killed"), random.Random(SEED)
    sandboxes = [Sandbox(20 + number, "killed").invocations(30) for number in range(8)]
    put_log(place.aws, sandboxes)
    place.aws.page = 20
    for turn in range(4):
        with place.aws.lock:
            place.aws.faults["FilterLogEvents"] = ["slow 0.05"] * 200
        before = len(place.asked("FilterLogEvents"))
        one = place.ingest("--cloudwatch", "/aws/lambda/killed", idle=None)
        wait_for(lambda: len(place.asked("FilterLogEvents")) > before + 2)
        time.sleep(chance.uniform(0, 0.2))
        one.end(signal.SIGKILL)
        first = place.asked("FilterLogEvents")[before]
        tap.check(turn == 0 or "nextToken" in first, "a round goes on with the page that was next", first)
        if turn == 2:
            place.aws.tokens.clear()
    with place.aws.lock:
        place.aws.faults.clear()
    status, told, err = place.ingest("--cloudwatch", "/aws/lambda/killed").wait()
    tap.check(status == 0, "killed four times, its token forgotten once, it comes to the end", (status, told, err))
    tap.equal(events(place.data, "killed"), expected(sandboxes), "nothing is lost and nothing doubled")


def cloudwatch_faults(folder):
    place = Place(folder / "faults")
    sandboxes = [Sandbox(40 + number, "faults").invocations(10) for number in range(2)]
    put_log(place.aws, sandboxes)
    place.aws.page = 15
    faults = ["", "ThrottlingException", "ThrottlingException", "", "status 503", "lose", "cut", "garbage", "", "{}", '{"events":{}}', '{"events":[1,"x",{"message":3}],"nextToken":5}',
              '{"events":[],"nextToken":5}', '{"events":[{"message":"x","timestamp":1,"logStreamName":7}]}', "[", "ServiceUnavailableException"]
    place.aws.faults["FilterLogEvents"] = faults
    one = place.ingest("--cloudwatch", "/aws/lambda/faults", idle=None)
    tap.check(wait_for(lambda: events(place.data, "faults") == expected(sandboxes)), "throttled, broken off and lied to, it gets all", len(events(place.data, "faults")))
    tap.check(wait_for(lambda: not faults), "each of them was met", faults)
    status, told, err = one.end()
    tap.check(status == 0 and told["lines"] == count_lines(sandboxes), "and each line once", (status, told))
    tap.check(b"ThrottlingException" in err and b"trying again" in err, "and says what was in the way", err)
    place.aws.faults["FilterLogEvents"] = ["slow 20"]
    before, begun = len(place.asked("FilterLogEvents")), time.monotonic()
    one = place.ingest("--cloudwatch", "/aws/lambda/faults", idle=None)
    wait_for(lambda: len(place.asked("FilterLogEvents")) > before)
    status, told, err = one.end()
    tap.check(status == 0 and time.monotonic() - begun < 10, "it does not wait for an answer that does not come when it is to end", (status, err))


def refused(folder):
    place = Place(folder / "refused")
    put_log(place.aws, [Sandbox(50, "refused").invocations(1)])
    place.aws.make_stream("refused", 1)
    for name, arguments, environment, words in [
            ("a log group that is not there", ["--cloudwatch", "/aws/lambda/none"], KEY, b"ResourceNotFoundException"),
            ("a stream that is not there", ["--kinesis", "none"], KEY, b"ResourceNotFoundException"),
            ("a wrong secret", ["--cloudwatch", "/aws/lambda/refused"], {**KEY, "AWS_SECRET_ACCESS_KEY": "wrong"}, b"InvalidSignatureException"),
            ("an unknown key", ["--kinesis", "refused"], {**KEY, "AWS_ACCESS_KEY_ID": "nobody"}, b"UnrecognizedClientException"),
            ("no credentials", ["--kinesis", "refused"], {"AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}, b"no AWS credentials"),
            ("no region", ["--kinesis", "refused"], {**KEY, "AWS_REGION": ""}, b"region"),
            ("a region that is none", ["--kinesis", "refused", "--region", "a/b"], KEY, b"region"),
            ("two sources", ["--kinesis", "refused", "--cloudwatch", "x"], KEY, b"only one"),
            ("a name that is none", ["--cloudwatch", "a b"], KEY, b"no name of a log group")]:
        status, told, err = place.ingest(*arguments, environment=environment).wait()
        tap.check(status in (2, 3) and words in err and b"wrong" not in err, f"{name}: it says so and ends", (status, told, err))
    place.resume.write_text("something else\n")
    status, told, err = place.ingest("--kinesis", "refused").wait()
    tap.check(status == 2 and b"does not say" in err and place.resume.read_text() == "something else\n", "a file of something else is left alone", (status, told, err))
    place.resume.unlink()
    for text in ["gambeson ingest 1\n" + "\t" * 99 + "\n%%%\tx\n", "gambeson ingest 1\nY2xvdWR3YXRjaA\tZXUtd2VzdC0x\n"]:
        place.resume.write_text(text)
        status, told, err = place.ingest("--cloudwatch", "/aws/lambda/refused", idle=1).wait()
        tap.check(status == 0 and told["lines"] == 3, "a file with lines that are none is read as far as it goes", (status, told, err))
        place.resume.unlink()
    place.aws.ahead = 7200
    status, told, err = place.ingest("--cloudwatch", "/aws/lambda/refused", idle=1).wait()
    tap.check(status == 0 and told["lines"] == 3, "a clock that is two hours behind is put right", (status, told, err))


def aggregated(pieces):
    """As AWS's producer library does it: a table of keys, records, and a digest."""
    def number(value):
        out = b""
        while value > 0x7f:
            out += bytes([value & 0x7f | 0x80])
            value >>= 7
        return out + bytes([value])

    def field(tag, data):
        return number(tag << 3 | 2) + number(len(data)) + data

    message = field(1, b"key") + b"".join(field(3, b"\x08\x00" + field(3, piece)) for piece in pieces)
    return b"\xf3\x89\x9a\xc2" + message + bytes(16)


def kinesis(folder):
    """Resharded, killed, throttled, with iterators that are forgotten. In no order, so that the function is named by who reads."""
    place, chance = Place(folder / "kinesis"), random.Random(SEED)
    aws = place.aws
    aws.make_stream("logs", 3)
    sandboxes = [Sandbox(60 + number, "kinesis").invocations(20) for number in range(12)]
    pieces = [piece for sandbox in sandboxes for piece in records(sandbox, chance)]
    chance.shuffle(pieces)

    def put(part):
        for piece in part:
            shards = [shard for shard, about in aws.streams["logs"].items() if not about["is_closed"]]
            aws.put_record("logs", chance.choice(shards), piece)

    def pull(seconds):
        with aws.lock:
            aws.faults["GetRecords"] = chance.choices(["", "slow 0.05", "ProvisionedThroughputExceededException", "ExpiredIteratorException", "cut", "garbage", "lose",
                                                       '{"Records":3}', '{"Records":[{"Data":"!","SequenceNumber":"1"}]}', "status 500"], [30, 9, 1, 2, 1, 1, 1, 1, 1, 1], k=40)
            aws.faults["GetShardIterator"] = ["", "ProvisionedThroughputExceededException", "{}", '{"ShardIterator":""}']
            aws.faults["ListShards"] = ["LimitExceededException", '{"Shards":[{"ShardId":3}]}']
        one = place.ingest("--kinesis", "logs", "--function", "kinesis", idle=None)
        wait_for(lambda: events(place.data, "kinesis"), 8)
        time.sleep(seconds)
        return one.end(signal.SIGKILL)

    fifth = len(pieces) // 5
    put(pieces[:fifth])
    pull(chance.uniform(0, 0.5))
    aws.make_shard("logs", ["shardId-000000000000"])
    aws.make_shard("logs", ["shardId-000000000000"])
    put(pieces[fifth:2 * fifth])
    pull(chance.uniform(0, 0.5))
    put([aggregated(pieces[2 * fifth:3 * fifth])])
    with aws.lock:
        aws.iterators.clear()
        aws.faults.clear()
    one = place.ingest("--kinesis", "logs", "--function", "kinesis", idle=8, environment=SESSION)
    wait_for(lambda: len(place.asked("GetRecords")) > 10)
    aws.make_shard("logs", ["shardId-000000000001", "shardId-000000000002"])
    aws.iterators.clear()
    put(pieces[3 * fifth:])
    status, told, err = one.wait()
    tap.check(status == 0 and (told["broken"], told["unreadable"]) == (0, 0), "the stream comes to its end", (status, told, err))
    tap.equal(events(place.data, "kinesis"), expected(sandboxes), "nothing is lost and nothing doubled")
    tap.check(all(about["is_closed"] or shard in ("shardId-000000000003", "shardId-000000000004", "shardId-000000000005")
                  for shard, about in aws.streams["logs"].items()), "over a split and a merge")
    status, told, err = place.ingest("--kinesis", "logs", "--function", "kinesis").wait()
    tap.equal((status, told["lines"]), (0, 0), "where it stopped is kept")
    with aws.lock:
        for shard in list(aws.streams["logs"])[:3]:
            del aws.streams["logs"][shard]
    last = Sandbox(90, "last").invocations(2)
    aws.put_record("logs", "shardId-000000000005", last.log)
    status, told, err = place.ingest("--kinesis", f"arn:aws:kinesis:{REGION}:123456789012:stream/logs").wait()
    tap.check(status == 0 and set(expected([last])) <= set(events(place.data, "last")), "shards that are gone are in nobody's way", (status, told, err))


def kinesis_poison(folder):
    place = Place(folder / "poison")
    aws = place.aws
    aws.make_stream("logs", 1)
    sandbox = Sandbox(95, "poison").invocations(2)
    good = aggregated(sandbox.lines[:3])
    bad = [b"\x1f\x8bxxx", b'{"awslogs":{"data":3}}', b"\xf3\x89\x9a\xc2\xff\xff\xff" + bytes(20), good[:-30] + bytes(16), b"\xf3\x89\x9a\xc2" + b"\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" + bytes(16)]
    for piece in [sandbox.lines[0], *bad, b"", b"\xf3\x89\x9a\xc2", *sandbox.lines[1:]]:
        aws.put_record("logs", "shardId-000000000000", piece)
    status, told, err = place.ingest("--kinesis", "logs").wait()
    tap.check(status == 0 and told["unreadable"] == len(bad), "records that are no good are counted", (status, told, err))
    tap.equal(events(place.data, "poison"), expected([sandbox]), "and stop nothing")
    told = [json.loads(body)["message"] for (body,) in rows(place.data, "SELECT e.body FROM events AS e JOIN event_facets AS f ON f.id = e.facet WHERE f.class = 'record_refused'")]
    tap.check(len(told) == len(bad) and all("of stream logs, shardId-000000000000 was left out" in text for text in told), "each is told of", told)


def from_end(folder):
    place = Place(folder / "end")
    place.aws.make_stream("logs", 2)
    old, new = Sandbox(97, "end").invocations(1), Sandbox(98, "end").invocations(1)
    place.aws.put_record("logs", "shardId-000000000000", old.log)
    time.sleep(1.1)
    one = place.ingest("--kinesis", "logs", "--from-end", idle=None)
    wait_for(lambda: len(place.asked("GetRecords")) > 3)
    one.end(signal.SIGKILL)
    place.aws.put_record("logs", "shardId-000000000000", new.log)
    status, told, err = place.ingest("--kinesis", "logs", "--from-end").wait()
    tap.equal((status, told["lines"], events(place.data, "end")), (0, len(new.lines), expected([new])), "what comes after the first look, also while nobody looks")


def main():
    with tempfile.TemporaryDirectory(prefix="gambeson-aws-") as name:
        at_once((cloudwatch, cloudwatch_late, cloudwatch_killed, cloudwatch_faults, refused, kinesis, kinesis_poison, from_end), pathlib.Path(name))


main()
tap.done()

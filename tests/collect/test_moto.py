#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`gambeson ingest --cloudwatch` and `--kinesis` beside moto, which is somebody else's: its reading of AWS's protocols, botocore's of the
signatures, boto3 as who writes."""

import json
import logging
import os
import pathlib
import random
import sys
import tempfile
import time

from pulled import ROOT, Ingest, count_lines, events, expected, records, rows, tap
from seals import Sandbox

sys.path.insert(0, str(ROOT / "build" / "deps" / "moto"))
assert (ROOT / "build" / "deps" / "moto" / ".installed").exists(), "no moto here: scripts/setup test"

import boto3  # noqa: E402  (the path is set above)
from moto.core import set_initial_no_auth_action_count
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"


def client(service, url):
    return boto3.client(service, endpoint_url=url, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")


@set_initial_no_auth_action_count(0)
def ingest(url, folder, *arguments, environment):
    """Whose signatures and rights moto looks at, as it does not otherwise."""
    return Ingest("--endpoint", url, "--region", REGION, "--data", folder / "data", "--resume", folder / "resume", "--until-idle", 2, *arguments,
                  environment=environment).wait()


def cloudwatch(url, folder, key):
    logs, sandboxes = client("logs", url), [Sandbox(number, "moto").invocations(15) for number in range(3)]
    logs.create_log_group(logGroupName="/aws/lambda/moto")
    for sandbox in sandboxes:
        logs.create_log_stream(logGroupName="/aws/lambda/moto", logStreamName=sandbox.name)
        logs.put_log_events(logGroupName="/aws/lambda/moto", logStreamName=sandbox.name, logEvents=[
            {"timestamp": int(time.time() * 1000), "message": text} for text in ["START RequestId: 1", *(line.decode() for line in sandbox.lines)]])
    status, told, err = ingest(url, folder, "--cloudwatch", "/aws/lambda/moto", environment=key)
    tap.check(status == 0 and told["lines"] == count_lines(sandboxes), "CloudWatch: each line once", (status, told, err))
    status, told, err = ingest(url, folder, "--cloudwatch", "/aws/lambda/moto", environment={**key, "AWS_SECRET_ACCESS_KEY": "wrong"})
    tap.check(status == 3 and b"answers 403" in err, "it does look at signatures", (status, told, err))
    tap.equal(events(folder / "data", "moto"), expected(sandboxes), "CloudWatch: all of them")
    tap.equal(rows(folder / "data", "SELECT COUNT(*) FROM sandboxes WHERE verified_to < 29"), [(0,)], "and all are signed")


def kinesis(url, folder, key):
    stream, chance = client("kinesis", url), random.Random(20261123)
    sandboxes = [Sandbox(20 + number, "streamed").invocations(15) for number in range(6)]
    pieces = [(sandbox.name, piece) for sandbox in sandboxes for piece in records(sandbox, chance)]
    stream.create_stream(StreamName="logs", ShardCount=2)

    def put(part):
        for name, piece in part:
            stream.put_record(StreamName="logs", PartitionKey=name, Data=piece)

    def pull():
        return ingest(url, folder, "--kinesis", "logs", environment=key)

    third, lines = len(pieces) // 3, 0
    put(pieces[:third])
    status, told, err = pull()
    lines += told["lines"]
    shard = stream.list_shards(StreamName="logs")["Shards"][0]
    middle = (int(shard["HashKeyRange"]["StartingHashKey"]) + int(shard["HashKeyRange"]["EndingHashKey"])) // 2
    stream.split_shard(StreamName="logs", ShardToSplit=shard["ShardId"], NewStartingHashKey=str(middle))
    put(pieces[third:2 * third])
    status, told, err = pull()
    lines += told["lines"]
    put(pieces[2 * third:])
    status, told, err = pull()
    tap.check(status == 0 and lines + told["lines"] == count_lines(sandboxes), "Kinesis: each line once, over a split and two ends", (status, lines, told, err))
    tap.equal(events(folder / "data", "streamed"), expected(sandboxes), "Kinesis: all of them")


def main():
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://%s:%d" % server.get_host_and_port()
    iam = client("iam", url)
    iam.create_user(UserName="collector")
    iam.put_user_policy(UserName="collector", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Resource": "*", "Action": ["logs:FilterLogEvents", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"]}]}))
    made = iam.create_access_key(UserName="collector")["AccessKey"]
    key = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    with tempfile.TemporaryDirectory(prefix="gambeson-moto-") as name:
        for part in (cloudwatch, kinesis):
            folder = pathlib.Path(name) / part.__name__
            folder.mkdir()
            tap.section(part, url, folder, key)
    server.stop()


main()
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""CloudWatch Logs and Kinesis as far as Gambeson asks them (JSON 1.1), with signatures checked by tests/lib/s3_server.py's own reading of
Signature Version 4, and with faults in any number."""

import base64
import datetime
import email.utils
import hashlib
import http.server
import json
import threading
import time

from s3_server import KEYS, REGION, sign

SKEW_MAX = 300
SERVICES = {"Logs_20140328": "logs", "Kinesis_20131202": "kinesis"}


class Refusal(Exception):
    """(status, name) of an error of AWS."""


class Aws:
    """FAULTS: {operation: [fault, …]} for the next requests: a name of an error, "status N", "cut", "garbage", "lose", "slow N",
    or a text beginning with { that is the answer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.log, self.faults = [], {}
        self.ahead = 0
        self.groups, self.page, self.tokens = {}, 50, {}
        self.streams, self.iterators, self.made, self.limit, self.list_page = {}, {}, 0, 40, 2

    # CloudWatch Logs

    def put_event(self, group, stream, message, timestamp=None):
        with self.lock:
            events = self.groups.setdefault(group, [])
            at = int(time.time() * 1000)
            events.append({"logStreamName": stream, "timestamp": at if timestamp is None else timestamp, "message": message, "ingestionTime": at,
                           "eventId": "3%055d" % len(events)})

    def FilterLogEvents(self, body):
        name = body.get("logGroupName") or body["logGroupIdentifier"].split(":")[6]
        if name not in self.groups:
            raise Refusal(400, "ResourceNotFoundException")
        assert 0 < body["limit"] <= 10000 and body["startTime"] >= 0, body
        events = [event for event in self.groups[name] if event["timestamp"] >= body["startTime"] and body.get("filterPattern", "") in event["message"]]
        events.sort(key=lambda event: event["timestamp"])
        begin = 0
        if "nextToken" in body:
            if body["nextToken"] not in self.tokens:
                raise Refusal(400, "InvalidParameterException")
            begin = self.tokens[body["nextToken"]]
        answer = {"events": events[begin:begin + self.page], "searchedLogStreams": []}
        if begin + self.page < len(events):
            answer["nextToken"] = "Bxkq6kVGFtq2y/%d+=\"\u00e9" % (begin + self.page)
            self.tokens[answer["nextToken"]] = begin + self.page
        return answer

    # Kinesis: {stream: {shard: {"records": […], "parents": […], "is_closed"}}}

    def make_stream(self, name, shards):
        self.streams[name] = {}
        for _ in range(shards):
            self.make_shard(name)

    def make_shard(self, name, parents=()):
        shard = "shardId-%012d" % len(self.streams[name])
        self.streams[name][shard] = {"records": [], "parents": list(parents), "is_closed": False}
        for parent in parents:
            self.streams[name][parent]["is_closed"] = True
        return shard

    def put_record(self, name, shard, data):
        with self.lock:
            records = self.streams[name][shard]["records"]
            assert not self.streams[name][shard]["is_closed"]
            # 56 digits; those of one shard grow.
            records.append({"SequenceNumber": "49%03d%051d" % (int(shard[-3:]), len(records)), "ApproximateArrivalTimestamp": round(time.time(), 3),
                            "Data": base64.b64encode(data).decode(), "PartitionKey": "p"})

    def stream(self, body):
        name = body.get("StreamName") or body["StreamARN"].split("/")[1]
        if name not in self.streams:
            raise Refusal(400, "ResourceNotFoundException")
        return name, self.streams[name]

    def ListShards(self, body):
        begin = 0
        if "NextToken" in body:
            assert set(body) == {"NextToken"}, body
            name, begin = json.loads(base64.b64decode(body["NextToken"]))
            shards = self.streams[name]
        else:
            name, shards = self.stream(body)
        answer = {"Shards": []}
        for shard, about in list(shards.items())[begin:begin + self.list_page]:
            numbers = {"StartingSequenceNumber": "49%03d%051d" % (int(shard[-3:]), 0)}
            if about["is_closed"]:
                numbers["EndingSequenceNumber"] = "49%03d%051d" % (int(shard[-3:]), 10 ** 40)
            answer["Shards"].append({"ShardId": shard, "SequenceNumberRange": numbers, "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "1"},
                                     **({"ParentShardId": about["parents"][0]} if about["parents"] else {})})
        if begin + self.list_page < len(shards):
            answer["NextToken"] = base64.b64encode(json.dumps([name, begin + self.list_page]).encode()).decode()
        return answer

    def make_iterator(self, name, shard, at):
        self.made += 1
        iterator = "AAAAAAAAAAE%s==" % hashlib.sha256(b"%d" % self.made).hexdigest()
        self.iterators[iterator] = [name, shard, at]
        return iterator

    def GetShardIterator(self, body):
        name, shards = self.stream(body)
        if body["ShardId"] not in shards:
            raise Refusal(400, "ResourceNotFoundException")
        records = shards[body["ShardId"]]["records"]
        kind = body["ShardIteratorType"]
        if kind == "AFTER_SEQUENCE_NUMBER":
            numbers = [record["SequenceNumber"] for record in records]
            if body["StartingSequenceNumber"] not in numbers:
                raise Refusal(400, "InvalidArgumentException")
            at = numbers.index(body["StartingSequenceNumber"]) + 1
        elif kind == "AT_TIMESTAMP":
            at = len([record for record in records if record["ApproximateArrivalTimestamp"] < body["Timestamp"]])
        else:
            at = {"TRIM_HORIZON": 0, "LATEST": len(records)}[kind]
        return {"ShardIterator": self.make_iterator(name, body["ShardId"], at)}

    def GetRecords(self, body):
        assert 0 < body["Limit"] <= 10000
        if body["ShardIterator"] not in self.iterators:
            raise Refusal(400, "ExpiredIteratorException")
        name, shard, at = self.iterators[body["ShardIterator"]]
        about = self.streams[name][shard]
        records = about["records"][at:at + self.limit]
        at += len(records)
        answer = {"Records": records, "MillisBehindLatest": 0}
        if about["is_closed"] and at == len(about["records"]):
            answer["ChildShards"] = []
        else:
            answer["NextShardIterator"] = self.make_iterator(name, shard, at)
        return answer

    # HTTP

    def check(self, request, body):
        """The operation's name; Refusal when REQUEST is not as it must be."""
        target, _, operation = request.headers.get("x-amz-target", "").partition(".")
        authorization = request.headers.get("authorization", "")
        if request.path != "/" or request.headers.get("content-type") != "application/x-amz-json-1.1" or target not in SERVICES:
            raise Refusal(404, "UnknownOperationException")
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            raise Refusal(400, "MissingAuthenticationTokenException")
        parts = dict(part.strip().split("=", 1) for part in authorization[17:].split(","))
        key, *scope = parts["Credential"].split("/")
        names = parts["SignedHeaders"].split(";")
        must = {"host", "content-type"} | {name for name in map(str.lower, request.headers) if name.startswith("x-amz-")}
        if key not in KEYS or request.headers.get("x-amz-security-token") != KEYS[key][1] or not must <= set(names):
            raise Refusal(400, "UnrecognizedClientException")
        date = request.headers["x-amz-date"]
        at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
        if abs(at - time.time() - self.ahead) > SKEW_MAX:
            raise Refusal(400, "InvalidSignatureException")
        right = sign(KEYS[key][0], request, scope, date, names, hashlib.sha256(body).hexdigest(), "/", "")
        if scope[1:] != [REGION, SERVICES[target], "aws4_request"] or date[:8] != scope[0] or parts["Signature"] != right:
            raise Refusal(400, "InvalidSignatureException")
        return operation

    def answer(self, request, body):
        """(status, bytes, fault)"""
        operation, fault = "", ""
        try:
            with self.lock:
                operation = self.check(request, body)
                queue = self.faults.get(operation)
                fault = queue.pop(0) if queue else ""
                self.log.append((operation, json.loads(body), fault))
                if fault.startswith("{"):
                    return 200, fault.encode(), ""
                if fault.endswith("Exception"):
                    raise Refusal(400, fault)
                if fault.startswith("status "):
                    return int(fault[7:]), b"<html>", ""
                answer = getattr(self, operation)(json.loads(body))
            return 200, json.dumps(answer).encode(), fault
        except Refusal as refusal:
            status, name = refusal.args
            return status, json.dumps({"__type": f"com.amazonaws.{operation}#{name}", "message": f"refused {operation}"}).encode(), ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    aws = None
    timeout = 30

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        status, answer, fault = self.aws.answer(self, body)
        if fault.startswith("slow "):
            time.sleep(float(fault[5:]))
        if fault == "lose":
            self.close_connection = True
            return
        if fault == "garbage":
            answer = b'{"events":[\xff'
        self.send_response_only(status)
        self.send_header("date", email.utils.formatdate(time.time() + self.aws.ahead, usegmt=True))
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        if fault == "cut":
            self.wfile.write(answer[:len(answer) // 2])
            self.close_connection = True
            return
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Whoever is killed reads no answer."""


def serve(aws):
    """(server, port) of AWS, in threads of this program."""
    server = Server(("127.0.0.1", 0), type("H", (Handler,), {"aws": aws}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, server.server_address[1]

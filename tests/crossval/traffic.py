# SPDX-License-Identifier: Apache-2.0
"""Made-up clients and what they send: the vocabulary of the event generators in examples/*/events.py."""

import base64
import json
import random

FIRST = ("Anna Ben Carla David Eva Félix Grace Hugo Ines Jonas Kateřina Liam María Noah Olga Pavel Quinn Rosa Søren Tom Uma Viktor Wei "
         "Xenia Yusuf Zoë O'Brien").split()
LAST = ("Adams Brown Černý Dupont Evans Fischer García Hansen Ivanov Jensen Kowalski Larsson Müller Novák O'Connor Peña Quist Rossi "
        "Smith Tanaka Umarov Vogel Weber Xu Young Zimmer").split()
WORDS = ("account address after agreement annual answer april arrived balance before between blue box branch build cable call card case "
         "change chapter charge city client colour company copy cost country customer date day delay delivery department detail device "
         "discount document door draft drop east email end estimate event example exchange export factory field file final first folder "
         "form forward free friday front garden glass green group guide height help history hotel hour house idea image import index "
         "invoice issue item january journey key kitchen label large later ledger letter level light line list local long machine manager "
         "march market material meeting member message metal minute model monday month morning name network new next north note number "
         "offer office open option order other outside owner package page paper part payment person phone picture place plan point policy "
         "post price print problem product profile project quality question quick quote rate reason receipt record red refund region "
         "report request result return review road room round route rule safe sale sample school season second section select service "
         "set share sheet ship shop short side sign size small source south space spring staff stage standard start state station stock "
         "store street summer supply support system table tax team template term test text ticket time title today total town trade "
         "train transfer travel trip type under union unit update user value version view visit wait wall warm water week west white "
         "window winter work world year yellow zone").split()
DOMAINS = "example.com example.org example.net mail.example.com shop.example.org post.example.net".split()
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "curl/8.5.0", "okhttp/4.12.0",
          "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
          "python-requests/2.32.3", "PostmanRuntime/7.39.0"]


class Traffic(random.Random):
    """A seeded source of events; one seed, one sequence."""

    def __init__(self, seed):
        super().__init__(seed)
        self.clients = [f"{self.choice((203, 198, 81, 93, 151, 62))}.{self.randrange(1, 255)}.{self.randrange(256)}.{self.randrange(1, 255)}"
                        for _ in range(400)]

    def happens(self, chance):
        return self.random() < chance

    def rank(self, count):
        """0 … count-1, the low ones often: about as Zipf has it."""
        return min(int(count ** self.random()) - 1 if count > 1 else 0, count - 1)

    def client(self):
        return self.clients[self.rank(len(self.clients))]

    def words(self, low, high):
        return " ".join(self.choice(WORDS) for _ in range(self.randint(low, high)))

    def sentence(self):
        text = self.words(4, 14).capitalize()
        if self.happens(0.2):
            text += self.choice([", isn't it", " (see page 4)", " & more", " -- thanks", ' "as agreed"', " at 50%", " #12", "; let's go"])
        return text + self.choice([".", ".", ".", "!", "?"])

    def text(self, low, high):
        return " ".join(self.sentence() for _ in range(self.randint(low, high)))

    def person(self):
        return f"{self.choice(FIRST)} {self.choice(LAST)}"

    def email(self):
        return f"{self.choice(WORDS)}.{self.choice(WORDS)}{self.choice(['', str(self.randrange(100))])}@{self.choice(DOMAINS)}"

    def hex(self, digits):
        return f"{self.getrandbits(4 * digits):0{digits}x}"

    def uuid(self):
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-{self.choice('89ab')}{self.hex(3)}-{self.hex(12)}"

    def date(self):
        return f"2026-{self.randint(1, 12):02d}-{self.randint(1, 28):02d}"

    def amount(self):
        return round(self.lognormvariate(3.5, 1.2), 2)

    def http(self, method, path, query=None, body=None, headers=None, resource=None):
        """An event of API Gateway, version 1."""
        client, text = self.client(), body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=self.happens(0.5))
        headers = {"Accept": "application/json", "Host": "api.example.com", "User-Agent": self.choice(AGENTS), "X-Forwarded-For": client,
                   "X-Amzn-Trace-Id": f"Root=1-{self.hex(8)}-{self.hex(24)}", **({"Content-Type": "application/json"} if body else {}), **(headers or {})}
        return {"resource": resource or path, "path": path, "httpMethod": method, "headers": headers,
                "multiValueHeaders": {name: [value] for name, value in headers.items()}, "queryStringParameters": query,
                "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
                "pathParameters": None, "stageVariables": None,
                "requestContext": {"resourcePath": resource or path, "httpMethod": method, "stage": "prod", "requestId": self.uuid(),
                                   "accountId": "123456789012", "apiId": "gy415nuibc",
                                   "identity": {"sourceIp": client, "userAgent": headers["User-Agent"]}},
                "body": text, "isBase64Encoded": False}

    def http_bytes(self, method, path, data, content_type, query=None):
        """The same with a body of bytes."""
        event = self.http(method, path, query, base64.b64encode(data).decode(), {"Content-Type": content_type})
        return {**event, "isBase64Encoded": True}

    def queue(self, *bodies):
        """An event of SQS."""
        return {"Records": [{"messageId": self.uuid(), "receiptHandle": "AQEB" + self.hex(40), "body": json.dumps(body, ensure_ascii=False),
                             "attributes": {"ApproximateReceiveCount": "1", "SenderId": "AIDAIENQZJOLO23YVJ4VO"}, "messageAttributes": {},
                             "md5OfBody": self.hex(32), "eventSource": "aws:sqs",
                             "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:work", "awsRegion": "eu-west-1"} for body in bodies]}

    def stored(self, bucket, key, size):
        """An event of S3: an object was put."""
        return {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventTime": f"{self.date()}T08:00:00.000Z",
                             "eventName": "ObjectCreated:Put", "userIdentity": {"principalId": "EXAMPLE"},
                             "requestParameters": {"sourceIPAddress": self.client()},
                             "s3": {"s3SchemaVersion": "1.0", "configurationId": "c", "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                                    "object": {"key": key, "size": size, "eTag": self.hex(32), "sequencer": self.hex(18).upper()}}}]}

    def schedule(self, rule, detail=None):
        """An event of EventBridge's scheduler."""
        return {"version": "0", "id": self.uuid(), "detail-type": "Scheduled Event", "source": "aws.events", "account": "123456789012",
                "time": f"{self.date()}T{self.randrange(24):02d}:00:00Z", "region": "eu-west-1",
                "resources": [f"arn:aws:events:eu-west-1:123456789012:rule/{rule}"], "detail": detail or {}}

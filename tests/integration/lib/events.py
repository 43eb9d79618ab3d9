# SPDX-License-Identifier: Apache-2.0
"""Events as the services send them."""

import json


def api_gateway(query=None, body=None, path="/document"):
    """API Gateway REST (v1)."""
    return {
        "resource": path, "path": path, "httpMethod": "GET",
        "headers": {"Accept": "text/html", "Host": "api.example.com", "User-Agent": "curl/7.88.1", "X-Forwarded-For": "203.0.113.7"},
        "multiValueHeaders": {"Accept": ["text/html"], "X-Forwarded-For": ["203.0.113.7"]},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": None, "stageVariables": None,
        "requestContext": {
            "resourcePath": path, "httpMethod": "GET", "stage": "prod", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "accountId": "123456789012", "apiId": "gy415nuibc", "identity": {"sourceIp": "203.0.113.7", "userAgent": "curl/7.88.1"},
        },
        "body": body, "isBase64Encoded": False,
    }


def sqs(body):
    return {"Records": [{
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d", "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SenderId": "AIDAIENQZJOLO23YVJ4VO"}, "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:my-queue", "awsRegion": "eu-west-1"}]}


def s3(key):
    return {"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventTime": "2024-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put", "userIdentity": {"principalId": "EXAMPLE"},
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "s3": {"s3SchemaVersion": "1.0", "configurationId": "c", "bucket": {"name": "uploads", "arn": "arn:aws:s3:::uploads"},
               "object": {"key": key, "size": 1024, "eTag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "0055AED6DCD90281E5"}}}]}

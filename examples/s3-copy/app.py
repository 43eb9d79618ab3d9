# SPDX-License-Identifier: Apache-2.0
"""What is put into the bucket of uploads is copied to the archive by date and kind; small texts are read for their language
first, and an index is kept beside them (boto3)."""

import hashlib
import os
import urllib.parse

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
ARCHIVE = os.environ["ARCHIVE"]
TEXT_MAX = 4096


def kind_of(key):
    return {"csv": "tables", "txt": "texts", "json": "texts", "png": "pictures", "jpg": "pictures"}.get(key.rpartition(".")[2].lower(), "other")


def copy(bucket, key, day):
    target = f"{day}/{kind_of(key)}/{hashlib.sha256(key.encode()).hexdigest()[:2]}/{key}"
    try:
        head = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    if kind_of(key) == "texts" and head["ContentLength"] <= TEXT_MAX:
        path = "/tmp/" + hashlib.md5(key.encode()).hexdigest() + ".txt"
        s3.download_file(bucket, key, path)
        with open(path, encoding="utf-8", errors="replace") as text:
            words = len(text.read().split())
        os.unlink(path)
        s3.put_object(Bucket=ARCHIVE, Key=target + ".index", Body=str(words).encode())
    s3.copy_object(Bucket=ARCHIVE, Key=target, CopySource={"Bucket": bucket, "Key": key})
    return target


def handler(event, context):
    return [copy(record["s3"]["bucket"]["name"], urllib.parse.unquote_plus(record["s3"]["object"]["key"]), record["eventTime"][:10])
            for record in event["Records"]]

# SPDX-License-Identifier: Apache-2.0
"""Greets. Reads one file and starts one program, so that there is something to watch."""
import json
import subprocess


def lambda_handler(event, context):
    name = event.get("name", "world")
    kernel = subprocess.run(["uname", "-s"], capture_output=True, text=True, check=True).stdout.strip()
    with open("/etc/os-release", encoding="utf-8") as file:
        lines = len(file.readlines())
    print(f"greeting {name}")
    return {"statusCode": 200, "body": json.dumps({"greeting": f"Hello, {name}", "kernel": kernel, "lines": lines > 0})}

# SPDX-License-Identifier: Apache-2.0
"""A function under its real runtime interface client, bare or under gambeson-agent."""

import json
import os
import signal
import subprocess
import threading

from . import tap
from .runtime_api import RuntimeApi
from .runtimes import RUNTIMES

AGENT = "/opt/gambeson/gambeson-agent"
SECRET = "gb-secret-6f1d2c9b"


class Function:
    """settings: GAMBESON_… variables, without which the function is bare (protected=False) or has the defaults."""

    def __init__(self, runtime, protected=True, settings=None, options=None, command=None):
        self.api = RuntimeApi()
        kind = RUNTIMES[runtime]
        folder = kind.task
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": "/tmp",
            "TZ": "UTC",
            "LAMBDA_TASK_ROOT": folder,
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "_HANDLER": kind.command[-1],
            "AWS_LAMBDA_RUNTIME_API": self.api.address,
            "AWS_LAMBDA_FUNCTION_NAME": "test",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/test",
            "AWS_LAMBDA_LOG_STREAM_NAME": "1",
            "AWS_REGION": "eu-west-1",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            **kind.environment,
            **(settings or {}),
        }
        command = command or kind.command
        if protected:
            command = [kind.agent, "run", *options, "--", *command] if options is not None else [kind.agent, *command]
        self.output = b""
        self._lock = threading.Lock()
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while chunk := self.process.stdout.read1(65536):
            with self._lock:
                self.output += chunk

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.api.close()

    def invoke(self, event, seconds=tap.PATIENCE, **more):
        """EVENT: bytes, or anything JSON. The Result, or None when there was none in time or the process ended."""
        invocation = self.api.submit(event if isinstance(event, bytes) else json.dumps(event).encode(), **more)
        tap.wait_until(lambda: invocation.ended.wait(0.1) or self.process.poll() is not None, seconds)
        return invocation.wait(0.2)

    def lines(self):
        """Whole lines only: the last one may still be on its way."""
        with self._lock:
            return self.output.decode("utf-8", "replace").split("\n")[:-1]

    def reports(self, kind=None):
        """Gambeson's own lines, decoded; a line that is no JSON raises."""
        found = [json.loads(line) for line in self.lines() if line.startswith('{"gambeson":1,')]
        return [report for report in found if kind in (None, report["kind"])]

    def log(self):
        """The function's own lines."""
        return [line for line in self.lines() if not line.startswith('{"gambeson":1,')]

    def wait_for_report(self, claim, seconds=tap.PATIENCE):
        """The first report for which CLAIM(report) holds, or None."""
        return tap.wait_until(lambda: next((report for report in self.reports() if claim(report)), None), seconds)

    def findings(self):
        return self.reports("finding")

    def transcript(self):
        return "\n".join(self.lines()[-20:])

    def children(self):
        """Process ids of the descendants of the started process, nearest first."""
        found, row = [], [self.process.pid]
        while row:
            row = [child for pid in row for child in _children_of(pid)]
            found += row
        return found


def _children_of(parent):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(name))
    return sorted(found)

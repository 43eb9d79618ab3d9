# SPDX-License-Identifier: Apache-2.0
"""An example function in the cage: its events, and sandboxes of it on AWS's client."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, "/opt/test")
from lib import function, runtimes  # noqa: E402

TASK = "/var/task"
KEPT = "/tmp/crossval"  # what is the driver's own; all else in /tmp is a sandbox's
ACTS = ["accounts", "variables", "shadow", "shell", "program", "script", "binary", "library", "outside", "metadata", "name", "listen", "code", "link"]


class _Task(runtimes.Runtime):
    task = TASK


def _runtime(events):
    """The runtimes of the integration tests, with the function's own folder."""
    kind, environment = events.RUNTIME, {}
    if kind == "node":
        command = [*runtimes.RUNTIMES["node"].command[:-1], "door.handler"]
        environment = {"NODE_PATH": "/opt/nodejs/node_modules"}
    elif kind == "python":
        command = [*runtimes.RUNTIMES["python"].command[:-1], "door.handler"]
        environment = {"PYTHONPATH": f"{runtimes.DEPS}/python:{TASK}:/opt/python", "PYTHONDONTWRITEBYTECODE": "1"}
    elif kind == "java":
        command = list(runtimes.RUNTIMES["java"].command)
        command[command.index("-cp") + 1] = f"{TASK}/classes:{runtimes.DEPS}/java/lib/*"
        command[-1] = "Door::handleRequest"
    else:
        command = [f"{TASK}/bootstrap"]
    more = {**getattr(events, "ENVIRONMENT", {}), "DOOR_HANDLER": events.HANDLER, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE00",
            "AWS_SESSION_TOKEN": "session", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}
    return _Task(command, "", [], environment={**environment, **more})


def load():
    spec = importlib.util.spec_from_file_location("events", f"{TASK}/events.py")
    events = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(events)
    runtimes.RUNTIMES["example"] = _runtime(events)
    return events


def acts(events):
    """What a dependency gone bad does in it: all, but what a static program cannot, and what the JVM does itself at its start."""
    absent = {"go": ["library"], "java": ["accounts"]}.get(events.RUNTIME, [])
    return [act for act in ACTS if act not in absent]


def _clean():
    for name in os.listdir("/tmp"):
        path = f"/tmp/{name}"
        if path != KEPT and os.lstat(path).st_uid == os.getuid():
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)


class Sandbox(function.Function):
    """One sandbox, with a /tmp of its own."""

    def __init__(self, name, settings):
        _clean()
        super().__init__("example", settings={"AWS_LAMBDA_FUNCTION_NAME": name, "GAMBESON_CODE": "1", "GAMBESON_MODE": "detect", **settings})

    def end(self):
        """As the platform ends it; the lines of Gambeson in its log."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                pass
        self.stop()
        self._reader.join(5)
        return [line for line in self.lines() if line.startswith('{"gambeson":1,')]

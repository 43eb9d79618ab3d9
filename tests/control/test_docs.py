# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/SERVER.md and docs/CLI-SERVER.md, as they stand there."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile

from server import GAMBESON, tap

page, beside = ((pathlib.Path(__file__).resolve().parents[2] / "docs" / name).read_text() for name in ("SERVER.md", "CLI-SERVER.md"))
example = "".join(re.search(r"<!-- example: .*? -->\n\n((?:    .*\n|\n)+)", text)[1] for text in (page, beside))
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
# Everything as written but the port, which somebody may have taken.
script = "set -eu\n" + re.sub(r"^    ", "", example, flags=re.MULTILINE).replace(":8642", f":{port}") + "kill %1\nwait %1\n"
with tempfile.TemporaryDirectory(prefix="gambeson-docs-") as folder:
    os.symlink(GAMBESON, f"{folder}/gambeson")
    done = subprocess.Popen(["bash", "-c", script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, start_new_session=True)
    try:
        out = done.communicate(timeout=60)[0]
    finally:
        if done.poll() is None:
            os.killpg(done.pid, signal.SIGKILL)
    tap.check(done.returncode == 0, "the example runs", out)
    tap.check('"name":"bert"' in out and '"scope":{"accounts":["111122223333"]}' in out, "it makes a user, whom the token sees", out)
    tap.check("+spec: {posture: detect}" in out and "-spec: {posture: detect}\n+spec: {posture: block}" in out, "policies are pushed, and what changes is shown", out)
tap.check("elsewhere/FunctionPolicy/orders.yaml" in out and "signed in to" in out, "and pulled", out)
tap.check("nobody reads this" in out and '"entry":{"hosts":["status.example.com"]}' in out, "rules and exclusions are made and listed", out)
tap.check("entries, whole; the last is" in out, "the audit log is whole", out)
kinds = re.findall(r'\{(\d+), "([a-z-]+)",', (pathlib.Path(__file__).resolve().parents[2] / "src/control/problem.c").read_text())
rows = {slug: sorted(statuses.split(", ")) for slugs, statuses in re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| ([0-9, ]+) \|$", page, re.MULTILINE)
        for slug in re.findall(r"`([a-z-]+)`", slugs)}
wanted = {slug: sorted({status for status, other in kinds if other == slug and status != "505"}) for _, slug in kinds}
tap.equal(rows, wanted, "the page has the problems that there are, with their statuses")
tap.done()

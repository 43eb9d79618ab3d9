# SPDX-License-Identifier: Apache-2.0
"""test_probe.py GAMBESON CAGE: `gambeson probe` in a sandbox as mean as Lambda's tells what is refused there, and how."""

import json
import pathlib
import subprocess
import sys

from cli import GAMBESON, tap

CAGE = sys.argv[2]

REFUSED = {
    "no_new_privs": "EPERM", "seccomp_filter": "EPERM", "user_notification": "EPERM", "ptrace": "EPERM", "process_memory": "EPERM",
    "landlock": "ENOSYS", "io_uring": "ENOSYS", "user_namespace": "EPERM", "shared_memory_folder": "ENOENT",
    "parent_death_signal": "EPERM",
}
POSSIBLE = ("preload", "writable_text", "temporary_folder", "memory_file", "subreaper")

folder = str(pathlib.Path(GAMBESON).resolve().parent)
done = subprocess.run([CAGE, "--bind", f"{folder}:/mnt", "--", "/mnt/gambeson", "probe", "--json"], capture_output=True, timeout=60,
                      check=False)
tap.check(done.returncode == 0, "probe in the cage: exit status 0", done.stderr.decode())
found = json.loads(done.stdout) if done.stdout else {"probes": {}, "tiers": {}, "uid": 0}
for name, error in REFUSED.items():
    tap.equal(found["probes"].get(name), {"works": False, "detail": error}, f"in the cage, {name} is refused with {error}")
for name in POSSIBLE:
    tap.equal(found["probes"].get(name, {}).get("works"), True, f"in the cage, {name} works")
tap.equal(found["tiers"], {"patched sites": True, "sealed state": True, "kernel tier": False}, "in the cage, the tiers")
tap.equal(found["uid"], 993, "in the cage, the user is Lambda's")
tap.done()

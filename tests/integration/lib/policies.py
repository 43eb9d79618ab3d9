# SPDX-License-Identifier: Apache-2.0
"""Policies for the tests: compiled by the CLI, and learned from a function's own observations."""

import json
import os
import subprocess

# In an image there is another libc than the CLI's: tests/integration/run says how it starts there.
CLI = [*os.environ.get("GB_HOST", "").split(), "/opt/gambeson/gambeson"]
_KINDS_OF_FILES = {"file_read": "read", "file_write": "write", "library_map": "map"}


def cli(*arguments):
    return subprocess.run([*CLI, *arguments], capture_output=True, text=True, timeout=20)


def compiled(spec, path, *options):
    """Compile a policy of SPEC to PATH, which appears whole or not at all."""
    document = {"apiVersion": "gambeson/v1", "kind": "FunctionPolicy", "metadata": {"name": "test"}, "spec": spec}
    with open("/tmp/policy.json", "w", encoding="utf-8") as out:
        json.dump(document, out)
    done = cli("policy", "compile", "-o", path + ".new", *options, "/tmp/policy.json")
    if done.returncode != 0:
        raise RuntimeError(f"{done.stderr}{json.dumps(spec)[:1500]}")
    os.rename(path + ".new", path)
    return path


def learned(reports, replacements):
    """The allowlist of what REPORTS observed, exactly; in shell text each of REPLACEMENTS (text → <name>) is a hole."""
    allow = {"processes": [], "files": {"read": [], "write": [], "map": []}, "addresses": [], "kinds": []}
    for item in (item for report in reports if report["kind"] == "observations" for item in report["items"]):
        kind, subject = item["kind"], item.get("subject", "")
        if kind in _KINDS_OF_FILES:
            allow["files"][_KINDS_OF_FILES[kind]].append(subject)
        elif kind == "process_start":
            allow["processes"].append(_process(item, replacements))
        elif kind in ("net_connect", "net_send") and subject[:1] in "0123456789[":
            allow["addresses"].append(subject)
        else:
            allow["kinds"].append(kind)
    allow["kinds"] = sorted(set(allow["kinds"]))
    return allow


def _process(item, replacements):
    arguments = list(item.get("arguments", []))
    shaped = []
    for position, text in enumerate(arguments[1:]):
        hole = next((text.replace(old, new) for old, new in replacements.items() if old in text), None)
        is_shell_text = arguments[position] == "-c"
        shaped.append({"shell": hole or text} if is_shell_text else (hole or text))
    return {"executable": item["subject"], **({"name": arguments[0]} if arguments else {}), "arguments": shaped}

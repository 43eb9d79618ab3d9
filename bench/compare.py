#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py [--corpora DIR] [--every N]: the input firewall beside libddwaf with Datadog's recommended rules, ModSecurity v3 with
OWASP's Core Rule Set, and libinjection, on the same payloads: what each finds by class, false alarms, microseconds a payload.

`scripts/setup bench-compare` installs them by name; one that is not there is named and left out. Payloads are
DIR/*.jsonl ({"class", "label", "payload", "note"}, or as tests/corpora has them); those whose note begins with "weak" are not counted, benign ones whose note
begins with "hard" are texts about attacks, code and documents. Writes build/bench-compare.json."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import firewall

ROOT = firewall.ROOT
DEPS = ROOT / "build/deps/bench"
ALERTS = ("cmdi", "codei", "csvi", "lfi", "nosqli", "sqli", "xss", "xxe")


def compiled(name):
    """A driver in C against Debian's libmodsecurity; None, and the reason, when that is not there."""
    program = ROOT / "build" / name
    done = subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", program, ROOT / "bench" / f"{name}.c", "-lmodsecurity"],
                          capture_output=True, text=True, check=False)
    return (program, "") if done.returncode == 0 else (None, done.stderr.strip().splitlines()[0][:120])


def engines():
    """Name, command or None, why not."""
    yield "gambeson", [firewall.TOOLS / "bench_payloads"], ""
    modules = DEPS / "node_modules/@datadog/native-appsec"
    yield "libddwaf", ["node", ROOT / "bench/beside_libddwaf.js", DEPS] if modules.is_dir() else None, f"no {modules}"
    program, why = compiled("beside_modsecurity")
    rules = pathlib.Path("/usr/share/modsecurity-crs/rules")
    if program is not None and not rules.is_dir():
        program, why = None, f"no {rules}"
    yield "modsecurity", [program, ROOT / "bench/modsecurity.conf"] if program else None, why
    program, why = compiled("beside_libinjection")
    yield "libinjection", [program] if program else None, why


def versions():
    found = {}
    for package in ("libmodsecurity3", "modsecurity-crs"):
        done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
        found[package] = done.stdout or None
    for package in ("@datadog/native-appsec", "dd-trace"):
        path = DEPS / "node_modules" / package / "package.json"
        found[package] = json.loads(path.read_text())["version"] if path.is_file() else None
    return found


def group_of(row, note, stem):
    """Own corpora (tests/corpora) say by the file's name what a line is."""
    if "label" not in row:
        kind = re.sub(r"(_second|_third|_fourth|_fifth|_sixth|_seventh|_eighth|_blind)+$", "", stem)
        return {"benign": "ordinary"}.get(kind, kind)
    return row["class"] if row["label"] == "attack" else "hard" if note.startswith("hard") else "ordinary"


def read(folder, every):
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            row = json.loads(line)
            note = row.get("note") or ""
            if row.get("label") == "attack" and note.startswith("weak"):
                continue
            group = group_of(row, note, path.stem)
            rows.append((group, row["payload"] if isinstance(row["payload"], str) else json.dumps(row["payload"])))
    return rows[::every]


def measure(command, rows):
    answers = firewall.judged(command, [payload for _, payload in rows])
    groups = {}
    for (group, _), (is_attack, _) in zip(rows, answers):
        total, hits = groups.get(group, (0, 0))
        groups[group] = (total + 1, hits + is_attack)
    spent = sorted(nanoseconds for _, nanoseconds in answers)
    attacks = {group: 100 * hits / total for group, (total, hits) in groups.items() if group not in ("ordinary", "hard")}
    mean = lambda values: sum(values) / len(values) if values else None
    return {"classes": attacks, "counts": {group: total for group, (total, _) in groups.items()},
            "alerts_mean": mean([rate for name, rate in attacks.items() if name in ALERTS]),
            "others_mean": mean([rate for name, rate in attacks.items() if name not in ALERTS]), "all_mean": mean(list(attacks.values())),
            "false_ordinary": 100 * groups["ordinary"][1] / groups["ordinary"][0] if "ordinary" in groups else None,
            "false_hard": 100 * groups["hard"][1] / groups["hard"][0] if "hard" in groups else None,
            "us_mean": sum(spent) / len(spent) / 1000, "us_p50": spent[len(spent) // 2] / 1000, "us_p99": spent[len(spent) * 99 // 100] / 1000}


def table(results):
    names = list(results)
    first = results[names[0]]
    lines = [("", *names)]
    for group in sorted(first["classes"], key=lambda name: (name not in ALERTS, name)):
        lines.append((f"{group}, % of {first['counts'][group]}", *(f"{results[name]['classes'][group]:.1f}" for name in names)))
    for key, title, digits in (("alerts_mean", "mean of the eight alerts, %", 1), ("others_mean", "mean of the further classes, %", 1), ("all_mean", "mean of all classes, %", 1),
                               ("false_ordinary", f"false alarms, % of {first['counts'].get('ordinary', 0)} ordinary", 2),
                               ("false_hard", f"false alarms, % of {first['counts'].get('hard', 0)} about attacks", 2),
                               ("us_mean", "µs a payload, mean", 1), ("us_p50", "µs a payload, p50", 1), ("us_p99", "µs a payload, p99", 1)):
        lines.append((title, *("-" if results[name][key] is None else f"{results[name][key]:.{digits}f}" for name in names)))
    lines.insert(1, ("---",) * len(lines[0]))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main():
    options = argparse.ArgumentParser(description="The input firewall beside others, on the same payloads.")
    options.add_argument("--corpora", type=pathlib.Path, default=firewall.CORPORA, metavar="DIR")
    options.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth payload only")
    options = options.parse_args()
    subprocess.run(["ninja", "-C", str(ROOT / "build/release"), "--quiet", "bench/bench_payloads"], check=True, stdout=subprocess.DEVNULL)
    rows = read(options.corpora, options.every) if options.corpora.is_dir() else []
    if not rows:
        print(f"compare: no payloads in {options.corpora}; give a folder of .jsonl files with --corpora", file=sys.stderr)
        return 3
    results, missing = {}, {}
    for name, command, why in engines():
        if command is None:
            missing[name] = why
            print(f"compare: {name} could not be had ({why}); scripts/setup bench-compare installs it", file=sys.stderr)
            continue
        print(f"compare: {name}, {len(rows)} payloads", file=sys.stderr)
        results[name] = measure(command, rows)
    print(table(results))
    (ROOT / "build/bench-compare.json").write_text(json.dumps({"results": results, "missing": missing, "versions": versions()}, indent=1) + "\n")
    return 0


sys.exit(main())

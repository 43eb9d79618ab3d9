# SPDX-License-Identifier: Apache-2.0
"""crossval.py NAME EVENTS SANDBOXES SEED: learn an example on one half of its events, judge the other half by what was learned, then
attack it. In the cage; tests/crossval/run starts it. Prints one line of JSON."""

import json
import os
import subprocess
import sys
import time

import example
import services
from traffic import Traffic

GAMBESON = "/opt/gambeson/gambeson"
POLICY = f"{example.KEPT}/policy.gbp"
BASES = {"node": "nodejs20", "python": "python3", "java": "java17", "go": "provided"}


def cli(*arguments):
    done = subprocess.run([GAMBESON, *arguments], capture_output=True, text=True, timeout=300)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {done.stderr}")
    return done


def parts(events, count):
    size = -(-len(events) // count)
    return [events[at:at + size] for at in range(0, len(events), size)]


class Run:
    def __init__(self, name, seed):
        self.name, self.events = name, example.load()
        self.traffic = Traffic(f"{name} {seed}")
        self.failed = []  # events that the function did not answer
        self.base = ["--base", f"/opt/base/{BASES[self.events.RUNTIME]}.yaml"]

    def sandbox(self, events, settings, wanted="response"):
        """EVENTS one after the other in one sandbox: its log, and the request ids."""
        sandbox = example.Sandbox(self.name, settings)
        ids = []
        for event in events:
            ids.append(self.traffic.uuid())
            result = sandbox.invoke(event, 60, request_id=ids[-1])
            if result is None or (wanted and result.kind != wanted):
                self.failed.append({"event": event, "result": repr(result)[:600], "log": sandbox.transcript()[-1500:]})
                if result is None:
                    break
        return sandbox.end(), ids

    def learn(self, events, sandboxes):
        """Writes the policy. After how many invocations learning would have ended (None: not yet), and the log's findings."""
        lines, stopped, told = [], None, 0
        for part in parts(events, sandboxes):
            more, _ = self.sandbox(part, {"GAMBESON_OBSERVE": "1"})
            lines += more
            told += len(part)
            with open(f"{example.KEPT}/learn.log", "w", encoding="utf-8") as out:
                out.write("\n".join(lines) + "\n")
            done = cli("profile", "export", *self.base, "-o", f"{example.KEPT}/export.yaml", f"{example.KEPT}/learn.log")
            if stopped is None and done.returncode == 0:
                stopped = told
        done = cli("profile", "learn", *self.base, "--profile", f"{example.KEPT}/profile.json", "-o", f"{example.KEPT}/policy.yaml",
                   "--name", self.name, f"{example.KEPT}/learn.log")
        if done.returncode:
            raise RuntimeError(done.stderr)
        compiled = cli("policy", "compile", f"{example.KEPT}/policy.yaml", "-o", POLICY)
        if compiled.returncode:
            raise RuntimeError(compiled.stderr)
        self.notices = sorted({f"{report['reason']}: {report['message']}" for report in map(json.loads, lines) if report["kind"] == "notice"})
        return stopped, done.stderr, findings(lines)

    def judge(self, events, sandboxes):
        """Request id → findings, of benign events under the policy."""
        found = {}
        for part in parts(events, sandboxes):
            lines, _ = self.sandbox(part, {"GAMBESON_POLICY": POLICY})
            if not any('"state":"loaded"' in line for line in lines):
                raise RuntimeError("the policy was not loaded: " + "\n".join(lines[:3]))
            found = join(found, findings(lines))
        return found

    def attack(self):
        """Name → what was found of it; a sandbox for each, a benign event before."""
        benign, out = self.events.benign, {}
        attacks = {name: make(self.traffic) for name, make in self.events.INPUTS.items()}
        attacks.update({f"door: {act}": {**benign(self.traffic), "door": act} for act in example.acts(self.events)})
        for name, event in attacks.items():
            lines, ids = self.sandbox([benign(self.traffic), event], {"GAMBESON_POLICY": POLICY}, wanted=None)
            out[name] = findings(lines).get(ids[-1], [])
        return out


def findings(lines):
    found = {}
    for report in map(json.loads, lines):
        if report["kind"] == "finding":
            for request in report.get("among") or [report.get("request", "start-up")]:
                found.setdefault(request, []).append(report)
    return found


def join(one, other):
    return {key: one.get(key, []) + other.get(key, []) for key in {**one, **other}}


def short(report):
    activity = report.get("activity") or {}
    return " ".join(map(str, filter(None, [report["control"], report.get("reason"), activity.get("kind"), activity.get("subject"), activity.get("object"),
                                           activity.get("arguments"), (report.get("input") or {}).get("path"), (report.get("input") or {}).get("value", "")[:120]])))


def main():
    name, count, sandboxes, seed = sys.argv[1], *map(int, sys.argv[2:5])
    os.makedirs(example.KEPT)
    start = time.monotonic()
    run = Run(name, seed)
    count = count or getattr(run.events, "EVENTS", 10000)
    services.start(getattr(run.events, "SERVICES", []))
    if hasattr(run.events, "prepare"):
        run.events.prepare(services.client)
    events = [run.events.benign(run.traffic) for _ in range(count)]
    stopped, said, tainted = run.learn(events[:count // 2], sandboxes)
    found = run.judge(events[count // 2:], sandboxes)
    failed = list(run.failed)
    attacks = run.attack()
    print(json.dumps({
        "name": name, "learned": count // 2, "judged": count - count // 2, "stopped": stopped, "said": said,
        "profiling_findings": sorted({short(report) for reports in tainted.values() for report in reports})[:20], "profiling_alerts": len(tainted),
        "alerts": len(found), "alarms": sorted({short(report) for reports in found.values() for report in reports})[:40],
        "attacks": {attack: sorted({f"{report['control']}/{report['class']}" for report in reports}) for attack, reports in attacks.items()},
        "notices": run.notices[:20], "failed": failed[:5], "failures": len(failed), "seconds": round(time.monotonic() - start),
        "policy": open(f"{example.KEPT}/policy.yaml", encoding="utf-8").read(), "policy_bytes": os.path.getsize(POLICY)}), flush=True)
    os._exit(0)


main()

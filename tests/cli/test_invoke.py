# SPDX-License-Identifier: Apache-2.0
"""test_invoke.py GAMBESON: the examples under `gambeson local invoke`, bare and with Gambeson around them; `run`;
`layer build`. Against what ships."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import zipfile

from cli import GAMBESON, ROOT, gambeson, tap

EXAMPLES = ROOT / "examples"
BARE = ["--no-gambeson"]
WATCHED = ["--mode", "block"]


def invoke(*arguments, **more):
    return gambeson("local", "invoke", *arguments, **more)


def records(result):
    return [json.loads(line) for line in result.out.splitlines()]


def greeters():
    for name in ("hello-node", "hello-python", "hello-bash"):
        answers = {}
        for kind, flags in (("bare", BARE), ("watched", WATCHED)):
            result = invoke("--code", str(EXAMPLES / name), "--event", "-", "-n", "3", "--json", *flags, stdin=b'{"name":"Ann"}')
            got = records(result)
            tap.check(result.status == 0 and [r["status"] for r in got] == ["ok"] * 3 and result.err.count(b"\n") == 1,
                      f"{name}, {kind}: three answers", result)
            tap.check(all("Hello, Ann" in r["response"] for r in got) and any("greeting Ann" in line for r in got for line in r["log"]),
                      f"{name}, {kind}: the answer and the log", result)
            tap.check([r["index"] for r in got] == [0, 1, 2] and len({r["request"] for r in got}) == 3 and "init_ms" in got[0]
                      and "init_ms" not in got[1], f"{name}, {kind}: order, ids and start-up time", result)
            answers[kind] = [r["response"] for r in got]
            started = [line for r in got for line in r["gambeson"] if line["kind"] == "start"]
            tap.check(len(started) == (kind == "watched"), f"{name}, {kind}: Gambeson is {'there' if started else 'not there'}", result)
        tap.equal(answers["watched"], answers["bare"], f"{name}: the same bytes with and without")


def streams():
    """The answer on standard output, all else on standard error; --quiet is silent."""
    code = str(EXAMPLES / "hello-node")
    result = invoke("--code", code, *BARE)
    tap.check(result.out == b'{"statusCode":200,"body":"{\\"greeting\\":\\"Hello, world\\"}"}\n' and b"greeting world" in result.err,
              "answer and talk go separate ways", result)
    tap.check(b"\033" not in result.err, "no colour without a terminal", result)
    result = invoke("--code", code, "--quiet", *BARE)
    tap.check(result.err == b"" and result.out.endswith(b"}\n"), "--quiet says nothing", result)


def failures():
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "index.js").write_text(
            "exports.handler = async (e) => { console.log('got', e.do); if (e.do === 'throw') throw new Error('no');"
            " if (e.do === 'exit') process.exit(5); if (e.do === 'hang') await new Promise(r => setTimeout(r, 60000));"
            " return process.env; };")
        events = pathlib.Path(folder, "events")
        events.mkdir()
        for number, what in enumerate(("fine", "throw", "hang", "exit", "fine")):
            (events / f"{number}.json").write_text(json.dumps({"do": what}))
        result = invoke("--code", folder, "--event", str(events), "--timeout", "1", "--json", "--env", "MINE=yes", "--memory", "512",
                        "--log", f"{folder}/log", *BARE, environment={"SECRET_OF_THE_DEVELOPER": "x"})
        got = records(result)
        tap.equal([r["status"] for r in got], ["ok", "error", "timeout", "exited", "ok"], "each failure has its name")
        tap.check(result.status == 1, "exit status 1 when an invocation failed", result)
        tap.equal([r["event"] for r in got], [f"{n}.json" for n in range(5)], "events of a folder in order")
        tap.check(got[2]["error"]["type"] == "Sandbox.Timedout" and 1000 <= got[2]["duration_ms"] < 5000, "timeout", result)
        tap.check("exit status 5" in got[3]["error"]["message"], "the exit status is told", result)
        environment = json.loads(got[0]["response"])
        tap.check(environment["MINE"] == "yes" and environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
                  and environment["HOME"] == "/tmp" and environment["_HANDLER"] == "index.handler"
                  and environment["LAMBDA_TASK_ROOT"] == os.path.realpath(folder), "the environment of Lambda", result)
        tap.check("SECRET_OF_THE_DEVELOPER" not in environment, "nothing of the developer's environment", result)
        log = pathlib.Path(folder, "log").read_text()
        tap.check(log.count("got ") == 5 or log.count("\tgot") == 5, "--log has every line", log)


def concurrent_runtime():
    """Two events at a time through one process, for a runtime that asks twice."""
    program = """
import http.client, os, threading
def work(barrier):
    c = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        c.request("GET", "/2018-06-01/runtime/invocation/next")
        r = c.getresponse(); body = r.read(); rid = r.headers["Lambda-Runtime-Aws-Request-Id"]
        barrier.wait(10)
        print("working on", rid, flush=True)
        c.request("POST", f"/2018-06-01/runtime/invocation/{rid}/response", body=body); c.getresponse().read()
b = threading.Barrier(2)
ts = [threading.Thread(target=work, args=(b,)) for _ in range(2)]
[t.start() for t in ts]
[t.join() for t in ts]
"""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "main.py").write_text(program)
        for kind, flags in (("bare", BARE), ("watched", WATCHED)):
            result = invoke("--code", folder, "--command", "/usr/bin/python3 main.py", "--concurrency", "2", "-n", "8", "--json", *flags)
            got = records(result)
            tap.check(result.status == 0 and len(got) == 8, f"two at a time, {kind}", result)
            tap.check(all(any(r["request"] in line for line in r["log"]) for r in got), f"two at a time, {kind}: each its own log", result)


def interrupt():
    """Stopped by the person: nothing stays behind."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "bootstrap").write_text(f"#!/bin/sh\necho $$ >{folder}/pid\nexec sleep 100\n")
        os.chmod(f"{folder}/bootstrap", 0o755)
        process = subprocess.Popen([GAMBESON, "local", "invoke", "--code", folder, *BARE], stderr=subprocess.PIPE)
        tap.wait_until(lambda: os.path.exists(f"{folder}/pid") and pathlib.Path(folder, "pid").read_text().endswith("\n"))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        pid = int(pathlib.Path(folder, "pid").read_text())
        tap.check(process.returncode == 3 and b"stopped" in err, "SIGINT: exit status 3", err)
        tap.check(not os.path.exists(f"/proc/{pid}"), "SIGINT: the function is gone")


def run():
    result = gambeson("run", "--mode", "detect", "--", "/bin/sh", "-c", "exit 7")
    tap.check(result.status == 7, "run: the program's exit status", result)
    result = gambeson("run", "--", "/bin/echo", "--mode", "words")
    tap.check(result.status == 0 and b"--mode words\n" in result.out, "run: the program's arguments are its own", result)


def layer():
    with tempfile.TemporaryDirectory() as folder:
        built = []
        for number, zone in enumerate(("UTC", "Asia/Tokyo")):
            result = gambeson("layer", "build", "-o", f"{folder}/{number}.zip", "--json", environment={"TZ": zone})
            tap.check(result.status == 0, f"layer build in {zone}", result)
            built.append(pathlib.Path(folder, f"{number}.zip").read_bytes())
        tap.check(built[0] == built[1], "two builds give the same bytes")
        with zipfile.ZipFile(f"{folder}/0.zip") as archive:
            modes = {i.filename: i.external_attr >> 16 & 0o777 for i in archive.infolist()}
            tap.equal(modes, {"bootstrap": 0o755, "gambeson/gambeson-agent": 0o755, "gambeson/libgambeson.so": 0o755}, "what is in it")
            bins = pathlib.Path(GAMBESON).parent
            tap.check(archive.read("gambeson/gambeson-agent") == (bins / "gambeson-agent").read_bytes(), "the agent, byte for byte")
            archive.extractall(folder)
        layer_of_custom_runtime(folder)


def layer_of_custom_runtime(folder):
    """The layer's bootstrap with a function whose own is renamed, as docs/LAMBDA.md says."""
    for name in ("bootstrap", "gambeson/gambeson-agent", "gambeson/libgambeson.so"):
        os.chmod(f"{folder}/{name}", 0o755)
    task = pathlib.Path(folder, "task")
    task.mkdir()
    command = ["--code", str(task), "--command", f"{folder}/bootstrap", "--json", *BARE]
    result = invoke(*command)
    tap.check(result.status == 1 and any("bootstrap.real" in line for line in records(result)[0]["log"]),
              "the layer's bootstrap says what is missing", result)
    (task / "bootstrap.real").write_bytes((EXAMPLES / "hello-bash" / "bootstrap").read_bytes())
    os.chmod(task / "bootstrap.real", 0o755)
    result = invoke(*command)
    got = records(result)[0]
    tap.check(got["status"] == "ok" and any(line["kind"] == "start" for line in got["gambeson"]), "the layer's bootstrap starts it", result)


def profile():
    """Events in, policy and profile out; what was learned passes when it is replayed, what was not is told."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "policy.yaml")
        kept = pathlib.Path(folder, "profile.json")
        log = pathlib.Path(folder, "function.log")
        event = pathlib.Path(folder, "event.json")
        event.write_text('{"name":"Ann"}')
        result = gambeson("local", "profile", "--code", str(EXAMPLES / "hello-python"), "-n", "3", "-o", str(out), "--name", "hello",
                          "--profile", str(kept), "--log", str(log), str(event))
        tap.check(result.status == 0 and b"in 3 invocations" in result.err and b"to go" in result.err and b"3 events, 3 ok" in result.err,
                  "three events are learned from, and how far that is", result)
        tap.check("name: hello" in out.read_text() and "/usr/" in out.read_text() and kept.read_text().startswith('{"gambeson_profile":1'),
                  "policy and profile are written", out.read_text())
        for source in (kept, log):
            result = gambeson("replay", "--policy", str(out), "--posture", "block", str(source))
            tap.check(result.status == 0, f"replaying the {source.name} under it: nothing would be blocked", result)
        result = gambeson("local", "profile", "--code", str(EXAMPLES / "hello-python"), "-n", "2", "-o", str(out),
                          "--profile", str(kept), str(event))
        tap.check(result.status == 0 and b"in 5 invocations" in result.err, "what the profile holds counts", result)
        result = gambeson("local", "profile", "--code", str(EXAMPLES / "hello-python"), "-o", f"{folder}/none.yaml", f"{folder}/none.json")
        tap.check(result.status == 2 and not pathlib.Path(folder, "none.yaml").exists(), "no such event: nothing is written", result)


for group in (greeters, streams, failures, concurrent_runtime, interrupt, run, layer, profile):
    tap.section(group)
tap.done()

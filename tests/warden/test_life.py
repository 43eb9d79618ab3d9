#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Start, settings, signals and end of gambeson-agent."""

import sys
import tempfile
import time

from harness import *

WAIT = 'w=dial(); next_event(w)'


def run(code, api=None, **more):
    agent = Agent(code, api, **more)
    return agent.finish(), agent


def wait_for(claim, what):
    end = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < end, what
        time.sleep(0.005)


def test_first_line_says_what_is_on():
    status, agent = run('print("hello")', FakeApi())
    assert status == 0 and agent.out == ["hello"], agent.err
    start = agent.lines[0]
    assert (start["kind"], start["seq"], start["mode"], start["stance"], start["observe"]) == ("start", 0, "detect", "open", True)
    assert start["policy"] == {"state": "none"} and start["runtime"] == sys.executable
    assert [line["seq"] for line in agent.lines] == list(range(len(agent.lines)))
    assert agent.lines[-1]["kind"] == "seal" and seals.check(agent.log) == [], agent.log


def test_each_invocation_s_lines_are_vouched_for_before_the_next_is_asked_for():
    api = FakeApi([Event(http_event({"q": f"; cat /etc/passwd #{n}"}), f"id-{n}") for n in range(3)])
    agent = Agent("loop(dial(), 3)", api, {"GAMBESON_OBSERVE": "0"})
    assert agent.finish() == 0 and seals.check(agent.log) == [], agent.err
    kinds = [line["kind"] for line in agent.lines]
    assert len(agent.of("seal")) == 4 and len(agent.of("finding")) >= 3, kinds
    for n in range(3):
        last = max(at for at, line in enumerate(agent.lines) if line.get("request") == f"id-{n}")
        assert kinds[last + 1] == "seal", kinds


def test_a_quiet_invocation_has_no_seal():
    api = FakeApi([Event(b"{}", f"id-{n}") for n in range(5)])
    agent = Agent("loop(dial(), 5)", api, {"GAMBESON_OBSERVE": "0"})
    assert agent.finish() == 0 and [line["kind"] for line in agent.lines if line["kind"] != "notice"] == ["start", "seal"], agent.lines


def test_a_changed_line_is_seen():
    status, agent = run('print("hello")', FakeApi())
    for wrong in (agent.log.replace(b'"mode":"detect"', b'"mode":"block"', 1), agent.log.replace(b'"first":0', b'"first":1')):
        try:
            seals.check(wrong)
        except AssertionError:
            continue
        raise AssertionError(wrong)


def test_exit_status_is_the_runtimes():
    for wanted in (0, 1, 7, 78, 255):
        status, agent = run(f"sys.exit({wanted})", FakeApi())
        assert status == wanted, (status, agent.err)


def test_death_by_signal_is_the_runtimes():
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM, signal.SIGPIPE):
        status, _ = run(f"import signal; signal.signal({int(number)}, signal.SIG_DFL) if {int(number)} != 9 else 0; os.kill(os.getpid(), {int(number)})", FakeApi())
        assert status == -number, (number, status)


def test_runtime_gets_arguments_group_mask_and_dispositions_unchanged():
    code = "import os,signal,sys; print(sys.argv[1:], os.getpgid(0)==os.getpgid(os.getppid()), sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), signal.getsignal(signal.SIGCHLD), open('/proc/self/stat').read().split(') ')[0].split(' (')[1])"
    agent = Agent("", FakeApi(), runtime=["/usr/bin/python3", "-c", code, "a b", "--mode", ""])
    assert agent.finish() == 0
    assert agent.out == ["['a b', '--mode', ''] True [] 0 python3"], agent.out


def test_wrapper_needs_no_subcommand():
    agent = Agent("", FakeApi(), runtime=["/bin/echo", "-n", "x"], wrapper=True)
    assert agent.finish() == 0
    assert "x" in "".join(agent.out) or any("x" in str(line) for line in agent.lines)


def test_runtime_as_script_without_interpreter_line():
    with tempfile.TemporaryDirectory() as folder:
        f = tempfile.NamedTemporaryFile("w", dir=folder, suffix=".sh", delete=False)
        f.write("echo script $1\n")
        f.close()
        os.chmod(f.name, 0o755)
        agent = Agent("", FakeApi(), runtime=[f.name, "one"])
        assert agent.finish() == 0 and agent.out == ["script one"], agent.out


def test_without_runtime_api_it_only_starts():
    agent = Agent("", runtime=["/bin/sh", "-c", "echo ${AWS_LAMBDA_RUNTIME_API-unset}"])
    assert agent.finish() == 0 and agent.out == ["unset"]
    assert agent.of("notice", reason="no_runtime_api")


def test_dynamic_loader_as_the_runtime_has_the_sensor_in_it():
    program = subprocess.run(["ldd", "/bin/cat"], capture_output=True, text=True, timeout=PATIENCE).stdout
    loader, = (word for word in program.split() if word.startswith("/") and "/ld-" in word)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        with open(path, "w") as f:
            f.write("content\n")
        for head in ([], [loader], [loader, "--inhibit-cache"]):
            agent = Agent("", runtime=[*head, "/bin/cat", path], options=["--observe", "1", "--sensor-path", os.environ["GAMBESON_SENSOR"]])
            assert agent.finish() == 0 and agent.out == ["content"], (head, agent.out, agent.err)
            assert agent.lines[0]["tiers"]["sensor"] is True and not agent.of("notice", reason="sensor_missing"), agent.lines
            seen = [(item["kind"], item["subject"]) for line in agent.of("observations") for item in line["items"]]
            assert ("file_read", path) in seen, (head, seen)


def test_signals_are_passed_on():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
        api = FakeApi()
        agent = Agent(f"import signal; signal.signal({int(number)}, lambda *a: (print('got', flush=True), os._exit(5)))\n" + WAIT, api)
        api.wait_for("/next")
        agent.signal(number)
        assert agent.finish() == 5 and agent.out == ["got"], (number, agent.out)
        api.close()


def test_orphans_do_not_pile_up():
    api = FakeApi([Event(b"{}")])
    agent = Agent("for _ in range(20):\n p=os.fork()\n if p==0:\n  if os.fork()==0: os._exit(0)\n  os._exit(0)\n os.waitpid(p,0)\nw=dial(); next_event(w); sys.stdin.read(1)", api, stdin=True)
    api.wait_for("/next")

    def zombies():
        pids = [p for p in os.listdir("/proc") if p.isdigit()]
        count = 0
        for pid in pids:
            try:
                fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            count += fields[1] == str(agent.process.pid) and fields[0] == "Z"
        return count
    wait_for(lambda: zombies() == 0, "zombies stayed")
    agent.process.stdin.write(b"x")
    agent.process.stdin.flush()
    assert agent.finish() == 0


def test_wrong_usage_is_one_line_and_status_2():
    for arguments, subject in (([], "no runtime"), (["run"], "run:"), (["run", "--"], "run:"), (["--nope"], "--nope"), (["run", "--nope", "--", "x"], "--nope"),
                               (["run", "--mode", "blok", "--", "/bin/true"], "--mode"), (["run", "--mode"], "--mode"),
                               (["run", "--policy", "/no/such", "--", "/bin/true"], "/no/such"),
                               (["run", "--sensor-path=/no/so", "--", "/bin/true"], "/no/so"),
                               (["run", "--", "/no/runtime"], "/no/runtime"), (["run", "--", "no-such-name"], "no-such-name")):
        done = subprocess.run([AGENT, *arguments], capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1 and subject in done.stderr, (arguments, done)
    done = subprocess.run([AGENT, "--version"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0 and done.stdout.startswith("gambeson-agent ")


def test_runtime_that_cannot_be_executed():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data")
        open(path, "w").close()
        os.chmod(path, 0o644)
        agent = Agent("", FakeApi(), runtime=[path])
        assert agent.finish() == 126 and path in agent.err and agent.err.count("\n") == 1, agent.err


def test_bad_setting_is_told_and_judged_by_the_stance():
    status, agent = run('print("ran")', FakeApi(), environment={"GAMBESON_MODE": "blok"})
    assert status == 0 and agent.out == ["ran"] and "GAMBESON_MODE" in agent.of("notice", reason="setting_refused")[0]["message"]
    status, agent = run('print("ran")', FakeApi(), environment={"GAMBESON_MODE": "blok", "GAMBESON_STANCE": "closed"})
    assert status == 78 and agent.out == [] and agent.of("notice", reason="not_started"), agent.out


def test_runtime_api_that_is_no_address():
    for value in ("nonsense:port", "[", ":1"):
        status, agent = run("print(os.environ['AWS_LAMBDA_RUNTIME_API'])", environment={"AWS_LAMBDA_RUNTIME_API": value})
        assert status == 0 and agent.out == [value] and agent.of("notice", reason="unprotected"), (value, agent.lines)
        status, agent = run("print(1)", environment={"AWS_LAMBDA_RUNTIME_API": value}, options=["--stance", "closed"])
        assert status == 78 and agent.out == []


def test_mode_off_is_not_there_at_all():
    api = FakeApi()
    status, agent = run("print(os.environ['AWS_LAMBDA_RUNTIME_API'], os.getppid())", api, options=["--mode", "off"])
    assert status == 0 and agent.out == [f"{api.address} {os.getpid()}"]
    assert agent.lines[0]["mode"] == "off"


def test_sensor_is_put_into_the_environment():
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/libgambeson.so", "wb").close()
        code = "import os; e=os.environ; print(e.get('LD_PRELOAD')); s=e['GAMBESON_SENSOR'].split(','); print(os.readlink('/proc/self/fd/'+s[0])); print(os.readlink('/proc/self/fd/'+s[1]))"
        environment = {"LD_PRELOAD": "/no/other.so", "GAMBESON_SENSOR_PATH": folder + "/libgambeson.so"}
        agent = Agent("", FakeApi(), environment, runtime=["/usr/bin/python3", "-c", code])
        assert agent.finish() == 0
        assert agent.out[0] == folder + "/libgambeson.so:/no/other.so"
        assert "gambeson-segment" in agent.out[1] and "gambeson-ring" in agent.out[2]
        assert agent.lines[0]["tiers"]["sensor"] is True


LOST = r'''
import array, mmap
name = os.environ["GAMBESON_SENSOR"].split(",")[2]
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect("\0" + name)
data, ancillary, _, _ = s.recvmsg(16, 64)
fds = array.array("i", ancillary[0][2])
segment = mmap.mmap(fds[0], 4096, prot=mmap.PROT_READ)
print(data, len(fds), segment[:8])
for flags in (mmap.PROT_READ | mmap.PROT_WRITE,):
    try: mmap.mmap(fds[0], 4096, prot=flags); print("writable")
    except PermissionError: print("read-only")
try: mmap.mmap(os.open(f"/proc/self/fd/{fds[0]}", os.O_RDWR), 4096); print("writable")
except PermissionError: print("sealed")
for fd in fds:
    try: os.truncate(fd, 0); print("cut")
    except OSError: print("whole")
'''


def test_lost_descriptors_are_handed_out_and_the_segment_is_read_only():
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/libgambeson.so", "wb").close()
        status, agent = run(LOST, FakeApi(), environment={"GAMBESON_SENSOR_PATH": folder + "/libgambeson.so"})
        assert status == 0, agent.err
        assert agent.out[0].startswith("b'\\x01' 2 b'GAMB"), agent.out
        assert agent.out[1:] == ["read-only", "sealed", "whole", "whole"], agent.out


def test_killed_warden_does_not_hang_the_function():
    code = r'''
w=dial(); next_event(w)
os.kill(os.getppid(), 9)
try:
    next_event(w); print("answered", flush=True)
except (EOFError, ConnectionError): print("told", flush=True)
# The kernel closes a dead process's descriptors one after the other: its port may outlive the connection a little.
# Until then the kernel takes connections for it, and lets them wait once there are many.
def refused():
    for _ in range(500):
        try: dial().sock.close()
        except ConnectionError: return True
        except TimeoutError: pass
        time.sleep(0.01)
print("refused" if refused() else "connected", flush=True)
'''
    api = FakeApi([Event(b"{}")])
    agent = Agent(code, api)
    assert agent.finish() == -9 and agent.out == ["told", "refused"], agent.out
    api.close()


def test_killed_warden_takes_the_function_along_when_closed():
    with tempfile.TemporaryDirectory() as folder:
        open(folder + "/libgambeson.so", "wb").close()
        api = FakeApi([Event(b"{}")])
        agent = Agent("w=dial(); next_event(w); os.kill(os.getppid(), 9); time.sleep(60); print('lives', flush=True)", api,
                      options=["--stance", "closed", "--sensor-path", folder + "/libgambeson.so"])
        started = time.monotonic()
        assert agent.finish() == -9 and agent.out == [], agent.out
        assert time.monotonic() - started < PATIENCE
        api.close()


def test_full_log_does_not_freeze_the_function():
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"x" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(write_end, True)
    api = FakeApi([Event(b"{}", f"id-{n}") for n in range(5)])
    agent = Agent("loop(dial(), 5)", api, stdout=write_end)
    os.close(write_end)
    api.wait_for("/response", 5)
    assert agent.process.wait(PATIENCE) == 0
    os.close(read_end)
    api.close()


def test_closed_log_does_not_kill_the_function():
    read_end, write_end = os.pipe()
    os.close(read_end)
    api = FakeApi([Event(b"{}")])
    agent = Agent("loop(dial(), 1)", api, stdout=write_end)
    os.close(write_end)
    api.wait_for("/response", 1)
    assert agent.process.wait(PATIENCE) == 0
    api.close()


run_tests(sys.modules[__name__])

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_ingest.py GAMBESON CRASH_AT.so: `gambeson ingest` killed at seeded calls, its disk filled, its server killed and filled:
afterwards every line is stored, once, and held for true. TAP; run it by tests/store/cluster."""

import pathlib
import random
import shutil
import signal
import subprocess
import tempfile

from world import *

CRASH_AT = str(pathlib.Path(sys.argv[2]).resolve())


def command(files, resume, *where):
    return [GAMBESON, "ingest", "--function", "orders", "--resume", str(resume), *where, *(word for file in files for word in ("--file", str(file)))]


def write(folder, logs):
    for log in logs:
        with open(folder / f"{log.sandbox.name}.log", "ab") as file:
            file.write(log.news())
    return [folder / f"{log.sandbox.name}.log" for log in logs]


def killed(folder, url, points, *where, variables=None):
    """Killed at each of POINTS calls that write; logs grow between. Returns how often it was killed."""
    logs, kills = [Log(number) for number in range(3)], 0
    for point in points:
        files = write(folder, [log.grow() for log in logs])
        run = subprocess.run(command(files, folder / "resume", *where), env=environment(LD_PRELOAD=CRASH_AT, CRASH_AT=str(point), **(variables or {})),
                             capture_output=True, timeout=60)
        assert run.returncode in (0, -signal.SIGKILL), (run.returncode, run.stderr)
        kills += run.returncode != 0
    run = subprocess.run(command(files, folder / "resume", *where), env=environment(**(variables or {})), capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert Database(url).comes_right(logs)
    return kills


def into_sqlite_killed(folder):
    rng = random.Random(SEED)
    url = f"sqlite:{folder}/gambeson.db"
    kills = killed(folder, url, [rng.randrange(1, 400) for _ in range(4)] + [rng.randrange(10, 120) for _ in range(6)], "--store", url)
    tap.check(kills >= 5, "killed while it wrote into SQLite", kills)


def into_postgres_killed(folder):
    rng = random.Random(SEED + 1)
    url = os.environ["GAMBESON_TEST_POSTGRES"].replace("/postgres?", "/killed?")
    subprocess.run(["psql", "-q", os.environ["GAMBESON_TEST_POSTGRES"], "-c", "CREATE DATABASE killed"], check=True, cwd="/")
    kills = killed(folder, url, [rng.randrange(20, 200) for _ in range(3)] + [rng.randrange(15, 120) for _ in range(6)], "--store", url)
    tap.check(kills >= 5, "killed while it wrote into PostgreSQL", kills)


def with_server(folder):
    """SQLite, whatever tests/store/cluster offers."""
    server = Server(folder=folder)
    server.arguments = ()
    return server


def to_a_server_killed(folder):
    rng = random.Random(SEED + 2)
    with with_server(folder) as server:
        kills = killed(folder, f"sqlite:{folder}/data/gambeson.db", [rng.randrange(1, 14) for _ in range(10)], "--server",
                       f"http://127.0.0.1:{server.port}", variables={"GAMBESON_TOKEN": token(server)})
        tap.check(kills >= 5, "killed while it sent to a server", kills)


def server_killed(folder):
    """The server, again and again, while two senders follow files that grow."""
    rng, logs, senders = random.Random(SEED + 3), [Log(number) for number in range(2)], []
    server = with_server(folder)
    server.__enter__()
    variables, port = environment(GAMBESON_TOKEN=token(server)), server.port
    files = write(folder, [log.grow() for log in logs])
    try:
        for number, file in enumerate(files):
            senders.append(subprocess.Popen([*command([file], folder / f"resume{number}", "--server", f"http://127.0.0.1:{port}"), "--follow"],
                                            env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        for _ in range(6):
            write(folder, [log.grow(3) for log in logs])
            time.sleep(rng.random() * 0.4)
            server.stop(signal.SIGKILL)
            server.arguments = ("--listen", f"127.0.0.1:{port}")
            server.__enter__()
        tap.check(Database(f"sqlite:{folder}/data/gambeson.db").comes_right(logs), "the server was killed six times; its senders waited and said it again")
        for sender in senders:
            sender.send_signal(signal.SIGTERM)
            tap.equal(sender.wait(timeout=20), 0, "a sender ends in order")
    finally:
        for process in (*senders, server.process):
            if process.poll() is None:
                process.kill()
                process.wait()


def on_small_disk(folder, megabytes, case):
    """CASE, of FOLDER and of a folder on a disk of its own."""
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "gb-faults", disk]).returncode:
        return tap.skip(case.__name__.replace("_", " "), "a small disk takes root")
    try:
        return case(folder, disk)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def resize(disk, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def a_full_disk(folder, disk):
    url, logs = f"sqlite:{disk}/gambeson.db", [Log(number).grow(30) for number in range(4)]
    files = write(folder, logs)
    run = subprocess.run(command(files, folder / "resume", "--store", url), env=environment(), capture_output=True, text=True, timeout=60)
    tap.check(run.returncode == 3 and "full" in run.stderr, "a full disk ends it, and it says so", (run.returncode, run.stderr))
    tap.check(Database(url).findings() < sum(log.events for log in logs), "not all is stored then")
    resize(disk, "64m")
    run = subprocess.run(command(files, folder / "resume", "--store", url), env=environment(), capture_output=True, text=True, timeout=60)
    tap.check(run.returncode == 0 and Database(url).comes_right(logs), "with room it goes on where it was", (run.returncode, run.stderr))


def a_servers_full_disk(folder, disk):
    with with_server(folder) as server:
        key = token(server)
        server.stop()
        shutil.move(folder / "data", disk / "data")
        (folder / "data").symlink_to(disk / "data")
        server.__enter__()
        space = os.statvfs(disk)
        resize(disk, f"{(space.f_blocks - space.f_bfree) * space.f_frsize // 1024 + 1200}k")
        url, logs = f"sqlite:{disk}/data/gambeson.db", [Log(number).grow(30) for number in range(4)]
        files = write(folder, logs)
        sender = subprocess.Popen(command(files, folder / "resume", "--server", f"http://127.0.0.1:{server.port}"),
                                  env=environment(GAMBESON_TOKEN=key), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = wait_for(lambda: '"status":503' in server.log_text())
        tap.check(told and sender.poll() is None, "a server whose disk is full says to come again, and the sender waits", server.log_text()[-600:])
        tap.equal(server.client().get("/v1/health").status, 200, "the server lives")
        resize(disk, "64m")
        tap.check(Database(url).comes_right(logs), "with room all arrives")
        tap.equal(sender.wait(timeout=60), 0, "and the sender ends")


for case in (into_sqlite_killed, into_postgres_killed, to_a_server_killed, server_killed,
             lambda folder: on_small_disk(folder, 3, a_full_disk), lambda folder: on_small_disk(folder, 64, a_servers_full_disk)):
    with tempfile.TemporaryDirectory(prefix="gb-faults-") as path:
        case(pathlib.Path(path))
tap.done()

# SPDX-License-Identifier: Apache-2.0
"""What a deployment is made of, as processes on this machine: each can be killed at any moment, and is begun again as a service manager
would. Made of what tests/ has: its server, its PostgreSQL, its broker."""

import ctypes
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from world import CLUSTER, GAMBESON, Sandbox, Server, environment


class Part:
    """PROCESS is the running one, or None."""

    def __init__(self, name):
        self.name, self.kills, self.memory_kb, self.process = name, 0, 0, None

    def look(self):
        """Note how much memory it has ever had."""
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
            self.memory_kb = max(self.memory_kb, int(re.search(r"VmHWM:\s+(\d+)", status)[1]))
        except (AttributeError, OSError, TypeError):
            pass

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.look()
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def end(self):
        if self.is_alive():
            self.look()
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Serve(Part):
    """A `gambeson serve`; those of one database have the same signing keys, and each a port that it keeps."""

    def __init__(self, number, folder, keys):
        super().__init__(f"serve {number}")
        self.server = Server(folder=folder)
        self.server.arguments += ("--listen", f"127.0.0.1:{free_port()}")
        data = folder / "data"
        data.mkdir(parents=True, mode=0o700)
        if keys is not None:
            shutil.copytree(keys, data / "keys")

    def start(self):
        self.server.__enter__()
        self.process = self.server.process

    def kill(self):
        self.look()
        self.server.stop(signal.SIGKILL)
        self.kills += 1

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}"


class Ingest(Part):
    """A `gambeson ingest` with WORDS, which name where it reads and what it writes to."""

    def __init__(self, number, words, log, token):
        super().__init__(f"ingest {number} ({words[0].strip('-')})")
        self.words, self.log, self.token = words, log, token

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([GAMBESON, "ingest", *map(str, self.words)], env=environment(GAMBESON_TOKEN=self.token), stdout=log, stderr=log)


class Postgres(Part):
    """Crashes, and is begun again at once; or its standby takes over, once."""

    def __init__(self):
        super().__init__("PostgreSQL")
        self.is_first = True

    def start(self):
        pass

    def is_alive(self):
        return self.is_first  # its standby is not killed any more

    def end(self):
        pass  # tests/store/cluster does

    def kill(self):
        subprocess.run([CLUSTER, "--restart"], check=True, stdout=subprocess.DEVNULL)
        self.kills += 1

    def fail_over(self):
        subprocess.run([CLUSTER, "--fail-over"], check=True, stdout=subprocess.DEVNULL)
        self.name, self.kills, self.is_first = "PostgreSQL, failed over", self.kills + 1, False


class Kafka(Part):
    def __init__(self, broker):
        super().__init__("Kafka")
        self.broker = broker

    def start(self):
        self.broker.start()
        self.process = self.broker.process


class Manager(threading.Thread):
    """Begins again what has ended, a moment later."""

    def __init__(self, parts, seed):
        super().__init__(daemon=True)
        self.parts, self.rng, self.is_over, self.due, self.lock = parts, random.Random(seed), threading.Event(), {}, threading.Lock()

    def run(self):
        while not self.is_over.wait(0.05):
            with self.lock:
                for part in self.parts:
                    self.see_to(part)

    def see_to(self, part):
        if part.is_alive():
            part.look()
            return
        due = self.due.setdefault(part, time.monotonic() + 0.1 + self.rng.random())
        if time.monotonic() >= due:
            del self.due[part]
            try:
                part.start()
            except (RuntimeError, AssertionError) as error:  # its database is not there yet: once more
                print(f"# {part.name}: {str(error)[:200]}", flush=True)

    def kill(self, part):
        with self.lock:
            if part.is_alive():
                part.kill()

    def end(self):
        self.is_over.set()
        self.join()


class QuickSandbox(Sandbox):
    """Signs by libsodium: the same signatures, and enough of them."""

    sodium = ctypes.CDLL("libsodium.so.23")

    def sign(self, message):
        signature = ctypes.create_string_buffer(64)
        secret = self.number.to_bytes(32, "big") + self.key
        assert self.sodium.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), secret) == 0
        return signature.raw

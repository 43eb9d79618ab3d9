# SPDX-License-Identifier: Apache-2.0
"""Threads, big files, signals, TLS."""

import hashlib
import os
import signal
import socket
import ssl
import subprocess
import threading
import time


def _one_thread(number, port):
    path = f"/tmp/thread-{number}.txt"
    for i in range(50):
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"{number} {i}")
        with open(path, encoding="utf-8") as back:
            if back.read() != f"{number} {i}":
                return "another text"
    os.unlink(path)
    out = subprocess.run(["/bin/echo", "child", str(number)], stdout=subprocess.PIPE, check=True).stdout
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        return (out + connection.recv(64)).decode()


def threads(event):
    """Each of COUNT threads writes files, reads them back, starts a program and connects."""
    answers = [None] * event["count"]
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        def run(number):
            answers[number] = _one_thread(number, server.getsockname()[1])

        running = [threading.Thread(target=run, args=(i,)) for i in range(event["count"])]
        for thread in running:
            thread.start()
        for _ in running:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"pong")
        for thread in running:
            thread.join()
    return answers


def bulk(event):
    """A file of BYTES is written, summed up, cut, renamed and removed."""
    block = bytes((i * 7) & 0xff for i in range(256)) * 4096
    with open("/tmp/bulk", "wb") as out:
        for _ in range(event["bytes"] // len(block)):
            out.write(block)
    digest, size = hashlib.sha256(), 0
    with open("/tmp/bulk", "rb") as back:
        while part := back.read(1 << 20):
            digest.update(part)
            size += len(part)
    os.truncate("/tmp/bulk", 5)
    os.rename("/tmp/bulk", "/tmp/bulk2")
    os.unlink("/tmp/bulk2")
    return f"{size} {digest.hexdigest()}"


def signals(event):
    """COUNT signals to the own process while files are opened. Only the main thread can have handlers, and Lambda's client runs
    the function there; where it does not, they are blocked and taken one by one."""
    if threading.current_thread() is not threading.main_thread():
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        for _ in range(event["count"]):
            signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
            with open("/proc/self/stat", encoding="utf-8") as file:
                file.read()
            signal.sigwait([signal.SIGUSR1])
        return event["count"]
    arrived = []
    before = signal.signal(signal.SIGUSR1, lambda *_: arrived.append(1))
    for i in range(event["count"]):
        os.kill(os.getpid(), signal.SIGUSR1)
        with open("/proc/self/stat", encoding="utf-8") as file:
            file.read()
        while len(arrived) <= i:
            time.sleep(0.001)
    signal.signal(signal.SIGUSR1, before)
    return len(arrived)


def tls(_):
    """A TLS server and a client that trusts its certificate, on loopback."""
    there = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    there.load_cert_chain("/opt/certificates/certificate.pem", "/opt/certificates/key.pem")
    here = ssl.create_default_context(cafile="/opt/certificates/certificate.pem")
    here.check_hostname = False
    with socket.create_server(("127.0.0.1", 0)) as server:
        def serve():
            connection, _ = server.accept()
            with there.wrap_socket(connection, server_side=True) as secured:
                secured.sendall(b"secure")

        thread = threading.Thread(target=serve)
        thread.start()
        with socket.create_connection(server.getsockname(), 10) as plain, here.wrap_socket(plain) as secured:
            answer = f"{secured.recv(64).decode()} {secured.version()}"
        thread.join()
    return answer

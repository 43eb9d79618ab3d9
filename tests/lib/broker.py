# SPDX-License-Identifier: Apache-2.0
"""Brokers for tests: Apache Kafka (scripts/setup broker) on loopback, one process that is broker and controller, in a folder of the
caller's, as nobody where that can be.

As a program: broker.py [--port N] [--partitions N] FOLDER prints the broker's address and runs it until its standard input ends or it
is told to end (TERM, INT); begun again with the same folder and port, it has what it had."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

DEPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "deps", "broker")
CLUSTER = "Z2FtYmVzb24tdGVzdHMAAA"  # 16 bytes, base64
START_SECONDS = 60
STOP_SECONDS = 30

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/log
num.partitions={partitions}
auto.create.topics.enable=true
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
message.max.bytes=20971520
num.network.threads=2
num.io.threads=2
num.recovery.threads.per.data.dir=1
log.cleaner.dedupe.buffer.size=2000000
log.flush.interval.messages=1000
"""

LOGGING = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c %m%n
"""

# A second listener, by TLS, whose clients say a name and a password.
SECURE = """\
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  username="broker" password="broker" user_broker="broker" user_{name}="{password}";
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location={keys}
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Broker:
    """KEYS: a PEM file of key and certificate, for a second listener (`secure`, its address) of a user NAME with PASSWORD."""

    def __init__(self, folder, port=0, partitions=4, keys=None, name="collector", password="secret of a test"):
        self.folder, self.process = os.path.abspath(folder), None
        os.makedirs(self.folder, exist_ok=True)
        ports = free_ports(3)
        self.port, controller = port or ports[0], ports[1]
        self.address, self.secure = "127.0.0.1:%d" % self.port, "localhost:%d" % ports[2] if keys else None
        listeners = ["PLAINTEXT://" + self.address, "CONTROLLER://127.0.0.1:%d" % controller]
        protocols = ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT"]
        text = SETTINGS.format(folder=self.folder, controller=controller, partitions=partitions)
        if keys:
            copy = os.path.join(self.folder, "keys.pem")
            shutil.copy(keys, copy)
            listeners.append("SASL_SSL://" + self.secure)
            protocols.append("SASL_SSL:SASL_SSL")
            text += SECURE.format(keys=copy, name=name, password=password)
        text += "listeners=%s\nlistener.security.protocol.map=%s\ninter.broker.listener.name=PLAINTEXT\n" % (
            ",".join(listeners), ",".join(protocols))
        for file, content in (("server.properties", text), ("log4j.properties", LOGGING)):
            with open(os.path.join(self.folder, file), "w", encoding="utf-8") as out:
                out.write(content)
        self.user = self.find_user()
        if not os.path.exists(os.path.join(self.folder, "log", "meta.properties")):
            self.run("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", os.path.join(self.folder, "server.properties"))

    def find_user(self):
        """Who runs it: nobody, when we may say so and nobody may read the folders."""
        if os.getuid() != 0:
            return {}
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        subprocess.run(["chown", "-R", "nobody:nogroup", self.folder], check=True)
        for path in (self.folder, os.path.join(DEPS, "lib")):
            if subprocess.run(["test", "-r", path, "-a", "-x", path], check=False, cwd="/", **user).returncode != 0:
                subprocess.run(["chown", "-R", "0:0", self.folder], check=True)
                return {}
        return user

    def command(self, *arguments):
        return ["java", "-Xmx256m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                "-Dlog4j.configuration=file:%s/log4j.properties" % self.folder, "-cp", os.path.join(DEPS, "lib", "*"), *arguments]

    def run(self, *arguments):
        done = subprocess.run(self.command(*arguments), check=False, capture_output=True, text=True, cwd="/", timeout=60, **self.user)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        assert os.path.exists(os.path.join(DEPS, ".installed")), "no broker here: scripts/setup broker"
        with open(os.path.join(self.folder, "broker.out"), "ab") as out:
            self.process = subprocess.Popen(self.command("kafka.Kafka", os.path.join(self.folder, "server.properties")),
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", **self.user)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, "the broker ended: " + self.output()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        self.kill()
        raise AssertionError("the broker did not begin: " + self.output())

    def output(self):
        with open(os.path.join(self.folder, "broker.out"), encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]

    def stop(self):
        """As an operator would, so that nothing has to be recovered."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.kill()

    def kill(self):
        """As a machine that fails would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("folder")
    options = parser.parse_args()

    def end(*_):
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    broker = Broker(options.folder, options.port, options.partitions)
    try:
        print(broker.start().address, flush=True)
        sys.stdin.read()
    finally:
        broker.stop()


if __name__ == "__main__":
    main()

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The policy's file: taken, refused and replaced, with and without a key."""

import ctypes
import hashlib
import struct
import sys
import tempfile

from harness import *

# Of a policy blob, by docs/formats/policy-blob.md.
LIST_BYTES = 8 + 6 * 16 + 6 * 8
FIREWALL_BYTES = 4 + 4 + 32 + 5 * 8 + 4 * 16
FIREWALL_AT = 8 + 16 + 16 + 4 + 12 + 8 + 8 * 8 + 3 * LIST_BYTES
GUARDS_BYTES = 9 * 8 + 8 * 4 + 8
HEADER_BYTES = FIREWALL_AT + FIREWALL_BYTES + GUARDS_BYTES
CHECKSUM_AT = 24
MASK = (1 << 64) - 1


def checksum(blob):
    total = 0xcbf29ce484222325
    for at in range(0, len(blob), 8):
        if at == CHECKSUM_AT:
            continue
        word = int.from_bytes(blob[at:at + 8], "little")
        total = (total ^ word) * 0x9e3779b97f4a7c15 & MASK
        total ^= total >> 32
    return total


def blob(serial=1, posture=1, stance=0, observe=0, version=4):
    body = bytearray(HEADER_BYTES)
    text = b"the name"
    body[0:8] = b"GBPOLICY"
    struct.pack_into("<III", body, 8, version, HEADER_BYTES + len(text), HEADER_BYTES + len(text))
    struct.pack_into("<QQ", body, CHECKSUM_AT, 0, serial)
    struct.pack_into("<4B12s", body, 40, posture, stance, observe, 0, b"\xff" * 6 + bytes(6))
    struct.pack_into("<2I", body, 64, 0, len(text))
    struct.pack_into("<2I", body, 80, HEADER_BYTES, len(text))
    struct.pack_into("<4BI32s", body, FIREWALL_AT, 0, 1, 0, 1, 1, b"\xff" * 32)
    body += text
    struct.pack_into("<Q", body, CHECKSUM_AT, checksum(bytes(body)))
    return bytes(body)


def unsigned(data):
    return data + b"GBSIGNED" + bytes(88)


class Key:
    sodium = None

    def __init__(self):
        Key.sodium = Key.sodium or ctypes.CDLL("libsodium.so.23")
        self.public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        assert self.sodium.crypto_sign_keypair(self.public, self.secret) == 0

    def sign(self, data):
        signature = ctypes.create_string_buffer(64)
        assert self.sodium.crypto_sign_detached(signature, None, data, ctypes.c_ulonglong(len(data)), self.secret) == 0
        digest = hashlib.sha512(self.public.raw).digest()
        return data + b"GBSIGNED" + struct.pack("<II", 1, 0) + digest[:16] + signature.raw


class Folder(tempfile.TemporaryDirectory):
    def put(self, name, data):
        path = os.path.join(self.name, name)
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.rename(path + ".new", path)
        return path


def run(code, api=None, **more):
    agent = Agent(code, api, **more)
    return agent.finish(), agent


def test_policy_is_loaded():
    with Folder() as folder:
        path = os.path.join(folder, "p.gbp")
        open(path, "wb").write(unsigned(blob(serial=9, posture=2)))
        status, agent = run('print("ran")', FakeApi(), options=["--policy", path])
        assert status == 0
        assert agent.lines[0]["policy"] == {"state": "loaded", "name": "the name", "serial": 9}, agent.lines
        assert agent.lines[0]["mode"] == "block" and agent.lines[0]["observe"] is False


def test_environment_caps_the_policys_posture():
    with Folder() as folder:
        path = os.path.join(folder, "p.gbp")
        open(path, "wb").write(unsigned(blob(posture=2)))
        _, agent = run("", FakeApi(), options=["--policy", path, "--mode", "detect"])
        assert agent.lines[0]["mode"] == "detect"


def bad_policies():
    good = unsigned(blob())
    yield "corrupt", good[:60] + bytes([good[60] ^ 1]) + good[61:], "corrupt"
    yield "cut short", good[:-1], "corrupt"
    yield "empty", b"", "corrupt"
    yield "newer", unsigned(blob(version=5)), "newer"
    yield "text", b"{}", "corrupt"
    yield "huge", b"GBPOLICY" + struct.pack("<I", 4) + bytes(5000000), "4 MB"


def test_bad_policy_at_the_start_is_judged_by_the_stance():
    for name, data, word in bad_policies():
        with Folder() as folder:
            path = os.path.join(folder, "p.gbp")
            open(path, "wb").write(data)
            status, agent = run('print("ran")', FakeApi(), options=["--policy", path])
            assert status == 0 and agent.out == ["ran"] and agent.lines[0]["policy"]["state"] == "refused", (name, agent.lines)
            assert word in agent.of("notice", reason="policy_refused")[0]["message"], (name, agent.lines)
            status, agent = run('print("ran")', FakeApi(), options=["--policy", path, "--stance", "closed"])
            assert status == 78 and agent.out == [] and agent.err.count("\n") == 1, (name, agent.err)


def test_named_policy_that_is_not_there():
    status, agent = run('print("ran")', FakeApi(), environment={"GAMBESON_POLICY": "/no/p.gbp"})
    assert status == 0 and agent.of("notice", reason="policy_refused")
    status, agent = run('print("ran")', FakeApi(), environment={"GAMBESON_POLICY": "/no/p.gbp", "GAMBESON_STANCE": "closed"})
    assert status == 78


def test_signed_policy():
    key, other = Key(), Key()
    with Folder() as folder:
        path, pub = os.path.join(folder, "p.gbp"), os.path.join(folder, "p.pub")
        for text, data, wanted in ((key.public.raw, key.sign(blob()), "loaded"), (key.public.raw.hex().encode() + b"\n", key.sign(blob()), "loaded"),
                                   (key.public.raw, other.sign(blob()), "refused"), (key.public.raw, unsigned(blob()), "refused"),
                                   (b"short", key.sign(blob()), "refused")):
            open(path, "wb").write(data)
            open(pub, "wb").write(text)
            _, agent = run("", FakeApi(), options=["--policy", path, "--policy-key", pub])
            assert agent.lines[0]["policy"]["state"] == wanted, (agent.lines, wanted)


def reload(publish, by_signal):
    """Start with serial 5, publish, then one event; gives the agent's lines."""
    folder = Folder()
    with folder:
        path = folder.put("p.gbp", unsigned(blob(serial=5)))
        api = FakeApi()
        agent = Agent("w=dial(); next_event(w); next_event(w)", api, options=["--policy", path])
        api.wait_for("/next")
        publish(folder)
        if by_signal:
            agent.signal(signal.SIGHUP)
        api.events.put(Event(b"{}"))
        api.wait_for("/next", 2)
        api.events.put(Event(b"{}", "id-2"))
        assert agent.finish() == 0, agent.err
        api.close()
        return agent


def test_newer_policy_is_taken_up():
    for by_signal in (False, True):
        agent = reload(lambda folder: folder.put("p.gbp", unsigned(blob(serial=6))), by_signal)
        assert len(agent.of("notice", reason="policy_loaded")) == 1, agent.lines


def test_bad_policy_later_leaves_the_last_good_one():
    for name, data, word in [*bad_policies(), ("older", unsigned(blob(serial=4)), "older")]:
        agent = reload(lambda folder: folder.put("p.gbp", data), False)
        refused = agent.of("notice", reason="policy_refused")
        assert len(refused) == 1 and word in refused[0]["message"] and "last good one" in refused[0]["message"], (name, agent.lines)
        assert not agent.of("notice", reason="policy_loaded")


def test_older_policy_does_not_weaken_what_is_in_force():
    """Signed or not, told by a signal or found: an event that the policy in force blocks stays blocked."""
    attack = http_event({"document_url": "http://foobar;env #"})
    key = Key()
    for sign, options in ((unsigned, ()), (key.sign, ("--policy-key", "k.pub"))):
        for by_signal in (False, True):
            folder = Folder()
            with folder:
                policy, public = folder.put("p.gbp", sign(blob(serial=5, posture=2))), folder.put("k.pub", key.public.raw)
                api = FakeApi()
                agent = Agent("w=dial()\nfor _ in range(2): print('saw', next_event(w)[1]['lambda-runtime-aws-request-id'], flush=True)", api,
                              options=["--policy", policy, *(public if word == "k.pub" else word for word in options)])
                api.wait_for("/next")
                folder.put("p.gbp", sign(blob(serial=4, posture=0)))
                if by_signal:
                    agent.signal(signal.SIGHUP)
                # Having been answered, the runtime asks again: then the agent looks at the file.
                api.events.put(Event(b"{}", "id-1"))
                api.events.put(Event(attack, "id-2"))
                api.events.put(Event(b"{}", "id-3"))
                assert agent.finish() == 0 and agent.out == ["saw id-1", "saw id-3"], (by_signal, agent.out, agent.lines)
                refused = agent.of("notice", reason="policy_refused")[0]
                assert not agent.of("notice", reason="policy_loaded") and "serial 4 is older than 5" in refused["message"] and "last good one stays" in refused["message"], refused
                assert {f["request"] for f in agent.of("finding", action="blocked")} == {"id-2"}, agent.lines
                api.close()


run_tests(sys.modules[__name__])

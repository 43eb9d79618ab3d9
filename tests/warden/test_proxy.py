#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What passes through the warden is what came."""

import hashlib
import sys

from harness import *

SHOW = 'import hashlib\ndef show(*a): print(*a, flush=True)\n'


def play(events, code, answers=None, **more):
    api = FakeApi(events, answers)
    agent = Agent(SHOW + code, api, **more)
    status = agent.finish()
    api.close()
    return status, agent, api


def check(status, agent, wanted=0):
    assert status == wanted, (status, agent.err, agent.out)


def test_event_and_answer_pass_byte_for_byte():
    event = Event(http_event({"a": "1"}))
    status, agent, api = play([event], 'w=dial(); h,f,b=next_event(w); show((h+b).hex()); post(w,"invocation/id-1/response",b"\\x00\\xff answer")')
    check(status, agent)
    assert bytes.fromhex(agent.out[0]) == event.bytes
    next_request, answer = api.requests
    assert next_request.fields["host"] == api.address, next_request.fields
    assert answer.body == b"\x00\xff answer"


def test_chunked_event_passes_with_its_extensions_and_trailers():
    event = Event(http_event({"a": "1"}), chunked=True)
    status, agent, _ = play([event], 'w=dial(); h,f,b=next_event(w); show((h+b).hex())')
    check(status, agent)
    assert bytes.fromhex(agent.out[0]) == event.bytes


def test_odd_events_pass_untouched():
    bodies = [b"", b"null", b"not json", b'{"a":"\x00"}', b"\xff\xfe\x00", b"[" * 10000 + b"]" * 10000,
              b'{"a":' * 10000, b'"' + b"x" * 100000, b'{"k":"' + b"a b;" * 1500000 + b'"}']
    events = [Event(body, f"id-{number}") for number, body in enumerate(bodies)]
    status, agent, api = play(events, f'w=dial()\nfor _ in range({len(bodies)}):\n h,f,b=next_event(w); show(hashlib.sha256(h+b).hexdigest())\n'
                              ' post(w,"invocation/"+f["lambda-runtime-aws-request-id"]+"/response",b"ok")')
    check(status, agent)
    assert agent.out == [hashlib.sha256(event.bytes).hexdigest() for event in events]
    assert len(api.wait_for("/response", len(bodies))) == len(bodies)


def test_event_larger_than_can_be_held_is_streamed():
    event = Event(b'{"k":"' + b"x y " * 2500000 + b'"}')
    status, agent, _ = play([event], 'w=dial(); h,f,b=next_event(w); show(hashlib.sha256(h+b).hexdigest(), len(b))')
    check(status, agent)
    assert agent.out[0].split()[0] == hashlib.sha256(event.bytes).hexdigest()
    assert agent.of("notice", reason="input_truncated")


def test_event_that_trickles_in():
    event = Event(http_event({"a": "1"}))
    event.pieces = [event.bytes[i:i + 7] for i in range(0, len(event.bytes), 7)]
    status, agent, _ = play([event], 'w=dial(); h,f,b=next_event(w); show((h+b).hex())')
    check(status, agent)
    assert bytes.fromhex(agent.out[0]) == event.bytes


def test_chunked_answer_with_trailers_as_go_sends_it():
    code = r'''
w=dial(); next_event(w)
show(call(w, b"POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
  b"Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n"
  b"5\r\nhello\r\n3;n=v\r\n wo\r\n0\r\nLambda-Runtime-Function-Error-Type: Runtime.Odd\r\n\r\n")[0][:12])
next_event(w)
'''
    status, agent, api = play([Event(b"{}"), Event(b"{}", "id-2")], code)
    check(status, agent)
    answer = api.requests[1]
    assert answer.body == b"hello wo" and answer.trailers == b"Lambda-Runtime-Function-Error-Type: Runtime.Odd\r\n"
    assert agent.out == ["b'HTTP/1.1 202'"]


def test_streamed_answer_arrives_before_it_has_ended():
    code = r'''
w=dial(); next_event(w)
w.sock.sendall(b"POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
  b"Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n5\r\nfirst\r\n")
sys.stdin.read(1)
w.sock.sendall(b"4\r\nlast\r\n0\r\n\r\n")
show(reply(w)[0][:12])
'''
    api = FakeApi([Event(b"{}")])
    agent = Agent(SHOW + code, api, stdin=True)
    assert api.chunk_log.get(timeout=PATIENCE) == b"first"
    agent.process.stdin.write(b"x")
    agent.process.stdin.flush()
    check(agent.finish(), agent)
    assert api.chunk_log.get(timeout=PATIENCE) == b"last"
    api.close()


def test_long_answer_under_back_pressure():
    code = r'''
w=dial(); next_event(w)
show(post(w, "invocation/id-1/response", b"0123456789abcdef"*400000)[0][:12])
'''
    status, agent, api = play([Event(b"{}")], code)
    check(status, agent)
    assert api.requests[1].body == b"0123456789abcdef" * 400000


def test_expect_continue():
    code = r'''
w=dial(); next_event(w)
w.sock.sendall(b"POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
show(reply(w)[0][:12]); w.sock.sendall(b"ok"); show(reply(w)[0][:12])
'''
    status, agent, api = play([Event(b"{}")], code)
    check(status, agent)
    assert agent.out == ["b'HTTP/1.1 100'", "b'HTTP/1.1 202'"] and api.requests[1].body == b"ok"


def test_refusals_of_the_platform_pass():
    answers = {}
    for status, suffix in ((403, "/a/response"), (413, "/b/response"), (400, "/c/error"), (500, "/d/response")):
        body = b'{"errorType":"%d"}' % status
        answers["POST", suffix] = b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
    code = 'w=dial()\nfor p in ("a/response","b/response","c/error","d/response"):\n h,f,b=post(w,"invocation/"+p,b"x"); show(h.split()[1].decode(), b.decode())\n'
    status, agent, _ = play([], code, answers)
    check(status, agent)
    assert [line.split()[0] for line in agent.out] == ["403", "413", "400", "500"]


def test_other_calls_pass():
    code = r'''
w=dial()
post(w,"init/error",b"{}",b"Lambda-Runtime-Function-Error-Type: Runtime.Bad\r\n")
call(w,b"GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nHost: x\r\n\r\n")
call(w,b"POST /2020-01-01/extension/register HTTP/1.1\r\nHost: x\r\nLambda-Extension-Name: e\r\nContent-Length: 2\r\n\r\n{}")
call(w,b"PUT /2022-07-01/telemetry HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
call(w,b"GET /2021-04-23/credentials HTTP/1.1\r\nHost: x\r\nAuthorization: t\r\n\r\n")
show("end")
'''
    status, agent, api = play([], code)
    check(status, agent)
    assert [(r.method, r.target) for r in api.requests] == [
        ("POST", "/2018-06-01/runtime/init/error"), ("GET", "/2018-06-01/runtime/restore/next"),
        ("POST", "/2020-01-01/extension/register"), ("PUT", "/2022-07-01/telemetry"), ("GET", "/2021-04-23/credentials")]
    assert api.requests[0].fields["lambda-runtime-function-error-type"] == "Runtime.Bad"


def test_head_request_has_no_body():
    answers = {("HEAD", "/x"): b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"}
    code = 'w=dial(); w.sock.sendall(b"HEAD /x HTTP/1.1\\r\\nHost: y\\r\\n\\r\\n"); w.until(b"\\r\\n\\r\\n"); h,f,b=post(w,"init/error",b"{}"); show(h[:12])'
    status, agent, _ = play([], code, answers)
    check(status, agent)
    assert agent.out == ["b'HTTP/1.1 202'"]


def test_several_events_at_once():
    code = r'''
import threading
def one(n):
    w=dial(); loop(w, 5, lambda body: body + b"!")
threads=[threading.Thread(target=one,args=(n,)) for n in range(6)]
[t.start() for t in threads]; [t.join() for t in threads]
'''
    events = [Event(b'{"n":%d}' % n, f"id-{n}") for n in range(30)]
    status, agent, api = play(events, code)
    check(status, agent)
    answers = {r.target.split("/")[4]: r.body for r in api.requests if r.target.endswith("/response")}
    assert answers == {f"id-{n}": b'{"n":%d}!' % n for n in range(30)}


def test_more_connections_than_slots():
    code = r'''
held=[dial() for _ in range(31)]
import threading
late=[]
def one():
    w=dial(); late.append(post(w,"init/error",b"{}")[0][:12]); w.sock.close()
threads=[threading.Thread(target=one) for _ in range(40)]
[t.start() for t in threads]; [t.join() for t in threads]
show(len(late), set(late)); show(post(held[0],"init/error",b"{}")[0][:12])
'''
    status, agent, _ = play([], code)
    check(status, agent)
    assert agent.out == ["40 {b'HTTP/1.1 202'}", "b'HTTP/1.1 202'"], agent.out


def test_connection_per_request_as_curl_does():
    code = r'''
for _ in range(3):
    w=dial(); h,f,b=next_event(w); w.sock.close()
    w=dial(); post(w,"invocation/"+f["lambda-runtime-aws-request-id"]+"/response",b); w.sock.close()
'''
    status, agent, api = play([Event(b"{}", f"id-{n}") for n in range(3)], code)
    check(status, agent)
    assert len([r for r in api.requests if r.target.endswith("/response")]) == 3


def test_half_closed_client_gets_its_answer():
    code = r'''
w=dial(); w.sock.sendall(b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
w.sock.shutdown(socket.SHUT_WR); show(reply(w)[0][:12])
'''
    status, agent, _ = play([], code)
    check(status, agent)
    assert agent.out == ["b'HTTP/1.1 202'"]


def test_upstream_that_closes_after_the_event():
    status, agent, api = play([Event(b"{}", close=True)], 'w=dial(); h,f,b=next_event(w); show(b); w=dial(); post(w,"invocation/id-1/response",b)')
    check(status, agent)
    assert agent.out == ["b'{}'"]
    assert len(api.requests) == 2


def test_event_that_ends_with_the_connection():
    raw = b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\n\r\n{\"a\":1}"
    status, agent, _ = play([Event(b"", raw=raw, close=True)], 'w=dial(); next=b"GET "+PREFIX.encode()+b"invocation/next HTTP/1.1\\r\\n\\r\\n"; w.sock.sendall(next)\n'
                            'try:\n while True: w.more()\nexcept EOFError: show(w.buffer.hex())')
    check(status, agent)
    assert bytes.fromhex(agent.out[0]) == raw


def broken_upstream(raw):
    return play([Event(b"", raw=raw, close=True)], 'w=dial()\ntry:\n next_event(w); show("event")\nexcept (EOFError, ConnectionError): show("closed")')


def test_upstream_that_is_cut_off_or_not_http():
    for raw in (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", b"HTTP/1.1 200", b"", b"SSH-2.0-x\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 101 Up\r\n\r\n"):
        status, agent, _ = broken_upstream(raw)
        check(status, agent)
        assert agent.out == ["closed"], (raw, agent.out)


def test_upstream_that_is_not_there():
    code = 'w=dial()\ntry:\n next_event(w); show("event")\nexcept (EOFError, ConnectionError): show("closed")'
    server = socket.create_server(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % server.getsockname()[1]
    server.close()
    agent = Agent(SHOW + code, None, {"AWS_LAMBDA_RUNTIME_API": address})
    check(agent.finish(), agent)
    assert agent.out == ["closed"]


def test_requests_that_two_readers_could_read_differently_are_refused():
    heads = [b"POST /x HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             b"POST /x HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
             b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             b"POST /x HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
             b"POST /x HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", b"GET /x HTTP/1.1\nHost: a\n\n",
             b"GET /x HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", b"GET /x\r\n\r\n", b"\x00\x01\x02\r\n\r\n",
             b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n"]
    code = "for head in " + repr(heads) + ":\n w=dial(); w.sock.sendall(head)\n try: show(w.until(b'\\r\\n')[:12])\n except (EOFError, ConnectionError): show('closed')\n"
    status, agent, api = play([], code)
    check(status, agent)
    assert len(agent.out) == len(heads) and set(agent.out) <= {"b'HTTP/1.1 400'", "closed"}, agent.out
    assert api.requests == []


run_tests(sys.modules[__name__])

# SPDX-License-Identifier: Apache-2.0
"""Techniques in the languages of functions: shells, Python, Node."""

from technique import ALL, BANNED, NODE, OPEN, PYTHON, REFUSED, SECRET, SEEN, Technique, add

COPIED = "cp /opt/programs/{0} /tmp/room/script-{0}"
FIRST = "it has run before the sensor; it has to come with the package"


def sh(text):
    return ["/bin/sh", "-c", text]


add("Shells", "program", [
    ("sh -c", "id"),
    ("dash -c", "dash -c id"),
    ("env sh -c", "env sh -c id"),
    ("env -i sh -c", "env -i /bin/sh -c /usr/bin/id"),
    ("bash exec -c", "bash -c 'exec -c /usr/bin/id'"),
    ("LD_PRELOAD unset", "unset LD_PRELOAD GAMBESON_SENSOR; export LD_PRELOAD=; /usr/bin/id"),
    ("eval of base64 text", "eval $(echo L3Vzci9iaW4vaWQ= | base64 -d)"),
    ("script piped to a shell", "echo id | sh"),
    ("here document", "sh <<'END'\nid\nEND"),
    ("script file by the dot command", "echo id >/tmp/room/s; . /tmp/room/s"),
    ("xargs", "echo /usr/bin/id | xargs -n 1 env"),
    ("nohup, setsid, timeout, nice", "nohup setsid -w timeout 2 nice id"),
    ("in the background", "(sleep 0.1; id) & wait"),
    ("busybox, the applet", "busybox id", {"expected": OPEN, "why": "an allowed program that is many programs in one: give it argument shapes in the policy, or do not allow it"}),
    ("busybox sh", "busybox sh -c /usr/bin/id"),
    ("busybox env -i", "busybox env -i /usr/bin/id"),
    ("copied by cat", "cat /usr/bin/id >/tmp/room/cat; chmod +x /tmp/room/cat 2>/dev/null || busybox chmod +x /tmp/room/cat; /tmp/room/cat"),
    ("ld-linux.so in a shell", "/lib64/ld-linux-x86-64.so.2 /usr/bin/id"),
    ("PATH with a link to it", "ln -s /usr/bin/id /tmp/room/cat; PATH=/tmp/room:$PATH; cat"),
    ("BASH_ENV", "echo id >/tmp/room/e; BASH_ENV=/tmp/room/e bash -c :"),
    ("ENV of an interactive shell", "echo id >/tmp/room/e; ENV=/tmp/room/e sh -i </dev/null"),
    ("exported function", "bash -c 'f() { /usr/bin/id; }; export -f f; env bash -c f'"),
], sh)
ALL.append(Technique("Shells", "script on standard input", "program", ["/bin/sh"], stdin="id\n"))
add("Shells", "secret", [
    ("redirection", f"read -r x <{SECRET}; echo $x"),
    ("dd", f"dd if={SECRET}"),
    ("wildcard", "cat /tmp/v*/s*"),
    ("static program that nobody may read, in /tmp", "cp /opt/programs/reading-static /tmp/room/script-s; busybox chmod 0111 /tmp/room/script-s; /tmp/room/script-s plain"),
    ("busybox cat", f"busybox cat {SECRET}"),
    ("LD_PRELOAD of a library in /tmp", "cp /opt/programs/called.so /tmp/room/c.so; LD_PRELOAD=/tmp/room/c.so cat /dev/null"),
    ("LD_PRELOAD of a packaged library", "LD_PRELOAD=/opt/programs/called.so cat /dev/null"),
    ("LD_PRELOAD of a packaged library with system calls of its own", "LD_PRELOAD=/opt/programs/dropped.so cat /dev/null"),
    ("LD_AUDIT of a library in /tmp", "cp /opt/programs/called.so /tmp/room/c.so; LD_AUDIT=/tmp/room/c.so cat /dev/null"),
    ("LD_AUDIT of a packaged library", "LD_AUDIT=/opt/programs/called.so cat /dev/null"),
    ("ld-linux.so --audit", "/lib64/ld-linux-x86-64.so.2 --audit /opt/programs/called.so /bin/cat /dev/null"),
    ("ld-linux.so --preload", "/lib64/ld-linux-x86-64.so.2 --preload /opt/programs/dropped.so /bin/cat /dev/null"),
    ("program that names its auditor itself", "/opt/programs/audited", {"expected": SEEN, "why": FIRST}),
    ("LD_PRELOAD of a packaged library that asks to be first", "LD_PRELOAD=/opt/programs/first.so cat /dev/null"),
    ("program that needs a packaged library that asks to be first", "/opt/programs/needing-first", {"expected": SEEN, "why": FIRST}),
    ("program that needs a packaged library", "/opt/programs/needing-called"),
    ("LD_LIBRARY_PATH with a false libc", "cp /opt/programs/called.so /tmp/room/libc.so.6; LD_LIBRARY_PATH=/tmp/room cat /dev/null", REFUSED),
], sh)
add("Shells", "secret", [
    ("program of /tmp that names its own dynamic linker", f"{COPIED.format('own-linker')} && cp /opt/programs/interpreter /tmp/room/interpreter && "
     "busybox chmod 755 /tmp/room/*; /tmp/room/script-own-linker"),
    ("packaged program that names its own dynamic linker", "/opt/programs/packaged-linker"),
    ("the same, the linker named as real ones are", "/opt/programs/named-linker", {"expected": OPEN, "why": "a dynamic linker that loads no sensor; it has to come with the package"}),
    ("static program by ld-linux.so, where rules deny and nothing else", "/lib64/ld-linux-x86-64.so.2 /opt/programs/reading-static plain", {"is_ruled": True}),
    ("program without libc by ld-linux.so, under the same rules", "/lib64/ld-linux-x86-64.so.2 /opt/programs/interpreter", {"is_ruled": True}),
    ("program without libc", "/opt/programs/interpreter"),
    ("static program as a script's interpreter's interpreter", f"{COPIED.format('reading-static')}; echo '#!/tmp/room/script-reading-static plain' >/tmp/room/script-2; "
     "echo '#!/tmp/room/script-2' >/tmp/room/script-1; busybox chmod 755 /tmp/room/*; /tmp/room/script-1"),
    ("busybox as a script's interpreter's interpreter", f"echo '#!/usr/bin/busybox cat' >/tmp/room/script-2; printf '#!/tmp/room/script-2 {SECRET}' >/tmp/room/script-1; "
     "busybox chmod 755 /tmp/room/*; /tmp/room/script-1"),
], sh)
add("Shells", "folder", [
    ("LD_DEBUG_OUTPUT", "LD_DEBUG=libs LD_DEBUG_OUTPUT=/tmp/refused/x cat /dev/null"),
    ("LD_DEBUG_OUTPUT by a link", "ln -s /tmp /tmp/room/up; LD_DEBUG=libs LD_DEBUG_OUTPUT=/tmp/room/up/refused/x cat /dev/null"),
    ("LD_PROFILE_OUTPUT", "LD_PROFILE=libc.so.6 LD_PROFILE_OUTPUT=/tmp/refused cat /dev/null"),
], sh)
add("Shells", "program", [
    ("copy of ld-linux.so under an allowed name", "cp /lib64/ld-linux-x86-64.so.2 /tmp/room/script-ld; busybox chmod 755 /tmp/room/script-ld; /tmp/room/script-ld /usr/bin/id"),
], sh)
add("Shells", "program", [
    ("id, where a rule denies /usr/bin/id and nothing else", "id", {"is_ruled": True}),
    ("/bin/id, where a rule denies /usr/bin/id and nothing else", "/bin/id", {"is_ruled": True}),
    ("link to /bin/id, under the same rule", "ln -s /bin/id /tmp/room/x; /tmp/room/x", {"is_ruled": True}),
    ("ld-linux.so /bin/id, under the same rule", "/lib64/ld-linux-x86-64.so.2 /bin/id", {"is_ruled": True}),
    ("the same as the interpreter of a script", "printf '#!/lib64/ld-linux-x86-64.so.2 /bin/id\n' >/tmp/room/s; busybox chmod 755 /tmp/room/s; /tmp/room/s", {"is_ruled": True}),
    ("descriptor of /bin/id, by /proc/self/fd, under the same rule", "exec 9</bin/id; /proc/self/fd/9", {"is_ruled": True}),
], sh)
add("Shells", "network", [
    ("/dev/tcp of bash", "bash -c 'echo x >/dev/tcp/127.0.0.1/$EVASION_TCP'"),
    ("/dev/udp of bash", "bash -c 'echo x >/dev/udp/127.0.0.1/$EVASION_UDP'"),
    ("busybox nc", "echo x | busybox nc 127.0.0.1 $EVASION_TCP"),
], sh)


def python(code):
    return [PYTHON, "-c", code]


add("Python", "secret", [
    ("open", f"print(open('{SECRET}').read())"),
    ("os.open, os.read", f"import os; print(os.read(os.open('{SECRET}', 0), 99).decode())"),
    ("ctypes, open of libc", f"import ctypes, os; print(os.read(ctypes.CDLL(None).open(b'{SECRET}', 0), 99).decode())"),
    ("ctypes, syscall()", f"import ctypes, os; print(os.read(ctypes.CDLL(None).syscall(2, b'{SECRET}', 0), 99).decode())"),
    ("mmap module", f"import mmap, os; print(mmap.mmap(os.open('{SECRET}', 0), 0, prot=1).read().decode())"),
    ("shutil.copyfile", f"import shutil; shutil.copyfile('{SECRET}', '/tmp/room/c'); print(open('/tmp/room/c').read())"),
    ("machine code in a writable, executable mmap", "import mmap, ctypes, os; m = mmap.mmap(-1, 4096, prot=7); "
     "m.write(bytes.fromhex('b80200000031f631d20f05c3')); a = ctypes.addressof(ctypes.c_char.from_buffer(m)); "
     f"print(os.read(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(a)(b'{SECRET}'), 99).decode())"),
    ("library dropped to /tmp, ctypes", "import shutil, ctypes; shutil.copyfile('/opt/programs/called.so', '/tmp/room/c.so'); ctypes.CDLL('/tmp/room/c.so')"),
    ("multiprocessing, a forked child", f"import os; p = os.fork(); p or (print(open('{SECRET}').read(), flush=True), os._exit(0)); os.wait()"),
    ("threads", f"import threading; t = threading.Thread(target=lambda: print(open('{SECRET}').read())); t.start(); t.join()"),
], python)
add("Python", "program", [
    ("os.system", "import os; os.system('id')"),
    ("os.popen", "import os; print(os.popen('id').read())"),
    ("subprocess, empty environment, closed descriptors", f"import subprocess; subprocess.run(['{BANNED}'], env={{}}, close_fds=True)"),
    ("os.posix_spawn", f"import os; os.waitpid(os.posix_spawn('{BANNED}', ['id'], {{}}), 0)"),
    ("os.execve of a descriptor", f"import os; os.execve(os.open('{BANNED}', 0), ['id'], {{}})"),
    ("os.memfd_create and os.execve", f"import os; f = os.memfd_create('x'); os.write(f, open('{BANNED}', 'rb').read()); os.execve(f, ['id'], {{}})"),
    ("pty.spawn", f"import pty; pty.spawn('{BANNED}')", {"works": False}),
    ("ctypes, execve by syscall()", f"import ctypes; a = (ctypes.c_char_p * 2)(b'id', None); ctypes.CDLL(None).syscall(59, b'{BANNED}', a, None)"),
], python)
add("Python", "network", [
    ("socket", "import os, socket; socket.create_connection(('127.0.0.1', int(os.environ['EVASION_TCP'])))"),
    ("address in decimal digits", "import os, socket; socket.create_connection(('2130706433', int(os.environ['EVASION_TCP'])))"),
    ("urllib", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['EVASION_TCP'], timeout=1)"),
    ("asyncio", "import os, asyncio; asyncio.run(asyncio.wait_for(asyncio.open_connection('127.0.0.1', int(os.environ['EVASION_TCP'])), 1))"),
], python)
add("Python", "warden", [
    ("os.kill", "import os, time; time.sleep(0.03); os.kill(os.getppid(), 9)"),
], python)


def node(code):
    return [NODE, "-e", code]


def jit(*rows):
    return [(title, code, {"is_jit": True, **(more[0] if more else {})}) for title, code, *more in rows]


add("Node", "secret", jit(
    ("fs.readFileSync", f"console.log(require('fs').readFileSync('{SECRET}', 'utf8'))"),
    ("fs.promises, thread pool", f"require('fs').promises.readFile('{SECRET}', 'utf8').then(console.log)"),
    ("worker thread", f"new (require('worker_threads').Worker)(\"console.log(require('fs').readFileSync('{SECRET}', 'utf8'))\", {{eval: true}})"),
    ("process.dlopen of a library in /tmp", "require('fs').copyFileSync('/opt/programs/called.so', '/tmp/room/c.node'); process.dlopen({exports: {}}, '/tmp/room/c.node')"),
    ("process.dlopen of a packaged library", "process.dlopen({exports: {}}, '/opt/programs/called.so')"),
    ("packaged library with system calls of its own", "process.dlopen({exports: {}}, '/opt/programs/dropped.so')"),
    ("vm", f"require('vm').runInThisContext(\"process.mainModule\"); console.log(process.getBuiltinModule ? process.getBuiltinModule('fs').readFileSync('{SECRET}', 'utf8') : require('fs').readFileSync('{SECRET}', 'utf8'))"),
), node)
add("Node", "program", jit(
    ("child_process.exec", "require('child_process').exec('id', (e, o) => console.log(o))"),
    ("child_process.spawnSync, empty environment", f"console.log(String(require('child_process').spawnSync('{BANNED}', [], {{env: {{}}}}).stdout))"),
    ("child_process.fork of a shell", f"require('child_process').fork('{BANNED}', [], {{execPath: '{BANNED}'}})"),
    ("process.binding spawn_sync", "const o = process.binding('spawn_sync').spawn({file: '/usr/bin/id', args: ['id'], envPairs: [], "
     "stdio: [{type: 'pipe', readable: true}, {type: 'pipe', writable: true}, {type: 'pipe', writable: true}]}); console.log(String(o.output && o.output[1]))"),
), node)
add("Node", "network", jit(
    ("net.connect", "require('net').connect(process.env.EVASION_TCP, '127.0.0.1').on('error', () => {}).on('connect', () => process.exit())"),
    ("dgram", "const s = require('dgram').createSocket('udp4'); s.on('error', () => s.close()); s.send('x', process.env.EVASION_UDP, '127.0.0.1', () => s.close())"),
    ("fetch", "fetch('http://127.0.0.1:' + process.env.EVASION_TCP, {signal: AbortSignal.timeout(500)}).catch(() => process.exit())"),
), node)

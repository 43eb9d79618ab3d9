# SPDX-License-Identifier: Apache-2.0
"""The techniques: what is run, what it aims at, and what is expected to come of it."""

import os

STOPPED, SEEN, OPEN = "stopped", "seen", "out of reach"
PYTHON = "/usr/bin/python3"
NODE = os.environ.get("GB_NODE", "/usr/bin/node")
ALLOWED = ["/usr/bin/python3", "/bin/dash", "/bin/bash", "/usr/bin/env", "/bin/cat", "/usr/bin/wc", "/bin/cp", "/bin/ln", "/bin/mv",
           "/usr/bin/base64", "/usr/bin/busybox", "/usr/bin/setsid", "/usr/bin/nohup", "/usr/bin/timeout", "/usr/bin/xargs",
           "/usr/bin/tail", "/usr/bin/head", "/usr/bin/tee", "/bin/dd", "/usr/bin/nice", "/bin/sleep"]

HEAD = """# Evasions

What happens when somebody tries to get round Gambeson. Written by `tests/evasion/run --write`; each test run tries all of it
again and fails when anything came out differently, or when this page does not say so.

Each technique runs in the cage (tests/cage, as mean as Lambda's sandbox) twice: bare, and under `gambeson-agent` in block mode
with one policy: an allowlist of programs, addresses and executable mappings, and two rules against reading one file and
writing below one folder. Whether it worked is told by the canary it aims at, never by the program:

| canary | the technique worked when |
|---|---|
| secret | the text of the file that nobody may read was printed |
| program | the program that is not on the allowlist ran |
| folder | the folder that nobody may write below has changed |
| network | a socket at an address that is not on the allowlist was reached |
| api | a child asked the Runtime API for the next event |
| warden | the warden is dead, stopped, or changed, or the secret was read behind its back |

**stopped**: without effect. **seen**: it worked, and a finding says so. **out of reach**: it worked and nothing was said; the
reason is given. Bare "refused": the sandbox or this kernel does not let it work even without Gambeson; it then proves nothing of Gambeson.
"""


class Technique:
    """works: bare, in the cage; a race need not be won there each time. is_silent: stopped by something that writes no finding. is_jit: under the policy of
    runtimes that compile at run time, which allows anonymous executable memory."""

    def __init__(self, group, title, canary, command, expected=STOPPED, why="", works=True, is_silent=False, is_jit=False, stdin="",
                 is_race=False):
        self.group, self.title, self.canary, self.command = group, title, canary, command
        self.expected, self.why, self.works = expected, why, works
        self.is_silent, self.is_jit, self.stdin = is_silent, is_jit, stdin
        self.is_race = is_race


ALL = []


def add(group, canary, rows, make):
    """rows: (title, what MAKE turns into a command, settings of Technique)."""
    for title, what, *settings in rows:
        ALL.append(Technique(group, title, canary, make(what), **(settings[0] if settings else {})))


def c(program):
    return lambda name: [f"/opt/programs/{program}", *name.split()]


REFUSED = {"works": False}
RACE = {"is_race": True}
CODE = {"expected": OPEN, "why": "machine code of the attacker's own runs a system call instruction that nobody patched"}

add("Files: reading", "secret", [
    ("open", "plain"),
    ("openat2 with RESOLVE_IN_ROOT", "openat2"),
    ("openat2 with RESOLVE_IN_ROOT, deeper", "openat2-deep"),
    ("syscall(SYS_open)", "syscall"),
    ("number of the x32 interface", "x32", REFUSED),
    ("symbolic link to the file", "symlink"),
    ("symbolic link to its folder", "symlink-folder"),
    ("hard link", "hardlink"),
    ("linkat of an O_PATH descriptor", "hardlink-fd"),
    ("O_PATH, opened again by /proc/self/fd", "o-path"),
    ("chdir and a relative path", "relative"),
    ("openat below an O_PATH folder", "dirfd"),
    ("/proc/self/root", "proc-root"),
    ("/proc/thread-self/root", "thread-root"),
    ("/proc/self/cwd", "proc-cwd"),
    ("/dev/fd/N/secret", "dev-fd"),
    ("dots and slashes", "dots"),
    ("renamed away first", "rename"),
    ("its folder renamed first", "rename-folder"),
    ("renameat2 RENAME_EXCHANGE", "exchange"),
    ("open_tree", "open-tree"),
    ("name_to_handle_at, open_by_handle_at", "handle", REFUSED),
    ("mmap", "mmap"),
    ("sendfile", "sendfile"),
    ("in a signal handler on a small stack", "signal-handler"),
    ("in the handler of a crash", "fault-handler"),
    ("path at the end of mapped memory", "page-end"),
    ("after calls with bad pointers", "bad-pointers"),
    ("path of 4,095 bytes", "long-path"),
    ("path with line feeds and bytes that are no UTF-8", "odd-bytes"),
    ("with one descriptor left", "no-descriptors"),
    ("without memory and descriptors", "limits"),
    ("path changed by a thread during the call", "race-path", RACE),
    ("symbolic link swapped by a thread during the call", "race-link", RACE),
], c("files"))

add("Files: writing", "folder", [
    ("open O_CREAT", "write"),
    ("creat", "creat"),
    ("O_TMPFILE and linkat", "o-tmpfile"),
    ("renamed into place", "rename-into"),
    ("folder renamed into place", "folder-into"),
    ("hard link into place", "link-into"),
    ("mknod, mkfifo", "mknod"),
    ("symlink", "symlink-into"),
    ("mkdir", "mkdir"),
    ("bind of a unix socket", "bind-file"),
    ("truncate", "truncate"),
    ("chmod", "chmod"),
    ("fchmod", "fchmod"),
    ("utimensat", "utimens", {"expected": OPEN, "why": "times of files are not watched: no content changes"}),
    ("unlink", "unlink"),
    ("read-only descriptor opened again for writing", "reopen-write"),
    ("shared writable mapping", "mmap-write"),
], c("files"))

add("Starting programs", "program", [
    ("execve", "plain"),
    ("fexecve", "fexecve"),
    ("execveat of an O_PATH descriptor", "execveat-empty"),
    ("execveat below a folder", "execveat-dirfd"),
    ("copy in a memfd", "memfd"),
    ("copy in a memfd, by /proc/self/fd", "memfd-name"),
    ("copy in /tmp under an allowed name", "copy"),
    ("copy in /tmp, deleted, fexecve", "copy-deleted"),
    ("symbolic link with an allowed name", "symlink"),
    ("hard link of a copy", "copy-hardlink"),
    ("argv[0] of an allowed program", "argv0"),
    ("/proc/self/root", "proc-root"),
    ("ld-linux.so PROGRAM", "linker"),
    ("ld-linux.so with options", "linker-options"),
    ("copied ld-linux.so", "linker-copy"),
    ("as the interpreter of a script", "shebang"),
    ("as the interpreter of a script's interpreter", "shebang-chain", {"expected": OPEN, "why": "of an interpreter that is a script, the interpreter is not followed"}),
    ("vfork", "vfork"),
    ("posix_spawn", "posix-spawn"),
    ("clone3", "clone3", REFUSED),
    ("clone that shares memory and descriptors", "clone-vm"),
    ("daemon in a session of its own", "daemon"),
    ("shell with an empty environment", "env-empty"),
    ("shell with changed LD_PRELOAD and GAMBESON_SENSOR", "env-changed"),
    ("all descriptors closed before", "close-all"),
    ("all descriptors replaced by dup2 before", "dup2-all"),
    ("all descriptors marked close-on-exec", "cloexec-all"),
    ("descriptor table unshared", "unshare-files"),
    ("no descriptor left", "no-descriptors", REFUSED),
    ("after calls with bad pointers", "bad-pointers"),
    ("path changed by another process during the call", "race-path", RACE),
], c("starts"))

add("Static programs", "secret", [
    ("open", "plain"),
    ("openat2", "openat2"),
    ("/proc/self/root", "proc-root"),
    ("symbolic link", "symlink"),
    ("path changed by a thread", "race-path", RACE),
], c("files-static"))
add("Static programs", "program", [
    ("execve", "plain"),
    ("copy in a memfd", "memfd"),
    ("ld-linux.so PROGRAM", "linker"),
    ("shell with an empty environment", "env-empty"),
    ("all descriptors closed before", "close-all"),
], c("starts-static"))

add("Machine code", "secret", [
    ("system call instruction in the program", "instruction"),
    ("int $0x80", "int80", REFUSED),
    ("anonymous memory, writable and executable", "rwx"),
    ("the same where a compiler at run time needs it", "rwx", {**CODE, "is_jit": True}),
    ("anonymous memory turned executable", "w-then-x"),
    ("pkey_mprotect", "pkey"),
    ("shared mapping of a memfd", "memfd-map"),
    ("mapping of a file in /tmp", "file-map"),
    ("executable stack", "stack"),
    ("library dropped to /tmp", "dropped"),
    ("packaged library with system calls of its own", "packaged", CODE),
    ("libc's text made writable and restored", "text-write"),
    ("libc's text given back by madvise", "text-madvise"),
    ("libc's text mapped over", "text-mmap"),
    ("libc's text moved over by mremap", "text-mremap"),
    ("libc's text restored by /proc/self/mem", "text-mem"),
    ("second libc by dlmopen", "dlmopen", CODE),
    ("jump to a system call instruction of libc", "gadget-libc", CODE),
    ("jump to a system call instruction of the vDSO", "gadget-vdso", REFUSED),
    ("a sibling's code by process_vm_writev", "sibling-writev"),
    ("a sibling's code by /proc/PID/mem", "sibling-mem"),
    ("a sibling's code by ptrace", "sibling-ptrace"),
    ("io_uring", "io-uring", REFUSED),
], c("machine"))
add("Machine code", "secret", [
    ("32-bit program", "", REFUSED),
], lambda name: ["/opt/programs/small"])

add("Network", "network", [
    ("connect", "connect"),
    ("syscall(SYS_connect)", "syscall"),
    ("0.0.0.0", "any"),
    ("IPv4 mapped into IPv6", "mapped"),
    ("MSG_FASTOPEN", "fastopen"),
    ("TCP_FASTOPEN_CONNECT", "fastopen-connect"),
    ("sendto without connect", "sendto"),
    ("connected datagrams", "udp-connect"),
    ("sendmsg", "sendmsg"),
    ("sendmmsg, the second message", "sendmmsg"),
    ("unix socket", "unix"),
    ("unix socket by a link with an allowed name", "unix-link", {"expected": OPEN, "why": "a unix socket's address is judged by its name; links are not followed"}),
    ("abstract unix socket", "abstract"),
    ("address changed by a thread during the call", "race", RACE),
    ("socket that was passed on by SCM_RIGHTS", "scm-rights"),
    ("bind and listen, then call out", "listen"),
], c("network"))
add("Runtime API", "api", [
    ("next event from the platform itself", "api-direct"),
    ("a forked child asks the warden for the next event", "api-child", {"expected": OPEN, "why": "what the runtime forks without starting a program counts as the runtime"}),
], c("network"))
add("Runtime API", "api", [
    ("a program that the runtime started asks the warden", "import subprocess; subprocess.run(['/opt/programs/network', 'api-child'])"),
], lambda code: [PYTHON, "-c", code])

add("The warden", "warden", [
    ("SIGKILL", "kill"),
    ("SIGSTOP", "stop"),
    ("tgkill, tkill", "tgkill"),
    ("kill(0, SIGKILL)", "killpg"),
    ("sigqueue", "sigqueue"),
    ("pidfd_send_signal", "pidfd"),
    ("pidfd_send_signal by /proc/PID", "pidfd-folder"),
    ("F_SETOWN, F_SETSIG and O_ASYNC", "setown", {"expected": OPEN, "why": "fcntl is not watched; the death is noticed, the stance decides"}),
    ("FIOSETOWN and FIOASYNC", "fiosetown", {"expected": OPEN, "why": "ioctl is not watched; the death is noticed, the stance decides"}),
    ("prlimit", "prlimit"),
    ("setpriority", "nice", {"expected": OPEN, "why": "setpriority is not watched; nothing waits for the warden but events"}),
    ("sched_setscheduler", "idle", {"expected": OPEN, "why": "scheduling calls are not watched; nothing waits for the warden but events"}),
    ("ptrace", "ptrace", REFUSED),
    ("/proc/PID/mem", "mem"),
    ("shared memory written by /proc/self/fd", "segment"),
    ("flood of reports", "flood"),
], c("warden"))

SECRET, BANNED = "/tmp/vault/secret", "/usr/bin/id"


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
    ("script file by the dot command", "echo id >/tmp/work/s; . /tmp/work/s"),
    ("xargs", "echo /usr/bin/id | xargs -n 1 env"),
    ("nohup, setsid, timeout, nice", "nohup setsid -w timeout 2 nice id"),
    ("in the background", "(sleep 0.1; id) & wait"),
    ("busybox, the applet", "busybox id", {"expected": OPEN, "why": "an allowed program that is many programs in one: give it argument shapes in the policy, or do not allow it"}),
    ("busybox sh", "busybox sh -c /usr/bin/id"),
    ("busybox env -i", "busybox env -i /usr/bin/id"),
    ("copied by cat", "cat /usr/bin/id >/tmp/work/cat; chmod +x /tmp/work/cat 2>/dev/null || busybox chmod +x /tmp/work/cat; /tmp/work/cat"),
    ("ld-linux.so in a shell", "/lib64/ld-linux-x86-64.so.2 /usr/bin/id"),
    ("PATH with a link to it", "ln -s /usr/bin/id /tmp/work/cat; PATH=/tmp/work:$PATH; cat"),
    ("BASH_ENV", "echo id >/tmp/work/e; BASH_ENV=/tmp/work/e bash -c :"),
    ("ENV of an interactive shell", "echo id >/tmp/work/e; ENV=/tmp/work/e sh -i </dev/null"),
    ("exported function", "bash -c 'f() { /usr/bin/id; }; export -f f; env bash -c f'"),
], sh)
ALL.append(Technique("Shells", "script on standard input", "program", ["/bin/sh"], stdin="id\n"))
add("Shells", "secret", [
    ("redirection", f"read -r x <{SECRET}; echo $x"),
    ("dd", f"dd if={SECRET}"),
    ("wildcard", "cat /tmp/v*/s*"),
    ("busybox cat", f"busybox cat {SECRET}"),
    ("LD_PRELOAD of a library in /tmp", "cp /opt/programs/called.so /tmp/work/c.so; LD_PRELOAD=/tmp/work/c.so cat /dev/null"),
    ("LD_PRELOAD of a packaged library", "LD_PRELOAD=/opt/programs/called.so cat /dev/null",
     {"expected": OPEN, "why": "constructors of other preloaded libraries run before the sensor's"}),
    ("LD_AUDIT of a library in /tmp", "cp /opt/programs/called.so /tmp/work/c.so; LD_AUDIT=/tmp/work/c.so cat /dev/null"),
    ("LD_AUDIT of a packaged library", "LD_AUDIT=/opt/programs/called.so cat /dev/null",
     {"expected": OPEN, "why": "an auditor runs before every preloaded library, in a libc of its own; it has to come with the package"}),
    ("LD_LIBRARY_PATH with a false libc", "cp /opt/programs/called.so /tmp/work/libc.so.6; LD_LIBRARY_PATH=/tmp/work cat /dev/null", REFUSED),
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
    ("shutil.copyfile", f"import shutil; shutil.copyfile('{SECRET}', '/tmp/work/c'); print(open('/tmp/work/c').read())"),
    ("machine code in a writable, executable mmap", "import mmap, ctypes, os; m = mmap.mmap(-1, 4096, prot=7); "
     "m.write(bytes.fromhex('b80200000031f631d20f05c3')); a = ctypes.addressof(ctypes.c_char.from_buffer(m)); "
     f"print(os.read(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(a)(b'{SECRET}'), 99).decode())"),
    ("library dropped to /tmp, ctypes", "import shutil, ctypes; shutil.copyfile('/opt/programs/called.so', '/tmp/work/c.so'); ctypes.CDLL('/tmp/work/c.so')"),
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
    ("process.dlopen of a library in /tmp", "require('fs').copyFileSync('/opt/programs/called.so', '/tmp/work/c.node'); process.dlopen({exports: {}}, '/tmp/work/c.node')"),
    ("process.dlopen of a packaged library", "process.dlopen({exports: {}}, '/opt/programs/called.so')"),
    ("packaged library with system calls of its own", "process.dlopen({exports: {}}, '/opt/programs/dropped.so')", CODE),
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

# SPDX-License-Identifier: Apache-2.0
"""Techniques that are programs in C, one file of this folder each."""

from technique import CODE, OPEN, PYTHON, RACE, REFUSED, add, c

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
], c("reading"))
add("Files: reading", "secret", [
    ("path changed by a thread during the call", "path", RACE),
    ("symbolic link swapped by a thread during the call", "link", RACE),
], c("races"))

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
], c("writing"))

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
], c("reading-static"))
add("Static programs", "secret", [
    ("path changed by a thread", "path", RACE),
], c("races-static"))
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
    ("shared memory of System V, attached executable", "shmat"),
    ("personality READ_IMPLIES_EXEC", "personality"),
    ("memfd_secret", "memfd-secret", REFUSED),
    ("mapping of a file in /tmp", "file-map"),
    ("executable stack", "stack"),
    ("library dropped to /tmp", "dropped"),
    ("packaged library with system calls of its own", "packaged", CODE),
    ("second libc by dlmopen", "dlmopen", CODE),
    ("jump to a system call instruction of libc", "gadget-libc", CODE),
    ("jump to a system call instruction of the vDSO", "gadget-vdso", REFUSED),
    ("io_uring", "io-uring", REFUSED),
], c("machine"))
add("Machine code", "secret", [
    ("32-bit program", "", REFUSED),
], lambda name: ["/opt/programs/small"])

add("The patches undone", "secret", [
    ("libc's text made writable and restored", "text-write"),
    ("libc's text given back by madvise", "text-madvise"),
    ("libc's text mapped over", "text-mmap"),
    ("libc's text moved over by mremap", "text-mremap"),
    ("libc's text restored by /proc/self/mem", "text-mem"),
    ("libc's text attached over by shmat", "text-shmat"),
    ("libc's text given back by process_madvise", "text-process-madvise"),
    ("the warden's settings mapped over", "settings-replaced"),
    ("the sensor's state emptied by stores", "state-emptied"),
    ("the sensor's state given back by madvise", "state-madvise"),
    ("the sensor's state wiped in a child", "state-wiped"),
    ("the detours led elsewhere", "detours", {"is_jit": True}),
    ("a sibling's code by process_vm_writev", "sibling-writev"),
    ("a sibling's code by /proc/PID/mem", "sibling-mem"),
    ("a sibling's code by ptrace", "sibling-ptrace"),
], c("undoing"))

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

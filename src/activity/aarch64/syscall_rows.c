/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/syscall.h"

#define NONE GB_SYSCALL_NO_ARGUMENT

/* There are no calls without a directory here: open, unlink, mkdir and their kind are the C library's alone. */
const struct gb_syscall gb_syscall_rows[] = {
        {24, GB_SYSCALL_DESCRIPTOR, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},           /* dup3 */
        {25, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* fcntl */
        {29, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* ioctl */
        {30, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* ioprio_set */
        {33, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, 0, 1, NONE, NONE},                 /* mknodat */
        {34, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, 0, 1, NONE, NONE},                 /* mkdirat */
        {35, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_DELETE, 0, 1, NONE, NONE},                /* unlinkat */
        {36, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_LINK, NONE, 0, 1, 2},                     /* symlinkat */
        {37, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_LINK, 0, 1, 2, 3},                        /* linkat */
        {38, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_RENAME, 0, 1, 2, 3},                      /* renameat */
        {39, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},     /* umount2 */
        {40, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},     /* mount */
        {41, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},     /* pivot_root */
        {45, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, NONE, 0, NONE, NONE},              /* truncate */
        {51, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},     /* chroot */
        {52, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, NONE, NONE, NONE},               /* fchmod */
        {53, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, 1, NONE, NONE},                  /* fchmodat */
        {54, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, 1, NONE, NONE},                  /* fchownat */
        {55, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, NONE, NONE, NONE},               /* fchown */
        {56, GB_SYSCALL_OPEN, GB_ACTIVITY_FILE_READ, 0, 1, NONE, NONE},                  /* openat */
        {57, GB_SYSCALL_DESCRIPTOR, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},           /* close */
        {63, GB_SYSCALL_RECEIVE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* read */
        {64, GB_SYSCALL_WRITE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},                /* write */
        {66, GB_SYSCALL_WRITE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},                /* writev */
        {78, GB_SYSCALL_OWN_NAME, GB_ACTIVITY_NONE, 0, 1, NONE, NONE},                   /* readlinkat */
        {88, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, 1, NONE, NONE},                  /* utimensat */
        {92, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},  /* personality */
        {97, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},     /* unshare */
        {104, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* kexec_load */
        {105, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* init_module */
        {117, GB_SYSCALL_TRACE, GB_ACTIVITY_PROCESS_TRACE, NONE, NONE, NONE, NONE},      /* ptrace */
        {118, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* sched_setparam */
        {119, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* sched_setscheduler */
        {122, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* sched_setaffinity */
        {129, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* kill */
        {130, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* tkill */
        {131, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* tgkill */
        {138, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* rt_sigqueueinfo */
        {140, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* setpriority */
        {167, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* prctl */
        {196, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* shmat */
        {198, GB_SYSCALL_SOCKET, GB_ACTIVITY_NET_SOCKET, NONE, NONE, NONE, NONE},        /* socket */
        {200, GB_SYSCALL_LISTEN, GB_ACTIVITY_NET_LISTEN, NONE, NONE, NONE, NONE},        /* bind */
        {201, GB_SYSCALL_LISTEN, GB_ACTIVITY_NET_LISTEN, NONE, NONE, NONE, NONE},        /* listen */
        {203, GB_SYSCALL_CONNECT, GB_ACTIVITY_NET_CONNECT, NONE, NONE, NONE, NONE},      /* connect */
        {206, GB_SYSCALL_SEND, GB_ACTIVITY_NET_SEND, NONE, NONE, NONE, NONE},            /* sendto */
        {207, GB_SYSCALL_RECEIVE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* recvfrom */
        {211, GB_SYSCALL_SEND, GB_ACTIVITY_NET_SEND, NONE, NONE, NONE, NONE},            /* sendmsg */
        {212, GB_SYSCALL_RECEIVE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* recvmsg */
        {215, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* munmap */
        {216, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* mremap */
        {221, GB_SYSCALL_EXEC, GB_ACTIVITY_PROCESS_START, NONE, 0, NONE, NONE},          /* execve */
        {222, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* mmap */
        {226, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* mprotect */
        {233, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* madvise */
        {240, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* rt_tgsigqueueinfo */
        {241, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* perf_event_open */
        {261, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* prlimit64 */
        {265, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* open_by_handle_at */
        {268, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* setns */
        {269, GB_SYSCALL_SEND, GB_ACTIVITY_NET_SEND, NONE, NONE, NONE, NONE},            /* sendmmsg */
        {270, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* process_vm_readv */
        {271, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* process_vm_writev */
        {273, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* finit_module */
        {274, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* sched_setattr */
        {276, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_RENAME, 0, 1, 2, 3},                     /* renameat2 */
        {277, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* seccomp */
        {279, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_FILE, NONE, 0, NONE, NONE},          /* memfd_create */
        {280, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* bpf */
        {281, GB_SYSCALL_EXEC, GB_ACTIVITY_PROCESS_START, 0, 1, NONE, NONE},             /* execveat */
        {282, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* userfaultfd */
        {288, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* pkey_mprotect */
        {424, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* pidfd_send_signal */
        {425, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* io_uring_setup */
        {428, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* open_tree */
        {429, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* move_mount */
        {430, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* fsopen */
        {432, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* fsmount */
        {434, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* pidfd_open */
        {436, GB_SYSCALL_DESCRIPTOR, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},          /* close_range */
        {437, GB_SYSCALL_OPEN, GB_ACTIVITY_FILE_READ, 0, 1, NONE, NONE},                 /* openat2 */
        {438, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* pidfd_getfd */
        {440, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* process_madvise */
        {442, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* mount_setattr */
        {447, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_FILE, NONE, NONE, NONE, NONE},       /* memfd_secret */
        {452, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, 1, NONE, NONE},                 /* fchmodat2 */
};

const size_t gb_syscall_row_count = sizeof(gb_syscall_rows) / sizeof(gb_syscall_rows[0]);

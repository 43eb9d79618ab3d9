/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/syscall.h"

#define NONE GB_SYSCALL_NO_ARGUMENT

const struct gb_syscall gb_syscall_rows[] = {
        {0, GB_SYSCALL_RECEIVE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},               /* read */
        {1, GB_SYSCALL_WRITE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},                 /* write */
        {2, GB_SYSCALL_OPEN, GB_ACTIVITY_FILE_READ, NONE, 0, NONE, NONE},                /* open */
        {3, GB_SYSCALL_DESCRIPTOR, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},            /* close */
        {9, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},   /* mmap */
        {10, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},  /* mprotect */
        {11, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},  /* munmap */
        {20, GB_SYSCALL_WRITE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},                /* writev */
        {25, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},  /* mremap */
        {28, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},  /* madvise */
        {30, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE},  /* shmat */
        {33, GB_SYSCALL_DESCRIPTOR, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},           /* dup2 */
        {41, GB_SYSCALL_SOCKET, GB_ACTIVITY_NET_SOCKET, NONE, NONE, NONE, NONE},         /* socket */
        {42, GB_SYSCALL_CONNECT, GB_ACTIVITY_NET_CONNECT, NONE, NONE, NONE, NONE},       /* connect */
        {44, GB_SYSCALL_SEND, GB_ACTIVITY_NET_SEND, NONE, NONE, NONE, NONE},             /* sendto */
        {45, GB_SYSCALL_RECEIVE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* recvfrom */
        {46, GB_SYSCALL_SEND, GB_ACTIVITY_NET_SEND, NONE, NONE, NONE, NONE},             /* sendmsg */
        {47, GB_SYSCALL_RECEIVE, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* recvmsg */
        {49, GB_SYSCALL_LISTEN, GB_ACTIVITY_NET_LISTEN, NONE, NONE, NONE, NONE},         /* bind */
        {50, GB_SYSCALL_LISTEN, GB_ACTIVITY_NET_LISTEN, NONE, NONE, NONE, NONE},         /* listen */
        {59, GB_SYSCALL_EXEC, GB_ACTIVITY_PROCESS_START, NONE, 0, NONE, NONE},           /* execve */
        {62, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},              /* kill */
        {76, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, NONE, 0, NONE, NONE},              /* truncate */
        {82, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_RENAME, NONE, 0, NONE, 1},                /* rename */
        {83, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, NONE, 0, NONE, NONE},              /* mkdir */
        {84, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_DELETE, NONE, 0, NONE, NONE},             /* rmdir */
        {85, GB_SYSCALL_OPEN, GB_ACTIVITY_FILE_WRITE, NONE, 0, NONE, NONE},              /* creat */
        {86, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_LINK, NONE, 0, NONE, 1},                  /* link */
        {87, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_DELETE, NONE, 0, NONE, NONE},             /* unlink */
        {88, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_LINK, NONE, 0, NONE, 1},                  /* symlink */
        {89, GB_SYSCALL_OWN_NAME, GB_ACTIVITY_NONE, NONE, 0, NONE, NONE},                /* readlink */
        {90, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, NONE, 0, NONE, NONE},               /* chmod */
        {91, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, NONE, NONE, NONE},               /* fchmod */
        {101, GB_SYSCALL_TRACE, GB_ACTIVITY_PROCESS_TRACE, NONE, NONE, NONE, NONE},      /* ptrace */
        {129, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* rt_sigqueueinfo */
        {133, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, NONE, 0, NONE, NONE},             /* mknod */
        {135, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* personality */
        {154, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* modify_ldt */
        {155, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* pivot_root */
        {161, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* chroot */
        {165, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* mount */
        {166, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* umount2 */
        {175, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* init_module */
        {200, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* tkill */
        {234, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* tgkill */
        {246, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* kexec_load */
        {257, GB_SYSCALL_OPEN, GB_ACTIVITY_FILE_READ, 0, 1, NONE, NONE},                 /* openat */
        {258, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, 0, 1, NONE, NONE},                /* mkdirat */
        {259, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_WRITE, 0, 1, NONE, NONE},                /* mknodat */
        {263, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_DELETE, 0, 1, NONE, NONE},               /* unlinkat */
        {264, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_RENAME, 0, 1, 2, 3},                     /* renameat */
        {265, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_LINK, 0, 1, 2, 3},                       /* linkat */
        {266, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_LINK, NONE, 0, 1, 2},                    /* symlinkat */
        {267, GB_SYSCALL_OWN_NAME, GB_ACTIVITY_NONE, 0, 1, NONE, NONE},                  /* readlinkat */
        {268, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_MODE, 0, 1, NONE, NONE},                 /* fchmodat */
        {272, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* unshare */
        {292, GB_SYSCALL_DESCRIPTOR, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},          /* dup3 */
        {297, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* rt_tgsigqueueinfo */
        {298, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* perf_event_open */
        {302, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* prlimit64 */
        {304, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* open_by_handle_at */
        {307, GB_SYSCALL_SEND, GB_ACTIVITY_NET_SEND, NONE, NONE, NONE, NONE},            /* sendmmsg */
        {308, GB_SYSCALL_KERNEL, GB_ACTIVITY_SANDBOX_CHANGE, NONE, NONE, NONE, NONE},    /* setns */
        {310, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* process_vm_readv */
        {311, GB_SYSCALL_PROCESS, GB_ACTIVITY_NONE, NONE, NONE, NONE, NONE},             /* process_vm_writev */
        {313, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* finit_module */
        {316, GB_SYSCALL_PATH, GB_ACTIVITY_FILE_RENAME, 0, 1, 2, 3},                     /* renameat2 */
        {319, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_FILE, NONE, 0, NONE, NONE},          /* memfd_create */
        {321, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* bpf */
        {322, GB_SYSCALL_EXEC, GB_ACTIVITY_PROCESS_START, 0, 1, NONE, NONE},             /* execveat */
        {323, GB_SYSCALL_KERNEL, GB_ACTIVITY_KERNEL_ACCESS, NONE, NONE, NONE, NONE},     /* userfaultfd */
        {329, GB_SYSCALL_MEMORY, GB_ACTIVITY_MEMORY_EXECUTABLE, NONE, NONE, NONE, NONE}, /* pkey_mprotect */
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

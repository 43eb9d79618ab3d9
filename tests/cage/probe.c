/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cage's own test, run inside it: every refusal that it promises is met, and what Lambda allows still works. TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned count, failed;

static void report(bool is_ok, const char *name, const char *detail)
{
	printf("%s %u - %s\n", is_ok ? "ok" : "not ok", ++count, name);
	if (!is_ok) {
		printf("# %s\n", detail);
		failed++;
	}
}

static void expect_errno(const char *name, long result, int want)
{
	int got = result < 0 ? errno : 0;
	char detail[80];

	snprintf(detail, sizeof(detail), "errno %d, wanted %d", got, want);
	report(got == want, name, detail);
}

/* Calls whose arguments do not matter, for the filter looks at the number only. */
static void probe_calls(void)
{
	static const struct {
		const char *name;
		long number;
		int want;
	} rows[] = {
	        {"seccomp", SYS_seccomp, EPERM},
	        {"ptrace", SYS_ptrace, EPERM},
	        {"process_vm_readv", SYS_process_vm_readv, EPERM},
	        {"process_vm_writev", SYS_process_vm_writev, EPERM},
	        {"pidfd_getfd", SYS_pidfd_getfd, EPERM},
	        {"setns", SYS_setns, EPERM},
	        {"kexec_load", SYS_kexec_load, EPERM},
	        {"bpf", SYS_bpf, EPERM},
	        {"mount", SYS_mount, EPERM},
	        {"chroot", SYS_chroot, EPERM},
	        {"io_uring_setup", SYS_io_uring_setup, ENOSYS},
	        {"io_uring_enter", SYS_io_uring_enter, ENOSYS},
	        {"io_uring_register", SYS_io_uring_register, ENOSYS},
	        {"landlock_create_ruleset", 444, ENOSYS},
	        {"landlock_restrict_self", 446, ENOSYS},
	        {"clone3", SYS_clone3, ENOSYS},
	        {"epoll_pwait2: later than kernel 5.10", 441, ENOSYS},
	        {"fchmodat2: later than kernel 5.10", 452, ENOSYS},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_errno(rows[i].name, syscall(rows[i].number, 0, 0, 0, 0, 0, 0), rows[i].want);
}

static void probe_prctl(bool is_strict)
{
	expect_errno("PR_SET_NO_NEW_PRIVS", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), EPERM);
	expect_errno("PR_SET_SECCOMP", prctl(PR_SET_SECCOMP, 1, 0, 0, 0), EPERM);
	expect_errno("PR_SET_NAME", prctl(PR_SET_NAME, "x", 0, 0, 0), EPERM);
	expect_errno("PR_SET_PDEATHSIG", prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), EPERM);
	expect_errno("PR_SET_DUMPABLE", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), is_strict ? EPERM : 0);
	report(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0, "no_new_privs is not set", "it is");
	report(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2, "a filter is in force", "none");
}

static void probe_namespaces(void)
{
	expect_errno("unshare(CLONE_NEWUSER)", syscall(SYS_unshare, CLONE_NEWUSER), EPERM);
	expect_errno("unshare(CLONE_NEWNS)", syscall(SYS_unshare, CLONE_NEWNS), EPERM);
	expect_errno("unshare(CLONE_FILES) is allowed", syscall(SYS_unshare, CLONE_FILES), 0);
	expect_errno("clone(CLONE_NEWUSER)", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM);
	expect_errno("clone(CLONE_NEWPID)", syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0), EPERM);
}

static void probe_files(void)
{
	int fd;

	expect_errno("/ is read-only", open("/gb-probe", O_CREAT | O_WRONLY, 0600), EROFS);
	expect_errno("/var/task is read-only", open("/var/task/gb-probe", O_CREAT | O_WRONLY, 0600), EROFS);
	expect_errno("/usr is read-only", mkdirat(AT_FDCWD, "/usr/gb-probe", 0700), EROFS);
	expect_errno("/dev is read-only", open("/dev/gb-probe", O_CREAT | O_WRONLY, 0600), EROFS);
	expect_errno("no /dev/shm", access("/dev/shm", F_OK), ENOENT);
	expect_errno("no /sys", access("/sys/kernel", F_OK), ENOENT);
	expect_errno("no /home", access("/home", F_OK), ENOENT);
	fd = open("/tmp/gb-probe", O_CREAT | O_RDWR, 0700);
	expect_errno("/tmp is writable", fd, 0);
	fd = open("/dev/null", O_WRONLY);
	expect_errno("/dev/null", fd, 0);
}

static void probe_identity(void)
{
	struct rlimit processes, descriptors;
	unsigned long long effective = 1, bounding = 1;
	char line[128];
	FILE *status = fopen("/proc/self/status", "re");

	while (status && fgets(line, sizeof(line), status)) {
		sscanf(line, "CapEff: %llx", &effective);
		sscanf(line, "CapBnd: %llx", &bounding);
	}
	if (status)
		fclose(status);
	report(getuid() == 993 && geteuid() == 993 && getgid() == 990, "uid 993, gid 990", "other");
	report(effective == 0 && bounding == 0, "no capabilities", "some");
	report(getpid() != 1, "not process 1", "it is");
	getrlimit(RLIMIT_NPROC, &processes);
	getrlimit(RLIMIT_NOFILE, &descriptors);
	report(processes.rlim_max == 1024 && descriptors.rlim_max == 1024, "limits of 1024", "others");
	expect_errno("raw sockets", socket(AF_PACKET, SOCK_RAW, 0), EPERM);
}

static void probe_allowed(void)
{
	struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	expect_errno("loopback can be bound", bind(fd, (const struct sockaddr *)&loopback, sizeof(loopback)), 0);
	report(code != MAP_FAILED && mprotect(code, 4096, PROT_READ | PROT_EXEC) == 0, "code can be made",
	        strerror(errno));
	report(memfd_create("probe", MFD_CLOEXEC) >= 0, "memfd_create", strerror(errno));
}

static void probe_int80(void)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		long result;

		__asm__ volatile("int $0x80" : "=a"(result) : "0"(20L) : "memory"); /* i386 getpid */
		_exit(0);
	}
	waitpid(child, &status, 0);
	report(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "int 0x80 is killed", "it is not");
}

int main(int argc, char **argv)
{
	bool is_strict = argc > 1 && strcmp(argv[1], "strict") == 0;

	setvbuf(stdout, NULL, _IONBF, 0); /* nothing is left in the buffer for a forked child to write again */
	probe_identity();
	probe_files();
	probe_calls();
	probe_prctl(is_strict);
	probe_namespaces();
	probe_allowed();
	probe_int80();
	printf("1..%u\n", count);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* kernel TECHNIQUE: features of the kernel that come between a process and its system calls. */
#include "canary.h"

#include <asm/prctl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <ucontext.h>

#define SET_USER_DISPATCH 59
#define ROUNDABOUT        "/proc/self/cwd/vault/secret"

/* `syscall; ret` in libc, which nobody has patched; 0: none. */
static uintptr_t gadget;
static uintptr_t sensor_text;

static void read_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t from, to;
	char line[512];

	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "r-xp") || sscanf(line, "%lx-%lx", &from, &to) != 2)
			continue;
		if (strstr(line, "libgambeson"))
			sensor_text = from;
		for (uintptr_t at = from; strstr(line, "libc.so") && !gadget && at + 3 < to; at++)
			if (memcmp((const void *)at, "\x0f\x05\xc3", 3) == 0)
				gadget = at;
	}
	fclose(maps);
}

static long by_gadget(const greg_t *registers)
{
	register long r10 __asm__("r10") = registers[REG_R10];
	register long r8 __asm__("r8") = registers[REG_R8];
	register long r9 __asm__("r9") = registers[REG_R9];
	long result;

	__asm__ volatile("call *%[gadget]"
	                 : "=a"(result)
	                 : "a"(registers[REG_RAX]), "D"(registers[REG_RDI]), "S"(registers[REG_RSI]),
	                 "d"(registers[REG_RDX]), "r"(r10), "r"(r8), "r"(r9), [gadget] "m"(gadget)
	                 : "rcx", "r11", "memory");
	return result;
}

/* The sensor asks where a link leads; it is told a lie. Its other calls are made as it wishes. */
static void answer(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal;
	(void)info;
	if (registers[REG_RAX] == SYS_readlink || registers[REG_RAX] == SYS_readlinkat) {
		int to = registers[REG_RAX] == SYS_readlink ? REG_RSI : REG_RDX;

		memcpy((char *)registers[to], ROUNDABOUT, sizeof(ROUNDABOUT) - 1);
		registers[REG_RAX] = sizeof(ROUNDABOUT) - 1;
		return;
	}
	registers[REG_RAX] = by_gadget(registers);
}

static void user_dispatch(void)
{
	struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO};
	static char selector = 1;

	read_maps();
	sigaction(SIGSYS, &action, NULL);
	(void)!chdir("/tmp");
	if (sensor_text && gadget)
		prctl(SET_USER_DISPATCH, 1, 0x1000, sensor_text - 0x1000, &selector);
	show_file(ROUNDABOUT);
}

/* The call whose answer would be needed gives none. */
static void filtered(void)
{
	struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_readlinkat, 1, 0),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_readlink, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	(void)!chdir("/tmp");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ||
	        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		show_file(ROUNDABOUT);
}

/* Links of /proc belong to root then. */
static void not_dumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	(void)!chdir("/tmp");
	show_file(ROUNDABOUT);
}

static void name_bound_elsewhere(void)
{
	close(open("/tmp/room/bound", O_CREAT | O_WRONLY, 0600));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && mount(SECRET, "/tmp/room/bound", NULL, MS_BIND, NULL) == 0)
		show_file("/tmp/room/bound");
}

static void root_changed(void)
{
	if (unshare(CLONE_NEWUSER) == 0 && chroot("/tmp/vault") == 0)
		show_file("/secret");
}

/* Whoever reads the path waits until its page is given; what is given then is the secret's. */
static void page_given_late(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register part = {.range = {(uintptr_t)page, 4096}, .mode = UFFDIO_REGISTER_MODE_MISSING};
	static char given[4096] __attribute__((aligned(4096))) = SECRET;
	struct uffdio_copy copy = {.dst = (uintptr_t)page, .src = (uintptr_t)given, .len = 4096};

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0 || ioctl(fd, UFFDIO_REGISTER, &part) != 0)
		return;
	if (fork() == 0) {
		usleep(20000);
		ioctl(fd, UFFDIO_COPY, &copy);
		_exit(0);
	}
	show_file(page);
}

static void thread_pointer_gone(void)
{
	unsigned long pointer;
	long fd;

	(void)syscall(SYS_arch_prctl, ARCH_GET_FS, &pointer);
	(void)syscall(SYS_arch_prctl, ARCH_SET_FS, 0);
	fd = syscall(SYS_open, SECRET, O_RDONLY);
	(void)syscall(SYS_arch_prctl, ARCH_SET_FS, pointer);
	show((int)fd);
}

__attribute__((used)) static void show_result(long fd)
{
	show((int)fd);
	_exit(0);
}

void landing(void);
__asm__(".text\n"
        "landing:\n"
        "	mov %rax, %rdi\n"
        "	and $-16, %rsp\n"
        "	call show_result\n");

/* The handler's return goes on at libc's instruction, with registers of its choice. */
static void forge(int signal, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal;
	(void)info;
	registers[REG_RIP] = (greg_t)gadget;
	registers[REG_RAX] = SYS_open;
	registers[REG_RDI] = (greg_t)SECRET;
	registers[REG_RSI] = O_RDONLY;
	registers[REG_RSP] -= 256;
	*(uintptr_t *)registers[REG_RSP] = (uintptr_t)landing;
}

static void forged_return(void)
{
	struct sigaction action = {.sa_sigaction = forge, .sa_flags = SA_SIGINFO};

	read_maps();
	sigaction(SIGUSR1, &action, NULL);
	if (gadget)
		raise(SIGUSR1);
}

static void on_vsyscall(int signal)
{
	(void)signal;
	_exit(0);
}

/* The first instructions of that page were `mov $96,%rax; syscall; ret`. */
static void old_page(void)
{
	signal(SIGSEGV, on_vsyscall);
	gadget = 0xffffffffff600007u;
	show((int)by_gadget((greg_t[NGREG]){[REG_RAX] = SYS_open, [REG_RDI] = (greg_t)SECRET}));
}

static const struct technique techniques[] = {
        {"user-dispatch", user_dispatch},
        {"seccomp", filtered},
        {"not-dumpable", not_dumpable},
        {"bind-mount", name_bound_elsewhere},
        {"chroot", root_changed},
        {"userfaultfd", page_given_late},
        {"thread-pointer", thread_pointer_gone},
        {"sigreturn", forged_return},
        {"vsyscall", old_page},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

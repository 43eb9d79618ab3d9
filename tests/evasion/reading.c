/* SPDX-License-Identifier: Apache-2.0 */
/* reading TECHNIQUE: ways to the secret. */
#include "canary.h"

#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static void plain(void)
{
	show_file(SECRET);
}

static void with_openat2(void)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT};
	int root = open("/tmp", O_PATH | O_DIRECTORY);

	show((int)syscall(SYS_openat2, root, "/vault/secret", &how, sizeof(how)));
}

static void with_openat2_below_link(void)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT};

	(void)!symlink("/vault", "/tmp/room-link");
	show((int)syscall(
	        SYS_openat2, open("/tmp", O_PATH | O_DIRECTORY), "/room-link/../vault/secret", &how, sizeof(how)));
	(void)!unlink("/tmp/room-link");
}

static void number_by_name(void)
{
	show((int)syscall(SYS_open, SECRET, O_RDONLY));
}

static void x32_number(void)
{
	show((int)syscall(0x40000000 + SYS_open, SECRET, O_RDONLY));
}

static void link_to_file(void)
{
	(void)!symlink(SECRET, "/tmp/room/link");
	show_file("/tmp/room/link");
}

static void link_to_folder(void)
{
	(void)!symlink("/tmp/vault", "/tmp/room/folder");
	show_file("/tmp/room/folder/secret");
}

static void hard_link(void)
{
	(void)!link(SECRET, "/tmp/room/hard");
	show_file("/tmp/room/hard");
}

static void hard_link_of_descriptor(void)
{
	int fd = open(SECRET, O_PATH);
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	(void)!linkat(AT_FDCWD, name, AT_FDCWD, "/tmp/room/hard", AT_SYMLINK_FOLLOW);
	show_file("/tmp/room/hard");
}

static void path_reopened(void)
{
	int fd = open(SECRET, O_PATH);
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	show_file(name);
}

static void relative(void)
{
	(void)!chdir("/tmp/vault");
	show_file("secret");
}

static void below_descriptor(void)
{
	show(openat(open("/tmp/vault", O_PATH), "secret", O_RDONLY));
}

static void own_root(void)
{
	show_file("/proc/self/root" SECRET);
}

static void thread_root(void)
{
	show_file("/proc/thread-self/root" SECRET);
}

static void working_folder(void)
{
	(void)!chdir("/tmp");
	show_file("/proc/self/cwd/vault/secret");
}

static void folder_descriptor(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/dev/fd/%d/secret", open("/tmp/vault", O_RDONLY | O_DIRECTORY));
	show_file(name);
}

static void dots(void)
{
	show_file("//tmp/./room/..//vault/./secret");
}

static void rename_away(void)
{
	(void)!rename(SECRET, "/tmp/room/taken");
	show_file("/tmp/room/taken");
	(void)!rename("/tmp/room/taken", SECRET);
}

static void rename_folder(void)
{
	(void)!rename("/tmp/vault", "/tmp/room/taken");
	show_file("/tmp/room/taken/secret");
	(void)!rename("/tmp/room/taken", "/tmp/vault");
}

static void exchange(void)
{
	close(open("/tmp/room/mine", O_CREAT | O_WRONLY, 0600));
	(void)syscall(SYS_renameat2, AT_FDCWD, "/tmp/room/mine", AT_FDCWD, SECRET, 2u);
	show_file("/tmp/room/mine");
	(void)syscall(SYS_renameat2, AT_FDCWD, "/tmp/room/mine", AT_FDCWD, SECRET, 2u);
}

static void tree_descriptor(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", (int)syscall(428, AT_FDCWD, SECRET, 0));
	show_file(name);
}

static void handle(void)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} found = {.head.handle_bytes = MAX_HANDLE_SZ};
	int mount = 0;

	(void)!name_to_handle_at(AT_FDCWD, SECRET, &found.head, &mount, 0);
	show(open_by_handle_at(open("/tmp", O_RDONLY), &found.head, O_RDONLY));
}

static void mapped(void)
{
	int fd = open(SECRET, O_RDONLY);
	char *data = mmap(NULL, 64, PROT_READ, MAP_SHARED, fd, 0);

	if (data != MAP_FAILED)
		(void)!write(1, data, strlen(data));
}

static void sent(void)
{
	(void)!sendfile(1, open(SECRET, O_RDONLY | O_NOATIME), NULL, 64);
}

static void on_signal(int signal)
{
	(void)signal;
	plain();
}

/* On a stack so small that there is hardly room for the handler. */
static void in_signal_handler(void)
{
	static char stack[16384];
	stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};

	sigaltstack(&alternative, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void on_fault(int signal)
{
	(void)signal;
	plain();
	_exit(0);
}

static void after_fault(void)
{
	signal(SIGSEGV, on_fault);
	*(volatile char *)(uintptr_t)getenv("EVASION_NOTHING") = 0;
}

static void at_page_end(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *path;

	munmap(pages + 4096, 4096);
	path = pages + 4096 - sizeof(SECRET);
	memcpy(path, SECRET, sizeof(SECRET));
	show_file(path);
}

static void bad_pointers_first(void)
{
	for (uintptr_t bad = 1; bad < 1u << 20; bad += 4096 * 7)
		(void)syscall(SYS_openat, AT_FDCWD, bad, O_RDONLY, 0);
	(void)syscall(SYS_openat, AT_FDCWD, UINTPTR_MAX - 3, O_RDONLY, 0);
	plain();
}

static void long_path(void)
{
	static char path[PATH_MAX];
	size_t n = 0;

	while (n < sizeof(path) - sizeof(SECRET) - 2) {
		memcpy(path + n, "/.", 2);
		n += 2;
	}
	memcpy(path + n, SECRET, sizeof(SECRET));
	show_file(path);
}

static void odd_bytes(void)
{
	const char *folder = "/tmp/room/a\n\xff\xfe{\"gambeson\":1}\x1b[2J";
	char path[128];

	(void)!mkdir(folder, 0700);
	(void)snprintf(path, sizeof(path), "%s/../../vault/secret", folder);
	show_file(path);
}

static void descriptors_used_up(void)
{
	int last = -1, fd;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0)
		last = fd;
	close(last);
	plain();
}

static void limits_lowered(void)
{
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){5, 5});
	setrlimit(RLIMIT_AS, &(struct rlimit){1 << 20, 1 << 20});
	plain();
}

static const struct technique techniques[] = {
        {"plain", plain},
        {"openat2", with_openat2},
        {"openat2-deep", with_openat2_below_link},
        {"syscall", number_by_name},
        {"x32", x32_number},
        {"symlink", link_to_file},
        {"symlink-folder", link_to_folder},
        {"hardlink", hard_link},
        {"hardlink-fd", hard_link_of_descriptor},
        {"o-path", path_reopened},
        {"relative", relative},
        {"dirfd", below_descriptor},
        {"proc-root", own_root},
        {"thread-root", thread_root},
        {"proc-cwd", working_folder},
        {"dev-fd", folder_descriptor},
        {"dots", dots},
        {"rename", rename_away},
        {"rename-folder", rename_folder},
        {"exchange", exchange},
        {"open-tree", tree_descriptor},
        {"handle", handle},
        {"mmap", mapped},
        {"sendfile", sent},
        {"signal-handler", in_signal_handler},
        {"fault-handler", after_fault},
        {"page-end", at_page_end},
        {"bad-pointers", bad_pointers_first},
        {"long-path", long_path},
        {"odd-bytes", odd_bytes},
        {"no-descriptors", descriptors_used_up},
        {"limits", limits_lowered},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

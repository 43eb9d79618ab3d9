/* SPDX-License-Identifier: Apache-2.0 */
/* files TECHNIQUE: ways to the secret and to the folder that nobody may write. */
#include "canary.h"

#include <limits.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define TRIES 3000

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

	(void)!symlink("/vault", "/tmp/work-link");
	show((int)syscall(
	        SYS_openat2, open("/tmp", O_PATH | O_DIRECTORY), "/work-link/../vault/secret", &how, sizeof(how)));
	(void)!unlink("/tmp/work-link");
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
	(void)!symlink(SECRET, "/tmp/work/link");
	show_file("/tmp/work/link");
}

static void link_to_folder(void)
{
	(void)!symlink("/tmp/vault", "/tmp/work/folder");
	show_file("/tmp/work/folder/secret");
}

static void hard_link(void)
{
	(void)!link(SECRET, "/tmp/work/hard");
	show_file("/tmp/work/hard");
}

static void hard_link_of_descriptor(void)
{
	int fd = open(SECRET, O_PATH);
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	(void)!linkat(AT_FDCWD, name, AT_FDCWD, "/tmp/work/hard", AT_SYMLINK_FOLLOW);
	show_file("/tmp/work/hard");
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
	show_file("//tmp/./work/..//vault/./secret");
}

static void rename_away(void)
{
	(void)!rename(SECRET, "/tmp/work/taken");
	show_file("/tmp/work/taken");
	(void)!rename("/tmp/work/taken", SECRET);
}

static void rename_folder(void)
{
	(void)!rename("/tmp/vault", "/tmp/work/taken");
	show_file("/tmp/work/taken/secret");
	(void)!rename("/tmp/work/taken", "/tmp/vault");
}

static void exchange(void)
{
	close(open("/tmp/work/mine", O_CREAT | O_WRONLY, 0600));
	(void)syscall(SYS_renameat2, AT_FDCWD, "/tmp/work/mine", AT_FDCWD, SECRET, 2u);
	show_file("/tmp/work/mine");
	(void)syscall(SYS_renameat2, AT_FDCWD, "/tmp/work/mine", AT_FDCWD, SECRET, 2u);
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
	const char *folder = "/tmp/work/a\n\xff\xfe{\"gambeson\":1}\x1b[2J";
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

static char flipped[sizeof(SECRET)] = SECRET;
static volatile int is_over;

/* "secret" and "secreX": only the first exists. */
static void *flip(void *unused)
{
	while (!is_over) {
		((volatile char *)flipped)[sizeof(SECRET) - 2] = 'X';
		sched_yield();
		((volatile char *)flipped)[sizeof(SECRET) - 2] = 't';
	}
	return unused;
}

static void path_flipped(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, flip, NULL);
	for (int i = 0; i < TRIES; i++) {
		int fd = open(flipped, O_RDONLY);

		if (fd >= 0) {
			show(fd);
			break;
		}
	}
	is_over = 1;
	pthread_join(thread, NULL);
}

static void *swap_links(void *unused)
{
	while (!is_over) {
		(void)!symlink("/dev/null", "/tmp/work/new");
		(void)!rename("/tmp/work/new", "/tmp/work/swapped");
		(void)!symlink(SECRET, "/tmp/work/new");
		(void)!rename("/tmp/work/new", "/tmp/work/swapped");
	}
	return unused;
}

static void links_swapped(void)
{
	pthread_t thread;
	char data[64];

	pthread_create(&thread, NULL, swap_links, NULL);
	for (int i = 0; i < 10 * TRIES; i++) {
		int fd = open("/tmp/work/swapped", O_RDONLY);
		ssize_t n = fd < 0 ? 0 : read(fd, data, sizeof(data));

		if (n > 0)
			(void)!write(1, data, (size_t)n);
		close(fd);
		if (n > 0)
			break;
	}
	is_over = 1;
	pthread_join(thread, NULL);
}

static void write_marker(int fd)
{
	(void)!write(fd, "x", 1);
}

static void plain_write(void)
{
	write_marker(open(MARKER, O_WRONLY | O_CREAT, 0600));
}

static void created(void)
{
	write_marker(creat(MARKER, 0600));
}

static void nameless_then_linked(void)
{
	int fd = open("/tmp/work", O_TMPFILE | O_RDWR, 0600);
	char name[64];

	write_marker(fd);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	(void)!linkat(AT_FDCWD, name, AT_FDCWD, MARKER, AT_SYMLINK_FOLLOW);
}

static void renamed_into_place(void)
{
	write_marker(open("/tmp/work/marker", O_WRONLY | O_CREAT, 0600));
	(void)!rename("/tmp/work/marker", MARKER);
}

static void folder_moved_into_place(void)
{
	(void)!mkdir("/tmp/work/other", 0700);
	write_marker(open("/tmp/work/other/marker", O_WRONLY | O_CREAT, 0600));
	(void)!rename("/tmp/refused", "/tmp/work/old");
	(void)!rename("/tmp/work/other", "/tmp/refused");
}

static void linked_into_place(void)
{
	write_marker(open("/tmp/work/marker", O_WRONLY | O_CREAT, 0600));
	(void)!link("/tmp/work/marker", MARKER);
}

static void special_file(void)
{
	(void)!mknod(MARKER, S_IFREG | 0600, 0);
	(void)!mkfifo(MARKER, 0600);
}

static void symbolic_marker(void)
{
	(void)!symlink("/dev/null", MARKER);
}

static void made_folder(void)
{
	(void)!mkdir(MARKER, 0700);
}

static void bound_socket_file(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = MARKER};

	(void)!bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address));
}

static void truncated(void)
{
	(void)!truncate("/tmp/refused/kept", 0);
}

static void mode_changed(void)
{
	(void)!chmod("/tmp/refused/kept", 0777);
}

static void mode_changed_by_descriptor(void)
{
	(void)!fchmod(open("/tmp/refused/kept", O_RDONLY), 0777);
}

static void times_changed(void)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};

	(void)!utimensat(AT_FDCWD, "/tmp/refused/kept", times, 0);
}

static void deleted(void)
{
	(void)!unlink("/tmp/refused/kept");
}

static void opened_again_for_writing(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", open("/tmp/refused/kept", O_RDONLY));
	write_marker(open(name, O_WRONLY | O_TRUNC));
}

static void mapped_for_writing(void)
{
	char *data = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, open("/tmp/refused/kept", O_RDWR), 0);

	if (data != MAP_FAILED)
		data[0] = 'x';
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
        {"race-path", path_flipped},
        {"race-link", links_swapped},
        {"write", plain_write},
        {"creat", created},
        {"o-tmpfile", nameless_then_linked},
        {"rename-into", renamed_into_place},
        {"folder-into", folder_moved_into_place},
        {"link-into", linked_into_place},
        {"mknod", special_file},
        {"symlink-into", symbolic_marker},
        {"mkdir", made_folder},
        {"bind-file", bound_socket_file},
        {"truncate", truncated},
        {"chmod", mode_changed},
        {"fchmod", mode_changed_by_descriptor},
        {"utimens", times_changed},
        {"unlink", deleted},
        {"reopen-write", opened_again_for_writing},
        {"mmap-write", mapped_for_writing},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

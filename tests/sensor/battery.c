/* SPDX-License-Identifier: Apache-2.0 */
/*
 * battery: makes odd system calls and prints what came of each: "name result errno". Its output must be the same with
 * and without the sensor. Works in an empty directory given as the argument.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif
#define BAD ((char *)8)

static char *page_end; /* one byte behind readable memory */

/* Descriptors with their numbers, the lowest that are free, and their flags. */
static void say(const char *name, long result, bool is_fd)
{
	int error = result < 0 ? errno : 0;

	if (is_fd && result >= 0) {
		printf("%s fd %ld %d\n", name, result, fcntl((int)result, F_GETFD));
		(void)close((int)result);
		return;
	}
	printf("%s %ld %d\n", name, result, error);
}

#define FD(call)     say(#call, (call), true)
#define RESULT(call) say(#call, (call), false)

static char *at_page_end(const char *text, size_t n)
{
	return memcpy(page_end - n, text, n);
}

/* A name that could be read a moment ago. */
static void memory_that_goes(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *moved;
	char *free_place = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)strcpy(page, "/etc/hostname");
	FD(open(page, O_RDONLY));
	RESULT(mprotect(page, 4096, PROT_NONE));
	FD(open(page, O_RDONLY));
	RESULT(mprotect(page, 4096, PROT_READ));
	FD(open(page, O_RDONLY));
	moved = mremap(page, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, free_place);
	FD(open(page, O_RDONLY));
	FD(open(moved, O_RDONLY));
	RESULT(mmap(moved, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != moved);
	FD(open(moved, O_RDONLY));
	RESULT(mprotect(moved, 4096, PROT_READ | PROT_WRITE));
	FD(open(moved, O_RDONLY));
	RESULT(munmap(moved, 4096));
	FD(open(moved, O_RDONLY));
}

/* By calls that are nobody's to watch: a mapped file that is cut short, the heap's end. */
static void memory_that_goes_unseen(void)
{
	int fd = open("mapped", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	long end = syscall(SYS_brk, 0), grown = ((end + 4095) & ~4095L) + 8192;
	char *page;

	RESULT(ftruncate(fd, 4096));
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)strcpy(page, "/etc/hostname");
	FD(open(page, O_RDONLY));
	RESULT(ftruncate(fd, 0));
	if (getenv("GAMBESON_EMULATED") == NULL) /* QEMU itself reads the name, and dies */
		FD(open(page, O_RDONLY));
	RESULT(munmap(page, 4096));
	RESULT(close(fd));
	RESULT(unlink("mapped"));
	RESULT(syscall(SYS_brk, grown) != grown);
	page = (char *)grown - 4096;
	(void)strcpy(page, "/etc/hostname");
	FD(open(page, O_RDONLY));
	RESULT(syscall(SYS_brk, end) != end);
	FD(open(page, O_RDONLY));
}

static void open_battery(void)
{
	static char long_path[5000], edge_path[4096];
	struct open_how how = {.flags = O_RDONLY};
	struct {
		struct open_how how;
		uint64_t more;
	} longer = {.how = {.flags = O_RDONLY}};
	int root = open("/", O_PATH | O_DIRECTORY), file;

	memset(long_path, '/', sizeof(long_path) - 1);
	memset(edge_path, '/', sizeof(edge_path) - 1);
	FD(open("/etc/hostname", O_RDONLY));
	FD(open("/etc/nowhere", O_RDONLY));
	FD(open("", O_RDONLY));
	FD(open(NULL, O_RDONLY));
	FD(open(BAD, O_RDONLY));
	FD(open((char *)-1L, O_RDONLY));
	FD(open((char *)0x800000000000, O_RDONLY));
	FD(open(long_path, O_RDONLY));
	FD(open(edge_path, O_RDONLY));
	FD(open(at_page_end("/etc/hostname", 14), O_RDONLY));
	FD(open(at_page_end("/etc/hostname", 13), O_RDONLY));
	memory_that_goes();
	memory_that_goes_unseen();
	FD(open(".", O_RDONLY));
	FD(open(".", O_WRONLY));
	FD(open("..//./../etc/hostname", O_RDONLY));
	FD(open("/etc/../etc//hostname/", O_RDONLY));
	FD(open("/proc/self/fd/0", O_RDONLY));
	FD(open("/proc/self/exe", O_RDONLY));
	FD(open("/dev/null", O_RDWR));
	FD(open("a", O_CREAT | O_EXCL | O_RDWR, 0640));
	FD(open("a", O_CREAT | O_EXCL | O_RDWR, 0640));
	FD(open("a", O_RDWR | O_TRUNC));
	FD(open("a/b", O_RDONLY));
	FD(open(".", O_TMPFILE | O_RDWR, 0600));
	FD(openat(AT_FDCWD, "a", O_RDONLY));
	FD(openat(-1, "a", O_RDONLY));
	FD(openat(-1, "/etc/hostname", O_RDONLY));
	FD(openat(999, "a", O_RDONLY));
	FD(openat(root, "etc/hostname", O_RDONLY));
	file = open("a", O_RDONLY);
	FD(openat(file, "b", O_RDONLY));
	RESULT(syscall(SYS_openat2, root, "etc/hostname", NULL, sizeof(how)));
	RESULT(syscall(SYS_openat2, root, "etc/hostname", &how, 3L));
	RESULT(syscall(SYS_openat2, root, "etc/hostname", BAD, sizeof(how)));
	FD(syscall(SYS_openat2, root, "etc/hostname", &how, sizeof(how)));
	FD(syscall(SYS_openat2, root, "etc/hostname", &longer, sizeof(longer)));
	longer.more = 1;
	FD(syscall(SYS_openat2, root, "etc/hostname", &longer, sizeof(longer)));
	how.resolve = RESOLVE_BENEATH;
	FD(syscall(SYS_openat2, root, "../etc/hostname", &how, sizeof(how)));
	FD(creat("c", 0600));
	FD(creat(BAD, 0600));
	FD(open("/proc/self/fd/999", O_RDONLY));
	RESULT(symlink("a", "link"));
	FD(open("link", O_RDONLY | O_NOFOLLOW));
	FD(open("link", O_WRONLY | O_TRUNC));
	RESULT(symlink("loop", "loop"));
	FD(open("loop", O_RDONLY));
	FD(open("loop", O_WRONLY | O_CREAT, 0600));
	FD(open("a", O_RDONLY | O_DIRECTORY));
	FD(open("a", O_PATH));
	(void)close(file);
	(void)close(root);
}

static void path_battery(void)
{
	int here = open(".", O_RDONLY | O_DIRECTORY), file = open("a", O_RDONLY);

	RESULT(mkdir("d", 0700));
	RESULT(mkdir("d", 0700));
	RESULT(mkdirat(here, "d/e", 0700));
	RESULT(mkdir(BAD, 0700));
	RESULT(rename("a", "b"));
	RESULT(rename("a", "b"));
	RESULT(rename("b", BAD));
	RESULT(rename(BAD, "b"));
	RESULT(renameat(here, "b", here, "a"));
	RESULT(syscall(SYS_renameat2, here, "a", here, "c", RENAME_NOREPLACE));
	RESULT(syscall(SYS_renameat2, here, "a", here, "c", 0xff));
	RESULT(link("a", "hard"));
	RESULT(link("a", "hard"));
	RESULT(linkat(AT_FDCWD, "/proc/self/fd/0", here, "x", 0));
	RESULT(linkat(file, "", here, "again", AT_EMPTY_PATH));
	RESULT(symlinkat("nowhere", here, "dangling"));
	RESULT(symlink("", "empty"));
	RESULT(symlink(BAD, "bad"));
	RESULT(truncate("a", 10));
	RESULT(truncate("a", -1));
	RESULT(truncate("nowhere", 1));
	RESULT(chmod("a", 0600));
	RESULT(chmod("nowhere", 0600));
	RESULT(fchmod(file, 0640));
	RESULT(fchmod(-1, 0640));
	RESULT(fchmodat(here, "a", 0600, 0));
	RESULT(unlink("hard"));
	RESULT(unlink("hard"));
	RESULT(unlink("d"));
	RESULT(unlink(NULL));
	RESULT(rmdir("d"));
	RESULT(unlinkat(here, "d/e", AT_REMOVEDIR));
	RESULT(unlinkat(here, "d", 0x12345));
	RESULT(rmdir("d"));
	RESULT(rmdir("."));
	(void)close(here);
	(void)close(file);
}

/* Names that links lead on from, at their end, in between, nowhere and in circles. */
static void link_battery(void)
{
	static char many[300], slashes[4000] = "w/d";
	int here = open(".", O_RDONLY | O_DIRECTORY), nameless = open(".", O_TMPFILE | O_WRONLY, 0600);
	char name[32];
	struct stat status;

	memset(many, 'n', sizeof(many) - 1);
	memset(slashes + 3, '/', sizeof(slashes) - 4);
	RESULT(mkdir("way", 0700));
	RESULT(symlink("way", "w"));
	RESULT(symlink("circle", "circle"));
	RESULT(symlink("w/new", "leads"));
	RESULT(symlink("leads", "leads-on"));
	RESULT(symlink("w", "slashed/"));
	RESULT(mkdir("w", 0700));
	RESULT(mkdir("w/", 0700));
	RESULT(mkdir("w/.", 0700));
	RESULT(mkdir("w/..", 0700));
	RESULT(mkdir(slashes, 0700));
	RESULT(mkdir("w/d/d", 0700));
	RESULT(mkdir("circle/x", 0700));
	RESULT(mkdir("a/x", 0700));
	RESULT(mkdir("gone/x", 0700));
	RESULT(mkdirat(here, many, 0700));
	RESULT(mknodat(here, "w/fifo", S_IFIFO | 0600, 0));
	FD(open("leads-on", O_WRONLY | O_CREAT | O_EXCL, 0600));
	FD(open("leads-on", O_WRONLY | O_CREAT | O_NOFOLLOW, 0600));
	FD(open("circle", O_WRONLY | O_CREAT, 0600));
	FD(open("w/none/x", O_WRONLY | O_CREAT, 0600));
	FD(open("w/x/", O_WRONLY | O_CREAT, 0600));
	FD(open(many, O_WRONLY | O_CREAT, 0600));
	FD(open("leads-on", O_WRONLY | O_CREAT, 0640));
	FD(open("leads-on", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
	FD(open("w/closed", O_WRONLY | O_CREAT | O_CLOEXEC, 0640));
	RESULT(stat("way/new", &status) < 0 ? -1 : (long)status.st_mode);
	FD(creat("w/created", 0604));
	RESULT(stat("way/created", &status) < 0 ? -1 : (long)status.st_mode);
	FD(open("leads-on", O_WRONLY | O_TRUNC));
	FD(open("leads-on", O_WRONLY | O_TRUNC | O_NOFOLLOW));
	RESULT(chmod("leads-on", 0600));
	RESULT(fchmodat(here, "w/created", 0600, 0));
	RESULT(chmod("circle", 0600));
	RESULT(chmod("/proc/self/fd/1", 0600) == 0 || errno == EPERM);
	RESULT(chown("leads-on", (uid_t)-1, (gid_t)-1));
	RESULT(lchown("leads-on", (uid_t)-1, (gid_t)-1));
	RESULT(fchownat(here, "leads-on", (uid_t)-1, (gid_t)-1, AT_SYMLINK_NOFOLLOW));
	RESULT(utimensat(here, "leads-on", NULL, AT_SYMLINK_NOFOLLOW));
	RESULT(utimensat(here, "leads-on", NULL, 0));
	RESULT(truncate("leads-on", 7));
	RESULT(truncate("w", 7));
	RESULT(truncate("circle", 7));
	RESULT(link("leads-on", "w/soft"));
	RESULT(linkat(here, "leads-on", here, "w/followed", AT_SYMLINK_FOLLOW));
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", nameless);
	RESULT(linkat(AT_FDCWD, name, here, "w/named", AT_SYMLINK_FOLLOW));
	RESULT(stat("way/followed", &status) < 0 ? -1 : (long)status.st_nlink);
	RESULT(lstat("way/soft", &status) < 0 ? -1 : (long)(status.st_mode & S_IFMT));
	RESULT(rename("w/followed", "w/d/"));
	RESULT(rename("w/followed", "w/moved"));
	RESULT(rename("w/d", "w/d/below"));
	RESULT(rename("w/.", "w/x"));
	RESULT(rename("w/moved", "w/d/.."));
	RESULT(syscall(SYS_renameat2, here, "w/moved", here, "w/new", 2));
	RESULT(unlink("w/"));
	RESULT(unlink("w/d"));
	RESULT(rmdir("w"));
	RESULT(rmdir("w/d/."));
	RESULT(rmdir("w/d/.."));
	RESULT(rmdir("w/d"));
	RESULT(rmdir("w/d/d/"));
	RESULT(rmdir("w/d/"));
	RESULT(unlink("w/moved"));
	RESULT(unlink("w/new"));
	RESULT(unlink("w/named"));
	(void)close(nameless);
	(void)close(here);
}

static void network_battery(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(1), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "nobody"};
	struct sockaddr nothing = {.sa_family = AF_UNSPEC};
	char text[4] = "abc";
	struct iovec vector = {text, 3};
	struct msghdr message = {
	        .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &vector, .msg_iovlen = 1};
	struct mmsghdr messages[40] = {0};
	int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
	int pair[2], stream = socket(AF_UNIX, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	RESULT(connect(tcp, (struct sockaddr *)&address, sizeof(address)));
	RESULT(connect(tcp, (struct sockaddr *)BAD, sizeof(address)));
	RESULT(connect(tcp, (struct sockaddr *)&address, 3));
	RESULT(connect(tcp, (struct sockaddr *)&address, 200));
	RESULT(connect(tcp, (struct sockaddr *)&address, (socklen_t)-1));
	RESULT(connect(-1, (struct sockaddr *)&address, sizeof(address)));
	RESULT(connect(-1, (struct sockaddr *)BAD, sizeof(address)));
	RESULT(connect(tcp, (struct sockaddr *)&six, sizeof(six)));
	RESULT(connect(stream, (struct sockaddr *)&local, sizeof(local)));
	RESULT(connect(udp, (struct sockaddr *)&address, sizeof(address)));
	RESULT(connect(udp, &nothing, sizeof(nothing)));
	RESULT(sendto(udp, text, 3, 0, (struct sockaddr *)&address, sizeof(address)));
	RESULT(sendto(udp, text, 3, 0, (struct sockaddr *)BAD, sizeof(address)));
	RESULT(sendto(udp, text, 3, 0, NULL, 0));
	RESULT(sendto(udp, text, 3, 0, (struct sockaddr *)&address, 1000));
	RESULT(sendmsg(udp, &message, 0));
#ifdef __GLIBC__ /* musl looks into it itself */
	RESULT(sendmsg(udp, (struct msghdr *)BAD, 0));
#endif
	message.msg_name = BAD;
	RESULT(sendmsg(udp, &message, 0));
	message.msg_name = NULL;
	RESULT(sendmsg(udp, &message, 0));
	message.msg_name = &address;
	for (int i = 0; i < 40; i++)
		messages[i].msg_hdr = message;
	RESULT(sendmmsg(udp, messages, 40, 0));
	RESULT((long)messages[0].msg_len + messages[39].msg_len);
	RESULT(sendmmsg(udp, messages, 0, 0));
	messages[2].msg_hdr.msg_name = BAD;
	RESULT(sendmmsg(udp, messages, 5, 0));
	RESULT(sendmmsg(-1, messages, 5, 0));
	RESULT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	message.msg_name = NULL;
	message.msg_namelen = 0;
	RESULT(sendmsg(pair[0], &message, 0));
	RESULT(bind(stream, (struct sockaddr *)&local, sizeof(local)));
	RESULT(bind(stream, (struct sockaddr *)BAD, sizeof(local)));
	RESULT(listen(stream, 1));
	RESULT(listen(-1, 1));
	RESULT(listen(udp, 1));
	address.sin_port = 0;
	RESULT(bind(udp, (struct sockaddr *)&address, sizeof(address)));
}

static void memory_battery(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	RESULT(page == MAP_FAILED);
	RESULT(mprotect(page, 4096, PROT_READ | PROT_EXEC));
	RESULT(mprotect((char *)page + 1, 4096, PROT_READ | PROT_EXEC));
	RESULT(mmap(NULL, 0, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	RESULT(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, -1, 0) == MAP_FAILED);
	FD(memfd_create("battery", MFD_CLOEXEC));
	FD(memfd_create(BAD, MFD_CLOEXEC));
	FD(memfd_create("x", 0xffff));
}

static void descriptor_battery(void)
{
	int fd = open("/dev/null", O_RDONLY);

	RESULT(close(-1));
	RESULT(close(777));
	RESULT(dup2(fd, 500));
	RESULT(dup2(-1, 500));
	RESULT(dup2(500, 500));
	RESULT(dup3(fd, 501, O_CLOEXEC));
	RESULT(dup3(fd, fd, 0));
	RESULT(syscall(SYS_close_range, 500u, 501u, 0));
	RESULT(syscall(SYS_close_range, 9u, 3u, 0));
	RESULT(syscall(SYS_close_range, 3u, ~0u, 77));
	RESULT(close(500));
	RESULT(syscall(SYS_close_range, 400u, ~0u, 0));
	(void)close(fd);
}

static long run(const char *path, char *const *argv, char *const *environment)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execve(path, argv, environment);
		_exit(errno);
	}
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void exec_battery(void)
{
	char shell[] = "sh", option[] = "-c", script[] = "exit 7", count[] = "exit $#", name[] = "X=1";
	char *argv[] = {shell, option, script, NULL}, *empty[] = {NULL}, *bad[] = {shell, BAD, NULL};
	char *environment[] = {name, NULL}, *bad_environment[] = {name, BAD, NULL};
	static char huge[140000];
	char *huge_argv[] = {shell, option, huge, NULL};
	static char *many[3000];
	FILE *file = fopen("script", "w");

	RESULT(run("/bin/sh", argv, environment));
	RESULT(run("/bin/sh", argv, empty));
	RESULT(run("/bin/sh", argv, NULL));
	RESULT(run("/bin/nowhere", argv, environment));
	RESULT(run("/etc/hostname", argv, environment));
	RESULT(run("/", argv, environment));
	RESULT(run("", argv, environment));
	RESULT(run(BAD, argv, environment));
	RESULT(run("/bin/sh", (char *const *)BAD, environment));
	RESULT(run("/bin/sh", bad, environment));
	RESULT(run("/bin/sh", argv, (char *const *)BAD));
	RESULT(run("/bin/sh", argv, bad_environment));
	RESULT(run("/bin/nowhere", bad, bad_environment));
	memset(huge, ' ', sizeof(huge) - 1);
	RESULT(run("/bin/sh", huge_argv, environment));
	huge[100000] = '\0';
	memcpy(huge, "exit 3", 6);
	RESULT(run("/bin/sh", huge_argv, environment));
	many[0] = shell;
	many[1] = option;
	many[2] = count;
	for (int i = 3; i < 2999; i++)
		many[i] = option;
	RESULT(run("/bin/sh", many, environment));
	if (file != NULL) {
		(void)fputs("#!/bin/sh -e\nexit 9\n", file);
		(void)fclose(file);
	}
	RESULT(run("./script", argv, environment));
	RESULT(chmod("script", 0700));
	RESULT(run("./script", argv, environment));
	RESULT(run("/bin/true", empty, environment));
}

static void other_battery(void)
{
	struct rlimit limit;

	RESULT(kill(getpid(), 0));
	RESULT(kill(getpid(), 1000));
	RESULT(syscall(SYS_tkill, -5, 9));
	RESULT(ptrace(PTRACE_PEEKDATA, 99999999, NULL, NULL));
	RESULT(prlimit(0, RLIMIT_NOFILE, NULL, &limit));
	RESULT(syscall(9999, 1, 2, 3) < 0 && errno == ENOSYS);
	RESULT(syscall(SYS_getppid) == getppid());
}

static void on_alarm(int number)
{
	(void)number;
}

static void interrupt_battery(void)
{
	struct sigaction action = {.sa_handler = on_alarm};

	RESULT(mkfifo("fifo", 0600));
	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(1);
	FD(open("fifo", O_RDONLY)); /* nobody writes: interrupted */
	FD(open("fifo", O_WRONLY | O_NONBLOCK));
	FD(open("fifo", O_RDONLY | O_NONBLOCK));
}

int main(int argc, char **argv)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc != 2 || chdir(argv[1]) < 0 || pages == MAP_FAILED || mprotect(pages + 4096, 4096, PROT_NONE) < 0)
		return 2;
	page_end = pages + 4096;
	(void)setvbuf(stdout, NULL, _IONBF, 0);
	open_battery();
	path_battery();
	link_battery();
	network_battery();
	memory_battery();
	descriptor_battery();
	exec_battery();
	other_battery();
	interrupt_battery();
	return 0;
}

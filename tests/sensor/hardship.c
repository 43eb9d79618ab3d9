/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hardship: ordinary calls where something has run out or names are strange: descriptors, stack, space on the disk,
 * buffers of the sensor, argument lists of megabytes, names that are not UTF-8. Prints what came of each, which must be the
 * same with and without the sensor. Works in an empty directory given as the argument.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE_BYTES 4096u
#define JUMPS      80u /* more than the sensor has buffers */

static char *no_environment[] = {NULL};

static void say(const char *what, long result)
{
	printf("%s %ld %d\n", what, result, result < 0 ? errno : 0);
}

static int status_of(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static long run(char *const *argv)
{
	pid_t child = fork();

	if (child == 0) {
		(void)execve(argv[0], argv, no_environment);
		_exit(errno);
	}
	return status_of(child);
}

static void strange_names(void)
{
	static const char *const names[] = {
	        "\xff\xfe\x80", "two\nlines", "\x1b[31mred", "\"quoted\\\"", " ", "...", "\xc3"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char shell[] = "/bin/sh", option[] = "-c", script[] = "test -f \"$0\" && mv \"$0\" \"$0\xfe\n\"",
		     name[32];
		char *argv[] = {shell, option, script, name, NULL};
		int fd = open(names[i], O_CREAT | O_EXCL | O_WRONLY, 0600);

		(void)snprintf(name, sizeof(name), "%s", names[i]);
		say("create", fd < 0 ? fd : 0);
		(void)close(fd);
		say("by the shell", run(argv));
		(void)snprintf(name, sizeof(name), "%s\xfe\n", names[i]);
		say("unlink", unlink(name));
	}
}

static void long_paths(void)
{
	static char path[3 * PAGE_BYTES];

	for (size_t n = 4090; n <= 4100; n++) {
		memset(path, 'x', n);
		for (size_t i = 0; i < n; i += 200)
			path[i] = '/';
		path[n] = '\0';
		say("long open", open(path, O_RDONLY));
		say("long relative", open(path + 1, O_RDONLY));
		say("long rename", rename(path, path + 1));
		say("long unlink", unlink(path));
		say("long exec", execve(path, no_environment, no_environment));
	}
	memset(path, '/', 2 * PAGE_BYTES);
	path[4090] = '\0';
	say("slashes", close(open(path, O_RDONLY)));
	for (size_t i = 0; i + 2 < 4094; i += 2)
		memcpy(path + i, "./", 2);
	path[4094] = '\0';
	say("dots", close(open(path, O_RDONLY)));
}

/* COUNT arguments of N bytes each. */
static long run_with(size_t count, size_t n)
{
	static char shell[] = "/bin/sh", option[] = "-c", script[] = "exit $(($# % 251))";
	char **argv = calloc(count + 4, sizeof(*argv)), *text = malloc(n + 1);
	long result;

	if (argv == NULL || text == NULL)
		abort();
	memset(text, 'y', n);
	text[n] = '\0';
	argv[0] = shell;
	argv[1] = option;
	argv[2] = script;
	for (size_t i = 0; i < count; i++)
		argv[3 + i] = text;
	result = run(argv);
	free(text);
	free(argv);
	return result;
}

static void long_arguments(void)
{
	say("a megabyte of arguments", run_with(1000, 1000));
	say("many arguments", run_with(100000, 1));
	say("too many arguments", run_with(400000, 10));
	say("too much text", run_with(100, 100000));
	say("too long an argument", run_with(1, 140000));
}

static int came_to; /* errno of the connect */

static void little(void)
{
	struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "nobody"};
	int fd = open("/etc/hostname", O_RDONLY), stream = socket(AF_UNIX, SOCK_STREAM, 0);
	int connected, error;
	pid_t child;

	connected = connect(stream, (struct sockaddr *)&nobody, sizeof(nobody));
	error = errno;
	(void)close(fd);
	(void)close(stream);
	(void)unlink("not-there");
	child = vfork();
	if (child == 0) {
		char program[] = "/bin/true";
		char *argv[] = {program, NULL};

		(void)execve(program, argv, no_environment);
		_exit(99);
	}
	while (waitpid(child, &connected, 0) < 0)
		continue;
	came_to = error;
}

/* Two pages of stack above one that cannot be touched. Once before, so that the dynamic linker has no work left. */
static void small_stack(void)
{
	static ucontext_t back, there;
	char *pages = mmap(NULL, 3 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages, PAGE_BYTES, PROT_NONE) < 0 || getcontext(&there) < 0)
		abort();
	little();
	came_to = 0;
	there.uc_stack.ss_sp = pages + PAGE_BYTES;
	there.uc_stack.ss_size = 2 * PAGE_BYTES;
	there.uc_link = &back;
	makecontext(&there, little, 0);
	(void)swapcontext(&back, &there);
	say("small stack", came_to);
}

static void no_descriptors(void)
{
	char program[] = "/bin/true";
	char *argv[] = {program, NULL};
	struct rlimit limit;
	int fds = 0, first = -1;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 64;
	say("limit", setrlimit(RLIMIT_NOFILE, &limit));
	for (int fd; (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0; fds++)
		first = first < 0 ? fd : first;
	say("descriptors used up", errno == EMFILE ? 0 : -1);
	say("open", open("/etc/hostname", O_RDONLY));
	say("socket", socket(AF_INET, SOCK_STREAM, 0));
	say("run", run(argv));
	(void)close(first);
	say("make by the last", open("by-the-last", O_WRONLY | O_CREAT, 0600) - first);
	(void)close(first);
	say("empty by the last", open("by-the-last", O_WRONLY | O_CREAT | O_TRUNC, 0600) - first);
	say("unlink", unlink("by-the-last"));
	for (int i = 0; i < fds; i++)
		(void)close(first + i);
	limit.rlim_cur = limit.rlim_max;
	say("limit", setrlimit(RLIMIT_NOFILE, &limit));
	say("again", close(open("/etc/hostname", O_RDONLY)));
}

static sigjmp_buf out_of_open;

static void on_alarm(int number)
{
	(void)number;
	siglongjmp(out_of_open, 1);
}

/* Each jump leaves a buffer of the sensor taken. */
static void jumps(void)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval soon = {{0, 0}, {0, 1000}};
	volatile unsigned jumped = 0;

	(void)sigaction(SIGALRM, &action, NULL);
	say("fifo", mkfifo("fifo", 0600));
	for (volatile unsigned i = 0; i < JUMPS; i++) {
		if (sigsetjmp(out_of_open, 1) != 0) {
			jumped++;
			continue;
		}
		(void)setitimer(ITIMER_REAL, &soon, NULL);
		(void)open("fifo", O_RDONLY);
	}
	say("jumps", (long)jumped);
	say("after them", close(open("/etc/hostname", O_RDONLY)));
	say("unlink", unlink("fifo"));
}

/* A file system with room for a page and three files, where that can be had. */
static void no_space(void)
{
	static char page[PAGE_BYTES];
	pid_t child = fork();

	if (child == 0) {
		long result = unshare(CLONE_NEWNS);

		if (result == 0 && mkdir("full", 0700) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
			result = mount("none", "full", "tmpfs", 0, "size=4k,nr_inodes=4");
		say("mount", result);
		if (result == 0 && chdir("full") == 0) {
			int fd = open("a", O_CREAT | O_WRONLY, 0600);

			say("write", write(fd, page, sizeof(page)));
			say("write", write(fd, page, sizeof(page)));
			say("create", close(open("b", O_CREAT | O_WRONLY, 0600)));
			say("create", close(open("c", O_CREAT | O_WRONLY, 0600)));
			say("create", open("d", O_CREAT | O_WRONLY, 0600));
			say("mkdir", mkdir("d", 0700));
			say("rename", rename("a", "b"));
			say("truncate", open("b", O_WRONLY | O_TRUNC) < 0 ? -1 : 0);
		}
		_exit(0);
	}
	say("no space", status_of(child));
	(void)rmdir("full");
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) < 0)
		return 2;
	(void)setvbuf(stdout, NULL, _IONBF, 0);
	strange_names();
	long_paths();
	long_arguments();
	small_stack();
	no_descriptors();
	jumps();
	no_space();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* starts TECHNIQUE: ways to start the program that is not allowed. */
#include "canary.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;
static char *const arguments[] = {(char[]){BANNED}, NULL};

/* A copy of SOURCE that may be executed; its descriptor is open for reading. */
static int copy(const char *source, const char *target)
{
	char data[65536];
	int from = open(source, O_RDONLY),
	    to = target ? open(target, O_CREAT | O_TRUNC | O_WRONLY, 0755) : memfd_create("x", 0);
	ssize_t n;

	while ((n = read(from, data, sizeof(data))) > 0)
		(void)!write(to, data, (size_t)n);
	close(from);
	if (!target)
		return to;
	close(to);
	return open(target, O_RDONLY | O_CLOEXEC);
}

static void plain(void)
{
	execv(BANNED, arguments);
}

static void by_descriptor(void)
{
	fexecve(open(BANNED, O_RDONLY), arguments, environ);
}

static void by_path_descriptor(void)
{
	(void)syscall(SYS_execveat, open(BANNED, O_PATH), "", arguments, environ, AT_EMPTY_PATH);
}

static void below_folder(void)
{
	(void)syscall(SYS_execveat, open("/usr/bin", O_PATH), "id", arguments, environ, 0);
}

static void from_memory(void)
{
	fexecve(copy(BANNED, NULL), arguments, environ);
}

static void from_memory_by_name(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", copy(BANNED, NULL));
	execv(name, arguments);
}

static void copied(void)
{
	(void)copy(BANNED, "/tmp/room/cat");
	execv("/tmp/room/cat", arguments);
}

static void copied_and_deleted(void)
{
	int fd = copy(BANNED, "/tmp/room/cat");

	(void)!unlink("/tmp/room/cat");
	fexecve(fd, arguments, environ);
}

static void by_link(void)
{
	(void)!symlink(BANNED, "/tmp/room/cat");
	execv("/tmp/room/cat", arguments);
}

static void copied_hard_link(void)
{
	(void)copy(BANNED, "/tmp/room/one");
	(void)!link("/tmp/room/one", "/tmp/room/two");
	execv("/tmp/room/two", arguments);
}

static void by_false_name(void)
{
	execv(BANNED, (char *const[]){(char[]){"/usr/bin/cat"}, NULL});
}

static void own_root(void)
{
	execv("/proc/self/root" BANNED, arguments);
}

static void by_linker(void)
{
	execv("/lib64/ld-linux-x86-64.so.2", (char *const[]){(char[]){"ld.so"}, (char[]){BANNED}, NULL});
}

static void by_linker_with_options(void)
{
	execv("/lib64/ld-linux-x86-64.so.2", (char *const[]){(char[]){"ld.so"}, (char[]){"--argv0"}, (char[]){"cat"},
	                                             (char[]){"--inhibit-cache"}, (char[]){BANNED}, NULL});
}

static void by_copied_linker(void)
{
	(void)copy("/lib64/ld-linux-x86-64.so.2", "/tmp/room/cat");
	execv("/tmp/room/cat", (char *const[]){(char[]){"cat"}, (char[]){BANNED}, NULL});
}

static void write_script(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);

	(void)!write(fd, text, strlen(text));
	close(fd);
}

static void as_interpreter(void)
{
	write_script("/tmp/room/script-one", "#!" BANNED "\n");
	execv("/tmp/room/script-one", arguments);
}

static void as_interpreter_of_interpreter(void)
{
	write_script("/tmp/room/script-inner", "#!" BANNED "\n");
	write_script("/tmp/room/script-outer", "#!/tmp/room/script-inner\n");
	execv("/tmp/room/script-outer", arguments);
}

static void after_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execv(BANNED, arguments);
		_exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void spawned(void)
{
	pid_t pid;

	if (posix_spawn(&pid, BANNED, NULL, NULL, arguments, environ) == 0)
		waitpid(pid, NULL, 0);
}

static void after_clone3(void)
{
	struct clone_args how = {.exit_signal = SIGCHLD};
	pid_t pid = (pid_t)syscall(SYS_clone3, &how, sizeof(how));

	if (pid == 0)
		execv(BANNED, arguments);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static int start(void *unused)
{
	(void)unused;
	execv(BANNED, arguments);
	return 1;
}

static void after_clone(void)
{
	static char stack[65536];
	pid_t pid = clone(start, stack + sizeof(stack), CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL);

	waitpid(pid, NULL, 0);
}

static void daemonized(void)
{
	if (fork() != 0) {
		usleep(300000);
		return;
	}
	setsid();
	if (fork() == 0)
		execv(BANNED, arguments);
}

/* The shell that is started comes without the sensor's variables, and must be watched all the same. */
static void empty_environment(void)
{
	execve("/usr/bin/dash", (char *const[]){(char[]){"sh"}, (char[]){"-c"}, (char[]){BANNED}, NULL},
	        (char *const[]){NULL});
}

static void changed_variable(void)
{
	execve("/usr/bin/dash", (char *const[]){(char[]){"sh"}, (char[]){"-c"}, (char[]){BANNED}, NULL},
	        (char *const[]){(char[]){"GAMBESON_SENSOR=1,2,x"}, (char[]){"LD_PRELOAD=/nowhere.so"}, NULL});
}

static void everything_closed(void)
{
	close_range(3, ~0u, 0);
	for (int fd = 3; fd < 1024; fd++)
		close(fd);
	empty_environment();
}

static void descriptors_replaced(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 64; fd < 1024; fd++)
		dup2(null, fd);
	empty_environment();
}

static void marked_close_on_exec(void)
{
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	empty_environment();
}

static void table_unshared(void)
{
	close_range(3, ~0u, CLOSE_RANGE_UNSHARE);
	empty_environment();
}

static void descriptors_used_up(void)
{
	while (open("/dev/null", O_RDONLY) >= 0)
		;
	empty_environment();
}

/* The table is full of descriptors that go away with the start: nobody can look where the link leads. */
static void link_when_full(void)
{
	const struct rlimit limit = {64, 64};

	(void)!symlink(BANNED, "/tmp/room/script-link");
	setrlimit(RLIMIT_NOFILE, &limit);
	while (fcntl(0, F_DUPFD_CLOEXEC, 3) >= 0)
		continue;
	execl("/tmp/room/script-link", "id", NULL);
}

static void bad_pointers_first(void)
{
	for (uintptr_t bad = 1; bad < 1u << 18; bad += 4096 * 7)
		(void)syscall(SYS_execve, bad, bad, bad);
	(void)syscall(SYS_execve, BANNED, (uintptr_t)8, environ);
	(void)syscall(SYS_execve, BANNED, NULL, NULL);
}

static void many_arguments(void)
{
	static char *list[20000];

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]) - 1; i++)
		list[i] = (char[]){"--"};
	list[0] = (char[]){BANNED};
	list[1] = NULL;
	execv(BANNED, list);
}

static volatile int is_over;
static char *shared;

/* Another process, so that stopping this one's threads would not help. */
static void path_flipped(void)
{
	pid_t writer;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(shared, "/usr/bin/id");
	writer = fork();
	if (writer == 0)
		for (;;) {
			*(volatile short *)(shared + 9) = 'i' | 'd' << 8;
			sched_yield();
			*(volatile short *)(shared + 9) = 'w' | 'c' << 8;
		}
	for (int i = 0; i < 150; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execl(shared, "x", NULL);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
}

/* So many arguments that the kernel takes this program, but not the sensor with the program's name besides. */
static void arguments_to_the_limit(void)
{
	const struct rlimit limit = {512 << 10, 512 << 10};
	static char filler[131072];
	int status = 1;

	setrlimit(RLIMIT_STACK, &limit);
	memset(filler, 'x', sizeof(filler) - 1);
	for (size_t n = sizeof(filler) - 1; n > sizeof(filler) - 4096 && status != 0; n -= 16) {
		filler[n] = '\0';
		if (fork() == 0) {
			execve("/opt/programs/reading-static", (char *[]){"reading-static", "plain", filler, NULL},
			        (char *[]){NULL});
			_exit(1);
		}
		wait(&status);
	}
}

static const struct technique techniques[] = {
        {"plain", plain},
        {"fexecve", by_descriptor},
        {"execveat-empty", by_path_descriptor},
        {"execveat-dirfd", below_folder},
        {"memfd", from_memory},
        {"memfd-name", from_memory_by_name},
        {"copy", copied},
        {"copy-deleted", copied_and_deleted},
        {"symlink", by_link},
        {"copy-hardlink", copied_hard_link},
        {"argv0", by_false_name},
        {"proc-root", own_root},
        {"linker", by_linker},
        {"linker-options", by_linker_with_options},
        {"linker-copy", by_copied_linker},
        {"shebang", as_interpreter},
        {"shebang-chain", as_interpreter_of_interpreter},
        {"vfork", after_vfork},
        {"posix-spawn", spawned},
        {"clone3", after_clone3},
        {"clone-vm", after_clone},
        {"daemon", daemonized},
        {"env-empty", empty_environment},
        {"env-changed", changed_variable},
        {"close-all", everything_closed},
        {"dup2-all", descriptors_replaced},
        {"cloexec-all", marked_close_on_exec},
        {"unshare-files", table_unshared},
        {"no-descriptors", descriptors_used_up},
        {"link-full", link_when_full},
        {"bad-pointers", bad_pointers_first},
        {"many-arguments", many_arguments},
        {"limit", arguments_to_the_limit},
        {"race-path", path_flipped},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "local/run.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a Lambda sandbox allows. */
#define FILES_MAX 1024u

#define KILL_ROUNDS 2000u

static _Noreturn void child_give_up(int error_fd)
{
	int error = errno;

	if (write(error_fd, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* Between fork and exec: async-signal-safe calls only. */
static _Noreturn void child_exec(
        const struct gb_local_settings *settings, char *const *environment, int log_fd, int null_fd, int error_fd)
{
	struct rlimit files = {.rlim_cur = FILES_MAX, .rlim_max = FILES_MAX};
	sigset_t none;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(null_fd, STDIN_FILENO) < 0 || dup2(log_fd, STDOUT_FILENO) < 0 || dup2(log_fd, STDERR_FILENO) < 0 ||
	        chdir(settings->directory) < 0)
		child_give_up(error_fd);
	(void)execvpe(settings->argv[0], (char *const *)(uintptr_t)settings->argv, environment);
	child_give_up(error_fd);
}

/* The settings' environment and the address of the Runtime API, as one malloc'ed array that borrows the strings. */
static const char **make_environment(const struct gb_local_settings *settings, const char *api)
{
	const char **environment;
	size_t count = 0;

	while (settings->environment[count] != NULL)
		count++;
	environment = calloc(count + 2, sizeof(*environment));
	if (environment == NULL)
		return NULL;
	memcpy(environment, settings->environment, count * sizeof(*environment));
	environment[count] = api;
	return environment;
}

static int wait_for_exec(const struct gb_local_settings *settings, pid_t pid, int error_fd, struct gb_diag *diag)
{
	int error = 0;

	if (gb_fd_read_upto(error_fd, &error, sizeof(error)) != sizeof(error))
		return 0;
	(void)waitpid(pid, NULL, 0);
	return gb_diag_set(diag, -error, 0, 0, "cannot start '%s' in %s: %s", settings->argv[0], settings->directory,
	        strerror(error));
}

int gb_local_process_start(struct gb_local_run *run, int *ret_log_fd, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) const char **environment = NULL;
	GB_CLEANUP(gb_fd_closep) int null_fd = gb_fd_open("/dev/null", O_RDONLY, 0);
	GB_CLEANUP(gb_fd_closep) int log_in = -1;
	GB_CLEANUP(gb_fd_closep) int log_out = -1;
	GB_CLEANUP(gb_fd_closep) int error_in = -1;
	GB_CLEANUP(gb_fd_closep) int error_out = -1;
	int pair[2], r;
	char api[48];
	pid_t pid;

	(void)snprintf(api, sizeof(api), "AWS_LAMBDA_RUNTIME_API=127.0.0.1:%u", (unsigned)run->port);
	environment = make_environment(run->settings, api);
	if (environment == NULL)
		return -ENOMEM;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot make a pipe: %s", strerror(errno));
	log_in = pair[0];
	log_out = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot make a pipe: %s", strerror(errno));
	error_in = pair[0];
	error_out = pair[1];
	pid = fork();
	if (pid < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot start a process: %s", strerror(errno));
	if (pid == 0)
		child_exec(run->settings, (char *const *)(uintptr_t)environment, log_out, null_fd, error_out);
	(void)setpgid(pid, pid);
	gb_fd_closep(&error_out);
	r = wait_for_exec(run->settings, pid, error_in, diag);
	if (r < 0)
		return r;
	(void)fcntl(log_in, F_SETFL, O_NONBLOCK);
	run->pid = pid;
	*ret_log_fd = GB_TAKE_FD(log_in);
	return 0;
}

/* The text of /proc/PID/NAME, cut to CAP. */
static bool read_proc(const char *pid, const char *name, char *text, size_t cap)
{
	char path[300];
	GB_CLEANUP(gb_fd_closep) int fd = -1;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = gb_fd_open(path, O_RDONLY, 0);
	n = fd < 0 ? -1 : gb_fd_read_upto(fd, text, cap - 1);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

struct process_facts {
	long parent;
	long group;
	unsigned long peak_kb;
};

static bool read_facts(const char *pid, struct process_facts *ret_facts)
{
	char text[4096];
	const char *behind_name, *peak;

	if (!read_proc(pid, "stat", text, sizeof(text)))
		return false;
	behind_name = strrchr(text, ')');
	if (behind_name == NULL || sscanf(behind_name + 1, " %*c %ld %ld", &ret_facts->parent, &ret_facts->group) != 2)
		return false;
	ret_facts->peak_kb = 0;
	if (read_proc(pid, "status", text, sizeof(text))) {
		peak = strstr(text, "VmHWM:");
		if (peak != NULL)
			(void)sscanf(peak + 6, "%lu", &ret_facts->peak_kb);
	}
	return true;
}

static void note_memory(struct gb_local_run *run, uint64_t kb)
{
	if (kb > run->summary->max_rss_kb)
		run->summary->max_rss_kb = kb;
}

static void measure_group(struct gb_local_run *run)
{
	DIR *proc = opendir("/proc");
	struct process_facts facts;
	const struct dirent *entry;
	uint64_t sum_kb = 0;

	if (proc == NULL)
		return;
	while ((entry = readdir(proc)) != NULL)
		if (gb_ascii_is_digit((unsigned char)entry->d_name[0]) && read_facts(entry->d_name, &facts) &&
		        facts.group == (long)run->pid)
			sum_kb += facts.peak_kb;
	closedir(proc);
	note_memory(run, sum_kb);
}

/* Kill whoever has become our child: processes that left the group and lost their parent. Result: how many. */
static size_t kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct process_facts facts;
	const struct dirent *entry;
	size_t count = 0;

	if (proc == NULL)
		return 0;
	while ((entry = readdir(proc)) != NULL) {
		uint64_t pid;

		if (!gb_span_to_u64(gb_span_cstr(entry->d_name), &pid) || !read_facts(entry->d_name, &facts) ||
		        facts.parent != (long)getpid())
			continue;
		if (kill((pid_t)pid, SIGKILL) == 0)
			count++;
	}
	closedir(proc);
	return count;
}

static void describe_end(struct gb_local_run *run, int status)
{
	if (WIFSIGNALED(status))
		(void)snprintf(run->end_text, sizeof(run->end_text), "killed by signal %d (%s)", WTERMSIG(status),
		        strsignal(WTERMSIG(status)));
	else
		(void)snprintf(run->end_text, sizeof(run->end_text), "exit status %d", WEXITSTATUS(status));
}

void gb_local_process_note_end(struct gb_local_run *run)
{
	struct rusage usage;
	int status;

	if (wait4(run->pid, &status, 0, &usage) == run->pid) {
		describe_end(run, status);
		note_memory(run, (uint64_t)usage.ru_maxrss);
	}
}

void gb_local_process_end(struct gb_local_run *run)
{
	bool has_ended = run->end_text[0] != '\0';

	measure_group(run);
	(void)kill(-run->pid, SIGKILL);
	if (!has_ended)
		gb_local_process_note_end(run);
	/* Never a wait that blocks: a process that has just become our child has not been killed yet. */
	for (unsigned i = 0; i < KILL_ROUNDS && kill_children() > 0; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		(void)usleep(1000);
	}
	run->pid = 0;
}

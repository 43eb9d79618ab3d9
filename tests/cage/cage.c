/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cage [--bind SOURCE:TARGET]… [--image DIR] [--chdir DIR] [--strict-prctl] [--current-kernel] -- COMMAND ARGS…
 *
 * Exit status: the command's own (128 + signal when one killed it); 125: the cage could not be set up; 2: usage.
 */
#include "cage.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn void cage_die(const char *what)
{
	fprintf(stderr, "cage: %s: %s\n", what, strerror(errno));
	exit(CAGE_FAILED);
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		cage_die("loopback");
	close(fd);
}

static void limit(enum __rlimit_resource resource, rlim_t most)
{
	if (setrlimit(resource, &(struct rlimit){most, most}) < 0)
		cage_die("setrlimit");
}

/* The filter goes in while there is still CAP_SYS_ADMIN, for it must not need no_new_privs; then everything is dropped. */
static void drop_privileges(const struct cage *cage)
{
	const gid_t group = CAGE_GID;

	limit(RLIMIT_NOFILE, CAGE_DESCRIPTORS);
	limit(RLIMIT_NPROC, CAGE_PROCESSES);
	limit(RLIMIT_CORE, 0);
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++) {
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			cage_die("capability bounding set");
	}
	cage_filter_install(cage);
	if (setgroups(1, &group) < 0 || setresgid(CAGE_GID, CAGE_GID, CAGE_GID) < 0 ||
	        setresuid(CAGE_UID, CAGE_UID, CAGE_UID) < 0)
		cage_die("setresuid");
	if (setresuid(0, 0, 0) == 0) {
		errno = EPERM;
		cage_die("privileges can be had back");
	}
}

static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Process 1 of the cage: start the command, bury everybody, end with the command's status; all others die with it. */
static _Noreturn void be_init(const struct cage *cage)
{
	const char *directory = cage->directory ? cage->directory : "/var/task";
	pid_t command, dead;
	int status;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		cage_die("PR_SET_PDEATHSIG");
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) < 0)
		cage_die("namespaces");
	loopback_up();
	cage_root_enter(cage);
	command = fork();
	if (command < 0)
		cage_die("fork");
	if (command == 0) {
		if (chdir(directory) < 0)
			cage_die(directory);
		drop_privileges(cage);
		execvp(cage->command[0], cage->command);
		cage_die(cage->command[0]);
	}
	for (;;) {
		dead = wait(&status);
		if (dead == command)
			exit(exit_status(status));
		if (dead < 0 && errno != EINTR)
			cage_die("wait");
	}
}

static _Noreturn void usage(void)
{
	fputs("usage: cage [--bind SOURCE:TARGET]... [--image DIR] [--chdir DIR] [--strict-prctl] [--current-kernel] "
	      "-- "
	      "COMMAND ARGS...\n",
	        stderr);
	exit(2);
}

static void add_bind(struct cage *cage, char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || colon == text || colon[1] != '/' || cage->bind_count == CAGE_BINDS)
		usage();
	*colon = '\0';
	cage->binds[cage->bind_count++] = (struct cage_bind){text, colon + 1};
}

static void read_options(int argc, char **argv, struct cage *ret_cage)
{
	static const struct option options[] = {
	        {"bind", required_argument, NULL, 'b'},
	        {"image", required_argument, NULL, 'i'},
	        {"chdir", required_argument, NULL, 'd'},
	        {"strict-prctl", no_argument, NULL, 's'},
	        {"current-kernel", no_argument, NULL, 'k'},
	        {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'b': add_bind(ret_cage, optarg); break;
		case 'i': ret_cage->image = optarg; break;
		case 'd': ret_cage->directory = optarg; break;
		case 's': ret_cage->is_prctl_strict = true; break;
		case 'k': ret_cage->is_kernel_current = true; break;
		default: usage();
		}
	}
	if (optind == argc)
		usage();
	ret_cage->command = argv + optind;
}

/* The whole of it again as root; comes back only when there is no sudo. The variables that tests hand on are named. */
static void become_root(int argc, char **argv)
{
	static char preserve[] = "--preserve-env=GB_NODE,GB_HOST,PYTHONHOME,CI";
	char **arguments = calloc((size_t)argc + 5, sizeof(*arguments));
	size_t n = 0;

	if (arguments == NULL)
		return;
	arguments[n++] = (char[]){"sudo"};
	arguments[n++] = (char[]){"-n"};
	arguments[n++] = preserve;
	arguments[n++] = (char[]){"--"};
	for (int i = 0; i < argc; i++)
		arguments[n++] = argv[i];
	(void)execvp(arguments[0], arguments);
	free(arguments);
}

int main(int argc, char **argv)
{
	struct cage cage = {0};
	pid_t init;
	int status;

	if (geteuid() != 0)
		become_root(argc, argv);
	read_options(argc, argv, &cage);
	if (unshare(CLONE_NEWPID) < 0)
		cage_die("needs root: unshare");
	init = fork();
	if (init < 0)
		cage_die("fork");
	if (init == 0)
		be_init(&cage);
	while (waitpid(init, &status, 0) < 0) {
		if (errno != EINTR)
			cage_die("waitpid");
	}
	return exit_status(status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* races TECHNIQUE: what a path means changes while it is being opened. */
#include "canary.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#define TRIES 3000

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

static void try_flipped(void *(*change)(void *))
{
	pthread_t thread;

	pthread_create(&thread, NULL, change, NULL);
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

static void path_flipped(void)
{
	try_flipped(flip);
}

static void *swap_links(void *unused)
{
	while (!is_over) {
		(void)!symlink("/dev/null", "/tmp/room/new");
		(void)!rename("/tmp/room/new", "/tmp/room/swapped");
		(void)!symlink(SECRET, "/tmp/room/new");
		(void)!rename("/tmp/room/new", "/tmp/room/swapped");
	}
	return unused;
}

static void links_swapped(void)
{
	pthread_t thread;
	char data[64];

	pthread_create(&thread, NULL, swap_links, NULL);
	for (int i = 0; i < 10 * TRIES; i++) {
		int fd = open("/tmp/room/swapped", O_RDONLY);
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

/* "" and the whole path. */
static void *empty(void *unused)
{
	while (!is_over) {
		((volatile char *)flipped)[0] = '\0';
		sched_yield();
		((volatile char *)flipped)[0] = '/';
	}
	return unused;
}

static void path_emptied(void)
{
	try_flipped(empty);
}

static int folders[3]; /* the one in use; without a file of that name; with the secret */

static void *swap_folders(void *unused)
{
	while (!is_over) {
		dup2(folders[1], folders[0]);
		dup2(folders[2], folders[0]);
	}
	return unused;
}

static void *change_folders(void *unused)
{
	while (!is_over) {
		(void)!fchdir(folders[1]);
		(void)!fchdir(folders[2]);
	}
	return unused;
}

static void try_below(int folder, void *(*change)(void *))
{
	pthread_t thread;
	char data[64];

	pthread_create(&thread, NULL, change, NULL);
	for (int i = 0; i < TRIES; i++) {
		int fd = openat(folder, "secret", O_RDONLY);
		ssize_t n = fd < 0 ? 0 : read(fd, data, sizeof(data));

		if (n > 0)
			(void)!write(1, data, (size_t)n);
		close(fd);
	}
	is_over = 1;
	pthread_join(thread, NULL);
}

static void folder_swapped(void)
{
	close(open("/tmp/room/secret", O_WRONLY | O_CREAT, 0600));
	folders[1] = open("/tmp/room", O_PATH);
	folders[2] = open("/tmp/vault", O_PATH);
	folders[0] = dup(folders[1]);
	try_below(folders[0], swap_folders);
}

static void working_folder_changed(void)
{
	close(open("/tmp/room/secret", O_WRONLY | O_CREAT, 0600));
	folders[1] = open("/tmp/room", O_RDONLY | O_DIRECTORY);
	folders[2] = open("/tmp/vault", O_RDONLY | O_DIRECTORY);
	try_below(AT_FDCWD, change_folders);
}

static void on_alarm(int signal)
{
	(void)signal;
}

static void in_a_storm_of_signals(void)
{
	const struct itimerval often = {{0, 150}, {0, 150}};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 200; i++)
		show_file(SECRET);
}

static const struct technique techniques[] = {
        {"path", path_flipped},
        {"link", links_swapped},
        {"empty", path_emptied},
        {"folder", folder_swapped},
        {"chdir", working_folder_changed},
        {"signals", in_a_storm_of_signals},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

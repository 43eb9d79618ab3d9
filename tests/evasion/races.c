/* SPDX-License-Identifier: Apache-2.0 */
/* races TECHNIQUE: what a path means changes while it is being opened. */
#include "canary.h"

#include <pthread.h>
#include <sched.h>

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

static const struct technique techniques[] = {
        {"path", path_flipped},
        {"link", links_swapped},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}

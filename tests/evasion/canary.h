/* SPDX-License-Identifier: Apache-2.0 */
/* What the techniques aim at. They never say themselves that they succeeded: the runner looks at the canaries. */
#ifndef CANARY_H
#define CANARY_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECRET "/tmp/vault/secret"   /* nobody may read it */
#define MARKER "/tmp/refused/marker" /* nobody may write below that folder */
#define BANNED "/usr/bin/id"         /* not on the allowlist */

/* One technique of a program: its name is the program's first argument. */
struct technique {
	const char *name;
	void (*run)(void);
};

/* Copy what FD gives to standard output. */
static inline void show(int fd)
{
	char data[256];
	ssize_t n = read(fd, data, sizeof(data));

	if (n > 0)
		(void)!write(1, data, (size_t)n);
}

static inline void show_file(const char *path)
{
	show(open(path, O_RDONLY));
}

static inline int port(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : 9;
}

static inline int run_technique(const struct technique *techniques, size_t count, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < count; i++) {
		if (strcmp(techniques[i].name, argv[1]) == 0) {
			techniques[i].run();
			return 0;
		}
	}
	return 2;
}

#endif

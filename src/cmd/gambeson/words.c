/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of strings of our own, and where Gambeson's parts are. */
#include "cmd/gambeson/function.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int gb_words_add(struct gb_words *words, const char *format, ...)
{
	char **grown = reallocarray(words->items, words->count + 2, sizeof(*grown));
	va_list args;
	int r;

	if (grown == NULL)
		return -ENOMEM;
	words->items = grown;
	words->items[words->count] = NULL;
	va_start(args, format);
	r = vasprintf(&words->items[words->count], format, args);
	va_end(args);
	if (r < 0) {
		words->items[words->count] = NULL;
		return -ENOMEM;
	}
	words->items[++words->count] = NULL;
	return 0;
}

void gb_words_free(struct gb_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->items[i]);
	free(words->items);
	*words = (struct gb_words){0};
}

int gb_words_set(struct gb_words *words, const char *name, const char *value)
{
	size_t name_n = strlen(name);
	int r = gb_words_add(words, "%s=%s", name, value);

	if (r < 0)
		return r;
	for (size_t i = 0; i + 1 < words->count; i++) {
		if (strncmp(words->items[i], name, name_n) != 0 || words->items[i][name_n] != '=')
			continue;
		free(words->items[i]);
		words->items[i] = words->items[--words->count];
		words->items[words->count] = NULL;
		break;
	}
	return 0;
}

static int program_directory(char *path, struct gb_diag *diag)
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot read /proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
	return 0;
}

/* GIVEN; else NAME beside the program, or where `make install` puts it. OPTION is named in the message. */
static int find_part(char *path, const char *given, const char *directory, const char *name, const char *option,
        struct gb_diag *diag)
{
	static const char *const places[] = {"", "/../lib/gambeson", NULL};

	path[0] = '\0';
	if (given != NULL) {
		if (realpath(given, path) != NULL && access(path, R_OK) == 0)
			return 0;
		path[0] = '\0';
		return gb_diag_set(diag, -ENOENT, 0, 0, "%s: cannot read '%s': %s", option, given, strerror(errno));
	}
	for (const char *const *place = places; *place != NULL; place++) {
		char candidate[PATH_MAX + 64];

		(void)snprintf(candidate, sizeof(candidate), "%s%s/%s", directory, *place, name);
		if (realpath(candidate, path) != NULL && access(path, R_OK) == 0)
			return 0;
	}
	path[0] = '\0';
	return gb_diag_set(diag, -ENOENT, 0, 0, "%s is not in %s; build it with 'make' or say where it is with %s PATH",
	        name, directory, option);
}

int gb_parts_find(struct gb_parts *parts, const char *agent, const char *sensor, struct gb_diag *diag)
{
	int r = program_directory(parts->program_directory, diag);

	if (r == 0)
		r = find_part(parts->agent, agent, parts->program_directory, "gambeson-agent", "--agent", diag);
	if (r == 0)
		r = find_part(parts->sensor, sensor, parts->program_directory, "libgambeson.so", "--sensor", diag);
	return r;
}

const char *const gb_protection_modes[] = {"off", "detect", "block", NULL};
const char *const gb_protection_stances[] = {"open", "closed", NULL};

int gb_protection_apply(const struct gb_protection *protection, const struct gb_parts *parts,
        struct gb_words *environment, struct gb_diag *diag)
{
	char policy[PATH_MAX];
	int r = gb_words_set(environment, "GAMBESON_SENSOR_PATH", parts->sensor);

	if (r == 0 && protection->policy != NULL) {
		if (realpath(protection->policy, policy) == NULL)
			return gb_diag_set(diag, -errno, 0, 0, "--policy: cannot read '%s': %s", protection->policy,
			        strerror(errno));
		r = gb_words_set(environment, "GAMBESON_POLICY", policy);
	}
	if (r == 0 && protection->mode != NULL)
		r = gb_words_set(environment, "GAMBESON_MODE", protection->mode);
	if (r == 0 && protection->stance != NULL)
		r = gb_words_set(environment, "GAMBESON_STANCE", protection->stance);
	if (r == 0 && protection->observe)
		r = gb_words_set(environment, "GAMBESON_OBSERVE", "1");
	return r;
}

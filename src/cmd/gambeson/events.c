/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/events.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "local/local.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* BODY (N bytes, malloc'ed) is taken over in any case. */
static int add(struct gb_events *events, const char *name, char *body, size_t n)
{
	GB_CLEANUP(gb_freep) char *held = body;
	struct gb_span *bodies = reallocarray(events->bodies, events->count + 1, sizeof(*bodies));
	char **names;

	if (bodies == NULL)
		return -ENOMEM;
	events->bodies = bodies;
	names = reallocarray(events->names, events->count + 1, sizeof(*names));
	if (names == NULL)
		return -ENOMEM;
	events->names = names;
	names[events->count] = strdup(name);
	if (names[events->count] == NULL)
		return -ENOMEM;
	bodies[events->count++] = gb_span_of(GB_TAKE_PTR(held), n);
	return 0;
}

static int add_file(struct gb_events *events, const char *path, struct gb_diag *diag)
{
	const char *slash = strrchr(path, '/');
	char *body;
	size_t n;
	int r = gb_fd_read_file(path, GB_LOCAL_PAYLOAD_MAX, &body, &n);

	if (r == -EFBIG)
		return gb_diag_set(diag, -EINVAL, 0, 0, "--event: '%s' is larger than the %u bytes that Lambda takes",
		        path, GB_LOCAL_PAYLOAD_MAX);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "--event: cannot read '%s': %s", path, strerror(-r));
	return add(events, strcmp(path, "-") == 0 ? "standard input" : slash != NULL ? slash + 1 : path, body, n);
}

static int is_event(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0 && entry->d_name[0] != '.';
}

/* By bytes, so that the order does not hang on the locale. */
static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_folder(struct gb_events *events, const char *path, struct gb_diag *diag)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_event, compare_names), r = 0;

	if (count < 0)
		return gb_diag_set(diag, -errno, 0, 0, "--event: cannot read '%s': %s", path, strerror(errno));
	if (count == 0)
		r = gb_diag_set(diag, -EINVAL, 0, 0, "--event: no *.json in the folder '%s'", path);
	for (int i = 0; i < count; i++) {
		char *file = NULL;

		if (r == 0 && asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			r = -ENOMEM;
		if (r == 0) {
			r = add_file(events, file, diag);
			free(file);
		}
		free(entries[i]);
	}
	free(entries);
	return r;
}

int gb_events_read(struct gb_events *events, const struct gb_strings *sources, struct gb_diag *diag)
{
	int r = 0;

	*events = (struct gb_events){0};
	if (sources->count == 0) {
		char *empty = strdup("{}");

		return empty != NULL ? add(events, "{}", empty, 2) : -ENOMEM;
	}
	for (size_t i = 0; i < sources->count && r == 0; i++) {
		struct stat facts;

		if (stat(sources->items[i], &facts) == 0 && S_ISDIR(facts.st_mode))
			r = add_folder(events, sources->items[i], diag);
		else
			r = add_file(events, sources->items[i], diag);
	}
	return r;
}

void gb_events_free(struct gb_events *events)
{
	for (size_t i = 0; i < events->count; i++) {
		free((void *)(uintptr_t)events->bodies[i].p);
		free(events->names[i]);
	}
	free(events->bodies);
	free(events->names);
	*events = (struct gb_events){0};
}

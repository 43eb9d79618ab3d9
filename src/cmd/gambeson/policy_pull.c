/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy pull: a server's policy documents into a folder, and nothing of what was changed there lost. */
#include "cmd/gambeson/policy_commands.h"
#include "cmd/gambeson/policy_remote.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "cmd/gambeson/policy_set.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME_MAX 200u
#define PATH_MAX_     4096u

struct settings {
	struct gb_remote_settings remote;
	bool force;
};

static const struct gb_option options[] = {
        GB_REMOTE_OPTIONS(struct settings),
        GB_FLAG(struct settings, force, "force", "overwrite and delete files that were changed here, too"),
        {.name = NULL},
};

struct pull {
	const struct gb_command *self;
	const struct settings *settings;
	struct gb_remote remote;
	struct gb_policy_locals locals;
	struct gb_policy_base base;
	const char *folder;
	json_t *rows;
	bool has_conflict;
};

/* NAME as that of a file; names are anybody's text. */
static void file_name(const char *name, char to[FILE_NAME_MAX + 40])
{
	unsigned char digest[GB_SHA256_BYTES];
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)name; *p != '\0' && n < FILE_NAME_MAX; p++) {
		bool is_plain = isalnum(*p) || *p == '-' || *p == '_' || (*p == '.' && n > 0);

		n += (size_t)snprintf(to + n, 4, is_plain ? "%c" : "%%%02X", *p);
	}
	if (n < FILE_NAME_MAX) {
		memcpy(to + n, ".yaml", 6);
		return;
	}
	gb_sha256(gb_span_cstr(name), digest);
	(void)snprintf(to + FILE_NAME_MAX - 20, 40, "-%02x%02x%02x%02x%02x%02x%02x%02x.yaml", digest[0], digest[1],
	        digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]);
}

/* Whether PATH, which begins with the folder's, is a link or lies behind one below that: the folder may be somebody else's
 * repository, and a link in it would have us write elsewhere. */
static bool has_link(const struct pull *pull, const char *path)
{
	char part[PATH_MAX_];
	struct stat about;

	for (size_t n = strlen(pull->folder); path[n] != '\0';) {
		n += 1 + strcspn(path + n + 1, "/");
		(void)snprintf(part, sizeof(part), "%.*s", (int)n, path);
		if (lstat(part, &about) == 0 && S_ISLNK(about.st_mode))
			return true;
	}
	return false;
}

static int refuse_link(const struct pull *pull, const char *path)
{
	return gb_complain(pull->self, GB_EXIT_SYSTEM,
	        "%s is a link or lies behind one, and nothing is written through one", path);
}

/* The file of a document that has none yet, its folder made. */
static int new_file(const struct pull *pull, const char *kind, const char *name, char path[PATH_MAX_])
{
	char file[FILE_NAME_MAX + 40];

	file_name(name, file);
	if ((size_t)snprintf(path, PATH_MAX_, "%s/%s", pull->folder, kind) >= PATH_MAX_ - sizeof(file))
		return gb_complain(pull->self, GB_EXIT_SYSTEM, "the path %.100s… is too long", pull->folder);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return gb_complain(pull->self, GB_EXIT_SYSTEM, "%s cannot be made: %s", path, strerror(errno));
	(void)snprintf(path + strlen(path), sizeof(file) + 1, "/%s", file);
	return GB_EXIT_OK;
}

static void note(struct pull *pull, const char *state, const char *kind, const char *name, int64_t revision,
        const char *file, const char *why)
{
	pull->has_conflict |= strcmp(state, "conflict") == 0;
	gb_policy_remote_note(pull->rows, state, kind, name, revision, file, why);
}

static int write_document(struct pull *pull, const char *kind, const char *name, int64_t revision, struct gb_span body,
        const struct gb_policy_local *local)
{
	char path[PATH_MAX_];
	int status = GB_EXIT_OK, r;

	if (local == NULL)
		status = new_file(pull, kind, name, path);
	else
		(void)snprintf(path, sizeof(path), "%s", local->path);
	if (status != GB_EXIT_OK)
		return status;
	if (has_link(pull, path))
		return refuse_link(pull, path);
	r = gb_fd_write_file(path, body, 0644);
	if (r < 0)
		return gb_complain(pull->self, GB_EXIT_SYSTEM, "%s cannot be written: %s", path, strerror(-r));
	gb_policy_base_set(&pull->base, kind, name, revision, body);
	note(pull, local == NULL ? "new" : "changed", kind, name, revision, path, NULL);
	return GB_EXIT_OK;
}

static int take_document(struct pull *pull, const json_t *item)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	const char *kind = json_string_value(json_object_get(item, "kind"));
	const char *name = json_string_value(json_object_get(item, "name"));
	int64_t revision = json_integer_value(json_object_get(item, "revision"));
	int64_t known = gb_policy_base_revision(&pull->base, kind, name);
	const struct gb_policy_local *local = gb_policy_locals_find(&pull->locals, kind, name);
	struct gb_span here = local == NULL ? GB_SPAN_EMPTY : gb_span_of(local->text, local->n), there;
	bool is_mine = local != NULL && !gb_policy_base_is(&pull->base, kind, name, here);
	size_t n = 0;
	int status;

	if (local == NULL && known == revision && !pull->settings->force) {
		note(pull, "deleted here", kind, name, revision, NULL, NULL);
		return GB_EXIT_OK;
	}
	status = gb_policy_remote_body(&pull->remote, kind, name, &text, &n);
	if (status != GB_EXIT_OK)
		return status;
	there = gb_span_of(text, n);
	if (local != NULL && gb_span_equal(here, there)) {
		gb_policy_base_set(&pull->base, kind, name, revision, there);
		note(pull, "unchanged", kind, name, revision, local->path, NULL);
		return GB_EXIT_OK;
	}
	if (pull->settings->force || !is_mine)
		return write_document(pull, kind, name, revision, there, local);
	note(pull, known == revision ? "changed here" : "conflict", kind, name, revision, local->path,
	        known == revision ? NULL
	        : known == 0      ? "it is on the server too, and differs"
	                          : "changed here and on the server");
	return GB_EXIT_OK;
}

/* What was pulled once, and is not on the server any more. */
static int drop_document(struct pull *pull, const struct gb_policy_local *local)
{
	bool is_mine = !gb_policy_base_is(&pull->base, local->kind, local->name, gb_span_of(local->text, local->n));

	if (gb_policy_base_revision(&pull->base, local->kind, local->name) == 0) {
		note(pull, "only here", local->kind, local->name, 0, local->path, NULL);
		return GB_EXIT_OK;
	}
	if (is_mine && !pull->settings->force) {
		note(pull, "conflict", local->kind, local->name, 0, local->path,
		        "changed here, and deleted on the server");
		return GB_EXIT_OK;
	}
	if (has_link(pull, local->path))
		return refuse_link(pull, local->path);
	if (unlink(local->path) < 0)
		return gb_complain(
		        pull->self, GB_EXIT_SYSTEM, "%s cannot be deleted: %s", local->path, strerror(errno));
	gb_policy_base_set(&pull->base, local->kind, local->name, 0, GB_SPAN_EMPTY);
	note(pull, "deleted", local->kind, local->name, 0, local->path, NULL);
	return GB_EXIT_OK;
}

static int take_all(struct pull *pull)
{
	json_t *list = NULL;
	const json_t *item;
	size_t i;
	int status = gb_policy_remote_list(&pull->remote, &list), saved;

	if (status != GB_EXIT_OK)
		return status;
	json_array_foreach(list, i, item)
	{
		gb_remote_progress(i, json_array_size(list));
		if (status == GB_EXIT_OK)
			status = take_document(pull, item);
	}
	gb_remote_progress(json_array_size(list), json_array_size(list));
	for (i = 0; status == GB_EXIT_OK && i < pull->locals.count; i++) {
		const struct gb_policy_local *local = &pull->locals.items[i];

		if (gb_policy_remote_find(list, local->kind, local->name) == NULL)
			status = drop_document(pull, local);
	}
	json_decref(list);
	/* What was written is known as that, also when the rest was not to be had. */
	saved = gb_policy_base_save(pull->self, &pull->base, pull->remote.server);
	return status == GB_EXIT_OK ? saved : status;
}

static int open_folder(struct pull *pull)
{
	const struct gb_strings paths = {.items = &pull->folder, .count = 1};
	int status;

	if (mkdir(pull->folder, 0777) < 0 && errno != EEXIST)
		return gb_complain(pull->self, GB_EXIT_SYSTEM, "%s cannot be made: %s", pull->folder, strerror(errno));
	if (!gb_policy_is_folder(pull->folder))
		return gb_complain(pull->self, GB_EXIT_USAGE, "%s is no folder", pull->folder);
	status = gb_policy_locals_load(pull->self, &paths, false, &pull->locals);
	return status == GB_EXIT_OK ? gb_policy_base_open(pull->self, pull->folder, pull->remote.server, &pull->base)
	                            : status;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	struct pull pull = {.self = self, .settings = settings, .folder = operands->items[0], .rows = json_array()};
	int status = gb_remote_open(&pull.remote, self, &settings->remote);

	if (status == GB_EXIT_OK)
		status = open_folder(&pull);
	if (status == GB_EXIT_OK) {
		status = take_all(&pull);
		gb_policy_remote_tell(&pull.remote, pull.rows);
	}
	if (status == GB_EXIT_OK && pull.has_conflict)
		status = gb_complain(self, GB_EXIT_FINDINGS,
		        "what is in conflict was left as it is: pull the server's into another folder to compare, then "
		        "say --force here or at push");
	json_decref(pull.rows);
	gb_policy_base_done(&pull.base);
	gb_policy_locals_done(&pull.locals);
	gb_remote_close(&pull.remote);
	return status;
}

const struct gb_command gb_policy_pull_command = {
        .name = "policy pull",
        .summary = "take a server's policy documents into a folder",
        .operands = "FOLDER",
        .notes = "A document stays in the file where it is; new ones go to FOLDER/KIND/NAME.yaml. The folder's "
                 ".gambeson-pull.json remembers\n"
                 "the revisions, for 'policy push'. Exit status: 0 all is here, 1 some was changed both here and on "
                 "the\n"
                 "server, or a file is wrong, 2 usage, 3 a server that does not answer, a file that cannot be "
                 "written.\n",
        .operands_min = 1,
        .operands_max = 1,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};

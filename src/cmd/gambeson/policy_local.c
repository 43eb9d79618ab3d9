/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_local.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/sha256.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/policy_set.h"
#include "cmd/gambeson/screen.h"
#include "publish/publish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BASE_NAME      ".gambeson-pull.json"
#define FOLDERS_UP     8u
#define BASE_BYTES_MAX (16u * 1024u * 1024u)

/* What LOCAL's text calls itself. */
static int name_it(const struct gb_command *self, struct gb_policy_local *local)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *alone = gb_policyc_set_new();
	struct gb_policyc_set_counts counts;
	struct gb_diag diag = {0};
	const char *name;
	int r = alone == NULL ? -ENOMEM
	                      : gb_policyc_set_add(alone, local->path, gb_span_of(local->text, local->n), &diag);

	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (r < 0) {
		gb_screen_printf(stderr, "%s:%u:%u: %s\n", local->path, diag.line, diag.column, diag.message);
		return GB_EXIT_FINDINGS;
	}
	if (gb_policyc_set_count(alone) != 1)
		return gb_complain(self, GB_EXIT_FINDINGS,
		        "%s holds %zu documents: a server takes files of one document each", local->path,
		        gb_policyc_set_count(alone));
	counts = gb_policyc_set_counts(alone);
	local->kind = gb_publish_kinds[counts.accounts != 0 ? 0 : counts.groups != 0 ? 1 : 2];
	name = gb_policyc_set_document(alone, 0)->name;
	if (name == NULL || strlen(name) > GB_POLICY_NAME_MAX)
		return gb_complain(
		        self, GB_EXIT_FINDINGS, "%s: the document has no name, or a very long one", local->path);
	memcpy(local->name, name, strlen(name) + 1);
	return GB_EXIT_OK;
}

static int add_local(const struct gb_command *self, const char *path, void *context)
{
	struct gb_policy_locals *locals = context;
	struct gb_policy_local *grown = reallocarray(locals->items, locals->count + 1, sizeof(*grown)), *local;
	const struct gb_policy_local *twin;
	int status;

	if (grown == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	locals->items = grown;
	local = &grown[locals->count];
	*local = (struct gb_policy_local){.path = strdup(path)};
	status = local->path == NULL ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory")
	                             : gb_policy_file_read(self, path, &local->text, &local->n);
	if (status == GB_EXIT_OK && gb_policy_file_is_compiled(gb_span_of(local->text, local->n)))
		status = gb_complain(self, GB_EXIT_USAGE, "%s is compiled already; give its documents", path);
	if (status == GB_EXIT_OK)
		status = name_it(self, local);
	twin = status == GB_EXIT_OK ? gb_policy_locals_find(locals, local->kind, local->name) : NULL;
	locals->count++;
	return twin == NULL ? status
	                    : gb_complain(self, GB_EXIT_FINDINGS, "%s and %s are both the %s of one name", twin->path,
	                              path, twin->kind);
}

int gb_policy_locals_load(
        const struct gb_command *self, const struct gb_strings *paths, bool is_set, struct gb_policy_locals *ret_locals)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	int status;

	*ret_locals = (struct gb_policy_locals){.count = 0};
	status = gb_policy_set_each(self, paths, add_local, ret_locals);
	if (status == GB_EXIT_OK && is_set && ret_locals->count > 0)
		status = gb_policy_set_load(self, paths, &set);
	return status;
}

void gb_policy_locals_done(struct gb_policy_locals *locals)
{
	for (size_t i = 0; i < locals->count; i++) {
		free(locals->items[i].path);
		free(locals->items[i].text);
	}
	free(locals->items);
}

const struct gb_policy_local *gb_policy_locals_find(
        const struct gb_policy_locals *locals, const char *kind, const char *name)
{
	for (size_t i = 0; i < locals->count; i++)
		if (strcmp(locals->items[i].kind, kind) == 0 && strcmp(locals->items[i].name, name) == 0)
			return &locals->items[i];
	return NULL;
}

struct gb_span gb_policy_local_text(const struct gb_policy_local *local)
{
	return local == NULL ? GB_SPAN_EMPTY : gb_span_of(local->text, local->n);
}

void gb_policy_base_folder(const char *path, char folder[GB_POLICY_FOLDER_BYTES_MAX])
{
	char up[GB_POLICY_FOLDER_BYTES_MAX], memory[GB_POLICY_FOLDER_BYTES_MAX + 32];
	size_t n;

	(void)snprintf(up, sizeof(up), "%s", path);
	if (!gb_policy_is_folder(path)) {
		char *slash = strrchr(up, '/');

		if (slash == NULL)
			(void)snprintf(up, sizeof(up), ".");
		else
			*(slash == up ? slash + 1 : slash) = '\0';
	}
	(void)snprintf(folder, GB_POLICY_FOLDER_BYTES_MAX, "%s", up);
	for (unsigned i = 0; i < FOLDERS_UP; i++) {
		(void)snprintf(memory, sizeof(memory), "%s/" BASE_NAME, up);
		if (access(memory, F_OK) == 0) {
			(void)snprintf(folder, GB_POLICY_FOLDER_BYTES_MAX, "%s", up);
			return;
		}
		n = strlen(up);
		if (n + 4 > sizeof(up))
			return;
		memcpy(up + n, "/..", 4);
	}
}

static void key_of(const char *kind, const char *name, char key[GB_POLICY_NAME_MAX + 32])
{
	(void)snprintf(key, GB_POLICY_NAME_MAX + 32, "%s/%s", kind, name);
}

static const json_t *entry_of(const struct gb_policy_base *base, const char *kind, const char *name)
{
	char key[GB_POLICY_NAME_MAX + 32];

	key_of(kind, name, key);
	return json_object_get(base->documents, key);
}

int gb_policy_base_open(
        const struct gb_command *self, const char *folder, const char *server, struct gb_policy_base *base)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	json_t *root = NULL;
	const char *of;
	size_t n = 0;
	int r;

	*base = (struct gb_policy_base){.path = NULL};
	if (asprintf(&base->path, "%s/%s", folder, BASE_NAME) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	r = gb_fd_read_file(base->path, BASE_BYTES_MAX, &text, &n);
	if (r < 0 && r != -ENOENT && r != -ENOTDIR)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", base->path, strerror(-r));
	if (r >= 0)
		root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	of = json_string_value(json_object_get(root, "server"));
	if (r >= 0 && (of == NULL || !json_is_object(json_object_get(root, "documents")))) {
		json_decref(root);
		return gb_complain(self, GB_EXIT_USAGE, "%s is damaged: delete it, and pull again", base->path);
	}
	base->documents =
	        of != NULL && strcmp(of, server) == 0 ? json_incref(json_object_get(root, "documents")) : json_object();
	json_decref(root);
	return base->documents == NULL ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;
}

void gb_policy_base_done(struct gb_policy_base *base)
{
	free(base->path);
	json_decref(base->documents);
}

int gb_policy_base_save(const struct gb_command *self, const struct gb_policy_base *base, const char *server)
{
	json_t *root = json_pack("{s:s, s:O}", "server", server, "documents", base->documents);
	GB_CLEANUP(gb_freep) char *text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
	int r = text == NULL ? -ENOMEM : gb_fd_write_file(base->path, gb_span_cstr(text), 0644);

	json_decref(root);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", base->path, strerror(-r))
	             : GB_EXIT_OK;
}

int64_t gb_policy_base_revision(const struct gb_policy_base *base, const char *kind, const char *name)
{
	return json_integer_value(json_object_get(entry_of(base, kind, name), "revision"));
}

static void hash_of(struct gb_span text, char hex[2 * GB_SHA256_BYTES + 1])
{
	unsigned char digest[GB_SHA256_BYTES];

	gb_sha256(text, digest);
	for (size_t i = 0; i < GB_SHA256_BYTES; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

bool gb_policy_base_is(const struct gb_policy_base *base, const char *kind, const char *name, struct gb_span text)
{
	const char *known = json_string_value(json_object_get(entry_of(base, kind, name), "sha256"));
	char hex[2 * GB_SHA256_BYTES + 1];

	hash_of(text, hex);
	return known != NULL && strcmp(known, hex) == 0;
}

void gb_policy_base_set(
        struct gb_policy_base *base, const char *kind, const char *name, int64_t revision, struct gb_span text)
{
	char key[GB_POLICY_NAME_MAX + 32], hex[2 * GB_SHA256_BYTES + 1];

	key_of(kind, name, key);
	hash_of(text, hex);
	if (revision == 0)
		(void)json_object_del(base->documents, key);
	else
		(void)json_object_set_new(
		        base->documents, key, json_pack("{s:I, s:s}", "revision", (json_int_t)revision, "sha256", hex));
}

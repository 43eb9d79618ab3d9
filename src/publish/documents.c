/* SPDX-License-Identifier: Apache-2.0 */
/* publish/documents: the store's documents as a policy set, and what of it holds for a function. */
#include "publish/publish.h"

#include "base/cleanup.h"
#include "publish/target.h"
#include "store/documents.h"
#include "store/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define TAGS_MAX 64u

const char *const gb_publish_kinds[] = {"AccountPolicy", "Group", "FunctionPolicy", NULL};

void gb_publish_function_key(
        struct gb_span account, struct gb_span region, struct gb_span name, char ret_key[GB_PUBLISH_KEY_BYTES])
{
	char path[TARGET_PATH_BYTES];

	target_path(account, region, name, path);
	(void)snprintf(ret_key, GB_PUBLISH_KEY_BYTES, "%s", path + 1);
}

struct filling {
	struct gb_policyc_set *set;
	const char *kind;
	struct gb_span left_out; /* name of KIND that is not taken */
	const char *left_out_kind;
	struct gb_diag *diag;
};

static int add_document(void *context, const struct gb_document *document)
{
	struct filling *filling = context;
	struct gb_diag inner = {0};
	char file[GB_DOCUMENT_NAME_MAX + 32];
	int r;

	if (filling->left_out_kind != NULL && strcmp(filling->kind, filling->left_out_kind) == 0 &&
	        gb_span_equal(document->name, filling->left_out))
		return 0;
	(void)snprintf(
	        file, sizeof(file), "%s/%.*s", filling->kind, (int)document->name.n, (const char *)document->name.p);
	r = gb_policyc_set_add(filling->set, file, document->body, &inner);
	if (r < 0 && r != -ENOMEM)
		return gb_diag_set(
		        filling->diag, r, 0, 0, "%.80s:%u:%u: %.120s", file, inner.line, inner.column, inner.message);
	return r;
}

static int fill(struct gb_store *store, struct filling *filling)
{
	int r = 0;

	for (size_t i = 0; gb_publish_kinds[i] != NULL && r >= 0; i++) {
		filling->kind = gb_publish_kinds[i];
		r = gb_documents_list(store, gb_span_cstr(filling->kind), GB_SPAN_EMPTY, GB_POLICYC_SET_DOCUMENTS_MAX,
		        add_document, filling, filling->diag);
	}
	return r < 0 ? r : 0;
}

int gb_publish_documents(struct gb_store *store, struct gb_policyc_set **ret_set, struct gb_diag *diag)
{
	struct filling filling = {.set = gb_policyc_set_new(), .diag = diag};
	int r = filling.set == NULL ? -ENOMEM : fill(store, &filling);

	if (r < 0) {
		gb_policyc_set_free(filling.set);
		return r;
	}
	*ret_set = filling.set;
	return 0;
}

int gb_publish_set(
        struct gb_store *store, const struct gb_function *only, struct gb_policyc_set **ret_set, struct gb_diag *diag)
{
	struct gb_policyc_set *set;
	int r = gb_publish_documents(store, &set, diag);

	if (r < 0)
		return r;
	r = gb_publish_add_rules(store, only, set, diag);
	if (r < 0) {
		gb_policyc_set_free(set);
		return r;
	}
	*ret_set = set;
	return 0;
}

int gb_publish_set_with(struct gb_store *store, const char *kind, struct gb_span name, struct gb_span text,
        struct gb_policyc_set **ret_set, struct gb_diag *diag)
{
	struct filling filling = {.set = gb_policyc_set_new(), .left_out = name, .left_out_kind = kind, .diag = diag};
	char file[GB_DOCUMENT_NAME_MAX + 32];
	int r = filling.set == NULL ? -ENOMEM : fill(store, &filling);

	(void)snprintf(file, sizeof(file), "%s/%.*s", kind, (int)name.n, (const char *)name.p);
	if (r == 0 && text.n != 0)
		r = gb_policyc_set_add(filling.set, file, text, diag);
	if (r == 0)
		r = gb_publish_add_rules(store, NULL, filling.set, diag);
	if (r < 0) {
		gb_policyc_set_free(filling.set);
		return r;
	}
	*ret_set = filling.set;
	return 0;
}

/* What a server must not read for those who push documents. */
static int check_files(const struct gb_policyc_document *document, struct gb_diag *diag)
{
	bool has_files = document->guards.files.count != 0;

	for (size_t i = 0; i < document->firewall.source_list_count; i++)
		has_files |= document->firewall.source_lists[i].file != NULL;
	return has_files ? gb_diag_set(diag, -EINVAL, 1, 1,
	                           "it names files of lists, which a server does not read: write what is in them, or "
	                           "publish by "
	                           "'gambeson policy compile'")
	                 : 0;
}

/* A document is known to the API by its name, as a part of a path. */
static int check_name(struct gb_span text, const char *name, struct gb_diag *diag)
{
	size_t at = gb_span_find(text, gb_span_cstr(name), 0), line_at = 0;
	bool is_good = strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
	unsigned line = 1;

	for (const unsigned char *p = (const unsigned char *)name; *p != '\0'; p++)
		is_good &= *p >= ' ' && *p != 0x7f && *p != '/' && *p != '\\';
	if (is_good)
		return 0;
	for (size_t i = 0; at != SIZE_MAX && i < at; i++)
		if (text.p[i] == '\n') {
			line++;
			line_at = i + 1;
		}
	return gb_diag_set(diag, -EINVAL, at == SIZE_MAX ? 1 : line, at == SIZE_MAX ? 1 : (unsigned)(at - line_at + 1),
	        "a server has no document called '%.100s': a name there is not . or .. and has no slash, backslash or "
	        "control byte",
	        name);
}

int gb_publish_check(struct gb_store *store, struct gb_span text, struct gb_arena *arena, const char **ret_kind,
        struct gb_span *ret_name, struct gb_diag *diag)
{
	GB_CLEANUP(gb_policyc_set_freep)
	struct gb_policyc_set *alone = gb_policyc_set_new(), *all = gb_policyc_set_new();
	struct filling filling = {.set = all, .diag = diag};
	struct gb_policyc_set_counts counts;
	const char *name;
	char *copy;
	int r = alone == NULL || all == NULL ? -ENOMEM : gb_policyc_set_add(alone, "document", text, diag);

	if (r < 0)
		return r;
	if (gb_policyc_set_count(alone) != 1)
		return gb_diag_set(
		        diag, -EINVAL, 1, 1, "it must be one document, not %zu", gb_policyc_set_count(alone));
	r = check_files(gb_policyc_set_document(alone, 0), diag);
	if (r < 0)
		return r;
	counts = gb_policyc_set_counts(alone);
	*ret_kind = gb_publish_kinds[counts.accounts != 0 ? 0 : counts.groups != 0 ? 1 : 2];
	name = gb_policyc_set_document(alone, 0)->name;
	r = check_name(text, name, diag);
	if (r < 0)
		return r;
	copy = gb_arena_take(arena, strlen(name) + 1);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, name, strlen(name));
	*ret_name = gb_span_of(copy, strlen(name));
	filling.left_out = *ret_name;
	filling.left_out_kind = *ret_kind;
	r = fill(store, &filling);
	return r < 0 ? r : gb_policyc_set_add(all, "document", text, diag);
}

/* The JSON object of a function's tags; its texts live as long as OBJECT. */
static size_t tags_of(const json_t *object, struct gb_policyc_tag tags[TAGS_MAX])
{
	const char *key;
	json_t *value;
	size_t count = 0;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		if (count < TAGS_MAX && json_is_string(value))
			tags[count++] = (struct gb_policyc_tag){key, json_string_value(value)};
	}
	return count;
}

static void drop_json(json_t **object)
{
	json_decref(*object);
}

static const char *text_of(struct gb_arena *arena, struct gb_span s)
{
	char *copy = gb_arena_take(arena, s.n + 1);

	if (copy != NULL && s.n != 0)
		memcpy(copy, s.p, s.n);
	return copy;
}

static int learned_of(struct gb_store *store, const struct gb_function *function, struct gb_arena *arena,
        struct gb_policyc_document **ret_learned, struct gb_diag *diag)
{
	struct gb_document allowlist;
	char key[GB_PUBLISH_KEY_BYTES];
	int r;

	*ret_learned = NULL;
	gb_publish_function_key(function->account, function->region, function->name, key);
	r = gb_document_get(store, GB_SPAN(GB_PUBLISH_ALLOWLIST), gb_span_cstr(key), 0, arena, &allowlist, diag);
	if (r <= 0 || allowlist.is_deleted)
		return r < 0 ? r : 0;
	return gb_policyc_parse(allowlist.body, ret_learned, diag);
}

/* No document and nobody says what its posture is: the mode that its environment gave it is not lowered by its first rule. */
static void keep_mode(const struct gb_function *function, struct gb_policyc_resolution *resolution)
{
	bool has_document =
	        resolution->account.file != NULL || resolution->group.file != NULL || resolution->function.file != NULL;

	if (!has_document && !resolution->has_own_posture && gb_span_equal(function->mode, GB_SPAN("block")))
		resolution->document->posture = GB_MODE_BLOCK;
}

int gb_publish_resolve(struct gb_store *store, const struct gb_policyc_set *set, const struct gb_function *function,
        struct gb_policyc_resolution *ret_resolution, struct gb_policyc_document **ret_learned, struct gb_diag *diag)
{
	struct gb_policyc_tag tags[TAGS_MAX];
	struct gb_arena *arena = gb_arena_new();
	GB_CLEANUP(drop_json)
	json_t *object = json_loadb((const char *)function->tags.p, function->tags.n, JSON_REJECT_DUPLICATES, NULL);
	bool has_ended = gb_span_equal(function->state, GB_SPAN("ready")) ||
	                 gb_span_equal(function->state, GB_SPAN("enforcing"));
	struct gb_policyc_function asked = {.has_tags = true, .is_learning = !has_ended};
	char key[GB_PUBLISH_KEY_BYTES];
	enum gb_mode posture;
	int r = arena == NULL ? -ENOMEM : learned_of(store, function, arena, ret_learned, diag);

	if (r == 0) {
		asked.name = text_of(arena, function->name);
		asked.account = function->account.n == 0 ? NULL : text_of(arena, function->account);
		asked.region = function->region.n == 0 ? NULL : text_of(arena, function->region);
		asked.runtime = function->runtime.n == 0 ? NULL : text_of(arena, function->runtime);
		asked.tags = tags;
		asked.tag_count = tags_of(object, tags);
		asked.learned = *ret_learned;
		gb_publish_function_key(function->account, function->region, function->name, key);
		asked.key = key;
		/* What people asked for this one goes before what its documents say. */
		asked.group = function->group.n == 0 ? NULL : text_of(arena, function->group);
		asked.posture = gb_mode_of_name(function->posture, &posture) ? &posture : NULL;
		r = asked.name == NULL
		            ? -ENOMEM
		            : gb_policyc_resolve(set, &asked, gb_store_now_ms(store) / 1000, ret_resolution, diag);
		if (r == 0)
			keep_mode(function, ret_resolution);
		if (r < 0 && r != -ENOENT) {
			gb_policyc_document_free(*ret_learned);
			*ret_learned = NULL;
		}
	}
	gb_arena_free(arena);
	return r;
}

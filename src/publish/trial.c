/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/trial.h"

#include "base/cleanup.h"
#include "publish/each.h"
#include "store/documents.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What holds for a function by one of the sets. */
struct outlook {
	int r; /* 0, -ENOENT: no document is for it, -EINVAL: no policy can be made */
	bool applies;
	struct gb_policyc_resolution resolution;
	struct gb_policyc_document *learned;
	struct gb_diag diag;
};

static bool is_file(const struct gb_policyc_origin *origin, const char *file)
{
	return origin->file != NULL && strcmp(origin->file, file) == 0;
}

/* 0, or an error of the store. */
static int look_at(struct gb_store *store, const struct gb_policyc_set *set, const struct gb_function *function,
        const char *file, struct outlook *outlook)
{
	const struct gb_policyc_resolution *resolution = &outlook->resolution;
	int r = gb_publish_resolve(store, set, function, &outlook->resolution, &outlook->learned, &outlook->diag);

	outlook->r = r == -EFBIG ? -EINVAL : r;
	outlook->applies = r == 0 && (is_file(&resolution->account, file) || is_file(&resolution->group, file) ||
	                                     is_file(&resolution->function, file));
	return outlook->r == 0 || outlook->r == -EINVAL || outlook->r == -ENOENT ? 0 : outlook->r;
}

static void outlook_done(struct outlook *outlook)
{
	if (outlook->resolution.document != NULL)
		gb_policyc_resolution_done(&outlook->resolution);
	gb_policyc_document_free(outlook->learned);
}

/* The policy as text, to be freed; empty when there is none. */
static int print(const struct outlook *outlook, char **ret_text, size_t *ret_n)
{
	FILE *out = open_memstream(ret_text, ret_n);

	if (out == NULL)
		return -ENOMEM;
	if (outlook->r == 0)
		gb_policyc_print(outlook->resolution.document, out);
	return fclose(out) == 0 ? 0 : -ENOMEM;
}

struct trying {
	struct gb_store *store;
	struct gb_policyc_set *before, *after;
	char file[GB_DOCUMENT_NAME_MAX + 32];
	struct gb_publish_trial trial;
	gb_publish_effect_row *on_effect;
	void *context;
	struct gb_diag *diag;
};

static int compare(struct trying *trying, const struct gb_function *function, const struct outlook *before,
        const struct outlook *after)
{
	GB_CLEANUP(gb_freep) char *old = NULL, *new = NULL;
	bool is_refused =
	        after->r == -EINVAL && (before->r != -EINVAL || strcmp(before->diag.message, after->diag.message) != 0);
	size_t old_n = 0, new_n = 0;
	int r;

	if (!is_refused && !before->applies && !after->applies && before->r == after->r)
		return 0;
	r = print(before, &old, &old_n);
	if (r == 0)
		r = print(after, &new, &new_n);
	if (r < 0 || (!is_refused && old_n == new_n && memcmp(old, new, new_n) == 0))
		return r;
	trying->trial.changed++;
	trying->trial.refused += is_refused;
	return trying->on_effect(trying->context, &(struct gb_publish_effect){.function = function,
	                                                  .refused = is_refused ? after->diag.message : NULL,
	                                                  .before = gb_span_of(old, old_n),
	                                                  .after = gb_span_of(new, new_n)});
}

static int try_function(void *context, const struct gb_function *function)
{
	struct trying *trying = context;
	struct outlook before = {0}, after = {0};
	int r = look_at(trying->store, trying->before, function, trying->file, &before);

	if (r == 0)
		r = look_at(trying->store, trying->after, function, trying->file, &after);
	trying->trial.functions++;
	trying->trial.applies += after.applies;
	if (r == 0)
		r = compare(trying, function, &before, &after);
	else
		*trying->diag = after.diag.message[0] != '\0' ? after.diag : before.diag;
	outlook_done(&before);
	outlook_done(&after);
	return r;
}

int gb_publish_try(struct gb_store *store, const struct gb_scope *scope, const struct gb_publish_change *change,
        gb_publish_effect_row *on_effect, void *context, struct gb_publish_trial *ret_trial, struct gb_diag *diag)
{
	struct gb_diag own;
	struct trying trying = {
	        .store = store, .on_effect = on_effect, .context = context, .diag = diag != NULL ? diag : &own};
	int r = gb_publish_set(store, NULL, &trying.before, trying.diag);

	(void)snprintf(trying.file, sizeof(trying.file), "%s/%.*s", change->kind, (int)change->name.n,
	        (const char *)change->name.p);
	if (r == 0)
		r = gb_publish_set_with(store, change->kind, change->name, change->body, &trying.after, trying.diag);
	if (r == 0)
		r = each_function(store, scope, &(struct gb_function_filter){0}, gb_store_now_ms(store) + GB_TRIAL_MS,
		        try_function, &trying, trying.diag);
	gb_policyc_set_free(trying.before);
	gb_policyc_set_free(trying.after);
	trying.trial.is_complete = r > 0;
	*ret_trial = trying.trial;
	return r < 0 ? r : 0;
}

/* A document and how many functions it is for. */
struct used {
	const char *file;
	size_t functions;
};

struct counting {
	struct gb_store *store;
	struct gb_policyc_set *set;
	struct used *used; /* by file */
	size_t count, functions;
};

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct used *)a)->file, ((const struct used *)b)->file);
}

static void count(struct counting *counting, const struct gb_policyc_origin *origin)
{
	const struct used key = {.file = origin->file};
	struct used *used = origin->file == NULL || counting->count == 0
	                            ? NULL
	                            : bsearch(&key, counting->used, counting->count, sizeof(key), by_file);

	if (used != NULL)
		used->functions++;
}

static int count_function(void *context, const struct gb_function *function)
{
	struct counting *counting = context;
	struct outlook outlook = {0};
	int r = look_at(counting->store, counting->set, function, "", &outlook);

	counting->functions++;
	if (r == 0 && outlook.r == 0) {
		count(counting, &outlook.resolution.account);
		count(counting, &outlook.resolution.group);
		count(counting, &outlook.resolution.function);
	}
	outlook_done(&outlook);
	return r;
}

int gb_publish_used(struct gb_store *store, const struct gb_scope *scope, gb_publish_use_row *on_use, void *context,
        struct gb_publish_use *ret_use, struct gb_diag *diag)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	struct counting counting = {.store = store};
	int r = gb_publish_set(store, NULL, &set, diag);

	if (r < 0)
		return r;
	counting.set = set;
	counting.count = gb_policyc_set_count(set);
	counting.used = calloc(counting.count + 1, sizeof(*counting.used));
	if (counting.used == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < counting.count; i++)
		counting.used[i].file = gb_policyc_set_origin(set, i).file;
	qsort(counting.used, counting.count, sizeof(*counting.used), by_file);
	r = each_function(store, scope, &(struct gb_function_filter){0}, gb_store_now_ms(store) + GB_TRIAL_MS,
	        count_function, &counting, diag);
	*ret_use = (struct gb_publish_use){.functions = counting.functions, .is_complete = r > 0};
	for (size_t i = 0; r >= 0 && i < counting.count; i++) {
		int told = on_use(context, counting.used[i].file, counting.used[i].functions);

		r = told < 0 ? told : r;
	}
	free(counting.used);
	return r < 0 ? r : 0;
}

struct finding {
	struct gb_store *store;
	struct gb_policyc_set *set;
	const char *file;
	size_t functions;
	gb_function_row *on_function;
	void *context;
};

static int find_user(void *context, const struct gb_function *function)
{
	struct finding *finding = context;
	struct outlook outlook = {0};
	int r = look_at(finding->store, finding->set, function, finding->file, &outlook);

	finding->functions++;
	if (r == 0 && outlook.applies)
		r = finding->on_function(finding->context, function);
	outlook_done(&outlook);
	return r;
}

int gb_publish_users(struct gb_store *store, const struct gb_scope *scope, const char *file,
        gb_function_row *on_function, void *context, struct gb_publish_use *ret_use, struct gb_diag *diag)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	struct finding finding = {.store = store, .file = file, .on_function = on_function, .context = context};
	int r = gb_publish_set(store, NULL, &set, diag);

	if (r < 0)
		return r;
	finding.set = set;
	r = each_function(store, scope, &(struct gb_function_filter){0}, gb_store_now_ms(store) + GB_TRIAL_MS,
	        find_user, &finding, diag);
	*ret_use = (struct gb_publish_use){.functions = finding.functions, .is_complete = r > 0};
	return r < 0 ? r : 0;
}

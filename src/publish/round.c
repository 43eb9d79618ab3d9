/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/round: each function's policy is made out of the documents and, when it differs from what was published last, put
 * into the policy store. A serial is written down first, then the policy is put, then it is written down that it was: who is
 * killed in between leaves the old policy or the new one in the store, and the next round ends what was begun.
 */
#include "publish/publish.h"

#include "base/cleanup.h"
#include "base/sha256.h"
#include "base/text.h"
#include "publish/due.h"
#include "publish/made.h"
#include "publish/plan.h"
#include "store/documents.h"
#include "store/settings.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE         200u
#define PATH_BYTES   4096u
#define KEY_SETTING  "publish.key"
#define FAILURES_MAX 5u /* the policy store is away: the rest in the next round */

struct gb_publish {
	struct gb_publish_settings settings;
	char keys_folder[PATH_BYTES];
	struct gb_publish_keys keys;
	struct target *target;
	struct due_table dues;
	struct gb_policyc_set *set;
	int64_t set_epoch;  /* of documents and all rules */
	int64_t wide_epoch; /* of those that are not for one function alone: every function is to be looked at */
};

int gb_publish_new(const struct gb_publish_settings *settings, struct gb_publish **ret_publish, struct gb_diag *diag)
{
	struct gb_publish *publish = calloc(1, sizeof(*publish));
	int r;

	if (publish == NULL)
		return -ENOMEM;
	publish->settings = *settings;
	publish->set_epoch = publish->wide_epoch = -1;
	(void)snprintf(publish->keys_folder, sizeof(publish->keys_folder), "%s/keys", settings->data);
	r = gb_publish_keys_open(publish->keys_folder, &publish->keys, diag);
	if (r == 0)
		r = target_open(settings->location, &publish->target, diag);
	if (r < 0) {
		gb_publish_free(publish);
		return r;
	}
	*ret_publish = publish;
	return 0;
}

void gb_publish_free(struct gb_publish *publish)
{
	if (publish == NULL)
		return;
	target_close(publish->target);
	gb_policyc_set_free(publish->set);
	due_forget(&publish->dues);
	explicit_bzero(publish, sizeof(*publish));
	free(publish);
}

void gb_publish_cancel(struct gb_publish *publish)
{
	target_cancel(publish->target);
}

static int put(struct gb_publish *publish, struct gb_store *store, const struct made *made, int64_t function,
        int64_t serial, const struct target_look *look, struct gb_arena *arena, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	unsigned char *file;
	char etag[GB_S3_ETAG_BYTES];
	size_t n;
	int r = made_compile(made, (uint64_t)serial, &blob, &n, diag);

	if (r < 0)
		return r;
	file = realloc(blob, n + sizeof(struct gb_blob_signature));
	if (file == NULL)
		return -ENOMEM;
	blob = file;
	gb_publish_keys_sign(&publish->keys, file, n);
	r = target_put(publish->target, made->path, (uint64_t)serial,
	        gb_span_of(file, n + sizeof(struct gb_blob_signature)), look, arena, etag, diag);
	return r < 0 ? r : gb_publication_end(store, function, serial, gb_span_cstr(etag), diag);
}

/* It cannot be made: said once. */
static int refuse(struct gb_store *store, int64_t function, const struct gb_publication *last,
        const struct gb_diag *why, bool *ret_is_new, struct gb_diag *diag)
{
	unsigned char sha256[GB_SHA256_BYTES];
	int64_t serial;

	gb_sha256(gb_span_cstr(why->message), sha256);
	*ret_is_new = last == NULL || last->state != GB_PUBLICATION_REFUSED ||
	              memcmp(last->sha256, sha256, sizeof(sha256)) != 0;
	return *ret_is_new ? gb_publication_begin(store, function, sha256, 1, GB_PUBLICATION_REFUSED,
	                             gb_span_cstr(why->message), &serial, diag)
	                   : 0;
}

static int carry_out(struct gb_publish *publish, struct gb_store *store, const struct made *made, int64_t function,
        const struct gb_publication *last, bool must_look, struct gb_arena *arena, bool *ret_is_published,
        struct gb_diag *diag)
{
	struct target_look look;
	struct plan plan = plan_of(last, made->sha256, NULL, must_look);
	int64_t serial;
	int r = 0;

	if (plan.step == PLAN_LOOK) {
		r = target_look(publish->target, made->path, arena, &look, diag);
		if (r < 0)
			return r;
		plan = plan_of(last, made->sha256, &look, must_look);
	}
	serial = plan.serial;
	if (plan.step == PLAN_NEW)
		r = gb_publication_begin(
		        store, function, made->sha256, plan.serial, GB_PUBLICATION_BEGUN, GB_SPAN_EMPTY, &serial, diag);
	if (r == 0 && (plan.step == PLAN_NEW || plan.step == PLAN_AGAIN))
		r = put(publish, store, made, function, serial, &look, arena, diag);
	else if (r == 0 && plan.step == PLAN_FINISH)
		r = gb_publication_end(store, function, serial, gb_span_cstr(look.etag), diag);
	*ret_is_published = r == 0 && plan.step != PLAN_NOTHING;
	return r;
}

static bool is_of_store(int r)
{
	return r == -ECONNRESET || r == -ENOSPC || r == -EAGAIN || r == -ENOMEM || r == -ECANCELED;
}

/* Result: 0, also when it failed (and is to be tried again); an error of the store ends the round. */
static int look_at(struct gb_publish *publish, struct gb_store *store, const struct gb_function *function,
        struct due *due, struct gb_publish_round *round, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_publication last;
	struct made made = {.document = NULL};
	struct gb_diag why = {0};
	bool is_new = false, was_published = false;
	int has_last = arena == NULL ? -ENOMEM : gb_publication_last(store, function->id, arena, &last, diag),
	    r = has_last;

	if (r >= 0) {
		was_published = has_last > 0;
		r = made_of(publish->set, publish->keys.public_key, store, function, was_published, &made, &why);
	}
	if (r == 0) {
		r = carry_out(publish, store, &made, function->id, has_last > 0 ? &last : NULL, due->epoch < 0, arena,
		        &is_new, &why);
		round->published += is_new;
	} else if (r == -EINVAL || r == -EFBIG) {
		r = refuse(store, function->id, has_last > 0 ? &last : NULL, &why, &is_new, diag);
		round->refused += is_new;
	} else if (r == -ENOENT) {
		r = 0;
	}
	round->looked_at++;
	if (r == 0) {
		due->epoch = publish->wide_epoch;
		due->hash = due_hash(function);
		due->next_change = made.resolution.next_change;
	} else if (!is_of_store(r)) {
		round->failed++;
		(void)snprintf(round->complaint, sizeof(round->complaint), "%.60s: %.130s", made.path,
		        why.message[0] != '\0' ? why.message : strerror(-r));
		r = 0;
	} else if (diag != NULL && diag->message[0] == '\0') {
		*diag = why;
	}
	made_done(&made);
	gb_arena_free(arena);
	return r;
}

/* Functions that have to be looked at, of a page of the list. */
struct page {
	struct gb_publish *publish;
	struct gb_arena *arena;
	int64_t last, now;
	size_t count;
	struct gb_function functions[PAGE];
};

static int on_function(void *context, const struct gb_function *function)
{
	struct page *page = context;
	struct gb_publish *publish = page->publish;
	struct due *due = due_of(&publish->dues, function->id);

	page->last = function->id;
	if (due == NULL)
		return -ENOMEM;
	if (due->epoch == publish->wide_epoch && due->hash == due_hash(function) &&
	        (due->next_change == 0 || page->now < due->next_change))
		return 0;
	return gb_function_copy(page->arena, function, &page->functions[page->count++]);
}

static bool has_to_end(const struct gb_publish *publish, const struct gb_publish_round *round)
{
	return round->failed >= FAILURES_MAX ||
	       (publish->settings.is_stopping != NULL && publish->settings.is_stopping(publish->settings.context));
}

/* One page of the list behind page->last. Result: how many there were, or negative. */
static int take_page(struct page *page, struct gb_store *store, struct gb_publish_round *round, struct gb_diag *diag)
{
	int r = 0, n;

	page->count = 0;
	page->arena = gb_arena_new();
	n = page->arena == NULL ? -ENOMEM
	                        : gb_functions_list(store, NULL, &(struct gb_function_filter){0}, page->last, PAGE,
	                                  on_function, page, diag);
	for (size_t i = 0; n >= 0 && r == 0 && i < page->count && !has_to_end(page->publish, round); i++) {
		struct due *due = due_of(&page->publish->dues, page->functions[i].id);

		r = due == NULL ? -ENOMEM : look_at(page->publish, store, &page->functions[i], due, round, diag);
	}
	gb_arena_free(page->arena);
	return r < 0 ? r : n;
}

/* Two servers with keys of their own would sign in turns, and functions know one key. */
static int check_key(struct gb_publish *publish, struct gb_store *store, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	char digits[2 * GB_BLOB_KEY_BYTES + 1];
	struct gb_text text = gb_text_on(digits, sizeof(digits));
	struct gb_span known;
	bool is_known, is_foreign;
	unsigned char before[GB_BLOB_KEY_BYTES];
	int r;

	memcpy(before, publish->keys.public_key, sizeof(before));
	r = arena == NULL ? -ENOMEM : gb_publish_keys_open(publish->keys_folder, &publish->keys, diag);

	/* Somebody has activated another: everything is to be looked at. */
	if (memcmp(before, publish->keys.public_key, sizeof(before)) != 0)
		due_forget(&publish->dues);
	gb_text_add_hex(&text, gb_span_of(publish->keys.public_key, GB_BLOB_KEY_BYTES));
	if (r == 0)
		r = gb_setting_get(store, KEY_SETTING, arena, &known, diag);
	is_known = r > 0 && gb_span_equal(known, gb_text_span(&text));
	is_foreign = r > 0 && !is_known && !gb_publish_keys_has(publish->keys_folder, known);
	gb_arena_free(arena);
	if (r < 0 || is_known)
		return r < 0 ? r : 0;
	if (is_foreign)
		return gb_diag_set(diag, -EKEYREJECTED, 0, 0,
		        "policies are signed with another key in this installation: copy the folder keys/ of the "
		        "server that "
		        "made it to %.100s",
		        publish->keys_folder);
	r = gb_setting_put(store, KEY_SETTING, gb_text_span(&text), diag);
	return r < 0 ? r : 0;
}

static int renew_set(struct gb_publish *publish, struct gb_store *store, struct gb_diag *diag)
{
	struct gb_policyc_set *set;
	int64_t documents, rules = 0, wide = 0;
	int r = gb_documents_epoch(store, &documents, diag);

	if (r >= 0)
		r = gb_rules_epochs(store, &rules, &wide, diag);
	if (r < 0 || (publish->set != NULL && documents + rules == publish->set_epoch))
		return r < 0 ? r : 0;
	r = gb_publish_set(store, NULL, &set, diag);
	if (r < 0)
		return r;
	gb_policyc_set_free(publish->set);
	publish->set = set;
	publish->set_epoch = documents + rules;
	publish->wide_epoch = documents + wide;
	return 0;
}

int gb_publish_run(
        struct gb_publish *publish, struct gb_store *store, struct gb_publish_round *ret_round, struct gb_diag *diag)
{
	struct page *page;
	int r;

	*ret_round = (struct gb_publish_round){0};
	r = check_key(publish, store, diag);
	if (r == 0)
		r = renew_set(publish, store, diag);
	page = r < 0 ? NULL : calloc(1, sizeof(*page));
	if (page == NULL)
		return r < 0 ? r : -ENOMEM;
	page->publish = publish;
	page->now = gb_store_now_ms(store) / 1000;
	do
		r = take_page(page, store, ret_round, diag);
	while (r == (int)PAGE && !has_to_end(publish, ret_round));
	free(page);
	return r < 0 ? r : 0;
}

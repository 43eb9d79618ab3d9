/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/fits.h"

#include "base/cleanup.h"
#include "publish/each.h"
#include "publish/judge.h"
#include "store/store.h"

#include <errno.h>

struct fitting {
	struct gb_store *store;
	struct gb_policyc_set *before, *after; /* BEFORE: of all functions; NULL: nobody has asked yet */
	const struct gb_function *only;
	struct gb_diag *diag;
};

/* Whether SET makes a policy of FUNCTION: 0; -EINVAL: none; or an error of the store. */
static int make(const struct fitting *fitting, const struct gb_policyc_set *set, const struct gb_function *function,
        struct gb_diag *diag)
{
	struct judge judge;
	int r = judge_open(fitting->store, set, function, false, &judge, diag);

	judge_done(&judge);
	return r == -EFBIG ? -EINVAL : r;
}

static int look_at(void *context, const struct gb_function *function)
{
	struct fitting *fitting = context;
	struct gb_diag why = {0}, old = {0};
	int r = make(fitting, fitting->after, function, &why);

	if (r != -EINVAL)
		return r < 0 ? gb_diag_set(fitting->diag, r, 0, 0, "%s", why.message) : 0;
	r = fitting->before != NULL ? 0 : gb_publish_set(fitting->store, fitting->only, &fitting->before, &old);
	if (r == 0)
		r = make(fitting, fitting->before, function, &old);
	/* That one was broken already is not this change's doing. */
	if (r < 0)
		return r == -EINVAL ? 0 : gb_diag_set(fitting->diag, r, 0, 0, "%s", old.message);
	return gb_diag_set(fitting->diag, -EINVAL, 0, 0,
	        "function '%.*s' of account '%.*s' would have no policy any more: %.130s",
	        (int)(function->name.n < 60 ? function->name.n : 60), (const char *)function->name.p,
	        (int)(function->account.n < 20 ? function->account.n : 20), (const char *)function->account.p,
	        why.message);
}

static int look_at_all(struct fitting *fitting, struct gb_span account)
{
	const struct gb_function_filter filter = {.account = account};

	return each_function(fitting->store, NULL, &filter, gb_store_now_ms(fitting->store) + GB_FITS_MS, look_at,
	        fitting, fitting->diag);
}

static int fitting_done(struct fitting *fitting, int r)
{
	gb_policyc_set_free(fitting->before);
	gb_policyc_set_free(fitting->after);
	return r < 0 ? r : 0;
}

int gb_publish_fits(struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	const struct gb_function only = {.id = rule->function, .account = rule->function_account};
	struct fitting fitting = {.store = store, .only = rule->function != 0 ? &only : NULL, .diag = diag};
	bool is_of_account = gb_span_equal(rule->scope, GB_SPAN("account"));
	struct gb_policyc_addition addition;
	int r = arena == NULL ? -ENOMEM : gb_publish_set(store, fitting.only, &fitting.after, diag);

	if (r == 0)
		r = gb_publish_addition(rule, arena, &addition);
	if (r == 0)
		r = gb_policyc_set_add_entry(fitting.after, &addition, diag);
	if (r == 0)
		r = rule->function != 0 ? each_one(store, NULL, rule->function, look_at, &fitting, diag)
		                        : look_at_all(&fitting, is_of_account ? rule->name : GB_SPAN_EMPTY);
	return fitting_done(&fitting, r);
}

int gb_publish_document_fits(struct gb_store *store, const struct gb_publish_change *change, struct gb_diag *diag)
{
	struct fitting fitting = {.store = store, .diag = diag};
	int r = gb_publish_set_with(store, change->kind, change->name, change->body, &fitting.after, diag);

	if (r == 0)
		r = look_at_all(&fitting, GB_SPAN_EMPTY);
	return fitting_done(&fitting, r);
}

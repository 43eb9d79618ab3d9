/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/trial: which functions a document is for, and what a change of it would do to each of them. Nothing is written.
 */
#ifndef GB_PUBLISH_TRIAL_H
#define GB_PUBLISH_TRIAL_H

#include "publish/publish.h"
#include "store/scope.h"

#define GB_TRIAL_MS 8000 /* what is not looked at by then is not counted */

/* One document put into the place of what the store has of its kind and name. */
struct gb_publish_change {
	const char *kind;
	struct gb_span name;
	struct gb_span body; /* empty: it would be deleted */
};

/* A function whose policy would be another one. Spans live until the callback returns. */
struct gb_publish_effect {
	const struct gb_function *function;
	const char *refused;          /* why no policy could be made any more; NULL: one can */
	struct gb_span before, after; /* the resolved policies as text; empty: there is none */
};

struct gb_publish_trial {
	size_t functions; /* that were looked at */
	size_t applies;   /* that the document is for, as it would be then */
	size_t changed, refused;
	bool is_complete; /* all were looked at */
};

typedef int gb_publish_effect_row(void *context, const struct gb_publish_effect *effect);

/* Resolve every function of SCOPE (NULL: all) without and with CHANGE, which gb_publish_check() found good; those that differ go to ON_EFFECT,
 * whose negative results end it. 0, or a negative errno with DIAG. */
__attribute__((warn_unused_result)) int gb_publish_try(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_publish_change *change, gb_publish_effect_row *on_effect, void *context,
        struct gb_publish_trial *ret_trial, struct gb_diag *diag);

struct gb_publish_use {
	size_t functions;
	bool is_complete;
};

/* For how many functions of SCOPE each document is one of those that hold: FILE is "KIND/NAME". */
typedef int gb_publish_use_row(void *context, const char *file, size_t functions);
__attribute__((warn_unused_result)) int gb_publish_used(struct gb_store *store, const struct gb_scope *scope,
        gb_publish_use_row *on_use, void *context, struct gb_publish_use *ret_use, struct gb_diag *diag);

/* The functions of SCOPE for which the document FILE ("KIND/NAME") is one of those that hold, one by one; results of ON_FUNCTION below 0 end it. */
__attribute__((warn_unused_result)) int gb_publish_users(struct gb_store *store, const struct gb_scope *scope,
        const char *file, gb_function_row *on_function, void *context, struct gb_publish_use *ret_use,
        struct gb_diag *diag);

#endif

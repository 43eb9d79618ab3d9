/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/rules: rules and exclusions that stand beside the documents. Each is for an account (or all), a group, or one function. Whoever
 * changes one writes to the audit log in the same transaction: its history is there.
 */
#ifndef GB_STORE_RULES_H
#define GB_STORE_RULES_H

#include "base/arena.h"
#include "store/scope.h"

#define GB_RULE_ENTRY_MAX  (32u * 1024u)
#define GB_RULES_MAX       20000 /* in all */
#define GB_RULES_OF_ONE    1000  /* for one account, group or function */
#define GB_RULE_NAME_BYTES 256u

/* Spans live until the callback returns, or in the arena that was given. Times are milliseconds; expires 0: never. */
struct gb_rule {
	int64_t id;
	struct gb_span list;  /* "rule", "exclusion" */
	struct gb_span scope; /* "account", "group", "function" */
	struct gb_span name;  /* of the account (empty: all), of the group */
	int64_t function;     /* 0: not for one */
	struct gb_span activity, entry, reason, author;
	struct gb_span function_account, function_region,
	        function_name; /* read only; empty: it is gone, or there is none */
	int64_t created, changed, expires;
};

typedef int gb_rule_row(void *context, const struct gb_rule *rule);

struct gb_rule_filter {
	struct gb_span list, scope; /* empty: any */
	/* What is for this one: of it, of its ACCOUNT and of all, and of its GROUP. 0: any. Whether he who asks sees it is the caller's to know. */
	int64_t function;
	struct gb_span account, group;
	int64_t before; /* those with a lower id; 0: all */
	size_t limit;
};

/* The newest first. SCOPE (NULL: everything) sees those of functions in it, of accounts and groups that have one, and of all. Result: how many. */
__attribute__((warn_unused_result)) int gb_rules_list(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_rule_filter *filter, gb_rule_row *on_row, void *context, struct gb_diag *diag);

/* 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_rule_get(struct gb_store *store, const struct gb_scope *scope, int64_t id,
        struct gb_arena *arena, struct gb_rule *ret_rule, struct gb_diag *diag);

/* In a transaction of the caller's. Of a change entry, activity, reason, expires and author are written. -EFBIG with DIAG: there
 * are too many. Result of change and delete: 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_rule_add(
        struct gb_store *store, const struct gb_rule *rule, int64_t *ret_id, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_rule_change(
        struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_rule_delete(
        struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag);

/* Two numbers that grow: with every change, and with those that are not for one function alone (of which functions.h tells). */
__attribute__((warn_unused_result)) int gb_rules_epochs(
        struct gb_store *store, int64_t *ret_all, int64_t *ret_wide, struct gb_diag *diag);

#endif

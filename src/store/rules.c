/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rules.h"

#include "base/cleanup.h"
#include "store/copy.h"
#include "store/store.h"

#include <errno.h>

#define COLUMNS                                                                                                        \
	"r.list, r.scope, r.name, r.activity, r.entry, r.reason, r.author, COALESCE(f.account, ''), "                  \
	"COALESCE(f.region, ''), COALESCE(f.name, ''), r.id, r.function, "                                             \
	"r.created, r.changed, r.expires"
#define TEXTS 10u
#define FROM  " FROM rules r LEFT JOIN functions f ON f.id = r.function WHERE "

/* What the scope $1 sees. */
#define SEES(account, tags) "gb_in_scope($1, " account ", " tags ")"
#define HAS_ONE(which)      "EXISTS (SELECT 1 FROM functions g WHERE " which " AND " SEES("g.account", "g.tags") ")"
#define VISIBLE                                                                                                        \
	"(CAST($1 AS TEXT) = ''"                                                                                       \
	" OR f.id IS NOT NULL AND " SEES("COALESCE(f.account, '')",                                                    \
	        "COALESCE(f.tags, '{}')") " OR r.scope = 'account' AND (r.name = '' OR " SEES("r.name",                \
	        "'{}'") " OR " HAS_ONE("g.account = r.name") ")"                                                       \
	                                                     " OR r.scope = 'group' AND " HAS_ONE(                     \
	                                                             "g.grp = r.name") ")"

static struct gb_rule rule_of(const struct gb_sql_value *c)
{
	return (struct gb_rule){.list = c[0].bytes,
	        .scope = c[1].bytes,
	        .name = c[2].bytes,
	        .activity = c[3].bytes,
	        .entry = c[4].bytes,
	        .reason = c[5].bytes,
	        .author = c[6].bytes,
	        .function_account = c[7].bytes,
	        .function_region = c[8].bytes,
	        .function_name = c[9].bytes,
	        .id = c[10].integer,
	        .function = c[11].integer,
	        .created = c[12].integer,
	        .changed = c[13].integer,
	        .expires = c[14].integer};
}

struct rows {
	gb_rule_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct rows *rows = context;
	struct gb_rule rule = rule_of(columns);

	(void)count;
	return rows->on_row(rows->context, &rule);
}

int gb_rules_list(struct gb_store *store, const struct gb_scope *scope, const struct gb_rule_filter *filter,
        gb_rule_row *on_row, void *context, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct rows rows = {on_row, context};
	struct gb_sql_value values[8] = {{0}, gb_sql_text(filter->list), gb_sql_text(filter->scope),
	        gb_sql_integer(filter->before), gb_sql_integer((int64_t)filter->limit),
	        gb_sql_integer(filter->function), gb_sql_text(filter->account), gb_sql_text(filter->group)};

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_run(store,
	        "SELECT " COLUMNS FROM VISIBLE
	        " AND (CAST($2 AS TEXT) = '' OR r.list = $2) AND (CAST($3 AS TEXT) = '' OR r.scope = $3)"
	        " AND (CAST($4 AS BIGINT) = 0 OR r.id < $4) AND (CAST($6 AS BIGINT) = 0 OR r.function = $6"
	        " OR r.scope = 'account' AND (r.name = '' OR r.name = $7)"
	        " OR r.scope = 'group' AND r.name = CAST($8 AS TEXT) AND $8 <> '')"
	        " ORDER BY r.id DESC LIMIT $5",
	        values, 8, hand_out, &rows, diag);
}

struct one {
	struct gb_arena *arena;
	struct gb_rule *rule;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct one *one = context;
	struct gb_rule *rule = one->rule;
	struct gb_span *const texts[TEXTS] = {&rule->list, &rule->scope, &rule->name, &rule->activity, &rule->entry,
	        &rule->reason, &rule->author, &rule->function_account, &rule->function_region, &rule->function_name};
	int r;

	(void)count;
	*rule = rule_of(columns);
	r = gb_store_copy(one->arena, columns, texts, TEXTS);
	return r < 0 ? r : 1;
}

int gb_rule_get(struct gb_store *store, const struct gb_scope *scope, int64_t id, struct gb_arena *arena,
        struct gb_rule *ret_rule, struct gb_diag *diag)
{
	struct gb_sql_value values[2] = {{0}, gb_sql_integer(id)};
	struct one one = {arena, ret_rule};

	if (gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_run(store, "SELECT " COLUMNS FROM VISIBLE " AND r.id = $2", values, 2, keep, &one, diag);
}

/* The publisher looks at these numbers. */
static int note_change(struct gb_store *store, int64_t function, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(function);
	int r = gb_sql_run(
	        store, "UPDATE counters SET value = value + 1 WHERE name = 'rules'", NULL, 0, NULL, NULL, diag);

	if (r < 0)
		return r;
	r = function == 0 ? gb_sql_run(store, "UPDATE counters SET value = value + 1 WHERE name = 'rules.wide'", NULL,
	                            0, NULL, NULL, diag)
	                  : gb_sql_run(store, "UPDATE functions SET rules = rules + 1 WHERE id = $1", &value, 1, NULL,
	                            NULL, diag);
	return r < 0 ? r : 0;
}

static int check_count(struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(rule->scope), gb_sql_text(rule->name), gb_sql_integer(rule->function)};
	int64_t all = 0, own = 0;
	int r = gb_sql_integer_of(store, "SELECT COUNT(*) FROM rules", NULL, 0, &all, diag);

	if (r >= 0)
		r = gb_sql_integer_of(store,
		        "SELECT COUNT(*) FROM rules WHERE scope = $1 AND name = $2 AND function = $3", values, 3, &own,
		        diag);
	if (r < 0)
		return r;
	return all < GB_RULES_MAX && own < GB_RULES_OF_ONE
	               ? 0
	               : gb_diag_set(diag, -EFBIG, 0, 0,
	                         "there are %lld rules and exclusions for this scope, %lld in all; at most %d and %d",
	                         (long long)own, (long long)all, GB_RULES_OF_ONE, GB_RULES_MAX);
}

int gb_rule_add(struct gb_store *store, const struct gb_rule *rule, int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_text(rule->list), gb_sql_text(rule->scope),
	        gb_sql_text(rule->name), gb_sql_integer(rule->function), gb_sql_text(rule->activity),
	        gb_sql_text(rule->entry), gb_sql_text(rule->reason), gb_sql_text(rule->author),
	        gb_sql_integer(gb_store_now_ms(store)), gb_sql_integer(rule->expires)};
	/* First: those who add one after the other wait for the counter. */
	int r = note_change(store, rule->function, diag);

	if (r == 0)
		r = check_count(store, rule, diag);
	if (r == 0)
		r = gb_sql_integer_of(store,
		        "INSERT INTO rules (list, scope, name, function, activity, entry, reason, author, created, "
		        "changed, "
		        "expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) RETURNING id",
		        values, 10, ret_id, diag);
	return r < 0 ? r : 0;
}

int gb_rule_change(struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(rule->id), gb_sql_text(rule->activity),
	        gb_sql_text(rule->entry), gb_sql_text(rule->reason), gb_sql_text(rule->author),
	        gb_sql_integer(gb_store_now_ms(store)), gb_sql_integer(rule->expires)};
	int r = note_change(store, rule->function, diag);

	return r < 0 ? r
	             : gb_sql_run(store,
	                       "UPDATE rules SET activity = $2, entry = $3, reason = $4, author = $5, changed = $6, "
	                       "expires = $7 WHERE id = $1",
	                       values, 7, NULL, NULL, diag);
}

int gb_rule_delete(struct gb_store *store, const struct gb_rule *rule, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(rule->id);
	int r = note_change(store, rule->function, diag);

	return r < 0 ? r : gb_sql_run(store, "DELETE FROM rules WHERE id = $1", &value, 1, NULL, NULL, diag);
}

int gb_rules_epochs(struct gb_store *store, int64_t *ret_all, int64_t *ret_wide, struct gb_diag *diag)
{
	int r = gb_sql_integer_of(store, "SELECT value FROM counters WHERE name = 'rules'", NULL, 0, ret_all, diag);

	if (r > 0)
		r = gb_sql_integer_of(
		        store, "SELECT value FROM counters WHERE name = 'rules.wide'", NULL, 0, ret_wide, diag);
	return r < 0 ? r : 0;
}

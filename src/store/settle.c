/* SPDX-License-Identifier: Apache-2.0 */
/* store/settle: which of the lines that wait to be learned their sandbox has said. */
#include "store/profiles.h"

#include "store/settings.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>

#define CURSOR    "learn.settled"     /* setting: how far this sweep has looked; none or 0: a new one begins */
#define WAITS_MAX (6 * 3600 * 1000ll) /* nothing will come any more of a line that waits for so long */

/*
 * Of a row of observations: 0 ready, 1 left out, 2 waits. In this order: it is no line of a sandbox with a key, and whether that
 * is to be believed; another function's; its sandbox forged or lacks lines; the verifier has given up on it (1 << 50 and up: told
 * that no seal came); not all up to it is vouched for, or a line or a seal near it is still open (a seal has 64 lines at most);
 * somebody else is in the log stream too: who was first, only their own lines say.
 */
#define VERDICT                                                                                                        \
	"(SELECT CASE WHEN s.id IS NULL OR observations.seq < 0 OR (s.key IS NULL AND s.start_seq >= 0) THEN"          \
	" CASE WHEN EXISTS (SELECT 1 FROM sandboxes k WHERE k.function = observations.function AND k.key IS NOT NULL)" \
	" THEN 1 ELSE 0 END"                                                                                           \
	" WHEN s.function <> observations.function OR s.state <> 'open' THEN 1"                                        \
	" WHEN EXISTS (SELECT 1 FROM lines l WHERE l.sandbox = s.id AND l.seq = observations.seq"                      \
	" AND l.time >= 1125899906842624 AND l.time < 2251799813685248) THEN 1"                                        \
	" WHEN s.key IS NULL OR observations.seq > s.verified_to"                                                      \
	" OR EXISTS (SELECT 1 FROM lines l WHERE l.sandbox = s.id AND l.seq = observations.seq)"                       \
	" OR EXISTS (SELECT 1 FROM seals e WHERE e.sandbox = s.id AND e.first_seq <= observations.seq"                 \
	" AND e.first_seq > observations.seq - 128 AND e.state < 2) THEN 2"                                            \
	" WHEN EXISTS (SELECT 1 FROM sandboxes o WHERE o.stream = s.stream AND o.stream <> ''"                         \
	" AND o.function = s.function AND o.id <> s.id) THEN 1 ELSE 0 END"                                             \
	" FROM (SELECT 1 AS one) AS row_of_one LEFT JOIN sandboxes s ON s.id = observations.sandbox)"

_Static_assert(1125899906842624 == 1ll << 50 && 2251799813685248 == 1ll << 51, "GB_LINE_TOLD and GB_LINE_SEAL");

struct bite {
	int64_t from, last, count;
};

static int on_bite(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct bite *bite = context;

	(void)count;
	bite->count = columns[0].integer;
	bite->last = columns[1].integer;
	return 0;
}

static int find_bite(struct gb_store *store, int64_t limit, struct bite *ret_bite, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_span cursor = GB_SPAN_EMPTY;
	uint64_t from = 0;
	int r = arena == NULL ? -ENOMEM : gb_setting_get(store, CURSOR, arena, &cursor, diag);

	if (r < 0 || !gb_span_to_u64(cursor, &from))
		from = 0;
	gb_arena_free(arena);
	*ret_bite = (struct bite){.from = (int64_t)from};
	if (r >= 0) {
		const struct gb_sql_value values[] = {gb_sql_integer((int64_t)from), gb_sql_integer(limit)};

		r = gb_sql_run(store,
		        "SELECT COUNT(*), COALESCE(MAX(n), 0) FROM (SELECT n FROM observations WHERE n > $1 AND "
		        "waits_since >= 0 ORDER BY n LIMIT $2) AS bite",
		        values, 2, on_bite, ret_bite, diag);
	}
	return r < 0 ? r : 0;
}

static int settle(struct gb_store *store, const struct bite *bite, struct gb_settled *settled, struct gb_diag *diag)
{
	int64_t now = gb_store_now_ms(store);
	const struct gb_sql_value values[] = {
	        gb_sql_integer(bite->from), gb_sql_integer(bite->last), gb_sql_integer(now - WAITS_MAX)};
	const struct gb_sql_value noted[] = {values[0], values[1], gb_sql_integer(now)};
	int r = gb_sql_run(store,
	        "UPDATE observations SET waits_since = -1 WHERE n > $1 AND n <= $2 AND waits_since >= 0 AND " VERDICT
	        " = 0",
	        values, 2, NULL, NULL, diag);

	settled->ready = r < 0 ? 0 : (size_t)r;
	if (r >= 0)
		r = gb_sql_run(store,
		        "DELETE FROM observations WHERE n > $1 AND n <= $2 AND waits_since >= 0 AND ((waits_since > 0 "
		        "AND waits_since < $3) OR " VERDICT " = 1)",
		        values, 3, NULL, NULL, diag);
	settled->left_out = r < 0 ? 0 : (size_t)r;
	/* Behind now: the clock was set back. */
	if (r >= 0)
		r = gb_sql_run(store,
		        "UPDATE observations SET waits_since = $3 WHERE n > $1 AND n <= $2 AND (waits_since = 0 OR "
		        "waits_since > $3)",
		        noted, 3, NULL, NULL, diag);
	return r < 0 ? r : 0;
}

int gb_observations_settle(struct gb_store *store, int64_t limit, struct gb_settled *ret_settled, struct gb_diag *diag)
{
	struct bite bite;
	char text[24];
	int r = find_bite(store, limit, &bite, diag);

	*ret_settled = (struct gb_settled){.ready = 0};
	if (r < 0 || (bite.count == 0 && bite.from == 0))
		return r;
	r = gb_store_begin(store, diag);
	if (r == 0 && bite.count > 0)
		r = settle(store, &bite, ret_settled, diag);
	if (r == 0 && (bite.count == limit || bite.from > 0)) {
		(void)snprintf(text, sizeof(text), "%lld", bite.count == limit ? (long long)bite.last : 0ll);
		r = gb_setting_put(store, CURSOR, gb_span_cstr(text), diag);
	}
	if (r >= 0)
		r = gb_store_commit(store, diag);
	if (r < 0)
		gb_store_rollback(store);
	ret_settled->has_more = bite.count == limit && ret_settled->ready + ret_settled->left_out > 0;
	return r;
}

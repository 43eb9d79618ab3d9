/* SPDX-License-Identifier: Apache-2.0 */
/* The API's own description, and numbers for Prometheus. */
#include "control/event_json.h"
#include "control/control.h"
#include "store/function_page.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Made of openapi/ by tools/make-openapi. */
extern const char gb_openapi[];
extern const size_t gb_openapi_bytes;

static int get_openapi(struct gb_call *call)
{
	return gb_call_bytes(call, 200, "application/json", gb_span_of(gb_openapi, gb_openapi_bytes));
}

static int print_state(void *context, const struct gb_sql_value *columns, size_t count)
{
	(void)count;
	(void)fprintf(context, "gambeson_functions{state=\"%.*s\"} %" PRId64 "\n", (int)columns[0].bytes.n,
	        (const char *)columns[0].bytes.p, columns[1].integer);
	return 0;
}

/* Inside of a label's quotes: facets come from lines of hostile functions. */
static void print_label(FILE *out, struct gb_span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			(void)fputc('\\', out);
		if (text.p[i] == '\n')
			(void)fputs("\\n", out);
		else
			(void)fputc(text.p[i], out);
	}
}

static int print_count(void *context, const struct gb_sql_value *c, size_t count)
{
	static const char *const labels[] = {"kind", "class", "action"};

	(void)count;
	(void)fputs("gambeson_events_total{", context);
	for (size_t i = 0; i < 3; i++) {
		(void)fprintf(context, "%s%s=\"", i == 0 ? "" : ",", labels[i]);
		print_label(context, c[i].bytes);
		(void)fputc('"', context);
	}
	(void)fprintf(context, "} %" PRId64 "\n", c[3].integer);
	return 0;
}

static int print_metrics(struct gb_store *store, FILE *out, struct gb_diag *diag)
{
	int64_t waiting = 0, unsealed = 0;
	uint64_t bytes = 0;
	int r;

	(void)fputs("# HELP gambeson_functions Functions by state\n# TYPE gambeson_functions gauge\n", out);
	r = gb_function_states(store, NULL, print_state, out, diag);
	(void)fputs(
	        "# HELP gambeson_events_total Events stored, by what they are\n# TYPE gambeson_events_total counter\n",
	        out);
	if (r >= 0)
		r = gb_sql_run(store,
		        "SELECT x.kind, x.class, x.action, CAST(SUM(c.n) AS BIGINT) FROM event_counts c"
		        " JOIN event_facets x ON x.id = c.facet WHERE c.function = 0 GROUP BY x.kind, x.class, "
		        "x.action ORDER BY 1, 2, 3 "
		        "LIMIT 1000",
		        NULL, 0, print_count, out, diag);
	if (r >= 0)
		r = gb_sql_integer_of(store, "SELECT COUNT(*) FROM observations", NULL, 0, &waiting, diag);
	if (r >= 0)
		r = gb_sql_integer_of(store, "SELECT COUNT(*) FROM seals WHERE state < 2", NULL, 0, &unsealed, diag);
	if (r >= 0)
		r = gb_store_size(store, &bytes, diag);
	(void)fprintf(out,
	        "# HELP gambeson_observations_waiting Lines that the learner has not read yet\n"
	        "# TYPE gambeson_observations_waiting gauge\ngambeson_observations_waiting %" PRId64 "\n"
	        "# HELP gambeson_seals_waiting Signatures that are not verified yet\n# TYPE gambeson_seals_waiting "
	        "gauge\n"
	        "gambeson_seals_waiting %" PRId64 "\n# HELP gambeson_store_bytes Size of the database\n"
	        "# TYPE gambeson_store_bytes gauge\ngambeson_store_bytes %" PRIu64 "\n",
	        waiting, unsealed, bytes);
	return r;
}

static int get_metrics(struct gb_call *call)
{
	struct gb_diag diag = {0};
	char *text = NULL;
	unsigned char *copy = NULL;
	size_t n = 0;
	FILE *out;
	int r;

	if (call->actor->scope != NULL)
		return gb_call_problem(
		        call, 403, "forbidden", "the numbers are of all functions, and you see some of them");
	out = open_memstream(&text, &n);
	r = out == NULL ? -ENOMEM : print_metrics(call->store, out, &diag);

	if (out != NULL && fclose(out) != 0)
		r = -ENOMEM;
	if (r >= 0)
		copy = gb_arena_take(call->arena, n + 1);
	if (copy != NULL)
		memcpy(copy, text, n);
	free(text);
	if (copy == NULL)
		return gb_call_failed(call, r < 0 ? r : -ENOMEM, &diag);
	return gb_call_bytes(call, 200, "text/plain; version=0.0.4; charset=utf-8", gb_span_of(copy, n));
}

const struct gb_route gb_routes_state[] = {
        {.method = "GET",
                .path = "/v1/openapi.json",
                .handle = get_openapi,
                .operation_id = "getOpenapi",
                .is_public = true},
        {.method = "GET",
                .path = "/metrics",
                .handle = get_metrics,
                .operation_id = "getMetrics",
                .role = GB_ROLE_VIEWER,
                .scope = "metrics:read"},
        {0},
};

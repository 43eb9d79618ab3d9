/* SPDX-License-Identifier: Apache-2.0 */
/* Logs come in: the body is whatever a log forwarder sends (docs/COLLECT.md); answered when it is durable. */
#include "collect/collect.h"

#include "base/clock.h"
#include "control/auth.h"
#include "control/state.h"
#include "store/scope.h"

#include <errno.h>
#include <string.h>

#define NAME_MAX 256u

/* Who may ingest for some accounts only is held to them, whatever the envelope says. */
static bool is_narrow(struct gb_call *call, const struct gb_scope **ret_scope)
{
	*ret_scope = call->actor == NULL ? NULL : call->actor->scope;
	return *ret_scope != NULL &&
	       ((*ret_scope)->is_empty || (*ret_scope)->account_count + (*ret_scope)->tag_count > 0);
}

static bool take_origin(struct gb_call *call, struct gb_collect_origin *origin)
{
	const struct gb_span values[] = {gb_call_query(call, "account"), gb_call_query(call, "region"),
	        gb_call_query(call, "function"), gb_call_query(call, "stream")};
	struct gb_span *const to[] = {&origin->account, &origin->region, &origin->function, &origin->stream};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].n > NAME_MAX) {
			gb_call_problem(call, 400, "bad-request",
			        "account, region, function and stream have at most %u bytes", NAME_MAX);
			return false;
		}
		*to[i] = values[i];
	}
	return true;
}

/* The region and account in "arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME". */
static void take_arn(struct gb_call *call, struct gb_collect_origin *origin)
{
	struct gb_span arn = gb_web_request_header(call->request, "x-amz-firehose-source-arn"), parts[6];
	size_t count = 0;

	for (; count < 6; count++) {
		size_t colon = gb_span_find_byte(arn, ':', 0);

		parts[count] = gb_span_sub(arn, 0, colon);
		arn = colon == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(arn, colon + 1, SIZE_MAX);
	}
	if (!gb_span_equal(parts[0], GB_SPAN("arn")) || parts[3].n > NAME_MAX || parts[4].n > NAME_MAX)
		return;
	if (origin->region.n == 0)
		origin->region = parts[3];
	if (origin->account.n == 0)
		origin->account = parts[4];
}

static int answer_error(struct gb_call *call, int r, const struct gb_diag *diag)
{
	if (r == -EBADMSG)
		return gb_call_problem(call, 400, "bad-request", "%s", diag->message);
	if (r == -E2BIG)
		return gb_call_problem(call, 413, "too-large", "%s: send less at once", diag->message);
	if ((r == -EBUSY || r == -EAGAIN || r == -ENOSPC || r == -ECONNRESET) &&
	        gb_call_header(call, "Retry-After", GB_SPAN("2")) < 0)
		return gb_call_failed(call, -ENOMEM, NULL);
	return gb_call_failed(call, r == -ECONNRESET ? -EAGAIN : r, diag);
}

/* Leave out what the caller may not speak for, and mark what nothing is learned from. 0, -ECANCELED: answered, or -ENOMEM. */
static int hold(struct gb_call *call, struct gb_collect_batch *batch)
{
	const struct gb_scope *scope;
	const struct gb_span *functions;
	size_t count;
	int r = gb_auth_ingest_functions(call, &functions, &count);

	if (r < 0)
		return r;
	if (r > 0)
		gb_collect_batch_keep_functions(batch, functions, count);
	if (is_narrow(call, &scope)) {
		if (scope->is_empty || scope->tag_count > 0) {
			gb_call_problem(
			        call, 403, "forbidden", "who ingests can be narrowed to accounts, but not to tags");
			return -ECANCELED;
		}
		gb_collect_batch_keep(batch, scope->accounts, scope->account_count);
	}
	/* A made-up sandbox has a key and seals like any other: only who brings it, and into which stream, tells. */
	gb_collect_batch_teach(
	        batch, gb_auth_may_teach(call) ? GB_COLLECT_TEACHES_STREAMS : GB_COLLECT_TEACHES_NOTHING);
	return 0;
}

static int store_batch(
        struct gb_call *call, struct gb_collect_batch *batch, enum gb_collect_envelope envelope, struct gb_diag *diag)
{
	struct gb_collect_origin *origin = gb_arena_take(call->arena, sizeof(*origin));
	int r;

	if (origin == NULL)
		return -ENOMEM;
	if (!take_origin(call, origin))
		return -ECANCELED;
	take_arn(call, origin);
	r = gb_collect_batch_add(batch, call->request->body, envelope, origin, diag);
	if (r < 0)
		return r;
	r = hold(call, batch);
	if (r < 0)
		return r;
	return gb_collect_writer_put(call->control->collect, batch, diag);
}

static json_t *told_json(const struct gb_collect_told *told)
{
	json_t *answer = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "lines", (json_int_t)told->lines, "broken",
	        (json_int_t)told->broken, "forged", (json_int_t)told->forged, "others", (json_int_t)told->texts,
	        "refused", (json_int_t)told->refused, "unlearned", (json_int_t)told->unlearned);

	if (answer != NULL && told->why != NULL)
		(void)json_object_set_new(answer, "first_broken", json_string(told->why));
	return answer;
}

/* What each kind of sender wants to hear. */
static json_t *answer_json(const struct gb_collect_told *told, enum gb_collect_envelope envelope)
{
	if (envelope == GB_COLLECT_FIREHOSE)
		return json_pack("{s:o,s:I}", "requestId", gb_json_text(told->request), "timestamp",
		        (json_int_t)gb_monotonic_ms());
	if (envelope == GB_COLLECT_OTLP && told->broken + told->refused > 0)
		return json_pack("{s:{s:I,s:s}}", "partialSuccess", "rejectedLogRecords",
		        (json_int_t)(told->broken + told->refused), "errorMessage",
		        told->why == NULL ? "lines of accounts or functions that this token is not for" : told->why);
	if (envelope == GB_COLLECT_OTLP)
		return json_pack("{s:{}}", "partialSuccess");
	return told_json(told);
}

/* The wall clock, as late as it ever was: lines that are far ahead of it are broken, and one that was set back by weeks
 * must not make all of them so. */
static int64_t latest_now(struct gb_call *call)
{
	atomic_int_least64_t *most = &call->control->clock_ahead;
	int64_t steady_ms = gb_monotonic_ms(), ahead, known = atomic_load(most);

	ahead = gb_store_now_ms(call->store) - steady_ms;
	while (ahead > known && !atomic_compare_exchange_weak(most, &known, ahead))
		continue;
	return steady_ms + (ahead > known ? ahead : known);
}

static int ingest(struct gb_call *call, enum gb_collect_envelope envelope)
{
	struct gb_span coding = gb_web_request_header(call->request, "content-encoding");
	struct gb_collect_batch *batch;
	struct gb_diag diag = {0};
	int r;

	if (coding.n != 0 && !gb_span_equal_nocase(coding, GB_SPAN("gzip")) &&
	        !gb_span_equal_nocase(coding, GB_SPAN("identity")))
		return gb_call_problem(call, 415, "wrong-media-type", "Content-Encoding can be gzip or nothing");
	batch = gb_collect_batch_new(latest_now(call));
	if (batch == NULL)
		return gb_call_failed(call, -ENOMEM, NULL);
	gb_collect_batch_share(batch, &call->control->unpacked_bytes);
	r = store_batch(call, batch, envelope, &diag);
	if (r == 0)
		r = gb_call_json(call, 200, answer_json(gb_collect_batch_told(batch), envelope));
	else if (r != -ECANCELED)
		r = answer_error(call, r, &diag);
	gb_collect_batch_free(batch);
	return r == -ECANCELED ? 0 : r;
}

/* What is called plain text is that, whatever it looks like: a function may have written an envelope into its log. */
static int post_ingest(struct gb_call *call)
{
	struct gb_span type = gb_web_request_header(call->request, "content-type");
	struct gb_span kind = gb_span_trim(gb_span_sub(type, 0, gb_span_find_byte(type, ';', 0)));

	return ingest(call, gb_span_equal_nocase(kind, GB_SPAN("text/plain")) ? GB_COLLECT_TEXT : GB_COLLECT_ANY);
}

static int post_firehose(struct gb_call *call)
{
	return ingest(call, GB_COLLECT_FIREHOSE);
}

static int post_otlp(struct gb_call *call)
{
	struct gb_span type = gb_web_request_header(call->request, "content-type");

	if (gb_span_starts(type, GB_SPAN("application/x-protobuf")))
		return gb_call_problem(call, 415, "wrong-media-type",
		        "OTLP is taken as JSON: set the exporter's encoding to json "
		        "(OTEL_EXPORTER_OTLP_PROTOCOL=http/json)");
	return ingest(call, GB_COLLECT_OTLP);
}

#define TAKES_LOGS .body_max = GB_COLLECT_BODY_MAX, .takes_anything = true, .is_preceded = true

const struct gb_route gb_routes_ingest[] = {
        {.method = "POST",
                .path = "/v1/ingest",
                .handle = post_ingest,
                .operation_id = "ingest",
                .role = GB_ROLE_OPERATOR,
                .scope = GB_SCOPE_INGEST,
                TAKES_LOGS},
        {.method = "POST",
                .path = "/v1/ingest/firehose",
                .handle = post_firehose,
                .operation_id = "ingestFirehose",
                .role = GB_ROLE_OPERATOR,
                .scope = GB_SCOPE_INGEST,
                TAKES_LOGS},
        {.method = "POST",
                .path = "/v1/ingest/otlp/v1/logs",
                .handle = post_otlp,
                .operation_id = "ingestOtlp",
                .role = GB_ROLE_OPERATOR,
                .scope = GB_SCOPE_INGEST,
                TAKES_LOGS},
        {.path = NULL},
};

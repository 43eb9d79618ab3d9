/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#define RUNTIME_PREFIX    GB_SPAN("/2018-06-01/runtime/")
#define INVOCATION_PREFIX GB_SPAN("invocation/")

/* REST is what stands behind `invocation/`. */
static enum warden_call of_invocation(bool is_get, struct gb_span rest, struct gb_span *ret_request_id)
{
	size_t slash = gb_span_find_byte(rest, '/', 0);

	if (is_get)
		return gb_span_equal(rest, GB_SPAN("next")) ? CALL_NEXT : CALL_OTHER;
	if (slash == SIZE_MAX)
		return CALL_OTHER;
	*ret_request_id = gb_span_sub(rest, 0, slash);
	rest = gb_span_sub(rest, slash + 1, SIZE_MAX);
	if (gb_span_equal(rest, GB_SPAN("response")))
		return CALL_RESPONSE;
	return gb_span_equal(rest, GB_SPAN("error")) ? CALL_ERROR : CALL_OTHER;
}

enum warden_call warden_call_of(const struct gb_http_head *head, struct gb_span *ret_request_id)
{
	struct gb_span rest = gb_span_sub(head->target, RUNTIME_PREFIX.n, SIZE_MAX);
	bool is_get = gb_span_equal(head->method, GB_SPAN("GET"));

	*ret_request_id = GB_SPAN_EMPTY;
	if (!gb_span_starts(head->target, RUNTIME_PREFIX) || (!is_get && !gb_span_equal(head->method, GB_SPAN("POST"))))
		return CALL_OTHER;
	if (gb_span_starts(rest, INVOCATION_PREFIX))
		return of_invocation(is_get, gb_span_sub(rest, INVOCATION_PREFIX.n, SIZE_MAX), ret_request_id);
	if (is_get && gb_span_equal(rest, GB_SPAN("restore/next")))
		return CALL_RESTORE;
	if (!is_get && (gb_span_equal(rest, GB_SPAN("init/error")) || gb_span_equal(rest, GB_SPAN("restore/error"))))
		return CALL_START_ERROR;
	return CALL_OTHER;
}

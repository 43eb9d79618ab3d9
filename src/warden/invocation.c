/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "wire/input.h"

static void keep_text(char *to, size_t cap, size_t *ret_n, struct gb_span s)
{
	s = gb_span_sub(s, 0, cap);
	if (s.n != 0)
		memcpy(to, s.p, s.n);
	*ret_n = s.n;
}

void warden_invocation_retire(struct gb_warden *warden, unsigned slot)
{
	warden->invocations[slot].is_active = false;
	gb_input_retire(&warden->options.segment->input[slot]);
}

/* An event is over when the connection that took it asks for another. Clients that use a connection per request (curl
 * in a shell runtime) never do: theirs are over once answered and somebody asks for another. */
void warden_invocation_next(struct gb_warden *warden, struct warden_connection *connection)
{
	for (unsigned slot = 0; slot < GB_SEGMENT_INPUT_SLOTS; slot++) {
		struct warden_invocation *invocation = &warden->invocations[slot];

		if (!invocation->is_active)
			continue;
		if (invocation->connection == connection->serial ||
		        (invocation->is_answered && warden_connection_of(warden, invocation->connection) == NULL))
			warden_invocation_retire(warden, slot);
	}
}

/* The answered go first, then the oldest. */
static bool is_before(const struct warden_invocation *a, const struct warden_invocation *b)
{
	return a->is_answered != b->is_answered ? a->is_answered : a->order < b->order;
}

static unsigned free_slot(struct gb_warden *warden)
{
	unsigned oldest = 0;

	for (unsigned slot = 0; slot < GB_SEGMENT_INPUT_SLOTS; slot++) {
		if (!warden->invocations[slot].is_active)
			return slot;
		if (is_before(&warden->invocations[slot], &warden->invocations[oldest]))
			oldest = slot;
	}
	warden_observe_evicted(warden, &warden->invocations[oldest]);
	warden_invocation_retire(warden, oldest);
	return oldest;
}

unsigned warden_invocation_begin(
        struct gb_warden *warden, struct warden_connection *connection, const struct gb_http_head *head)
{
	unsigned slot = free_slot(warden);
	struct warden_invocation *invocation = &warden->invocations[slot];

	*invocation = (struct warden_invocation){
	        .is_active = true, .connection = connection->serial, .order = ++warden->orders};
	keep_text(invocation->request_id, sizeof(invocation->request_id), &invocation->request_id_n,
	        gb_http_field_value(head, GB_SPAN("lambda-runtime-aws-request-id")));
	keep_text(invocation->arn, sizeof(invocation->arn), &invocation->arn_n,
	        gb_http_field_value(head, GB_SPAN("lambda-runtime-invoked-function-arn")));
	(void)gb_span_to_u64(
	        gb_http_field_value(head, GB_SPAN("lambda-runtime-deadline-ms")), &invocation->deadline_ms);
	if (warden_invocation_only(warden) == (int)slot)
		warden_usage_begin(warden);
	warden->had_event = true;
	return slot;
}

void warden_invocation_answered(struct gb_warden *warden, struct gb_span request_id)
{
	for (unsigned slot = 0; slot < GB_SEGMENT_INPUT_SLOTS; slot++)
		if (warden->invocations[slot].is_active &&
		        gb_span_equal(request_id, warden_invocation_id(warden, (int)slot)))
			warden->invocations[slot].is_answered = true;
}

int warden_invocation_only(const struct gb_warden *warden)
{
	int only = -1;

	for (unsigned slot = 0; slot < GB_SEGMENT_INPUT_SLOTS; slot++) {
		if (!warden->invocations[slot].is_active)
			continue;
		if (only >= 0)
			return -1;
		only = (int)slot;
	}
	return only;
}

size_t warden_invocation_list(const struct gb_warden *warden, struct gb_span ret_ids[GB_SEGMENT_INPUT_SLOTS])
{
	size_t count = 0;

	for (unsigned slot = 0; slot < GB_SEGMENT_INPUT_SLOTS; slot++)
		if (warden->invocations[slot].is_active)
			ret_ids[count++] = warden_invocation_id(warden, (int)slot);
	return count;
}

bool warden_invocation_is_any(const struct gb_warden *warden)
{
	for (unsigned slot = 0; slot < GB_SEGMENT_INPUT_SLOTS; slot++)
		if (warden->invocations[slot].is_active)
			return true;
	return false;
}

struct gb_span warden_invocation_id(const struct gb_warden *warden, int slot)
{
	if (slot < 0)
		return GB_SPAN_EMPTY;
	return gb_span_of(warden->invocations[slot].request_id, warden->invocations[slot].request_id_n);
}

struct gb_span warden_invocation_source_ip(const struct gb_warden *warden, int slot)
{
	if (slot < 0)
		return GB_SPAN_EMPTY;
	return gb_span_of(warden->invocations[slot].source_ip, warden->invocations[slot].source_ip_n);
}

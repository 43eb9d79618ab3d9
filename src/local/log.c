/* SPDX-License-Identifier: Apache-2.0 */
#include "local/run.h"

#include <errno.h>
#include <unistd.h>

#define MARK           "{\"gambeson\":1,"
#define READ_BYTES     65536u
#define DRAIN_READS    64u /* in one go: a function that never stops writing must not stop us */
#define LINE_MAX_BYTES 65536u

bool gb_local_log_next(struct gb_span log, size_t *at, struct gb_span *ret_line, bool *ret_is_gambeson)
{
	struct gb_span line;
	size_t end, mark, next;

	if (*at >= log.n)
		return false;
	end = gb_span_find_byte(log, '\n', *at);
	line = gb_span_sub(log, *at, end == SIZE_MAX ? SIZE_MAX : end - *at);
	mark = gb_span_find(line, GB_SPAN(MARK), 0);
	/* Behind the beginning of one, written by somebody else, or behind another without its line feed. */
	next = mark == 0 ? gb_span_find(line, GB_SPAN(MARK), 1) : SIZE_MAX;
	if (next != SIZE_MAX) {
		*ret_line = gb_span_sub(line, 0, next);
		*ret_is_gambeson = gb_span_ends(*ret_line, GB_SPAN("}"));
		*at += next;
		return true;
	}
	*ret_is_gambeson = mark == 0 && gb_span_ends(line, GB_SPAN("}"));
	if (mark != SIZE_MAX && mark > 0 && gb_span_ends(line, GB_SPAN("}"))) {
		line.n = mark;
		*at += mark;
	} else {
		*at += line.n + 1;
	}
	*ret_line = line;
	return true;
}

static void keep(struct gb_local_run *run, struct gb_local_slot *slot, struct gb_span data)
{
	struct gb_local_bytes *log = slot != NULL ? &slot->invocation.log : &run->early_log;
	size_t room = GB_LOCAL_LOG_MAX - log->n;

	if (data.n > room) {
		if (slot != NULL)
			slot->invocation.log_dropped += data.n - room;
		data.n = room;
	}
	if (gb_local_bytes_add(log, data) < 0)
		gb_local_fail(run, -ENOMEM);
}

/* Whose line it is: the event whose id it names (the runtimes' own loggers and Gambeson write it), else the first in
 * hand; NULL when none is. */
static struct gb_local_slot *slot_of_line(struct gb_local_run *run, struct gb_span line)
{
	struct gb_local_slot *first = NULL;

	for (size_t i = 0; i < run->settings->concurrency; i++) {
		struct gb_local_slot *slot = &run->slots[i];

		if (slot->state == SLOT_FREE)
			continue;
		if (first == NULL)
			first = slot;
		if (gb_span_find(line, gb_span_cstr(slot->invocation.request_id), 0) != SIZE_MAX)
			return slot;
	}
	return first;
}

static void deal_out(struct gb_local_run *run, bool all)
{
	struct gb_span data = gb_local_bytes_span(&run->log_pending);
	size_t at = 0;

	while (at < data.n) {
		size_t end = gb_span_find_byte(data, '\n', at);
		struct gb_span line = gb_span_sub(data, at, end == SIZE_MAX ? SIZE_MAX : end + 1 - at);

		if (end == SIZE_MAX && !all && line.n < LINE_MAX_BYTES)
			break;
		keep(run, slot_of_line(run, line), line);
		at += line.n;
	}
	gb_local_bytes_drop(&run->log_pending, at);
}

void gb_local_log_drain(struct gb_local_run *run)
{
	char data[READ_BYTES];

	for (unsigned i = 0; i < DRAIN_READS && run->log.fd >= 0; i++) {
		ssize_t n = read(run->log.fd, data, sizeof(data));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		if (n == 0) {
			gb_loop_watch_drop(&run->loop, &run->log);
			break;
		}
		if (gb_local_bytes_add(&run->log_pending, gb_span_of(data, (size_t)n)) < 0)
			gb_local_fail(run, -ENOMEM);
		deal_out(run, false);
	}
	/* With one event at a time there is no doubt whose a line without an end is. */
	deal_out(run, run->settings->concurrency == 1);
}

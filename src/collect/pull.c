/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/source.h"

#include "base/clock.h"
#include "wire/event_time.h"
#include "wire/json.h"

#include <string.h>
#include <time.h>

/* What collect/line takes for a time. */
#define TIME_FIRST_MS 1577836800000
#define DAY_MS        86400000

void collect_wait(int64_t until_ms, unsigned wait_ms)
{
	int64_t left = until_ms - gb_monotonic_ms();
	struct timespec pause;

	if (left > (int64_t)wait_ms)
		left = wait_ms;
	if (left <= 0)
		return;
	pause = (struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
	(void)nanosleep(&pause, NULL);
}

int gb_collect_pull_next(struct gb_collect_pull *pull, unsigned wait_ms, const struct gb_collect_record **ret_records,
        size_t *ret_count, struct gb_diag *diag)
{
	return pull->kind->next(pull, wait_ms, ret_records, ret_count, diag);
}

int gb_collect_pull_done(struct gb_collect_pull *pull, struct gb_diag *diag)
{
	return pull->kind->done(pull, diag);
}

void gb_collect_pull_place(const struct gb_collect_pull *pull, size_t index, char ret_place[GB_COLLECT_PLACE_CHARS])
{
	pull->kind->place(pull, index, ret_place);
}

void gb_collect_pull_cancel(struct gb_collect_pull *pull)
{
	if (pull->kind->cancel != NULL)
		pull->kind->cancel(pull);
}

void gb_collect_pull_free(struct gb_collect_pull *pull)
{
	if (pull != NULL)
		pull->kind->free(pull);
}

struct gb_span gb_collect_refused_line(
        const struct gb_collect_record *record, const char *place, const char *why, char room[GB_COLLECT_REFUSED_CHARS])
{
	struct gb_text text = gb_text_on(room, GB_COLLECT_REFUSED_CHARS), message;
	int64_t now = (int64_t)time(NULL) * 1000;
	char said[GB_COLLECT_PLACE_CHARS + 128];

	message = gb_text_on(said, sizeof(said));
	gb_text_add_cstr(&message, place);
	gb_text_add_cstr(&message, " was left out: ");
	gb_text_add_cstr(&message, why);
	gb_text_add_cstr(&text, "{\"gambeson\":1,\"kind\":\"notice\",\"seq\":0");
	gb_event_add_time(&text,
	        (uint64_t)(record->time < TIME_FIRST_MS || record->time > now + DAY_MS / 2 ? now : record->time));
	gb_text_add_cstr(&text, ",\"type\":\"Log Integrity Event\",\"control\":\"log\",\"action\":\"observed\","
	                        "\"severity\":\"medium\",\"reason\":\"record_refused\",\"message\":");
	gb_json_add_string(&text, gb_text_span(&message));
	gb_text_add_cstr(&text, "}\n");
	return gb_text_span(&text);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/tell.h"

#include "base/day.h"
#include "collect/hash.h"
#include "wire/event_time.h"
#include "wire/json.h"

#include <string.h>

#define BODY_MAX 1024u

static const struct {
	const char *reason;
	enum gb_event_severity severity;
} findings[] = {
        [COLLECT_LOG_FORGED] = {"log_forged", GB_SEVERITY_CRITICAL},
        [COLLECT_LOG_GAP] = {"log_gap", GB_SEVERITY_HIGH},
        [COLLECT_LOG_UNSEALED] = {"log_unsealed", GB_SEVERITY_LOW},
        [COLLECT_LOG_SECOND_START] = {"log_second_start", GB_SEVERITY_LOW},
        [COLLECT_LOG_MISMATCH] = {"log_mismatch", GB_SEVERITY_HIGH},
};

static void add_body(struct gb_text *text, enum collect_finding finding, const struct collect_about *about)
{
	unsigned char sandbox[8];

	for (size_t i = 0; i < sizeof(sandbox); i++)
		sandbox[i] = (unsigned char)(about->sandbox >> (56 - 8 * i));
	gb_text_add_cstr(text, "{\"gambeson\":1,\"kind\":\"log\"");
	gb_event_add_time(text, (uint64_t)about->time);
	gb_text_add_cstr(text, ",\"sandbox\":\"");
	gb_text_add_hex(text, gb_span_of(sandbox, sizeof(sandbox)));
	gb_text_add_cstr(text, "\",\"type\":\"Log Integrity Event\",\"class\":\"");
	gb_text_add_cstr(text, findings[finding].reason);
	gb_text_add_cstr(text, "\",\"control\":\"log\",\"action\":\"observed\",\"severity\":\"");
	gb_text_add(text, gb_severity_name(findings[finding].severity));
	gb_text_add_cstr(text, "\",\"reason\":\"");
	gb_text_add_cstr(text, findings[finding].reason);
	gb_text_add_cstr(text, "\",\"first\":");
	gb_text_add_i64(text, about->first);
	gb_text_add_cstr(text, ",\"last\":");
	gb_text_add_i64(text, about->last);
	gb_text_add_cstr(text, ",\"message\":");
	gb_json_add_string(text, gb_span_cstr(about->message));
	gb_text_add_byte(text, '}');
}

bool collect_tell(enum collect_finding finding, const struct collect_about *about, struct gb_arena *arena,
        struct gb_event *ret_event)
{
	unsigned char digest[GB_SHA256_BYTES];
	struct gb_text text = gb_text_on(gb_arena_take(arena, BODY_MAX), BODY_MAX);

	if (text.p == NULL)
		return false;
	add_body(&text, finding, about);
	collect_sha256(gb_text_span(&text), digest);
	*ret_event = (struct gb_event){.time = about->time,
	        .function = about->function,
	        .version = about->version,
	        .facets = {.kind = GB_SPAN("log"),
	                .type = GB_SPAN("Log Integrity Event"),
	                .class = gb_span_cstr(findings[finding].reason),
	                .control = GB_SPAN("log"),
	                .action = GB_SPAN("observed"),
	                .severity = findings[finding].severity},
	        .sandbox = about->sandbox,
	        .seq = -1,
	        .body = gb_text_span(&text)};
	for (size_t i = 0; i < 6; i++)
		ret_event->id[i] = (unsigned char)(about->time >> (40 - 8 * i));
	memcpy(ret_event->id + 6, digest, 10);
	return true;
}

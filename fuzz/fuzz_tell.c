/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anything at all as an event, and as every text of one. All formats write it, none beyond its size; JSON is JSON; what has
 * lines has only its own; mail is ASCII in lines that end in CR LF.
 */
#include "tell/tell.h"

#include <assert.h>

static void check_json(struct gb_span message)
{
	json_t *value = json_loadb((const char *)message.p, message.n, JSON_ALLOW_NUL, NULL);

	assert(json_is_object(value));
	json_decref(value);
}

static void check_one_line(struct gb_span message)
{
	for (size_t i = 0; i < message.n; i++)
		assert(message.p[i] >= 0x20 && message.p[i] != 0x7f);
}

static void check_mail(struct gb_span message)
{
	for (size_t i = 0; i < message.n; i++) {
		unsigned char c = message.p[i];

		assert(c < 0x7f && (c >= 0x20 || c == '\r' || c == '\n'));
		assert((c == '\n') == (i > 0 && message.p[i - 1] == '\r'));
	}
}

static void check(enum gb_tell_format format, struct gb_span message)
{
	switch (format) {
	case GB_TELL_JSON:
	case GB_TELL_OCSF:
	case GB_TELL_ECS:
	case GB_TELL_ASFF:
	case GB_TELL_OTLP:
	case GB_TELL_SLACK:
	case GB_TELL_TEAMS:
	case GB_TELL_PAGERDUTY: check_json(message); break;
	case GB_TELL_CEF:
	case GB_TELL_SYSLOG:
	case GB_TELL_SNS: check_one_line(message); break;
	case GB_TELL_MAIL: check_mail(message); break;
	case GB_TELL_TEXT:
	case _GB_TELL_FORMAT_MAX: break;
	}
}

static void write_all(const struct gb_tell_notice *notice)
{
	struct gb_tell_target target = {.portal = GB_SPAN("https://gambeson.example.com"),
	        .host = GB_SPAN("gambeson.example.com"),
	        .account = GB_SPAN("123456789012"),
	        .region = GB_SPAN("eu-central-1"),
	        .routing_key = GB_SPAN("0123456789abcdef0123456789abcdef"),
	        .topic = GB_SPAN("arn:aws:sns:eu-central-1:123456789012:alerts"),
	        .from = GB_SPAN("gambeson@example.com"),
	        .to = {GB_SPAN("security@example.com")},
	        .to_count = 1,
	        .key = GB_SPAN("key-1")};

	for (int format = 0; format < _GB_TELL_FORMAT_MAX; format++)
		for (int content = 0; content < _GB_TELL_FORMAT_MAX; content++) {
			struct gb_arena *arena = gb_arena_new();
			struct gb_span message;

			target.content = (enum gb_tell_format)content;
			if (!gb_tell_format_is_content(target.content) ||
			        (content > 0 && format != GB_TELL_SYSLOG && format != GB_TELL_SNS)) {
				gb_arena_free(arena);
				continue;
			}
			assert(gb_tell_write((enum gb_tell_format)format, notice, 1, &target, arena, &message, NULL) ==
			        0);
			assert(message.n > 0 && message.n <= gb_tell_format_size_max((enum gb_tell_format)format) + 64);
			check((enum gb_tell_format)format, message);
			gb_arena_free(arena);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span all = gb_span_of(data, n);
	struct gb_tell_function function = {all, all, all, all, all, all};
	struct gb_tell_notice notice;

	if (gb_tell_notice_read(all, &function, &notice, NULL) == 0) {
		write_all(&notice);
		gb_tell_notice_done(&notice);
	}
	notice = (struct gb_tell_notice){.line = json_object(),
	        .severity = (enum gb_tell_severity)(n % _GB_TELL_SEVERITY_MAX),
	        .id = all,
	        .kind = all,
	        .type = all,
	        .class_name = all,
	        .control = all,
	        .action = all,
	        .mode = all,
	        .reason = all,
	        .confidence = all,
	        .message = all,
	        .request = all,
	        .sandbox = all,
	        .source_ip = all,
	        .input_path = all,
	        .input_origin = all,
	        .input_value = all,
	        .activity = n % 2 ? GB_SPAN("file_read") : GB_SPAN("process_start"),
	        .subject = all,
	        .object = all,
	        .attacks = {all, all},
	        .attack_count = 2,
	        .function = function,
	        .count = 2};
	write_all(&notice);
	gb_tell_notice_done(&notice);
	return 0;
}

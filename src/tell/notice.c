/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/tell.h"

#include "base/day.h"
#include "tell/texts.h"

#include <errno.h>
#include <stdio.h>

static const char *const severity_names[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = "info",
        [GB_TELL_LOW] = "low",
        [GB_TELL_MEDIUM] = "medium",
        [GB_TELL_HIGH] = "high",
        [GB_TELL_CRITICAL] = "critical",
};

const char *gb_tell_severity_name(enum gb_tell_severity severity)
{
	return severity_names[severity];
}

enum gb_tell_severity gb_tell_severity_of(struct gb_span name, bool *ret_is_known)
{
	for (int i = 0; i < _GB_TELL_SEVERITY_MAX; i++)
		if (gb_span_equal(name, gb_span_cstr(severity_names[i]))) {
			if (ret_is_known)
				*ret_is_known = true;
			return (enum gb_tell_severity)i;
		}
	if (ret_is_known)
		*ret_is_known = false;
	return GB_TELL_INFO;
}

/* A number that others can hold too; 0 for anything else. */
static int64_t number_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	json_int_t number = json_is_integer(value) ? json_integer_value(value) : 0;

	return number > 0 && number <= INT32_MAX ? number : 0;
}

/* DIGITS decimal digits of S at *AT, and then what is behind them. */
static bool take_digits(struct gb_span s, size_t at, size_t digits, int64_t maximum, int64_t *ret)
{
	uint64_t value;

	if (!gb_span_to_u64(gb_span_sub(s, at, digits), &value) || s.n < at + digits || value > (uint64_t)maximum)
		return false;
	*ret = (int64_t)value;
	return true;
}

/* "2026-11-21T14:30:00.123Z", the only form that the agent writes. */
static bool read_time(struct gb_span s, int64_t *ret_ms)
{
	int64_t hour, minute, second, ms = 0;
	uint32_t day;

	if (s.n < 20 || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':' || s.p[s.n - 1] != 'Z' ||
	        !gb_day_parse(gb_span_sub(s, 0, 10), &day) || !take_digits(s, 11, 2, 23, &hour) ||
	        !take_digits(s, 14, 2, 59, &minute) || !take_digits(s, 17, 2, 60, &second))
		return false;
	if (s.n != 20 && (s.n != 24 || s.p[19] != '.' || !take_digits(s, 20, 3, 999, &ms)))
		return false;
	*ret_ms = (((int64_t)day * 24 + hour) * 60 + minute) * 60000 + second * 1000 + ms;
	return true;
}

static void read_details(struct gb_tell_notice *notice)
{
	const json_t *input = json_object_get(notice->line, "input");
	const json_t *activity = json_object_get(notice->line, "activity");
	const json_t *attacks = json_object_get(notice->line, "attack");

	notice->input_path = gb_tell_member(input, "path");
	notice->input_origin = gb_tell_member(input, "origin");
	notice->input_value = gb_tell_member(input, "value");
	notice->activity = gb_tell_member(activity, "kind");
	notice->subject = gb_tell_member(activity, "subject");
	notice->object = gb_tell_member(activity, "object");
	notice->pid = number_of(activity, "pid");
	notice->cwe = number_of(notice->line, "cwe");
	for (size_t i = 0; i < json_array_size(attacks) && notice->attack_count < GB_TELL_ATTACKS_MAX; i++) {
		const json_t *attack = json_array_get(attacks, i);

		if (json_string_length(attack) > 0)
			notice->attacks[notice->attack_count++] = gb_tell_text(attack);
	}
}

int gb_tell_notice_read(
        struct gb_span line, const struct gb_tell_function *function, struct gb_tell_notice *ret, struct gb_diag *diag)
{
	struct gb_tell_notice notice = {.function = *function, .count = 1};
	json_error_t error;

	if (line.n > GB_TELL_LINE_MAX)
		return gb_diag_set(diag, -EMSGSIZE, 0, 0, "an event of %zu bytes is too long", line.n);
	notice.line = json_loadb((const char *)line.p, line.n, JSON_ALLOW_NUL, &error);
	if (!json_is_object(notice.line)) {
		bool is_short = !notice.line && json_error_code(&error) == json_error_out_of_memory;

		json_decref(notice.line);
		return gb_diag_set(diag, is_short ? -ENOMEM : -EINVAL, 0, 0, "an event is no JSON object");
	}
	notice.id = gb_tell_member(notice.line, "id");
	notice.kind = gb_tell_member(notice.line, "kind");
	notice.type = gb_tell_member(notice.line, "type");
	notice.class_name = gb_tell_member(notice.line, "class");
	notice.control = gb_tell_member(notice.line, "control");
	notice.action = gb_tell_member(notice.line, "action");
	notice.mode = gb_tell_member(notice.line, "mode");
	notice.severity = gb_tell_severity_of(gb_tell_member(notice.line, "severity"), NULL);
	notice.reason = gb_tell_member(notice.line, "reason");
	notice.confidence = gb_tell_member(notice.line, "confidence");
	notice.message = gb_tell_member(notice.line, "message");
	notice.request = gb_tell_member(notice.line, "request");
	notice.sandbox = gb_tell_member(notice.line, "sandbox");
	notice.source_ip = gb_tell_member(notice.line, "source_ip");
	if (!read_time(gb_tell_member(notice.line, "time"), &notice.time_ms))
		notice.time_ms = 0;
	notice.first_ms = notice.last_ms = notice.time_ms;
	read_details(&notice);
	/* Notices of the agent have no type: what happened is their reason. */
	if (notice.type.n == 0)
		notice.type = notice.reason.n ? notice.reason : notice.kind.n ? notice.kind : GB_SPAN("event");
	*ret = notice;
	return 0;
}

void gb_tell_notice_done(struct gb_tell_notice *notice)
{
	json_decref(notice->line);
	*notice = (struct gb_tell_notice){0};
}

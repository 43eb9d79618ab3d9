/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/draft.h"

#include <errno.h>

#define KIB 1024u

struct format {
	const char *name, *content_type;
	size_t size_max;
	gb_draft_write *write;
	bool is_batched, is_content;
};

/* Sizes: Security Hub 240 KB a finding, Teams 28 KB a message, PagerDuty 512 KB, SNS 256 KB with its attributes (its form
 * needs up to three bytes for one), syslog what common receivers take; others are ours. */
static const struct format formats[_GB_TELL_FORMAT_MAX] = {
        [GB_TELL_JSON] = {"json", "application/json", 256 * KIB, gb_tell_write_json, false, true},
        [GB_TELL_OCSF] = {"ocsf", "application/json", 256 * KIB, gb_tell_write_ocsf, false, true},
        [GB_TELL_ECS] = {"ecs", "application/json", 256 * KIB, gb_tell_write_ecs, false, true},
        [GB_TELL_CEF] = {"cef", "text/plain; charset=utf-8", 64 * KIB, gb_tell_write_cef, false, true},
        [GB_TELL_ASFF] = {"asff", "application/json", 240 * 1000, gb_tell_write_asff, true, false},
        [GB_TELL_OTLP] = {"otlp", "application/json", 1024 * KIB, gb_tell_write_otlp, true, false},
        [GB_TELL_SYSLOG] = {"syslog", "text/plain; charset=utf-8", 8 * KIB, gb_tell_write_syslog, false, false},
        [GB_TELL_SLACK] = {"slack", "application/json", 60 * KIB, gb_tell_write_slack, false, false},
        [GB_TELL_TEAMS] = {"teams", "application/json", 27 * KIB, gb_tell_write_teams, false, false},
        [GB_TELL_PAGERDUTY] = {"pagerduty", "application/json", 500 * KIB, gb_tell_write_pagerduty, false, false},
        [GB_TELL_SNS] = {"sns", "application/x-www-form-urlencoded; charset=utf-8", 600 * KIB, gb_tell_write_sns, false,
                false},
        [GB_TELL_MAIL] = {"mail", "message/rfc822", 256 * KIB, gb_tell_write_mail, false, false},
        [GB_TELL_TEXT] = {"text", "text/plain; charset=utf-8", 64 * KIB, gb_tell_write_text, false, true},
};

enum gb_tell_format gb_tell_format_of(struct gb_span name)
{
	int i = 0;

	while (i < _GB_TELL_FORMAT_MAX && !gb_span_equal(name, gb_span_cstr(formats[i].name)))
		i++;
	return (enum gb_tell_format)i;
}

const char *gb_tell_format_content_type(enum gb_tell_format format)
{
	return formats[format].content_type;
}

size_t gb_tell_format_size_max(enum gb_tell_format format)
{
	return formats[format].size_max;
}

bool gb_tell_format_is_batched(enum gb_tell_format format)
{
	return formats[format].is_batched;
}

bool gb_tell_format_is_content(enum gb_tell_format format)
{
	return formats[format].is_content;
}

int gb_draft_content(
        const struct gb_draft *draft, size_t size_max, const struct gb_tell_notice *notice, struct gb_span *ret_content)
{
	struct gb_draft inner = *draft;
	int result;

	if (!formats[draft->target->content].is_content)
		return -EINVAL;
	inner.size_max = size_max;
	result = formats[draft->target->content].write(&inner, notice, 1, ret_content);
	return inner.is_short ? -ENOMEM : result;
}

/* Bytes that text made of NOTICES will not exceed: shown and escaped a byte becomes ten at most, mail says each twice in base64. */
static size_t room_for(const struct gb_tell_notice *notices, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		const struct gb_tell_notice *n = &notices[i];
		const struct gb_span texts[] = {n->id, n->kind, n->type, n->class_name, n->control, n->action,
		        n->reason, n->message, n->request, n->sandbox, n->source_ip, n->input_path, n->input_value,
		        n->activity, n->subject, n->object, n->function.account, n->function.region, n->function.name};

		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			bytes += texts[k].n;
	}
	return 48 * KIB + bytes * 32;
}

int gb_tell_write(enum gb_tell_format format, const struct gb_tell_notice *notices, size_t count,
        const struct gb_tell_target *target, struct gb_arena *arena, struct gb_span *ret_message, struct gb_diag *diag)
{
	/* What each text may have: from all that is reasonable to what always fits. */
	static const size_t rooms[] = {65536, 16384, 4096, 1024, 256, 64, 24};
	const struct format *one = &formats[format];
	int result = -EMSGSIZE;

	if (count < 1 || count > (one->is_batched ? GB_TELL_BATCH_MAX : 1))
		return gb_diag_set(diag, -EINVAL, 0, 0, "%s does not take %zu events at once", one->name, count);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]) && result == -EMSGSIZE; i++) {
		struct gb_draft draft = {.arena = arena,
		        .target = target,
		        .text_max = rooms[i],
		        .size_max = one->size_max,
		        .room = room_for(notices, count)};

		result = one->write(&draft, notices, count, ret_message);
		if (draft.is_short)
			result = -ENOMEM;
	}
	if (result == -EINVAL)
		return gb_diag_set(diag, result, 0, 0, "the channel lacks what %s messages need", one->name);
	if (result < 0)
		return gb_diag_set(diag, result, 0, 0, "no %s message of %zu events: %s", one->name, count,
		        result == -EMSGSIZE ? "too long" : "memory is short");
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A channel as the API shows it and takes it. */
#include "control/channel.h"

#include "control/task_tell.h"

#include <errno.h>

#define NAME_MAX     64u
#define WINDOW_MAX_S (GB_TELL_WINDOW_MAX_MS / 1000)

static json_t *parsed(struct gb_span text)
{
	json_t *value = json_loadb((const char *)text.p, text.n, 0, NULL);

	return value ? value : json_object();
}

static json_t *time_or_null(int64_t time_ms)
{
	return time_ms > 0 ? gb_json_time(time_ms) : json_null();
}

/* The secrets of STORED, opened; an empty object when there are none or they cannot be opened any more. */
static json_t *secrets_of(struct gb_call *call, const struct gb_channel *stored)
{
	const struct gb_tell_settings settings = gb_tell_settings_of(call->control);
	struct gb_span text = GB_SPAN("{}");
	struct gb_seal_key key;

	if (stored->secrets.n > 0 && (gb_seal_key_open(settings.folder, &key, NULL) < 0 ||
	                                     gb_unseal(&key, stored->secrets, call->arena, &text) < 0))
		text = GB_SPAN("{}");
	return parsed(text);
}

json_t *gb_channel_json(struct gb_call *call, const struct gb_channel *channel, const int64_t *counts)
{
	json_t *open = parsed(channel->config), *secrets = secrets_of(call, channel);
	json_t *shown = gb_tell_config_shown(open, secrets);

	json_decref(open);
	json_decref(secrets);
	return json_pack("{s:I,s:o,s:o,s:b,s:s,s:I,s:o,s:o,s:o,s:o,s:{s:o,s:o,s:I,s:o,s:I,s:I,s:I}}", "id",
	        (json_int_t)channel->id, "name", gb_json_text(channel->name), "kind", gb_json_text(channel->kind),
	        "enabled", channel->is_enabled, "severity",
	        gb_tell_severity_name((enum gb_tell_severity)channel->severity_min), "window",
	        (json_int_t)(channel->window_ms / 1000), "config", shown, "filter", parsed(channel->filter), "created",
	        gb_json_time(channel->created), "changed", gb_json_time(channel->changed), "status", "last_sent",
	        time_or_null(channel->last_sent), "last_error",
	        channel->last_error.n > 0 ? gb_json_text(channel->last_error) : json_null(), "failures",
	        (json_int_t)channel->failures, "not_before", time_or_null(channel->not_before), "waiting",
	        (json_int_t)(counts[GB_OUTBOX_WAITING] + counts[GB_OUTBOX_SENDING]), "sent",
	        (json_int_t)counts[GB_OUTBOX_SENT], "dead", (json_int_t)counts[GB_OUTBOX_DEAD]);
}

struct gb_span gb_call_json_text(struct gb_call *call, json_t *value)
{
	size_t n = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
	char *text = n > 0 ? gb_arena_take(call->arena, n) : NULL;

	if (text)
		json_dumpb(value, text, n, JSON_COMPACT);
	json_decref(value);
	return gb_span_of(text, text ? n : 0);
}

/* The member `config`, divided and sealed. BEFORE NULL: a new one. 0; negative: answered. */
static int read_config(struct gb_call *call, const json_t *body, struct gb_channel *channel, bool is_new)
{
	const struct gb_tell_settings settings = gb_tell_settings_of(call->control);
	const json_t *given = json_object_get(body, "config");
	json_t *open_before, *before, *open = NULL, *secret = NULL;
	struct gb_seal_key key;
	struct gb_diag diag = {0};
	int r;

	if (!given && !is_new)
		return 0;
	before = is_new ? json_object() : secrets_of(call, channel);
	open_before = is_new ? json_object() : parsed(channel->config);
	r = gb_tell_config_check(gb_tell_kind_of(channel->kind), given, open_before, before, &open, &secret, &diag);
	json_decref(open_before);
	json_decref(before);
	if (r < 0) {
		if (r == -EINVAL)
			gb_call_problem(call, 422, "invalid", "%s", diag.message);
		else
			gb_call_failed(call, r, &diag);
		return r;
	}
	channel->config = gb_call_json_text(call, open);
	channel->secrets = GB_SPAN_EMPTY;
	if (json_object_size(secret) == 0) {
		json_decref(secret);
		return 0;
	}
	r = gb_seal_key_open(settings.folder, &key, &diag);
	if (r == 0)
		r = gb_seal(&key, gb_call_json_text(call, secret), call->arena, &channel->secrets);
	else
		json_decref(secret);
	if (r < 0)
		gb_call_failed(call, r, &diag);
	return r;
}

/* All other members. 0; negative: answered. */
static int read_rest(struct gb_call *call, const json_t *body, struct gb_channel *channel, bool is_new)
{
	const json_t *window = json_object_get(body, "window"), *enabled = json_object_get(body, "enabled");
	const json_t *filter = json_object_get(body, "filter");
	struct gb_span severity, name;
	struct gb_diag diag = {0};
	bool is_known = true;

	if (gb_call_text(call, body, "name", NAME_MAX, is_new, &name) < 0 ||
	        gb_call_text(call, body, "severity", 16, false, &severity) < 0)
		return -EINVAL;
	if (name.n > 0)
		channel->name = name;
	if (severity.n > 0)
		channel->severity_min = gb_tell_severity_of(severity, &is_known);
	if (!is_known) {
		gb_call_problem(call, 422, "invalid", "severity: want info, low, medium, high or critical");
		return -EINVAL;
	}
	if (window && (!json_is_integer(window) || json_integer_value(window) < 0 ||
	                      json_integer_value(window) > WINDOW_MAX_S)) {
		gb_call_problem(call, 422, "invalid", "window: want 0 to %d seconds", WINDOW_MAX_S);
		return -EINVAL;
	}
	if (window)
		channel->window_ms = json_integer_value(window) * 1000;
	if (enabled && !json_is_boolean(enabled)) {
		gb_call_problem(call, 422, "invalid", "enabled: want true or false");
		return -EINVAL;
	}
	if (enabled)
		channel->is_enabled = json_is_true(enabled);
	if (filter && gb_tell_filter_check(filter, &diag) < 0) {
		gb_call_problem(call, 422, "invalid", "%s", diag.message);
		return -EINVAL;
	}
	if (filter)
		channel->filter = gb_call_json_text(call, json_incref((json_t *)(uintptr_t)filter));
	return 0;
}

int gb_channel_read(struct gb_call *call, const json_t *body, struct gb_channel *channel, bool is_new)
{
	int r = read_rest(call, body, channel, is_new);

	return r < 0 ? r : read_config(call, body, channel, is_new);
}

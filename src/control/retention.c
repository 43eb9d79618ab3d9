/* SPDX-License-Identifier: Apache-2.0 */
/* How long events are kept: a setting of the whole installation, and the task that goes by it. */
#include "control/state.h"
#include "store/settings.h"

#include <errno.h>
#include <stdlib.h>

#define SETTING       "retention"
#define MEGABYTES     50000
#define DAYS_MAX      36500
#define MEGABYTES_MAX 1000000000 /* a petabyte */
#define DAY_MS        86400000ll

/* 0 of any: no limit. */
struct retention {
	json_int_t events_days, counts_days, events_megabytes;
};

static const struct member {
	const char *name;
	size_t offset;
	json_int_t maximum;
} members[] = {
        {"events_days", offsetof(struct retention, events_days), DAYS_MAX},
        {"counts_days", offsetof(struct retention, counts_days), DAYS_MAX},
        {"events_megabytes", offsetof(struct retention, events_megabytes), MEGABYTES_MAX},
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static json_int_t *member_of(struct retention *retention, const struct member *member)
{
	return (json_int_t *)(void *)((char *)retention + member->offset);
}

/* The members of OBJECT into *RETENTION; the name of one that is wrong, or NULL. */
static const char *read_members(const json_t *object, struct retention *retention)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const json_t *value = json_object_get(object, members[i].name);

		if (value == NULL)
			continue;
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		        json_integer_value(value) > members[i].maximum)
			return members[i].name;
		*member_of(retention, &members[i]) = json_integer_value(value);
	}
	return NULL;
}

static int load(struct gb_store *store, struct gb_arena *arena, struct retention *ret_retention, struct gb_diag *diag)
{
	struct gb_span text;
	json_t *object;
	int r = gb_setting_get(store, SETTING, arena, &text, diag);

	*ret_retention = (struct retention){.events_megabytes = MEGABYTES};
	if (r <= 0)
		return r;
	object = gb_json_load(text);
	if (object == NULL || read_members(object, ret_retention) != NULL)
		r = gb_diag_set(diag, -EBADMSG, 0, 0, "the setting \"" SETTING "\" cannot be read");
	json_decref(object);
	return r < 0 ? r : 0;
}

static json_t *retention_json(struct retention *retention)
{
	json_t *object = json_object();

	for (size_t i = 0; i < MEMBERS; i++)
		if (json_object_set_new(object, members[i].name, json_integer(*member_of(retention, &members[i]))) <
		        0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static int get_retention(struct gb_call *call)
{
	struct retention retention;
	struct gb_diag diag = {0};
	int r = load(call->store, call->arena, &retention, &diag);

	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_json(call, 200, retention_json(&retention));
}

/* What the body does not have stays as it is. */
static int put_retention(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	struct retention retention;
	struct gb_diag diag = {0};
	const char *wrong;
	json_t *object;
	char *text;
	int r;

	if (body == NULL)
		return 0;
	r = load(call->store, call->arena, &retention, &diag);
	if (r < 0 && r != -EBADMSG)
		return gb_call_failed(call, r, &diag);
	wrong = read_members(body, &retention);
	if (wrong != NULL)
		return gb_call_problem(call, 422, "invalid", "%s: want a number from 0 (no limit) to %lld", wrong,
		        wrong == members[MEMBERS - 1].name ? (long long)MEGABYTES_MAX : (long long)DAYS_MAX);
	object = retention_json(&retention);
	text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
	r = text == NULL ? -ENOMEM : gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_setting_put(call->store, SETTING, gb_span_cstr(text), &diag);
	if (r >= 0)
		r = gb_audit(call, "retention.change", GB_SPAN("retention"), json_incref(object), &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	free(text);
	if (r < 0) {
		json_decref(object);
		return gb_call_failed(call, r, &diag);
	}
	gb_task_wake(call->control, "retention");
	return gb_call_json(call, 200, object);
}

static int run(struct gb_store *store, void *context, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_store_retained retained = {.has_more = true};
	struct retention wanted;
	int64_t deleted = 0, dropped = 0;
	int r = arena == NULL ? -ENOMEM : load(store, arena, &wanted, diag);

	gb_arena_free(arena);
	while (r >= 0 && retained.has_more && !gb_task_is_stopping(context)) {
		const struct gb_store_retention retention = {.events_ms = wanted.events_days * DAY_MS,
		        .counts_ms = wanted.counts_days * DAY_MS,
		        .events_bytes_max = (uint64_t)wanted.events_megabytes * 1000000u};

		r = gb_store_retain(store, &retention, &retained, diag);
		deleted += retained.events_deleted;
		dropped += retained.parts_dropped;
	}
	if (deleted + dropped > 0)
		gb_log(context, GB_LOG_INFO, "old events deleted", "{s:I,s:I}", "events", (json_int_t)deleted, "parts",
		        (json_int_t)dropped);
	return r < 0 ? r : 0;
}

int gb_retention_task_add(struct gb_plane *control)
{
	const struct gb_task task = {
	        .name = "retention", .period_ms = 600000, .is_singleton = true, .run = run, .context = control};

	return gb_task_add(control, &task);
}

const struct gb_route gb_routes_retention[] = {
        {.method = "GET",
                .path = "/v1/retention",
                .handle = get_retention,
                .operation_id = "getRetention",
                .role = GB_ROLE_ADMIN,
                .scope = "settings:read"},
        {.method = "PUT",
                .path = "/v1/retention",
                .handle = put_retention,
                .operation_id = "putRetention",
                .role = GB_ROLE_ADMIN,
                .scope = "settings:write"},
        {.path = NULL},
};
